"""Amounts of a Chinese text in the reader's language: "about 6,700", "US$500 million", "3 months"."""

from __future__ import annotations

from babel import Locale

from rag.rendering import formats
from rag.rendering.numbers.quantities import Quantity, find_quantities
from rag.rendering.numbers.roughness import Rough
from rag.rendering.numbers.wording import wording
from rag.types import Gloss


def find_amounts(text: str, language: str, currency: str | None = None) -> list[Gloss]:
    """Return the amounts of a Chinese text in a language (BCP 47), in their order.

    `currency` is what a bare 元 means, as a code of ISO 4217; without it such a sum gives its number
    alone. A range holds the words that its rendering renders: 约6700 of 约6700集装箱. A number may read
    the same in both languages. Empty if CLDR does not have the language.
    """
    locale = formats.find_locale(language)
    if not locale:
        return []
    return [
        Gloss(quantity.start, quantity.end, written, "amount")
        for quantity in find_quantities(text, currency)
        if (written := _write(quantity, locale))
    ]


def _write(quantity: Quantity, locale: Locale) -> str:
    """Return a quantity in the language of a locale; "" if the language has no words for it."""
    written = _with_unit(quantity, locale)
    if not quantity.rough or not written:
        return written
    words = wording(locale)
    is_counted = quantity.kind == "count"
    patterns = {
        Rough.ABOUT: words.about,
        Rough.MORE: words.more,
        Rough.NEARLY: words.nearly,
        Rough.FEWER: words.fewer if is_counted else words.less or words.fewer,
        Rough.AT_LEAST: words.at_least,
        Rough.AT_MOST: words.at_most,
    }
    return patterns[quantity.rough].format(written)


def _with_unit(quantity: Quantity, locale: Locale) -> str:
    if quantity.kind == "share":
        return quantity.unit
    last = quantity.high or quantity.low
    write = formats.percent if quantity.kind == "percent" else formats.number
    ends = [write(end, locale) for end in (quantity.low, quantity.high) if end is not None]
    shown = "–".join(ends) if all(ends) else ""
    if not shown or quantity.kind in ("count", "percent"):
        return shown
    if quantity.kind == "money":
        return formats.money(last, quantity.unit, locale, shown)
    years = formats.measure(last, quantity.unit or "duration-year", locale, shown)
    age = wording(locale).age
    return age.format(years=years, number=shown) if quantity.kind == "age" and age else years

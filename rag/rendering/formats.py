"""Numbers, shares, measures and sums of money as a language writes them, by CLDR."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from functools import cache
from typing import Literal

import regex
from babel import Locale, UnknownLocaleError
from babel.numbers import (
    format_compact_decimal,
    format_currency,
    format_decimal,
    format_percent,
)
from babel.units import format_unit

from rag.rendering.numbers.wording import wording

_COMPACT_FROM = 10**6
"""Numbers from here on are written with words such as "million" if a few decimals are enough."""
_COMPACT_DECIMALS = 3
_DECIMALS = regex.compile(r"\d[.,٫](\d+)")
_ONE = regex.compile(r"1(?![\d.,٫])")
_VOWEL = regex.compile(r"(?i)[aeiouhéè]")


@cache
def find_locale(language: str) -> Locale | None:
    """Return the locale of a BCP 47 tag; None if CLDR does not have the language."""
    try:
        return Locale.parse(language, sep="-")
    except (UnknownLocaleError, ValueError):
        return None


def number(amount: Fraction, locale: Locale) -> str:
    """Return an exact number: 6,700, 66 million."""
    exact = _decimal(amount)
    plain = format_decimal(exact, locale=locale, decimal_quantization=False)
    if amount < _COMPACT_FROM:
        return plain
    widths = locale.compact_decimal_formats
    width: Literal["long", "short"] = "long" if "long" in widths else "short"
    compact = format_compact_decimal(exact, format_type=width, locale=locale, fraction_digits=12)
    if "1" in widths[width] and _ONE.match(compact):
        return plain  # Babel takes the plural there: "1 millions" in French
    decimals = _DECIMALS.search(compact)
    return compact if not decimals or len(decimals[1]) <= _COMPACT_DECIMALS else plain


def percent(share: Fraction, locale: Locale) -> str:
    """Return a share of a hundred: 34.5%."""
    return format_percent(_decimal(share), locale=locale, decimal_quantization=False)


def measure(amount: Fraction, unit: str, locale: Locale, shown: str) -> str:
    """Return a number of units of CLDR, written as `shown`; "" if the language has no such form."""
    exact = _decimal(amount)
    lengths: list[Literal["long", "short"]] = ["short", "long"]
    if unit.startswith("duration"):
        lengths.reverse()
    for length in lengths:
        text = format_unit(exact, unit, length, locale=locale)
        if unit not in text:  # Babel shows the identifier if it has no pattern
            return _with(text, exact, shown, locale)
    return ""


def money(amount: Fraction, currency: str, locale: Locale, shown: str) -> str:
    """Return a sum of money with the name of the currency (ISO 4217), its number written as `shown`."""
    exact = _decimal(amount)
    text = format_currency(
        exact, currency, locale=locale, format_type="name", currency_digits=False,
        decimal_quantization=False,
    )  # fmt: skip
    return _with(text, exact, shown, locale)


def _with(text: str, amount: Decimal, shown: str, locale: Locale) -> str:
    """Write the number in a text as `shown`; "" if the text does not hold it once.

    Between a word such as "million" and a noun some languages have a preposition.
    """
    before, found, after = text.partition(
        format_decimal(amount, locale=locale, decimal_quantization=False)
    )
    of, noun = wording(locale).of, after.lstrip()
    if not found:
        return ""
    if of and noun and shown[-1].isalpha():
        is_elided = locale.language == "fr" and _VOWEL.match(noun)
        after = f" d’{noun}" if is_elided else f" {of} {noun}"
    return before + shown + after


def _decimal(amount: Fraction) -> Decimal:
    """Return a fraction whose decimals end as a decimal number without trailing zeros."""
    return (Decimal(amount.numerator) / Decimal(amount.denominator)).normalize() + 0

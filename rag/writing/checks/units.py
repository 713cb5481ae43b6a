"""The units of numbers in a text: measures, currencies and shares, whatever the language."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache

import regex
from babel import Locale
from babel.units import format_unit

from rag.rendering.formats import find_locale
from rag.rendering.numbers.units import MEASURES
from rag.writing.checks.words import numbers as number_words

PERCENT = "percent"
_PERCENT = regex.compile(
    r"[%％٪]|个?百分点|個?百分點|per ?cent\b|percentage|pour ?cent|prozent|por ciento"
    r"|por cento|per cento"
    r"|процент|퍼센트|프로\b|パーセント|phần trăm|بالمئة|بالمائة|في المئة|في المائة|puan",
    regex.I,
)
_PERCENT_BEFORE = regex.compile(r"[%％٪]$|yüzde\s$|百分之$", regex.I)
_CURRENCY_BEFORE = regex.compile(
    r"(?:(?:US|HK|NT|A|C|S)?\$|[€£₩₽₹]|RMB|CNY|USD|EUR|人民[币幣])[ \u00a0]?$"
)
_YEN = regex.compile(r"[¥￥]\s?$")
_OF = regex.compile(r"[\s-]{0,2}(?:(?:of|de|di|des|d['’])\s?)?")
_KINDS = ("length", "area", "volume", "mass", "energy", "power", "duration")
_SPELLINGS = {"en": ("en", "en-GB"), "zh": ()}
"""Locales whose names of units count; those of Chinese are in a table."""


def unit_of(text: str, start: int, end: int, language: str) -> frozenset[str]:
    """Return the units of a number at a range of a text: identifiers of CLDR, or of ISO 4217.

    Several if the text may mean any of them, none if no unit is recognised.
    """
    before, after = text[max(0, start - 6) : start], text[end : end + 40]
    after = after[_OF.match(after).end() :]
    if _PERCENT_BEFORE.search(before) or _PERCENT.match(after):
        return frozenset([PERCENT])
    if sign := _CURRENCY_BEFORE.search(before):
        return number_words.currencies(sign[0].strip())
    if _YEN.search(before):
        return frozenset(["CNY", "JPY"])
    measures = _chinese(after) or frozenset(
        unit for unit, names in _names(language).items() if names.match(after)
    )
    return measures | number_words.currencies(after)


def _chinese(after: str) -> frozenset[str]:
    if after[:1] in ("岁", "歲", "歳", "세"):
        return frozenset(["duration-year"])
    for length in range(min(4, len(after)), 0, -1):
        if unit := MEASURES.get(after[:length]):
            return frozenset([unit])
    return frozenset(["duration-day"]) if after[:1] in ("日", "일") else frozenset()


@cache
def _names(language: str) -> dict[str, regex.Pattern[str]]:
    """Return a pattern of the names of each unit in a language."""
    base = language.partition("-")[0]
    locales = [locale for tag in _SPELLINGS.get(base, (base,)) if (locale := find_locale(tag))]
    names = {unit: {*_forms(unit, locales)} for unit in _MEASURED}
    return {
        unit: regex.compile(
            rf"(?:{'|'.join(map(regex.escape, sorted(found, key=len)[::-1]))})(?!\p{{L}})"
        )
        for unit, found in names.items()
        if found
    }


def _forms(unit: str, locales: Iterable[Locale]) -> Iterator[str]:
    for locale in locales:
        for length in ("long", "short"):
            for number in (1, 2, 5, 1.5):
                form = format_unit(number, unit, length, locale=locale)
                name = _NUMBER.sub("", form).strip("\u00a0\u202f ")
                if unit not in form and name != form:  # Babel shows the identifier if it has no pattern
                    yield name


_MEASURED = frozenset(MEASURES.values())
_NUMBER = regex.compile(r"[\d.,٫]+")

"""Names of months and weekdays, in any language of CLDR."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache

import regex

from rag.rendering.formats import find_locale
from rag.text.month_names import month_names

_DECLINED = frozenset("be bg cs el et fi hr hu hy ka kk lt lv pl ru sk sl sr tr uk".split())
_HOMOGRAPHS = {"среда": r"(?<=\bво?\s)среду"}
"""Names that are also common words, as they are written if they are meant: not "тестовой среды"."""
_LEAST = 3
"""Letters of an abbreviation that is recognised."""


@cache
def months(language: str) -> dict[int, regex.Pattern[str]]:
    """Return patterns of the names of the months, by number."""
    locale = find_locale(language)
    return _patterns(language, month_names(locale)) if locale else {}


@cache
def weekdays(language: str) -> dict[int, regex.Pattern[str]]:
    """Return patterns of the names of the days of the week, by number; Monday is 0."""
    locale = find_locale(language)
    return _patterns(language, [locale.days["format"]["wide"]]) if locale else {}


def _patterns(language: str, forms: Sequence[Mapping[int, str]]) -> dict[int, regex.Pattern[str]]:
    patterns = {}
    for number in forms[0]:
        names = {name for form in forms if len(name := form[number].rstrip(".")) >= _LEAST}
        stems = "|".join(sorted({_stem(name, language) for name in names}, key=len, reverse=True))
        patterns[number] = regex.compile(rf"(?<![\p{{L}}])(?:{stems or '(?!)'})(?![\p{{L}}])", regex.I)
    return patterns


def _stem(name: str, language: str) -> str:
    """Return a pattern of a name, with the endings that the language may give it."""
    if name in _HOMOGRAPHS:
        return _HOMOGRAPHS[name]
    if language in _DECLINED:
        ending = r"\p{L}{0,3}" if len(name) > _LEAST else r"\p{L}"
        return f"{regex.escape(name[:-1])}{ending}"
    prefix = "[وبلف]?" if language == "ar" else ""
    return f"{prefix}{regex.escape(name)}"

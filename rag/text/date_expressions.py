"""Dates in questions -> periods: "in June 2021", 2024年3月13日, "летом 2020 года".

A date counts only with its year. Names of months are those of CLDR in the languages that the question
may be in; in languages that decline nouns their endings may differ (мая, мае).
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterable
from datetime import date
from functools import cache
from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from rag.text.language import probabilities
from rag.text.month_names import month_names

_DIGITS = re.compile(r"(?a)(\d{4})(?:[-/.](\d\d?)(?:[-/.](\d\d?))?)?")
_YEAR = re.compile(r"(?<!\d)(?:19[5-9]\d|20\d\d)(?!\d)")
_MONTH_AFTER = re.compile(r"(?:\s*[年년]\s*|-)(\d{1,2})(?:\s*[月월]\s*|-|(?!\d))(\d{1,2}(?!\d))?")
_MONTH_BEFORE = re.compile(r"(?<!\d)(?:(\d{1,2})\.\s?)?(\d{1,2})[./]$")
_NEAR = 30
"""Characters before and after a year that are searched for the name of its month."""
_DECLINED = frozenset("be bg cs el et fi hr hu hy ka kk lt lv pl ru sk sl sr tr uk".split())
_JOINED = frozenset("ar he km lo my th".split())
"""Languages that write words without spaces, or join prefixes to them."""
_DAYS_AFTER, _DAYS_BEFORE = 20, 10


class Period(NamedTuple):
    """The days from `first` to `last`, both included."""

    first: date
    last: date

    @classmethod
    def of(cls, year: int, month: int = 0, day: int = 0) -> Self:
        """Return a day, month or year; the month or the year if the day or the month does not exist."""
        if not 1 <= month <= 12:
            return cls(date(year, 1, 1), date(year, 12, 31))
        days = calendar.monthrange(year, month)[1]
        if 1 <= day <= days:
            return cls(date(year, month, day), date(year, month, day))
        return cls(date(year, month, 1), date(year, month, days))

    @classmethod
    def parse(cls, text: str) -> Self | None:
        """Return the period that "2024", "2024-03" or "2024-03-06" means; None for another text."""
        if not (match := _DIGITS.fullmatch(text)):
            return None
        year, month, day = (int(part or 0) for part in match.groups())
        if not year or (match[2] and not 1 <= month <= 12):
            return None
        period = cls.of(year, month, day)
        return None if match[3] and period.first.day != day else period

    @classmethod
    def spanning(cls, periods: Iterable[Self]) -> Self | None:
        """Return the period from the first to the last of these; None without any."""
        listed = list(periods)
        return cls(min(listed).first, max(each.last for each in listed)) if listed else None

    def nearness(self, days: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return 1 for days within the period, decreasing to 0 with the distance from it.

        Days are ordinals of `datetime.date`, shape (n,). News is published on the day of an event and
        in the weeks after it, less often before it.
        """
        late, early = days - self.last.toordinal(), self.first.toordinal() - days
        nearness: NDArray[np.float64] = 1 - np.maximum(late / _DAYS_AFTER, early / _DAYS_BEFORE)
        return nearness.clip(0, 1)


def find_period(question: str) -> Period | None:
    """Return the narrowest period that a question names; None if it names none.

    Several equally narrow ones give the period from the first to the last of them.
    """
    question = "".join(str(int(c)) if c.isdecimal() else c for c in question).lower()
    years = list(_YEAR.finditer(question))
    if not years:
        return None
    starts = [0, *(year.end() for year in years)]
    ends = [*(year.start() for year in years[1:]), len(question)]
    periods = [_around(question, year, *span) for year, *span in zip(years, starts, ends, strict=False)]
    narrowest = min(last - first for first, last in periods)
    periods = [period for period in periods if period.last - period.first == narrowest]
    return Period(min(periods).first, max(periods).last)


def _around(question: str, year: re.Match[str], start: int, end: int) -> Period:
    """Return the period of a year, with the nearest month and its day if there are any.

    The month is searched from `start` to `end`: between the years before and after this one.
    """
    if match := _MONTH_AFTER.match(question, year.end()):
        return Period.of(int(year[0]), int(match[1]), int(match[2] or 0))
    if match := _MONTH_BEFORE.search(question, start, year.start()):
        return Period.of(int(year[0]), int(match[2]), int(match[1] or 0))
    start, end = max(start, year.start() - _NEAR), min(end, year.end() + _NEAR)
    matches = [
        (abs(match.end() - year.start()), number, int(match["before"] or match["after"] or 0))
        for tag in probabilities(question)
        for number, names in _months(tag).items()
        for match in names.finditer(question, start, end)
    ]
    _, month, day = min(matches, default=(0, 0, 0))
    return Period.of(int(year[0]), month, day)


@cache
def _months(tag: str) -> dict[int, re.Pattern[str]]:
    """Return, by number, a pattern of each month's names in a language with an optional day."""
    from babel import Locale, UnknownLocaleError

    try:
        forms = month_names(Locale.parse(tag, sep="-"))
    except (UnknownLocaleError, ValueError):
        return {}
    edge, end = ("", "") if tag in _JOINED else (r"(?<!\w)", r"(?!\w)")
    patterns = {}
    for number in range(1, 13):
        names = {
            _pattern(names[number], tag in _DECLINED and names is not forms.abbreviated)
            for names in forms
        }
        longest_first = "|".join(sorted(names, key=len, reverse=True))
        patterns[number] = re.compile(
            rf"(?:(?<!\d)(?P<before>\d{{1,2}})(?:st|nd|rd|th|er|º|\.)?\s+(?:de\s+|of\s+)?)?"
            rf"{edge}(?:{longest_first}){end}\.?(?:\s+(?P<after>\d{{1,2}})(?:st|nd|rd|th)?(?!\d))?"
        )
    return patterns


def _pattern(name: str, is_declined: bool) -> str:
    name = name.lower().rstrip(".")
    if not is_declined or len(name) < 3:
        return re.escape(name)
    return re.escape(name[:-1]) + rf"\w{{0,{max(1, len(name) // 2)}}}"

"""The meaning of the dates in a Chinese article -> numbers of the calendar, or nothing in doubt.

A day without a year gets one only where it is sure: beside the day of the week, or near the day of the
article and after no other year.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta

import regex

from rag.rendering.dates import context, forms
from rag.text import numerals

_ERAS = {"民国": 1911, "民國": 1911, "令和": 2018, "平成": 1988, "昭和": 1925, "大正": 1911}
_YEARS = {"去年": -1, "今年": 0, "明年": 1, "前年": -2}
_MONTHS = {"本": 0, "这": 0, "這": 0, "上": -1, "下": 1}
_DAYS = {"昨天": -1, "今天": 0, "明天": 1}
_WEEKDAYS = "一二三四五六日"
_LEAP_YEAR = 2000
_WEEKS = {"上": -7, "下": 7}
_SUNDAY = 6
_BEHIND, _AHEAD = timedelta(days=120), timedelta(days=45)
"""How far from its article a day without a year may be."""
_FAR = timedelta(days=200)
"""How far from its article a day of the month and the week may be."""
_DELAY = timedelta(days=3)
"""How long after it was written an article may be published."""
_LATELY = timedelta(days=10)
"""The same if the day of the month is all that is named."""
_NEAR = timedelta(days=15)
"""The same if the month is not named."""


@dataclass(frozen=True, slots=True)
class Moment:
    """A date in a text. Numbers that it does not say are 0, the day of the week -1 (Monday is 0).

    `distance` is -1 for yesterday, 0 for today, 1 for tomorrow, whose dates are unsure.
    """

    start: int
    end: int
    year: int = 0
    month: int = 0
    day: int = 0
    last_day: int = 0
    last_year: int = 0
    weekday: int = -1
    is_decade: bool = False
    distance: int | None = None

    @classmethod
    def of(cls, span: tuple[int, int], day: date) -> Moment:
        """Return a day, without the day of the week."""
        return cls(*span, day.year, day.month, day.day)


def find_moments(text: str, today: date | None) -> Iterator[Moment]:
    """Yield the dates of a text whose meaning is sure, in their order, without overlaps.

    `today` is the day of the article; without it no relative date has a meaning.
    """
    reader = _Reader(text, today)
    readers = (
        (forms.DATED, reader.dated),
        (forms.ISO, reader.iso),
        (forms.RELATIVE_DAY, reader.relative_day),
        (forms.WEEKDAY, reader.day_of_week),
        (forms.DAY, reader.day_of_month),
        (forms.YEARS, reader.years),
        (forms.DECADE, reader.decade),
    )
    found = [(match, read) for form, read in readers for match in form.finditer(text)]
    at = 0
    for match, read in sorted(found, key=lambda each: (each[0].start(), -each[0].end())):
        if match.start() >= at:
            at = match.end()
            if moment := read(match):
                yield moment


class _Reader:
    """Reads the matches of a text from its beginning to its end: the last year that is named counts."""

    def __init__(self, text: str, today: date | None) -> None:
        self._text = text
        self._today = today
        self._named = {"year": (0, 0), "month": (0, 0)}

    def dated(self, match: regex.Match[str]) -> Moment | None:
        start, end = match.span("core")
        if not context.is_solar(self._text, start):
            return None
        moment = self._numbers(match)
        if not moment or not _exists(moment):
            return None
        self._name(moment)
        weekday = _weekday(match)
        if weekday >= 0 and not moment.last_day and (moment.day or not moment.month):
            if day := self._nearest(moment, weekday):
                return replace(Moment.of(match.span(), day), weekday=weekday)
            return moment if moment.month else None
        if not moment.month:
            return moment if moment.year and context.is_year(self._text, start, end) else None
        if not moment.year and moment.day:
            return replace(moment, year=self._year_of(moment))
        return moment if moment.year or context.is_month(self._text, start, end) else None

    def iso(self, match: regex.Match[str]) -> Moment | None:
        moment = Moment(*match.span(), *map(int, match.group("year", "month", "day")))
        if not _exists(moment):
            return None
        self._name(moment)
        return moment

    def relative_day(self, match: regex.Match[str]) -> Moment | None:
        """Read "yesterday" as such: of articles that state its date, a third were published later."""
        start, end = match.span()
        if match["day"]:
            stated = Moment(start, end, 0, _value(match["month"]), _value(match["day"]))
            day = self._nearest(stated)
            return Moment.of((start, end), day) if day else None
        distance = _DAYS.get(match["name"])
        return None if distance is None else Moment(start, end, distance=distance)

    def day_of_week(self, match: regex.Match[str]) -> Moment | None:
        weekday = _weekday(match)
        if not match["week"]:
            return Moment(match.start(), match.end(), weekday=weekday)
        if not self._today or context.is_quoted(self._text, match.start()):
            return None
        now, week = self._today.weekday(), match["week"][0]
        is_sure = weekday > now if week == "上" else now != _SUNDAY
        if not is_sure or (weekday == _SUNDAY and now != _SUNDAY):
            return None  # weeks begin on Monday or on Sunday; "last Tuesday" may be this one
        day = self._today + timedelta(days=weekday - now + _WEEKS.get(week, 0))
        return replace(Moment.of(match.span(), day), weekday=weekday)

    def day_of_month(self, match: regex.Match[str]) -> Moment | None:
        """Read a day alone, which is one of the last, if no other month was named before."""
        if not self._today or context.is_quoted(self._text, match.start()):
            return None
        days = [self._today - timedelta(days=distance) for distance in range(_LATELY.days)]
        day = next((day for day in days if day.day == _value(match["day"])), None)
        if not day or self._last("month", match.start()) not in (0, day.month):
            return None
        return Moment.of(match.span(), day)

    def years(self, match: regex.Match[str]) -> Moment | None:
        first, last = _value(match["year"]), _value(match["last_year"])
        self._name(Moment(match.start(), match.end(), year=last))
        return Moment(match.start(), match.end(), year=first, last_year=last) if first < last else None

    def decade(self, match: regex.Match[str]) -> Moment | None:
        year = _value(match["year"])
        if match["last_century"]:
            year += 1900
        elif match["century"]:
            year += 100 * (_value(match["century"]) - 1)
        elif 50 <= year < 100:
            year += 1900
        is_sure = 1500 <= year < 2100 and year % 10 == 0
        return Moment(match.start(), match.end(), year=year, is_decade=True) if is_sure else None

    def _numbers(self, match: regex.Match[str]) -> Moment | None:
        """Return the numbers that a match names; None if it is relative to an unknown day."""
        month, day, last_day = (_value(match[name]) for name in ("month", "day", "last_day"))
        start, end = match.span("core")
        year, today = _value(match["year"]), self._today
        if match["era"]:
            year = _ERAS[match["era"]] + (_value(match["era_year"].replace("元", "1")))
        if match["relative_year"] or match["relative_month"]:
            parts = 2 if match["relative_month"] else 1
            if not today or context.is_quoted(self._text, start) or not _is_settled(today, parts):
                return None
            year = today.year + _YEARS.get(match["relative_year"], 0)
            if match["relative_month"]:
                months = 12 * year + today.month - 1 + _MONTHS[match["relative_month"][0]]
                year, month = months // 12, months % 12 + 1
        return Moment(start, end, year, month, day, last_day)

    def _nearest(self, moment: Moment, weekday: int | None = None) -> date | None:
        """Return the day with these numbers, on this weekday, that is nearest to the article."""
        if moment.year and moment.day:
            days = [date(moment.year, moment.month, moment.day)]
        elif self._today:
            reach = (_FAR if moment.month else _NEAR).days
            distances = sorted(range(-reach, reach + 1), key=abs)
            days = [self._today + timedelta(days=distance) for distance in distances]
        else:
            days = []
        fitting = (
            day
            for day in days
            if day.day == moment.day
            and moment.month in (0, day.month)
            and weekday in (None, day.weekday())
        )
        return next(fitting, None)

    def _year_of(self, moment: Moment) -> int:
        """Return the year of a day without one; 0 if it is unsure."""
        today, start = self._today, moment.start
        if not today or not context.is_of_article(self._text, start):
            return 0
        named = self._last("year", start)
        years = [named] if named else [today.year - 1, today.year, today.year + 1]
        days = [date(year, moment.month, moment.day) for year in years if _exists(moment, year)]
        return next((day.year for day in days if today - _BEHIND <= day <= today + _AHEAD), 0)

    def _name(self, moment: Moment) -> None:
        """Remember the year and the month that a date names."""
        for name, number in (("year", moment.year), ("month", moment.month)):
            if number:
                self._named[name] = moment.start, number

    def _last(self, name: str, start: int) -> int:
        """Return the year or month that the paragraph named last before a position; 0 without one."""
        at, number = self._named[name]
        return 0 if "\n" in self._text[at:start] else number


def _is_settled(today: date, parts: int) -> bool:
    """Whether an article was surely written in the year (1) and month (2) in which it was published."""
    days = (today - _DELAY, today, today + timedelta(days=1))
    return len({(day.year, day.month)[:parts] for day in days}) == 1


def _exists(moment: Moment, year: int = 0) -> bool:
    """Whether the numbers of a moment are those of the calendar; by default of a leap year."""
    try:
        first = date(year or moment.year or _LEAP_YEAR, moment.month or 1, moment.day or 1)
        return not moment.last_day or first.replace(day=moment.last_day) > first
    except ValueError:
        return False


def _value(number: str | None) -> int:
    """Return the value of digits or numerals; 0 for none."""
    return int(numerals.value((number or "〇").replace("○", "〇")) or 0)


def _weekday(match: regex.Match[str]) -> int:
    name = match["weekday"]
    return _WEEKDAYS.index(name.replace("天", "日")) if name else -1

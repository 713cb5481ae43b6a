"""Dates that a sentence names, and whether its passages know of them."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import NamedTuple

import regex

from rag.text import numerals
from rag.writing.checks.words.calendar import months, weekdays

_HAN = "〇零一二三四五六七八九十廿卅"
_NUMBER = rf"(?:\d+|[{_HAN}]+)"
_YEAR = regex.compile(r"(?<![\d.,])(?:1[5-9]\d\d|20\d\d)(?![\da-zA-Z%]|[.,]\d|(?<=\d)\s?[名人個个명])")
_EASTERN = regex.compile(
    rf"(?P<month>{_NUMBER})\s?[月월]\s?(?:(?P<day>{_NUMBER})\s?[日号號일])?"
    rf"|(?P<day>{_NUMBER})\s?[日号號일](?![本经經报報常益前間间])"
)
_VIETNAMESE = regex.compile(r"(?:ngày (?P<day>\d{1,2}) )?tháng (?P<month>\d{1,2})", regex.I)
_NAME_BEFORE = regex.compile(r"\p{Lu}[\p{L}.’'-]*[ -]$")
"""Before Theresa May."""
_DAY_BEFORE = regex.compile(r"(?<![\d.,])(\d{1,2})(?:st|nd|rd|th|er|º|°|\.)?\s+(?:de\s+|of\s+|di\s+)?$")
_DAY_AFTER = regex.compile(r"\s+(\d{1,2})(?:st|nd|rd|th)?(?![\d:.,]?\d)")
_WEEKDAY = regex.compile(r"(?:[周週]|星期|[礼禮]拜)([一二三四五六日天])")
_CHINESE_YEAR = regex.compile(
    r"(?:民[国國]\s?(?P<roc>\d{2,3})|(?P<full>1[5-9]\d\d|20\d\d|[一二][〇零○一二三四五六七八九]{3})|(?<!\d)(?P<short>\d\d))\s?年"
)
_RELATIVE_YEAR = {"去": -1, "今": 0, "本": 0, "当": 0, "當": 0, "明": 1, "前": -2, "后": 2, "後": 2}
_RELATIVE_DAY = {"昨": -1, "今": 0, "明": 1, "前": -2, "当": 0, "當": 0, "次": 1}
_AGO = regex.compile(rf"({_NUMBER})\s?年(?:多|来|來)?(前|来|來|后|後|以[来來]|间|間)")
_CENTURY = 100
"""A year that it divides may stand for a century or a decade, as in "the 2000s"."""
_DECADE = regex.compile(r"'?s\b|er\b|-[хе]|年代|년대|대")
_AROUND = 7
"""Days around that of the article among which a day of the week is looked for."""


class Claim(NamedTuple):
    """A date that a sentence names: its range, and its parts, 0 where it does not name them."""

    start: int
    end: int
    year: int = 0
    month: int = 0
    day: int = 0
    weekday: int = -1


@dataclass(slots=True)
class Calendar:
    """What passages say of dates: years, months, days of a month, days, days of the week."""

    years: set[int] = field(default_factory=set)
    months: set[int] = field(default_factory=set)
    days: set[int] = field(default_factory=set)
    dates: set[tuple[int, int]] = field(default_factory=set)
    weekdays: set[int] = field(default_factory=set)

    def knows(self, claim: Claim) -> bool:
        """Whether each part of a date is known."""
        if claim.year and claim.year not in self.years:
            return False
        if claim.month and claim.day:
            return (claim.month, claim.day) in self.dates
        if claim.weekday >= 0 and claim.weekday not in self.weekdays:
            return False
        return (not claim.month or claim.month in self.months) and (
            not claim.day or claim.day in self.days
        )

    def add(self, text: str, language: str, published: date | None) -> None:
        """Add the dates of a text, and the day of its article, to which others may be relative."""
        for claim in find_dates(text, language):
            self._add_claim(claim, published)
        if published:
            self._add_day(published)
            self.years |= {
                published.year + _RELATIVE_YEAR[c]
                for c in regex.findall(r"[去今本当當明前后後](?=年)", text)
            }
            for offset in (
                _RELATIVE_DAY[c] for c in regex.findall(r"[昨今明前当當次](?=[天日晚晨早夜])", text)
            ):
                self._add_day(published + timedelta(offset))
            for word, direction in _AGO.findall(text):
                if (number := _value(word)) and number < published.year:
                    self.years.add(published.year + (number if direction in "后後" else -number))
            if regex.search(r"上个?個?月", text):
                self.months.add((published.replace(day=1) - timedelta(1)).month)
            if regex.search(r"下个?個?月", text):
                self.months.add((published.replace(day=28) + timedelta(5)).month)
        for match in _CHINESE_YEAR.finditer(text):
            self.years |= _years(match)

    def _add_claim(self, claim: Claim, published: date | None) -> None:
        if claim.year:
            self.years.add(claim.year)
        month = claim.month or (published.month if published else 0)
        if claim.month:
            self.months.add(month)
        if claim.day:
            self.days.add(claim.day)
            self.dates |= {
                (each, claim.day) for each in ({month} if claim.month else {month, *self.months})
            }
        if claim.weekday >= 0:
            self.weekdays.add(claim.weekday)
            near = (published + timedelta(n) for n in range(-_AROUND, _AROUND + 1)) if published else ()
            for day in near:
                if day.weekday() == claim.weekday:
                    self._add_day(day)

    def _add_day(self, day: date) -> None:
        self.years.add(day.year)
        self.months.add(day.month)
        self.days.add(day.day)
        self.dates.add((day.month, day.day))
        self.weekdays.add(day.weekday())


def find_dates(text: str, language: str) -> list[Claim]:
    """Return the dates of a text: years, months with or without their days, days of the week."""
    text = "".join(str(unicodedata.decimal(c)) if c.isdecimal() else c for c in text)
    base = language.partition("-")[0]
    found = [*_written_out(text, base), *_eastern(text, base)]
    found += [
        Claim(match.start(), match.end(), weekday=number)
        for number, match in _each(weekdays(base), text)
    ]
    found += [
        Claim(match.start(), match.end(), weekday="一二三四五六日".index(match[1].replace("天", "日")))
        for match in _WEEKDAY.finditer(text)
    ]
    return found + [
        Claim(match.start(), match.end(), year=int(match[0]))
        for match in _YEAR.finditer(text)
        if int(match[0]) % _CENTURY and not _DECADE.match(text, match.end())
    ]


def _written_out(text: str, language: str) -> Iterator[Claim]:
    if language in _EAST_ASIAN:
        return
    if language == "vi":
        for match in _VIETNAMESE.finditer(text):
            yield Claim(
                match.start(), match.end(), month=int(match["month"]), day=int(match["day"] or 0)
            )
        return
    for number, match in _each(months(language), text):
        before = _DAY_BEFORE.search(text, max(0, match.start() - 12), match.start())
        after = _DAY_AFTER.match(text, match.end()) if not before else None
        is_name = _NAME_BEFORE.search(text, 0, match.start()) or not match[0][:1].isupper()
        if before or after or language not in _CAPITALISED or not is_name:
            start, end = before.start() if before else match.start(), (after or match).end()
            yield Claim(start, end, month=number, day=int((before or after or {1: 0})[1]))


def _eastern(text: str, language: str) -> Iterator[Claim]:
    if language not in _EAST_ASIAN:
        return
    for match in _EASTERN.finditer(text):
        month, day = _value(match["month"]), _value(match["day"])
        if match[0] and month <= 12 and day <= 31 and (month or day):
            yield Claim(match.start(), match.end(), month=month, day=day)


def _each(patterns: dict[int, regex.Pattern[str]], text: str) -> Iterator[tuple[int, regex.Match[str]]]:
    return ((number, match) for number, pattern in patterns.items() for match in pattern.finditer(text))


def _years(match: regex.Match[str]) -> set[int]:
    if match["roc"]:
        return {int(match["roc"]) + 1911}
    if match["full"]:
        year = numerals.value(match["full"].replace("○", "〇").replace("零", "〇"))
        return {int(year)} if year else set()
    return {century + int(match["short"]) for century in (1900, 2000)}


def _value(word: str | None) -> int:
    value = numerals.value(word.replace("廿", "二十").replace("卅", "三十")) if word else None
    return int(value) if value else 0


_EAST_ASIAN = frozenset("ja ko zh".split())
_CAPITALISED = frozenset("de en".split())
"""Languages that write months with a capital: "may" is no month."""

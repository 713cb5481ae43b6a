"""The forms in which sites write a day, in their languages and calendars."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from functools import cache
from typing import NamedTuple

from rag.text.month_names import month_names

_LANGUAGES = (
    "be bg ca cs da de el en es et eu fi fr ga gl hr hu id is it lt lv mk nb nl pl pt ro ru sk sl sq "
    "sr sr_Latn sv tr uk"
).split()
_ERAS = {
    "民國": 1911,
    "民国": 1911,
    "令和": 2018,
    "平成": 1988,
    "昭和": 1925,
    "西元": 0,
    "公元": 0,
    "西暦": 0,
}
_ERA = re.compile(r"(?:中華|中华)?(民[國国]|令和|平成|昭和|西元|公元|西暦)\s?(\d{1,4}|元)\s?([年./-])")
_YEAR_TWICE = re.compile(r"(\d{4}年)\s?\(\1\)")
_HAN_NUMBER = re.compile(r"[〇零○一二三四五六七八九十百]{1,5}(?=\s?[年月日号號时時点點分])")
_HAN_DIGITS = {
    character: str(value % 10) for value, character in enumerate("〇一二三四五六七八九零")
} | {"○": "0"}
_COMPACT = re.compile(r"(?<!\d)((?:19|20)\d\d)(\d\d)(\d\d)(?:[T ]?(\d\d)(\d\d)(\d\d)?)?(?!\d)")
_YEAR_LAST = re.compile(
    r"([A-Z][a-z]{2}\s{1,2}\d{1,2}) (\d\d:\d\d:\d\d)((?: [A-Z]{2,5})?(?: ?[+-]\d{4})?) (\d{4})(?!\d)"
)
_DE = r"(?:\s?(?:(?:de|del|of)\s|d['’]))?\s?"
_NAME = r"(?P<name>[^\W\d_]{3,15})"
_DAY = r"(?P<day>\d{1,2})(?P<dot>\.)?(?:st|nd|rd|th|er|[oaº]|-?[еого]{1,2})?"
_BIG_ENDIAN = re.compile(
    r"(?<![\d./-])(?P<year>\d{4})(?:\s?(?P<mark>[./-])\s?(?P<month>\d{1,2})\s?(?P=mark)\s?(?P<day>\d{1,2})"
    r"(?![\d/])\.?|\s?[年년]\s?(?P<month2>\d{1,2})\s?[月월]\s?(?P<day2>\d{1,2})\s?[日号號일])"
)
_LITTLE_ENDIAN = re.compile(
    r"(?<![\d./-])(?P<one>\d{1,2})(?P<mark>[./-])\s?(?P<two>\d{1,2})(?P=mark)\s?(?P<year>\d{4})(?!\d)\.?"
    r"(?P<dash>\s?- ?(?=\d{1,2}:))?"
)
_NAMED = tuple(
    re.compile(rf"(?<![\w.]){pattern}(?!\w)", re.IGNORECASE)
    for pattern in (
        rf"{_DAY}[ -]?{_DE}{_NAME}\.?,?[ -]?{_DE}(?P<year>\d{{4}})",
        rf"{_DAY}-{_NAME}-(?P<year>\d\d)",
        rf"{_NAME}\.?\s?{_DAY},?\s(?P<year>\d{{4}})",
        rf"(?P<year>\d{{4}})\.?(?:\s?m\.)?[ -]{_NAME}[ -]{_DAY}(?:\s?d\.)?",
        rf"(?P<year>\d{{4}})\.\s?gada\s{_DAY}\s?{_NAME}",
    )
)
_AMERICAN = re.compile(r"\b(?:[ECMP][DS]?T)\b")
"""Zones of the country that writes the month first."""
_ISO_T = re.compile(r"(?<=\d)T(?=\d)")
_WEEKDAY = re.compile(
    r"(?:星期|周|週|[礼禮]拜)[一二三四五六日天]|[日月火水木金土]曜日?|[일월화수목금토]요일"
    r"|\([一二三四五六日月火水木金土일월화수목금토]\)"
)


class Day(NamedTuple):
    """A day as numbers; it may not exist."""

    year: int
    month: int
    day: int


class Found(NamedTuple):
    """A day in a text, None if it is ambiguous, and the text before and after it."""

    day: Day | None
    before: str
    after: str


def normalise(text: str) -> str:
    """Return a text with ASCII digits and marks, years of the common era, and the year before the time.

    The years of the Republic of China and of the Japanese emperors are converted.
    """
    text = " ".join(unicodedata.normalize("NFKC", text).split())
    text = "".join(str(int(c)) if c.isdecimal() else c for c in text)
    text = _HAN_NUMBER.sub(lambda match: _han_value(match[0]), text)
    text = _YEAR_TWICE.sub(r"\1", _ERA.sub(_common_era, text))
    text = _COMPACT.sub(_spread, _YEAR_LAST.sub(r"\1 \4 \2\3", text))
    return _WEEKDAY.sub(" ", _ISO_T.sub(" ", text))


def find_day(text: str) -> Found | None:
    """Find the first day in a normalised text; None if there is none."""
    if match := _BIG_ENDIAN.search(text):
        numbers = match.group("year", *(("month", "day") if match["mark"] else ("month2", "day2")))
        return _found(Day(*map(int, numbers)), match)
    if match := _LITTLE_ENDIAN.search(text):
        return _found(_little_endian(match), match)
    for form in _NAMED:
        if (match := form.search(text)) and (month := _month(match["name"], bool(match["dot"]))):
            year = int(match["year"])
            return _found(Day(year + 2000 * (year < 100), month, int(match["day"])), match)
    return None


@cache
def weekdays() -> frozenset[str]:
    """Return the names of the days of the week, of two letters or more, in lower case."""
    from babel import Locale

    return frozenset(
        part
        for language in _LANGUAGES
        for widths in Locale.parse(language).days.values()
        for names in widths.values()
        for name in names.values()
        for part in re.findall(r"[^\W\d_]{2,}", name.casefold())
    )


def _found(day: Day | None, match: re.Match[str]) -> Found:
    return Found(day, match.string[: match.start()], match.string[match.end() :])


def _little_endian(match: re.Match[str]) -> Day | None:
    """Return the day of two numbers and a year; None if either number may be the month."""
    one, two, year = (int(match[name]) for name in ("one", "two", "year"))
    if one == two or max(one, two) > 12:
        return Day(year, *sorted((one, two)))
    if match["mark"] == "." or match["dash"]:
        return Day(year, two, one)
    return Day(year, one, two) if _AMERICAN.search(match.string) else None


@cache
def _months() -> dict[tuple[str, bool], set[int]]:
    """Return the numbers of months by name, and by whether the language writes a dot after the day."""
    from babel import Locale

    months: dict[tuple[str, bool], set[int]] = defaultdict(set)
    for language in _LANGUAGES:
        locale = Locale.parse(language)
        has_dot = "d." in locale.date_formats["long"].pattern
        for names in month_names(locale):
            for number, name in names.items():
                months[_last_word(name), has_dot].add(number)
    months["sept", False] = {9}
    return dict(months)


def _month(name: str, has_dot: bool) -> int | None:
    """Return the number of a month; None if no language or languages of both habits disagree."""
    name = _last_word(name)
    numbers = _months().get((name, has_dot)) or _months().get((name, not has_dot)) or set()
    return next(iter(numbers)) if len(numbers) == 1 else None


def _last_word(name: str) -> str:
    words = unicodedata.normalize("NFKC", name).casefold().replace("’", " ").replace("'", " ").split()
    return words[-1].strip(".")


def _common_era(match: re.Match[str]) -> str:
    year = 1 if match[2] == "元" else int(match[2])
    return f"{year + _ERAS[match[1]]}{match[3]}"


def _han_value(numeral: str) -> str:
    if not re.search("[十百]", numeral):
        return "".join(_HAN_DIGITS[character] for character in numeral)
    hundreds, _, rest = numeral.rpartition("百")
    tens, ten, ones = rest.lstrip("零〇").rpartition("十")
    value = 100 * _han_digit(hundreds) if "百" in numeral else 0
    value += 10 * (_han_digit(tens) if tens else 1) if ten else 0
    return str(value + _han_digit(ones))


def _han_digit(character: str) -> int:
    return int(_HAN_DIGITS.get(character[-1:], "0"))


def _spread(match: re.Match[str]) -> str:
    year, month, day, hour, minute, second = match.groups()
    return f"{year}-{month}-{day}" + (f" {hour}:{minute}:{second or '00'}" if hour else "")

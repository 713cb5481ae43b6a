"""The forms in which sites write a time of day and its time zone."""

from __future__ import annotations

import re
from datetime import UTC, timedelta, timezone, tzinfo
from typing import NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

_CLOCK = re.compile(
    r"(?P<part>[上下中]午|午[前後后]|[早晚]上|晚[间間]?|夜[晚里]?|凌晨|清晨|早晨|傍晚|半夜|오[전후])?\s?"
    r"(?<![\d:+])(?P<hour>\d{1,2})"
    r"(?:[:.h]\s?(?P<minute>\d\d)(?!\d)(?:[:.](?P<second>\d\d)(?:[.,]\d{1,9})?)?"
    r"|\s?(?:[时時点點]|시)(?:\s?(?P<minute2>\d{1,2})\s?[分분]?(?:\s?(?P<second2>\d{1,2})\s?[秒초])?|(?P<half>[半반])|整|正)?"
    r"|\s?(?:h|Uhr|uur)\b|(?=\s?[ap]\.?\s?m\b))"
    r"(?:\s?(?P<meridiem>[ap])\.?\s?m\b\.?)?",
    re.IGNORECASE,
)
_AFTERNOON = re.compile(r"下午|午[後后]|晚|夜|傍晚|오후|p", re.IGNORECASE)
_MORNING = re.compile(r"上午|午前|凌晨|半夜|清晨|오전|a", re.IGNORECASE)
_OFFSET = re.compile(
    r"(?:\b(?:UTC|GMT)\s?)?(?<![\d+-])([+-])(\d{1,2})(?::?([0-5]\d))?(?!\d)(?:\s?\([^()\d]{1,40}\))?"
)
_ZONES = {
    "z": 0, "utc": 0, "gmt": 0, "wet": 0, "世界时": 0, "格林尼治时间": 0, "格林威治時間": 0,
    "cet": 1, "mez": 1, "bst": 1, "cest": 2, "mesz": 2, "eet": 2, "eest": 3, "msk": 3, "мск": 3,
    "hkt": 8, "sgt": 8, "北京时间": 8, "北京時間": 8, "beijing time": 8, "台北时间": 8, "台北時間": 8,
    "台灣時間": 8, "香港时间": 8, "香港時間": 8, "新加坡时间": 8, "jst": 9, "kst": 9, "日本時間": 9,
    "东京时间": 9, "首尔时间": 9, "한국시간": 9, "aest": 10, "aedt": 11,
    "est": -5, "edt": -4, "cdt": -5, "mst": -7, "mdt": -6, "pst": -8, "pdt": -7,
}  # fmt: skip
_AMERICAN_ZONES = {
    "et": "America/New_York", "ct": "America/Chicago", "mt": "America/Denver",
    "pt": "America/Los_Angeles", "cst": "America/Chicago",
}  # fmt: skip
_ZONE = re.compile(
    r"(?<![^\W\d])(?:"
    + "|".join(sorted([*_ZONES, *_AMERICAN_ZONES], key=len, reverse=True))
    + r")(?![A-Za-z])",
    re.IGNORECASE,
)
_UNKNOWN_ZONE = re.compile(r"\b[A-Z]{2,4}T\b")
"""Zones that several countries call so, such as IST."""


class Clock(NamedTuple):
    """A time of day on a 24-hour clock; it may not exist. `is_english` if it has a.m. or p.m."""

    hour: int
    minute: int
    second: int
    is_english: bool


def take_clock(text: str) -> tuple[Clock | None, str]:
    """Find a time of day: the time, None if there is none, and the other text."""
    match = _CLOCK.search(text)
    if not match:
        return None, text
    hour, minute = int(match["hour"]), int(match["minute"] or match["minute2"] or 0)
    part = match["meridiem"] or match["part"] or ""
    if hour < 12 and (_AFTERNOON.match(part) or (part == "中午" and hour < 6)):
        hour += 12
    elif hour == 12 and _MORNING.match(part):
        hour = 0
    second = int(match["second"] or match["second2"] or 0)
    clock = Clock(hour, 30 if match["half"] else minute, second, is_english=bool(match["meridiem"]))
    return clock, _without(text, match)


def take_zone(text: str, *, is_english: bool) -> tuple[tzinfo | None, str]:
    """Find a time zone: the zone, None if there is none or it is ambiguous, and the other text.

    CST is central time of America if the time is written as in English, else it is ambiguous.
    """
    zone: tzinfo | None = None
    if match := _OFFSET.search(text):
        zone, text = _offset(*match.groups()), _without(text, match)
    elif match := _ZONE.search(text):
        zone = _named_zone(match[0].lower(), is_english)
    return zone, _UNKNOWN_ZONE.sub(" ", _ZONE.sub(" ", text))


def _offset(sign: str, hours: str, minutes: str | None) -> tzinfo | None:
    offset = timedelta(hours=int(hours), minutes=int(minutes or 0))
    if offset > timedelta(hours=14):
        return None
    return timezone(-offset if sign == "-" else offset) if offset else UTC


def _named_zone(name: str, is_english: bool) -> tzinfo | None:
    if name in _ZONES:
        return timezone(timedelta(hours=_ZONES[name])) if _ZONES[name] else UTC
    try:
        return ZoneInfo(_AMERICAN_ZONES[name]) if is_english or name != "cst" else None
    except ZoneInfoNotFoundError:
        return None


def _without(text: str, match: re.Match[str]) -> str:
    return f"{text[: match.start()]} {text[match.end() :]}"

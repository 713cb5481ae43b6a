"""The text around a date in a Chinese article: whether a number is one, and whose words it is in."""

from __future__ import annotations

import regex

_NOT_SOLAR = regex.compile(r"(?:[农農][历曆]|[阴陰夏旧舊][历曆]|公元前)\s?$")
_ANOTHER_YEAR = regex.compile(r"[同当當次翌每往]年\s?$")
_SPELL_BEFORE = regex.compile(r"(?:[约約近过過逾]|[长長][达達]|距今)\s?$")
_SPELL_AFTER = regex.compile(r"[前来來间間后後]|的?[历歷]史")
_MONTH_BEFORE = regex.compile(
    r"(?:(?<![同当當次翌每往])年|[第个個期时時历歷整满滿]|\d\s?[\-–—~～至到])\s?$"
)
_MONTH_AFTER = regex.compile(r"[期内內前后後大龄齡]")
_PART_OF_MONTH = frozenset("底初中上下末")
_QUOTES = {"“": "”", "「": "」", "『": "』"}
_LOOK_BACK = 4


def is_solar(text: str, start: int) -> bool:
    """Whether a date at a position is one of our calendar and era."""
    return not _NOT_SOLAR.search(text, max(0, start - _LOOK_BACK), start)


def is_of_article(text: str, start: int) -> bool:
    """Whether a day at a position is near that of the article: not 同年3月1日, not in a quotation."""
    is_of_another = _ANOTHER_YEAR.search(text, max(0, start - _LOOK_BACK), start)
    return not is_of_another and not is_quoted(text, start)


def is_year(text: str, start: int, end: int) -> bool:
    """Whether a number of years is a year and not a length of time, such as 2000年历史."""
    is_round = text[end - 3 : end - 1] == "00" or text[start : start + 2] < "19"
    is_spell = is_round and _SPELL_AFTER.match(text, end)
    return not is_spell and not _SPELL_BEFORE.search(text, max(0, start - _LOOK_BACK), start)


def is_month(text: str, start: int, end: int) -> bool:
    """Whether a month without a year and a day is one: not 三月街, 满3月, 3月内, 1-3月."""
    if _MONTH_BEFORE.search(text, max(0, start - _LOOK_BACK), start) or _MONTH_AFTER.match(text, end):
        return False
    return text[start].isdecimal() or text[end - 1] == "份" or text[end : end + 1] in _PART_OF_MONTH


def is_quoted(text: str, at: int) -> bool:
    """Whether a position is in a quotation, whose day may be another one."""
    start = text.rfind("\n", 0, at) + 1
    return any(
        text.rfind(opening, start, at) > text.rfind(closing, start, at)
        for opening, closing in _QUOTES.items()
    )

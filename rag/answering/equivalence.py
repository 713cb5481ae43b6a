"""Equivalence of two answers: 6700, 六千七百 and 约6700集装箱 agree, 152毫米 and 122毫米 do not.

Answers are compared as sequences of tokens, folded: numbers by their values, words of scripts with
spaces, and single characters of other scripts. In doubt answers differ: a repeated answer costs less
than a hidden contradiction.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from functools import lru_cache

import regex

from rag.text import numerals, terms
from rag.text.numerals import NUMERALS
from rag.text.scripts import CJK

_TOKEN = regex.compile(
    rf"(?V1)(?P<number>(?:\d+(?:\.\d+)?|[{NUMERALS}])+)"
    rf"|(?P<word>[\p{{L}}--[{CJK}\p{{Thai}}]](?:[-'’]?[[\p{{L}}\p{{N}}]--\p{{Han}}])*)"
    r"|(?P<sign>[\w~%°$€£¥]|(?<!\w)[-−](?=\d))"
)
_PERCENT = regex.compile(rf"百分之(\d+(?:\.\d+)?|[{NUMERALS}]+)")
_RANGE = regex.compile(rf"(?<=\d)\s*[-–—~～]\s*(?=\d)|(?<=\w)[至到](?=[周\d{NUMERALS}])")
_ROUGHLY = regex.compile(
    rf"(?:大约|约|大概|将近|接近|近|逾|超过)(?=[\d{NUMERALS}])|(?<=[\d{NUMERALS}])[多余来]|左右"
)
_MONEY = {
    "美元": "$", "美金": "$", "us$": "$", "hk$": "港元", "nt$": "台币", "欧元": "€", "英镑": "£",
    "日元": "¥", "日圆": "¥",
}  # fmt: skip
_COUNTERS = frozenset("个枚名位人件")
"""Counters that add nothing to a number: 五十个 and 50名 agree."""
_SIGNS = frozenset("%°$€£¥")
_DIFFERENT = frozenset("不没未非无~-−") | set(
    "million billion trillion hundred thousand not no".split()
)
"""Words and signs that change the meaning of an answer when they are added."""
_UNITS = frozenset("年月日号时点分%")
_TITLE_CHARACTERS = 4
"""Least length of a title before a name; a shorter prefix may make a different name."""

Token = str | Fraction
_CACHED_ANSWERS = 256
"""Each answer is compared with each other."""


def agree(one: str, other: str) -> bool:
    """Whether two answers agree: equal, one within the other, or the same number of similar things."""
    a, b = sorted((_tokens(one), _tokens(other)), key=len)
    if not a or a == b:
        return a == b
    numbers = [[token for token in tokens if isinstance(token, Fraction)] for tokens in (a, b)]
    if not numbers[0]:
        return _is_name_in(a, b)
    added = {token for token in b if isinstance(token, str)} - set(a)
    if added & _DIFFERENT or ("第" in a) != ("第" in b):
        return False
    at = _find(a, b)
    if at >= 0:
        return len(a) > 1 or not _has_unit(b, at)
    if numbers[0] != numbers[1] or not _are_alike(_unit(a), _unit(b)):
        return False
    words = [{t for t in tokens if isinstance(t, str)} - _COUNTERS for tokens in (a, b)]
    same_signs = words[0] & _SIGNS == words[1] & _SIGNS
    return same_signs and (words[0] <= words[1] or words[1] <= words[0])


def _is_name_in(short: Sequence[Token], long: Sequence[Token]) -> bool:
    """Whether a longer answer is the shorter one with a title or a first name before it."""
    before = long[: -len(short)]
    if long[len(before) :] != short or set(before) & _DIFFERENT:
        return False
    return len(before) >= _TITLE_CHARACTERS or len(str(short[0])) > 1


def _has_unit(tokens: Sequence[Token], at: int) -> bool:
    """Whether a number is a day, a month, a share: then it differs from the bare number."""
    return at + 1 < len(tokens) and tokens[at + 1] in _UNITS


def _unit(tokens: Sequence[Token]) -> Token:
    """Return the first token after the last number that is not a counter; "" if there is none."""
    last = max(at for at, token in enumerate(tokens) if isinstance(token, Fraction))
    return next((token for token in tokens[last + 1 :] if token not in _COUNTERS), "")


def _are_alike(one: Token, other: Token) -> bool:
    return one == other or not one or not other


def _find(short: Sequence[Token], long: Sequence[Token]) -> int:
    starts = range(len(long) - len(short) + 1)
    return next((at for at in starts if long[at : at + len(short)] == short), -1)


@lru_cache(_CACHED_ANSWERS)
def _tokens(answer: str) -> tuple[Token, ...]:
    text = _PERCENT.sub(r"\1%", terms.normal(answer).casefold())
    text = _ROUGHLY.sub("", _RANGE.sub("~", text))
    for name, sign in _MONEY.items():
        text = text.replace(name, sign)
    tokens: list[Token] = []
    for match in _TOKEN.finditer(text):
        value = numerals.value(match.group()) if match["number"] else None
        if value is not None:
            tokens.append(value)
        elif match["word"]:
            tokens.append(match.group())
        else:
            tokens += match.group()
    return tuple(tokens)

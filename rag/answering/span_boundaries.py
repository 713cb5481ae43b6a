"""Spans of tokens -> spans of whole words, numbers and brackets."""

from __future__ import annotations

import regex

from rag.text.scripts import COUNTERS, MANY, MULTIPLIERS, NUMERALS, WORD_REST, WORD_START
from rag.types import Span

LONGEST = 40
"""Most characters of an answer."""
_WORD = regex.compile(rf"(?V1){WORD_START}+(?:[.,'’-]{WORD_REST}+)*")
_BEFORE_NUMBER = regex.compile(
    r"(?:大[约約]|(?<![纽紐北公契签簽条條预預邀节節合])[约約]|[将將接]近|(?<![附最邻鄰亲親])近|超[过過]|逾|至少|最多"
    r"|[多高][达達]|不到)\s*$"
)
_AFTER_NUMBER = regex.compile(rf"[{MANY}]|以上|左右")
_NUMERAL = regex.compile(rf"[\d{NUMERALS}]")
_CUT_NOUN = regex.compile(rf"(?<=[\d{MULTIPLIERS}{MANY}])(?P<cut>\p{{Han}})$")
_UNITS = frozenset(f"{COUNTERS}{MANY}")
_BRACKETS = dict(zip("（(《〈「『“‘【[", "）)》〉」』”’】]", strict=True))
_OUTSIDE = frozenset("，。、；：！？…·,.;:!?—–-")


def tidy(text: str, span: Span) -> Span:
    """Adjust a span so that it cuts no word, number or bracket, and has no punctuation at its ends.

    The qualifiers of a number, such as 约 before it or 多 after it, are included.
    """
    start, end = span
    while start < end and _is_outside(text[start]):
        start += 1
    while start < end and _is_outside(text[end - 1]):
        end -= 1
    for word in _WORD.finditer(text, max(0, start - 2 * LONGEST), end + 2 * LONGEST):
        if word.start() < start < word.end():
            start = word.start()
        if word.start() < end < word.end():
            end = word.end()
    if before := _NUMERAL.match(text, start) and _BEFORE_NUMBER.search(text, max(0, start - 6), start):
        start = before.start()
    if _NUMERAL.match(text, end - 1) and (after := _AFTER_NUMBER.match(text, end)):
        end = after.end()
    cut = _CUT_NOUN.search(text, start, end)
    if cut and cut["cut"] not in _UNITS and regex.match(r"\p{Han}", text[end : end + 1]):
        end -= 1  # the first character of a noun
    inside = text[start:end]
    for opening, closing in _BRACKETS.items():
        if opening in inside and closing not in inside and text.startswith(closing, end):
            return start, end + 1
        if inside.endswith(closing) and opening not in inside:
            return tidy(text, (start, end - 1))
        if inside.startswith(opening) and closing not in inside:
            return tidy(text, (start + 1, end))
    return start, end


def _is_outside(character: str) -> bool:
    """Whether no answer begins or ends with this character: punctuation, space, invisible."""
    return character in _OUTSIDE or character.isspace() or not character.isprintable()

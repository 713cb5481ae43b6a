"""Spans of tokens -> spans of words: what is cut out as an answer begins and ends where a word does."""

from __future__ import annotations

import regex

from rag.types import Span

LONGEST = 40
"""Characters of an answer at most."""
_WORD = regex.compile(
    r"(?V1)[[\p{L}\p{N}\p{M}]--[\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}]]+"
    r"(?:[.,'’-][[\p{L}\p{N}\p{M}]--\p{Han}]+)*"
)
_BEFORE_NUMBER = regex.compile(
    r"(?:大[约約]|(?<![纽紐北公契签簽条條预預邀节節合])[约約]|[将將接]近|(?<![附最邻鄰亲親])近|超[过過]|逾|至少|最多"
    r"|[多高][达達]|不到)\s*$"
)
_AFTER_NUMBER = regex.compile(r"[多余餘]|以上|左右")
_NUMBER = regex.compile(r"[\d〇零一二两兩三四五六七八九十百千万萬亿億]")
_CUT_NOUN = regex.compile(r"(?<=[\d十百千万萬亿億多余餘])(?P<cut>\p{Han})$")
_UNITS = frozenset(
    "个個名人位枚件家国國年月日天时時分秒岁歲次回元美块塊角吨噸克斤米里尺寸升度级級倍成届屆期章条條种種类類只隻"
    "头頭匹辆輛架艘台臺部座栋棟间間层層楼樓户戶口所处處份张張本册冊页頁字句首篇幅套箱包瓶杯桶盒颗顆发發支把根"
    "片场場轮輪局队隊组組班批号號路站点點半世代周週季多余餘"
)
_BRACKETS = dict(zip("（(《〈「『“‘【[", "）)》〉」』”’】]", strict=True))
_OUTSIDE = frozenset("，。、；：！？…·,.;:!?—–-")


def tidy(text: str, span: Span) -> Span:
    """Bring a span of tokens to one of words: no number or word cut, no bracket or comma left over.

    What makes a number a rough one, such as 约 before it or 多 after it, belongs to it.
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
    if rough := _NUMBER.match(text, start) and _BEFORE_NUMBER.search(text, max(0, start - 6), start):
        start = rough.start()
    if _NUMBER.match(text, end - 1) and (rough := _AFTER_NUMBER.match(text, end)):
        end = rough.end()
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
    """Whether no answer begins or ends with it: signs between words, spaces, what is not seen."""
    return character in _OUTSIDE or character.isspace() or not character.isprintable()

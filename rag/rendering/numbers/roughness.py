"""The Chinese words that make an amount a rough one: 约, 超过, 不到, 左右, 以上."""

from __future__ import annotations

from enum import StrEnum

import regex

from rag.answering.amounts import Amount


class Rough(StrEnum):
    """How an amount relates to its number."""

    ABOUT = "about"
    MORE = "more"
    NEARLY = "nearly"
    FEWER = "fewer"
    AT_LEAST = "at least"
    AT_MOST = "at most"


_BEFORE = {
    word: rough
    for rough, words in {
        Rough.ABOUT: "大约 大約 约 約 大概 大致",
        Rough.NEARLY: "将近 將近 接近 近",
        Rough.MORE: "超过 超過 逾 超 多于 多於 高于 高於 大于 大於",
        Rough.FEWER: "不到 不足 少于 少於 低于 低於 小于 小於 未满 未滿",
        Rough.AT_LEAST: "至少 最少 起码 起碼 不少于 不少於 不低于 不低於",
        Rough.AT_MOST: "最多 至多 不超过 不超過 不多于 不多於 不高于 不高於",
    }.items()
    for word in words.split()
}
_AFTER = {
    "左右": Rough.ABOUT,
    "上下": Rough.ABOUT,
    "以上": Rough.AT_LEAST,
    "以下": Rough.AT_MOST,
}
_AMBIGUOUS = frozenset("约約近超逾")
"""Words that may be the end of another word (纽约, 附近): the finder of amounts decides."""
_LATEST = "近"
"""Nearly, or before a number of days and years the latest."""
_NEARLY_BEFORE = frozenset("了过過已达達长長有共在历歷时時花用")
_LATEST_AFTER = frozenset("来來间間以内內中")
_NEGATED = regex.compile(r"[不未没沒無无](?:[会會能得可应應想有曾允]|允许|允許|可能|应该|應該)?$")
_COMPLEMENT = regex.compile(r"[活见見看听聽等拿做达達得想找碰遇赚賺]$")
"""A verb before 不到, which then says that it cannot be done."""
_LONGEST = 4
_BEFORE_NUMBER = regex.compile(rf"(?:{'|'.join(sorted(_BEFORE, key=len, reverse=True))})\s*$")
_AFTER_NOUN = regex.compile(rf"\p{{Han}}{{1,3}}?(?:{'|'.join(_AFTER)})(?![简簡述])")
_AFTER_UNIT = regex.compile(rf"\s?({'|'.join(_AFTER)})(?![简簡述])")


def before(text: str, amount: Amount) -> tuple[Rough | None, int]:
    """Return the roughness that the words before a number say, and where they begin."""
    first = amount.number[0]
    match = _BEFORE_NUMBER.search(text, max(0, first - _LONGEST), first)
    word = match[0].strip() if match else ""
    if not match or (word in _AMBIGUOUS and amount.start == first):
        return None, first
    is_other = _COMPLEMENT if word == "不到" else _NEGATED
    if is_other.search(text, max(0, match.start() - _LONGEST), match.start()):
        return None, first
    return _BEFORE[word], match.start()


def is_latest(text: str, start: int, end: int) -> bool | None:
    """Whether 近 at the start of a number of days or years means the latest ones; None if unsure."""
    if text[start : start + 1] != _LATEST:
        return False
    if text[end : end + 1] in _LATEST_AFTER:
        return True
    return False if text[start - 1 : start] in _NEARLY_BEFORE else None


def after(text: str, at: int) -> tuple[Rough | None, int]:
    """Return the roughness that the words at a position say, and where they end."""
    match = _AFTER_UNIT.match(text, at)
    return (_AFTER[match[1]], match.end()) if match else (None, at)


def is_after_noun(text: str, at: int) -> bool:
    """Whether such words follow behind a noun that is no unit: 20倍以上."""
    return bool(_AFTER_NOUN.match(text, at))

"""Numbers in Chinese text, whole: how rough they are, their magnitude, and their counter or unit."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import regex

from rag.text.scripts import COUNTERS, MANY, MULTIPLIERS, NUMERALS
from rag.types import Span

_DIGITS = r"\d+(?:[,，]\d{3})*(?:[.．]\d+)?"
_HAN = rf"(?:[{NUMERALS}]|[几幾数數](?=[{MULTIPLIERS}])|(?<=十)[几幾])+(?:[点點][{NUMERALS}]+)?"
_PLAIN = rf"(?:{_DIGITS}|{_HAN})(?:[{MANY}几幾]?\s?[{MULTIPLIERS}]+|(?:{_DIGITS}))*"
_ROUGHLY = (
    r"(?:大[约約]|(?<![纽紐北公契签簽条條预預邀节節合])[约約]|[将將接]近|(?<![附最邻鄰亲親])近|超[过過]|逾|至少|最多"
    r"|[多高][达達]|不到|不足|[将將]近|上(?=[百千万萬])|成(?=[百千万萬])"
    rf"|[去今明前當当]年\s?(?=(?:\d{{1,2}}|[{NUMERALS}]{{1,3}})月))\s*"
)
_UNITS = (
    "平方公里 平方千米 平方英里 平方米 平方公尺 立方公尺 立方米 公里 千米 公斤 千克 公吨 公噸 公顷 "
    "公頃 公分 公尺 英里 英尺 英寸 英亩 海里 毫米 厘米 毫克 毫升 微米 纳米 微克 兆瓦 千瓦时 千瓦 "
    "小时 小時 分钟 分鐘 秒钟 秒鐘 个月 個月 个小时 個小時 个星期 個星期 星期 个百分点 個百分點 "
    "百分点 百分點 年代 世纪 世紀 美元 欧元 歐元 英镑 英鎊 日元 日圆 日圓 港元 港币 港幣 台币 台幣 "
    "新台币 新台幣 人民币 人民幣 卢布 盧布 韩元 韓元 加元 澳元 瑞郎 卢比 盧比 美金 周年 週年 岁 歲 "
    "人次 架次 月底 月初 年底 年初"
).split()
_UNIT = "|".join([*sorted(_UNITS, key=len, reverse=True), f"[{COUNTERS}]"])
_AMOUNT = regex.compile(
    rf"(?P<roughly>{_ROUGHLY})?"
    rf"(?P<number>(?:[百千万萬]分之)?{_PLAIN}(?:分之(?:{_DIGITS}|{_HAN}))?[{MANY}]?(?:[%％‰])?)"
    rf"(?P<unit>\s?(?:{_UNIT})[{MANY}半]?)?(?P<about>左右|以上|以下|上下)?"
)
_NOUN = regex.compile(rf"(?<=[\d{MULTIPLIERS}{MANY}])\p{{Han}}{{2}}")
"""A noun after a number, not the rest of a word that begins with a numeral, such as 四川."""

_COUNTED = regex.compile(r"\p{Han}{2}")


class Amount(NamedTuple):
    """A number: its whole range, that of the number alone, and where its unit ends."""

    start: int
    number: Span
    end: int


def find_amounts(text: str, start: int, end: int) -> Iterator[Amount]:
    """Yield the amounts that begin between two positions of the text."""
    for match in _AMOUNT.finditer(text, start, end):
        yield Amount(match.start(), match.span("number"), match.end())


class Counted(NamedTuple):
    """What an amount counts: its unit or counter, and the first two characters of the noun after it."""

    unit: str = ""
    noun: str = ""

    def is_same(self, other: Counted) -> bool:
        """Whether both count the same thing; 6700集装箱 has no counter, 1000多个集装箱 has one."""
        units = {self.unit, other.unit} - {""}
        return bool(self.noun) and self.noun == other.noun and len(units) < 2


def counted(text: str, span: Span) -> Counted:
    """Return what the last amount in a span counts, an empty `Counted` if there is none."""
    result = Counted()
    for amount in find_amounts(text, span[0], len(text)):
        if amount.number[0] >= span[1]:
            break
        noun = _COUNTED.match(text, amount.end)
        result = Counted(text[amount.number[1] : amount.end], noun.group() if noun else "")
    return result


def complete(text: str, span: Span, reach: int) -> Span:
    """Extend a span that cuts an amount, or ends with its number, to the whole amount.

    A span that ends in the first character of the noun after an amount loses that character.
    """
    start, end = span
    for amount in find_amounts(text, max(0, start - reach), min(len(text), end + reach)):
        first, last = amount.number
        if amount.start < start <= first or first < start < last:
            start = amount.start
        if first < end < amount.end:
            end = amount.end
        elif end == amount.end + 1 and start <= first and _NOUN.match(text, amount.end):
            end -= 1
    return start, end

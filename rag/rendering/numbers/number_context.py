"""Whether a number in a Chinese text is an amount, by its form and by what stands beside it.

A numeral may be part of a name (三星, 五角大楼, 万科), digits a year, a code, a time or a rank.
"""

from __future__ import annotations

from fractions import Fraction
from typing import NamedTuple

import regex

from rag.answering.amounts import Amount
from rag.rendering.numbers.units import OWN_CURRENCY, Unit
from rag.text import numerals
from rag.text.scripts import MULTIPLIERS, ONE, ZEROS

_NO_FIRST = frozenset(MULTIPLIERS + ZEROS) - {"十"}
"""Numerals that begin words and round numbers rather than exact ones: 百姓, 万科, 千万."""
_NUMERALS = regex.compile(rf"[{numerals.NUMERALS}点點]+")
_DIGIT_BY_DIGIT = regex.compile("[〇零一二三四五六七八九两兩]{2,}")
_NO_AMOUNT = regex.compile(
    r"\s?(?:[月日号號时時点點:：届屆期章级級楼樓路来來代]|分(?![钟鐘])|[个個]?半|[几幾](?!乎)|年代|世[纪紀]|[周週]年"
    r"|年[级級度]|[位名][数數次]|"
    rf"成?[{numerals.NUMERALS}]|成\d)"
)
"""What follows a date, a time, a rank and other numbers that are no amounts."""
_WORD = regex.compile(r"四[周週](?![前后後来來内內时時])|二[次种種]|[二三]次元|三[种種]人")
"""Words that look like a number with a unit: all around, and not four weeks."""
_RANK_BEFORE = regex.compile(r"(?:[第初高周週期拜]|[一二三四五六七八九]、)\s?$")
_SIGN_BEFORE = regex.compile(
    r"(?:零下|\d比|[\d一二三四五六七八九]成|[第负負−又]|[A-Za-z\d._:/·#\-–—])\s?$"
)
_SIGN_AFTER = regex.compile(r"\s?[A-Za-z_:/+#·×]|[\d比]|[.\-–—,]\d")
_OPENING = frozenset('《〈“「『"(（[【')
_FEW = frozenset("个個名位人枚件家辆輛架艘次种種例宗")
"""Counters after which a single numeral is a number: 三个, but not 三部 (三部曲)."""
_YEAR_LIKE = regex.compile(r"(?:1[5-9]|20|21)\d\d|0\d+")
_ERA_BEFORE = regex.compile(
    r"(?:民[国國]|[西公]元前?|昭和|平成|令和|大正|明治|洪武|永[乐樂]|[万萬][历曆]|崇[祯禎]|[顺順]治|康熙|雍正|乾隆"
    r"|嘉[庆慶]|道光|咸[丰豐]|同治|光[绪緒]|宣[统統])\s?$"
)
_SPELL_AFTER = frozenset("前来來内內间間")
"""What follows a number of years, but not a year."""
_LONGEST_BARE = 4
"""Digits of the longest number that is taken for one without a unit; longer ones are often codes."""


class Number(NamedTuple):
    """A number and its value. `text` has neither 多 nor separators.

    `whole` is 100 for a percentage, 3 for a third, 1 for a plain number. `has_mark` is whether a
    separator, a multiplier or a sign shows that digits are a number.
    """

    amount: Amount
    text: str
    value: Fraction
    whole: int
    has_more: bool
    has_mark: bool

    @property
    def is_marked(self) -> bool:
        """Whether its signs alone show that it is an amount."""
        return self.has_mark or self.whole > 1


def spread(numbers: list[Number]) -> list[Number]:
    """Give the ends of a range the text around both: the unit of the last is that of the first."""
    span = numbers[0].amount.number[0], numbers[-1].amount.number[1]
    whole = max(number.whole for number in numbers)
    return [
        number._replace(amount=number.amount._replace(number=span), whole=whole) for number in numbers
    ]


def is_sure(text: str, number: Number, unit: Unit, is_rough: bool) -> bool:
    """Whether a number is an amount, by what it looks like and what stands beside it."""
    first, last = number.amount.number
    if _NO_AMOUNT.match(text, last) or _SIGN_BEFORE.search(text, max(0, first - 3), first):
        return False
    if number.whole > 1:
        return True
    has_unit = unit.kind != "count" or text.startswith(OWN_CURRENCY, last)
    is_supported = is_rough or number.has_more or has_unit
    if unit.name == "duration-year" and not _is_spell(text, number, unit, is_rough or number.has_more):
        return False
    if _NUMERALS.fullmatch(number.text):
        return _is_sure_numeral(text, number, unit, is_supported)
    return _is_sure_digits(text, number, unit, is_supported)


def _is_spell(text: str, number: Number, unit: Unit, is_rough: bool) -> bool:
    """Whether years are a length of time and not the number of a year."""
    if _ERA_BEFORE.search(text, max(0, number.amount.number[0] - 4), number.amount.number[0]):
        return False
    if not number.text.isascii():
        return not _DIGIT_BY_DIGIT.fullmatch(number.text)
    is_short = number.value < 10 or number.value % 10 == 0
    return number.value < 1000 and (
        is_rough or unit.has_more or text[unit.end : unit.end + 1] in _SPELL_AFTER or is_short
    )


def _is_sure_numeral(text: str, number: Number, unit: Unit, is_supported: bool) -> bool:
    """Whether a numeral of Chinese characters is a number, and not part of a word or a name."""
    first, last = number.amount.number
    written = number.text
    if _RANK_BEFORE.search(text, max(0, first - 2), first) or _DIGIT_BY_DIGIT.fullmatch(written):
        return False
    if written[0] in _NO_FIRST or _WORD.match(text, first):
        return False
    if written == ONE:
        return unit.kind == "measure" and unit.end - last > 1
    if len(written) == 1:
        is_own = unit.kind == "money" and unit.end - last == 1
        return text[last : last + 1] in _FEW or (unit.kind != "count" and not is_own)
    is_alone = len(written) > 2 and not regex.match(r"\p{Han}", text[last : last + 1])
    return is_supported or unit.end > last or is_alone


def _is_sure_digits(text: str, number: Number, unit: Unit, is_supported: bool) -> bool:
    """Whether digits are a number, and not a year, a code or part of a name."""
    first, last = number.amount.number
    if _SIGN_AFTER.match(text, last):
        return False
    if is_supported or number.has_mark:
        return True
    is_item = text[max(0, first - 1) : first] in ("", "\n") and text[last : last + 1].isspace()
    if is_item or _YEAR_LIKE.fullmatch(number.text):
        return False
    if unit.end > last:
        return True
    if not number.text.isdecimal() or len(number.text) > _LONGEST_BARE:
        return False
    is_set_off = text[first - 1 : first] in _OPENING or not regex.match(
        r"\p{Han}", text[last : last + 1]
    )
    return len(number.text) < _LONGEST_BARE or not is_set_off

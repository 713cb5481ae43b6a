"""Numbers with their units in a Chinese text -> exact values, or nothing in doubt.

A numeral may be part of a name (三星, 五角大楼, 万科), a number a year, a code, a time or a rank.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from fractions import Fraction
from typing import Literal, NamedTuple

import regex

from rag.answering.amounts import Amount, find_amounts
from rag.rendering import roughness
from rag.rendering.roughness import Rough
from rag.rendering.units import OWN_CURRENCY, Unit, currency_before, find_unit
from rag.text import numerals
from rag.text.scripts import MANY, MULTIPLIERS, ONE, ZEROS

Kind = Literal["count", "percent", "share", "money", "measure", "age"]

_MARK = regex.compile(rf"[,%{MULTIPLIERS}]")
_MULTIPLIERS = regex.compile(rf"[{MULTIPLIERS}]+$")
_NO_FIRST = frozenset(MULTIPLIERS + ZEROS) - {"十"}
"""Numerals that begin words and round numbers rather than exact ones: 百姓, 万科, 千万."""
_NO_DIGITS = regex.compile(rf"[{MANY},%]")
_NUMERALS = regex.compile(rf"[{numerals.NUMERALS}点點]+")
_DIGIT_BY_DIGIT = regex.compile("[〇零一二三四五六七八九两兩]{2,}")
_JOINT = regex.compile(r"\s?[到至~～\-–—]\s?")
_NO_AMOUNT = regex.compile(
    r"\s?(?:[月日号號时時点點:：届屆期章级級楼樓路来來代]|分(?![钟鐘])|[个個]?半|[几幾](?!乎)|年代|世[纪紀]|[周週]年"
    r"|年[级級度]|[位名][数數次]|"
    rf"[{numerals.NUMERALS}])"
)
"""What follows a date, a time, a rank and other numbers that are no amounts."""
_AROUND = regex.compile(r"四[周週](?![前后後来來内內时時])")
"""All around, and not four weeks."""
_RANK_BEFORE = regex.compile(r"(?:[第初高周週期拜]|[一二三四五六七八九]、)\s?$")
_SIGN_BEFORE = regex.compile(r"(?:零下|\d比|[第负負−又]|[A-Za-z\d._:/·#\-–—])\s?$")
_SIGN_AFTER = regex.compile(r"\s?[A-Za-z_:/+#·×]|[\d比]|[.\-–—,]\d")
_OPENING = frozenset('《〈“「『"(（[【')
_FEW = "个個名位人枚件家辆輛架艘"
"""Counters after which a single numeral is a number: 三个, but not 三部 (三部曲)."""
_YEAR_LIKE = regex.compile(r"(?:1[5-9]|20|21)\d\d|0\d+")
_ERA_BEFORE = regex.compile(
    r"(?:民[国國]|[西公]元前?|昭和|平成|令和|大正|明治|洪武|永[乐樂]|[万萬][历曆]|崇[祯禎]|[顺順]治|康熙|雍正|乾隆"
    r"|嘉[庆慶]|道光|咸[丰豐]|同治|光[绪緒]|宣[统統])\s?$"
)
_SPELL_AFTER = frozenset("前来來内內间間")
"""What follows a number of years, but not a year."""
_LARGEST_WHOLE = 20
"""The largest denominator of a fraction."""
_LONGEST_BARE = 4
"""Digits of the longest number that is taken for one without a unit; longer ones are often codes."""


class Quantity(NamedTuple):
    """An amount in a text: its range, its value or the two ends of its range, and its unit.

    `unit` is an identifier of CLDR or ISO 4217, or a fraction such as "2/3".
    """

    start: int
    end: int
    low: Fraction
    high: Fraction | None
    rough: Rough | None
    kind: Kind
    unit: str


class _Number(NamedTuple):
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


def find_quantities(text: str, currency: str | None) -> Iterator[Quantity]:
    """Yield the amounts of a text whose meaning is sure, in their order.

    `currency` is what a bare 元 means, as a code of ISO 4217.
    """
    group: list[Amount] = []
    for amount in [*find_amounts(text, 0, len(text)), None]:
        if amount and group and _are_joined(text, group[-1], amount):
            group.append(amount)
            continue
        if group and (quantity := _read(text, group, currency)):
            yield quantity
        group = [amount] if amount else []


def _are_joined(text: str, one: Amount, other: Amount) -> bool:
    is_plain = other.start == other.number[0]
    return is_plain and bool(_JOINT.fullmatch(text, one.end, other.start))


def _read(text: str, group: list[Amount], currency: str | None) -> Quantity | None:
    """Return the quantity that an amount, or the two ends of a range, mean."""
    numbers = [number for amount in group if (number := _number(text, amount))]
    if len(numbers) != len(group) or len(group) > 2:
        return None
    rough, start = roughness.before(text, group[0])
    named, last = currency_before(text, start), group[-1].number[1]
    unit = find_unit(text, last, named[0] if named else currency)
    about, end = roughness.after(text, unit.end)
    if rough and unit.name.startswith("duration"):
        is_latest = roughness.is_latest(text, start, end)
        if is_latest is None:
            return None
        rough, start = (None, group[0].number[0]) if is_latest else (rough, start)
    if not all(_is_sure(text, number, unit, bool(rough or about)) for number in numbers):
        return None
    has_more = unit.has_more or any(number.has_more for number in numbers)
    if text[unit.end : unit.end + 1] == "半":
        return None  # 两年半
    if unit.kind == "age" and about is Rough.AT_MOST:
        return None  # 18岁以下 is under 18
    roughs = {each for each in (rough, about, Rough.MORE if has_more else None) if each}
    kind, ends = _kind(numbers[0], numbers[-1], unit), _ends(numbers[0], numbers[-1])
    if len(roughs) > 1 or not kind or not ends:
        return None
    if named and kind[0] == "money" and unit.end - last == len(OWN_CURRENCY):
        start = named[1]
    return Quantity(start, end, *ends, next(iter(roughs), None), *kind)


def _number(text: str, amount: Amount) -> _Number | None:
    """Return the exact value of a number; None if it has none."""
    written = text[slice(*amount.number)]
    number = unicodedata.normalize("NFKC", written).replace(" ", "")
    bare = _NO_DIGITS.sub("", number)
    exact = numerals.value(bare)
    whole = numerals.value(bare.partition("分之")[0]) if "分之" in bare else Fraction(1)
    if exact is None or whole is None or "，" in written or "‰" in written:
        return None
    if "%" in number:
        exact, whole = exact / 100, Fraction(100)
    has_more = bool(regex.search(f"[{MANY}]", number))
    return _Number(amount, bare, exact, int(whole), has_more, bool(_MARK.search(number)))


def _ends(low: _Number, high: _Number) -> tuple[Fraction, Fraction | None] | None:
    """Return the value, or the two ends of a range; None if these are no range."""
    if low is high:
        return low.value, None
    first, last = low.value, high.value
    if low.whole == 1:
        first /= high.whole  # 3到5%
    elif high.whole == 1:
        last /= low.whole  # 百分之三到五
    multiplier = _MULTIPLIERS.search(high.text)
    if multiplier and not regex.search(f"[{MULTIPLIERS}]", low.text):
        scale = numerals.value(multiplier[0]) or 1
        first *= scale if first < last / scale else 1  # 5至6亿
    return (first, last) if first < last else None


def _kind(low: _Number, high: _Number, unit: Unit) -> tuple[Kind, str] | None:
    """Return the kind of a number with a unit, and the identifier of its unit; None if unsure."""
    whole = max(low.whole, high.whole)
    if whole == 1:
        return unit.kind, unit.name
    if whole == 100:
        return "percent", ""
    part = high.value * whole
    is_share = low is high and whole <= _LARGEST_WHOLE and part < whole and part.denominator == 1
    return ("share", f"{part}/{whole}") if is_share else None


def _is_sure(text: str, number: _Number, unit: Unit, is_rough: bool) -> bool:
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


def _is_spell(text: str, number: _Number, unit: Unit, is_rough: bool) -> bool:
    """Whether years are a length of time and not the number of a year."""
    if _ERA_BEFORE.search(text, max(0, number.amount.number[0] - 4), number.amount.number[0]):
        return False
    if not number.text.isascii():
        return not _DIGIT_BY_DIGIT.fullmatch(number.text)
    is_short = number.value < 10 or number.value % 10 == 0
    return number.value < 1000 and (
        is_rough or unit.has_more or text[unit.end : unit.end + 1] in _SPELL_AFTER or is_short
    )


def _is_sure_numeral(text: str, number: _Number, unit: Unit, is_supported: bool) -> bool:
    """Whether a numeral of Chinese characters is a number, and not part of a word or a name."""
    first, last = number.amount.number
    written = number.text
    if _RANK_BEFORE.search(text, max(0, first - 2), first) or _DIGIT_BY_DIGIT.fullmatch(written):
        return False
    if written[0] in _NO_FIRST or _AROUND.match(text, first):
        return False
    if written == ONE:
        return unit.kind == "measure" and unit.end - last > 1
    if len(written) == 1:
        is_own = unit.kind == "money" and unit.end - last == 1
        return text[last : last + 1] in _FEW or (unit.kind != "count" and not is_own)
    is_alone = len(written) > 2 and not regex.match(r"\p{Han}", text[last : last + 1])
    return is_supported or unit.end > last or is_alone


def _is_sure_digits(text: str, number: _Number, unit: Unit, is_supported: bool) -> bool:
    """Whether digits are a number, and not a year, a code or part of a name."""
    first, last = number.amount.number
    if _SIGN_AFTER.match(text, last):
        return False
    if is_supported or number.has_mark:
        return True
    if _YEAR_LIKE.fullmatch(number.text) or not number.text.isdecimal():
        return False
    if unit.end > last or len(number.text) < _LONGEST_BARE:
        return True
    is_set_off = text[first - 1 : first] in _OPENING or not regex.match(
        r"\p{Han}", text[last : last + 1]
    )
    return len(number.text) == _LONGEST_BARE and not is_set_off

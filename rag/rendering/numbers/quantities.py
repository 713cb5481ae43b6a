"""Numbers with their units in a Chinese text -> exact values, or nothing in doubt."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from fractions import Fraction
from typing import Literal, NamedTuple

import regex

from rag.answering.amounts import Amount, find_amounts
from rag.rendering.numbers import roughness
from rag.rendering.numbers.number_context import Number, is_sure, spread
from rag.rendering.numbers.roughness import Rough
from rag.rendering.numbers.units import OWN_CURRENCY, Unit, currency_before, find_unit
from rag.text import numerals
from rag.text.scripts import MANY, MULTIPLIERS

Kind = Literal["count", "percent", "share", "money", "measure", "age"]

_MARK = regex.compile(rf"[,%{MULTIPLIERS}]")
_MULTIPLIERS = regex.compile(rf"[{MULTIPLIERS}]+$")
_NO_DIGITS = regex.compile(rf"[{MANY},%]")
_JOINT = regex.compile(r"\s?[到至~～\-–—]\s?")
_CHANGE = regex.compile(r"[增升涨漲降跌减減扩擴缩縮起挫滑加]\P{P}*$")
_WITHIN = regex.compile(r"之[间間]|不等|的")
_LOOK_BACK = 8
_LARGEST_WHOLE = 20
"""The largest denominator of a fraction."""


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
    if not all(is_sure(text, number, unit, bool(rough or about)) for number in spread(numbers)):
        return None
    if len(numbers) > 1 and not _is_range(text, numbers, unit, currency):
        return None
    has_more = unit.has_more or any(number.has_more for number in numbers)
    if text[unit.end : unit.end + 1] == "半" or (not about and roughness.is_after_noun(text, end)):
        return None  # 两年半, 20倍以上
    if unit.kind == "age" and about is Rough.AT_MOST:
        return None  # 18岁以下 is under 18
    roughs = {each for each in (rough, about, Rough.MORE if has_more else None) if each}
    kind, ends = _kind(numbers[0], numbers[-1], unit), _ends(numbers[0], numbers[-1])
    if len(roughs) > 1 or not kind or not ends:
        return None
    if named and kind[0] == "money" and unit.end - last == len(OWN_CURRENCY):
        start = named[1]
    if unit.kind == "tenth":
        ends = ends[0] / 10, ends[1] / 10 if ends[1] else None
    return Quantity(start, end, *ends, next(iter(roughs), None), *kind)


def _is_range(text: str, numbers: list[Number], unit: Unit, currency: str | None) -> bool:
    """Whether two amounts are the ends of a range, and not a score, or a change and its result."""
    (first, low_end), (_, last) = (number.amount.number for number in numbers)
    is_marked = unit.end > last or any(number.is_marked for number in numbers)
    if not is_marked or unit.has_more or any(number.has_more for number in numbers):
        return False
    own = find_unit(text, low_end, currency)
    is_whole = own.end > low_end or text[low_end - 1] in "%％"
    if not is_whole:
        return True
    if own[:2] != unit[:2] or numbers[0].whole != numbers[1].whole:
        return False
    is_change = _CHANGE.search(text, max(0, first - _LOOK_BACK), first)
    return not is_change or bool(_WITHIN.match(text, unit.end))


def _number(text: str, amount: Amount) -> Number | None:
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
    return Number(amount, bare, exact, int(whole), has_more, bool(_MARK.search(number)))


def _ends(low: Number, high: Number) -> tuple[Fraction, Fraction | None] | None:
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


def _kind(low: Number, high: Number, unit: Unit) -> tuple[Kind, str] | None:
    """Return the kind of a number with a unit, and the identifier of its unit; None if unsure."""
    whole = max(low.whole, high.whole)
    if unit.kind == "tenth":
        return ("percent", "") if whole == 1 and high.value < 10 else None
    if whole == 1:
        return unit.kind, unit.name
    if whole == 100:
        return "percent", ""
    part = high.value * whole
    is_share = low is high and whole <= _LARGEST_WHOLE and part < whole and part.denominator == 1
    return ("share", f"{part}/{whole}") if is_share else None

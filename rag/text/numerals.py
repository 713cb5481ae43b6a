"""Values of the numbers of Chinese text, in digits, numerals or both: 2万5000, 六千七百, 三分之二."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

import regex

from rag.text.scripts import ZEROS

_DIGITS = {
    c: n for n, group in enumerate(f"{ZEROS} 一壹 二两兩 三 四 五 六 七 八 九".split()) for c in group
}
_SMALL = {"十": 10, "百": 100, "千": 1000}
_LARGE = {"万": 10**4, "萬": 10**4, "亿": 10**8, "億": 10**8}
NUMERALS = "".join([*_DIGITS, *_SMALL, *_LARGE])
"""The numerals that have a value, traditional forms included."""
_PART = regex.compile(rf"\d+(?:\.\d+)?|[{NUMERALS}]")
_NUMBER = regex.compile(rf"(?:\d+(?:\.\d+)?|[{NUMERALS}])+")
_DECIMAL = regex.compile(
    rf"(?P<whole>[{NUMERALS}]+)[点點](?P<digits>[{''.join(_DIGITS)}]+)(?P<unit>\D*)"
)


def value(number: str) -> Fraction | None:
    """Return the value of a number in digits, Chinese numerals or both, of a decimal or a share.

    百分之三十四点五 is 0.345. None for another text, and if the number is not exact: 七八 is seven or
    eight.
    """
    whole, is_share, part = number.partition("分之")
    if is_share:
        one, other = value(whole), value(part)
        return other / one if one and other is not None else None
    if decimal := _DECIMAL.fullmatch(number):
        before, unit = value(decimal["whole"]), value(decimal["unit"] or "一")
        tail = Fraction("0." + "".join(str(_DIGITS[digit]) for digit in decimal["digits"]))
        return None if before is None or unit is None else (before + tail) * unit
    return _whole(number) if _NUMBER.fullmatch(number) else None


def _whole(number: str) -> Fraction | None:
    parts = _PART.findall(number)
    digits = [part in _DIGITS and part not in ZEROS for part in parts]
    if set(parts) <= _DIGITS.keys() and (len(parts) == 1 or len(parts) > 2 or "〇" in parts):
        return Fraction("".join(str(_DIGITS[part]) for part in parts))  # a year, digit by digit
    if any(one and other for one, other in pairwise(digits)):
        return None
    if any(one in _LARGE and other in _SMALL for one, other in pairwise(parts)):
        return None  # 400万千瓦: the second belongs to the unit
    total = section = Fraction(0)
    pending: Fraction | None = None
    unit = 1
    for part in parts:
        if part in _LARGE:
            section += pending or 0
            unit = _LARGE[part]
            total = (total + section or Fraction(1)) * unit if total < unit else total + section * unit
            section, pending = Fraction(0), None
        elif part in _SMALL:
            unit = _SMALL[part]
            section += (1 if pending is None else pending) * unit
            pending = None
        else:
            pending = Fraction(_DIGITS.get(part, part))
            if part in ZEROS:
                unit = 1
    if pending and digits[-1] and unit >= 100 and len(parts) > 1:
        pending *= unit // 10  # 一万二 is 12,000
    return total + section + (pending or 0)

from __future__ import annotations

from fractions import Fraction

import pytest

from rag.text.numerals import value


@pytest.mark.parametrize(
    "number, expected",
    [
        ("6700", 6700),
        ("六千七百", 6700),
        ("2万5000", 25_000),
        ("兩萬三千", 23_000),
        ("一万二", 12_000),
        ("17.88亿", 1_788_000_000),
        ("三点五億", 350_000_000),
        ("二〇二四", 2024),
        ("一百零二", 102),
        ("十", 10),
        ("百分之三十四点五", Fraction(345, 1000)),
        ("百分之13.3", Fraction(133, 1000)),
        ("三分之二", Fraction(2, 3)),
    ],
)
def test_value_of_a_number_is_exact(number: str, expected: Fraction | int) -> None:
    assert value(number) == expected


@pytest.mark.parametrize("text", ["七八", "", "第三", "abc", "分之二", "三点", "零分之一", "400万千"])
def test_value_of_another_text_is_none(text: str) -> None:
    assert value(text) is None

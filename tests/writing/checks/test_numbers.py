"""Numbers of sentences in any language."""

from __future__ import annotations

from fractions import Fraction

import pytest

from rag.writing.checks import numbers


def values(text: str, language: str) -> list[set[Fraction]]:
    return [set(figure.values) for figure in numbers.find_figures(text, language)]


@pytest.mark.parametrize(
    ("text", "language", "value"),
    [
        ("66 million people", "en", 66_000_000),
        ("6,700 containers", "en", 6700),
        ("6.700 Container", "de", 6700),
        ("6 700 conteneurs", "fr", 6700),
        ("3,1 Milliarden Dollar", "de", 3_100_000_000),
        ("mil millones", "es", None),
        ("1,81 трлн юаней", "ru", 1_810_000_000_000),
        ("двух миллионов", "ru", 2_000_000),
        ("a million dollars", "en", 1_000_000),
        ("6만 7천", "ko", 67_000),
        ("670万", "ja", 6_700_000),
        ("١٢٣", "ar", 123),
        ("118万亿", "zh", 118 * 10**12),
        ("三百二十", "zh", 320),
        ("COVID-19", "en", None),
        ("코로나19", "ko", None),
        ("统一", "zh", None),
    ],
)
def test_find_figures_value(text: str, language: str, value: int | None) -> None:
    assert values(text, language) == ([] if value is None else [{Fraction(value)}])


@pytest.mark.parametrize(
    ("said", "language", "passage", "is_there"),
    [
        ("about 7,000", "en", "6700个", True),
        ("7,000", "en", "6700个", False),
        ("more than 6,000", "en", "6700个", True),
        ("about 6,900", "en", "6700个", False),
        ("nearly 10 billion", "en", "10亿", False),
        ("12.3 million", "en", "1228万9840例", True),
        ("34.5%", "en", "百分之三十四点五", True),
        ("34.5 kilometres", "en", "34.5%", False),
        ("70%", "en", "七成", True),
        ("two thirds", "en", "三分之二", True),
        ("12 meters", "en", "12公里", False),
        ("12 km", "en", "12公里", True),
        ("US$ 500 million", "en", "5亿元", False),
        ("500 million yuan", "en", "5亿元", True),
    ],
)
def test_is_among_compares_values_units_and_roundings(
    said: str, language: str, passage: str, is_there: bool
) -> None:
    found = numbers.evidence(passage, "zh-Hans")
    assert all(numbers.is_among(f, found) for f in numbers.find_figures(said, language)) is is_there

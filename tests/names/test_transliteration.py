"""Pinyin of Chinese personal names."""

from __future__ import annotations

import pytest

from rag.names.transliteration import transliterate


@pytest.mark.parametrize(
    ("chinese", "pinyin"),
    [
        ("刘忆佳", "Liu Yijia"),
        ("劉憶佳", "Liu Yijia"),
        ("单田芳", "Shan Tianfang"),
        ("曾庆红", "Zeng Qinghong"),
        ("欧阳修文", "Ouyang Xiuwen"),
        ("张西安", "Zhang Xi'an"),
        ("吕忆佳", "Lü Yijia"),
    ],
)
def test_transliterate_personal_name_gives_pinyin(chinese: str, pinyin: str) -> None:
    assert transliterate(chinese) == pinyin


@pytest.mark.parametrize(
    "chinese",
    [
        "贝克托尔",
        "马克龙",
        "王国",
        "高速",
        "金融",
        "方面",
        "周年",
        "安全",
        "石油",
        "江西",
        "刘",
        "约6700",
        "",
        "Liu",
    ],
)
def test_transliterate_what_is_no_chinese_name_gives_nothing(chinese: str) -> None:
    assert transliterate(chinese) == ""

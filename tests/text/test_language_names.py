"""Languages as people name them."""

from __future__ import annotations

import pytest

from rag.text.language_names import find_tag

KNOWN = ["zh-Hans", "zh-Hant", "en"]


@pytest.mark.parametrize(
    ("name", "tag"),
    [
        ("zh-CN", "zh-Hans"),
        ("zh_TW", "zh-Hant"),
        ("zh-hant-HK", "zh-Hant"),
        ("ZH", "zh"),
        ("Chinese", "zh"),
        ("chinois", "zh"),
        ("中文", "zh"),
        ("简体中文", "zh-Hans"),
        ("Traditional Chinese", "zh-Hant"),
        ("English", "en"),
        ("en-GB", "en"),
        (" en ", "en"),
    ],
)
def test_find_tag_of_a_language_that_is_known_finds_it(name: str, tag: str) -> None:
    assert find_tag(name, KNOWN) == tag


@pytest.mark.parametrize("name", ["fr", "French", "", "z", "zh%", "x" * 999, "en' OR 1=1 --"])
def test_find_tag_of_another_language_is_none(name: str) -> None:
    assert find_tag(name, KNOWN) is None

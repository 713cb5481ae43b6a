"""Tests of `rag.writing.languages`."""

from __future__ import annotations

import pytest

from rag.writing.languages import language_of


@pytest.mark.parametrize(
    ("question", "language"),
    [
        ("how many containers did Pyongyang ship?", "en"),
        ("Сколько контейнеров отправил Пхеньян?", "ru"),
        ("평양은 컨테이너를 몇 개 보냈나?", "ko"),
        ("朝鲜运送了多少集装箱？", "zh-Hans"),
        ("朝鮮運送了多少貨櫃？", "zh-Hant"),
        ("中文", "zh-Hans"),
        ("2024?", "en"),
    ],
)
def test_language_to_write_in_is_that_of_the_question(question: str, language: str) -> None:
    assert language_of(question) == language

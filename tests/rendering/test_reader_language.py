"""Tests of `rag.rendering.reader_language`."""

from __future__ import annotations

import pytest

from rag.rendering.reader_language import reader_language


@pytest.mark.parametrize(
    ("question", "language"),
    [
        ("how many containers did Pyongyang ship?", "en"),
        ("Combien de conteneurs Pyongyang a-t-il expédiés ?", "fr"),
        ("Сколько контейнеров отправил Пхеньян?", "ru"),
        ("كم عدد الحاويات التي أرسلتها بيونغ يانغ؟", "ar"),
        ("平壌は何個のコンテナを送ったか", "ja"),
        ("평양은 컨테이너를 몇 개 보냈나?", "ko"),
        ("朝鲜运了多少集装箱？", ""),
        ("北韓運了多少貨櫃？", ""),
        ("2024?", ""),
    ],
)
def test_reader_language_is_that_of_the_question(question: str, language: str) -> None:
    assert reader_language(question) == language


@pytest.mark.parametrize(
    ("question", "language"),
    [("Bechtol", "en"), ("Kim Jong Un", "en"), ("Шойгу", "ru"), ("كم", "ar"), ("ショイグ", "ja")],
)
def test_reader_language_of_names_is_that_of_their_script(question: str, language: str) -> None:
    assert reader_language(question) == language


def test_reader_language_of_close_relatives_is_the_widespread_one() -> None:
    assert reader_language("Qual é a altitude máxima de Tuvalu?") == "pt"

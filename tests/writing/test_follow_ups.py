"""Tests of `rag.writing.follow_ups`."""

from __future__ import annotations

import pytest

from rag.writing.follow_ups import is_follow_up
from rag.writing.prompts import Turn

TURNS = [Turn("how many containers did Pyongyang ship?", "约6700")]


@pytest.mark.parametrize(
    "question",
    [
        "and how many shells?",
        "And when?",
        "what about Iran?",
        "Why?",
        "how many containers did it ship?",
        "when did they meet?",
        "et combien d'obus ?",
        "und wann?",
        "¿y cuántos?",
        "а сколько снарядов?",
        "а где они?",
        "那么炮弹呢？",
        "俄罗斯呢？",
        "他什么时候说的？",
        "为什么？",
        "还有别的国家吗？",
        "それはいつですか",
        "그럼 러시아는?",
    ],
)
def test_question_that_continues_a_conversation_is_a_follow_up(question: str) -> None:
    assert is_follow_up(question, TURNS)
    assert not is_follow_up(question, [])


@pytest.mark.parametrize(
    "question",
    [
        "how many containers did Pyongyang ship?",
        "how many ships does Iran have in its navy?",
        "why did Russia buy shells?",
        "Andalusia drought",
        "E-commerce growth in 2024",
        "Is there a war?",
        "y2k",
        "Combien y a-t-il de conteneurs ?",
        "Qual è il numero di container?",
        "Hvad er det største?",
        "Италия и Албания",
        "其他国家怎么说？",
        "他信什么时候回国？",
        "那不勒斯发生了什么？",
        "犹他州的选举",
        "朝鲜为什么要向俄罗斯运送集装箱呢？",
        "그리스 총선 결과",
    ],
)
def test_whole_question_is_no_follow_up(question: str) -> None:
    assert not is_follow_up(question, TURNS)

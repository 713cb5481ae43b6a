"""Concurrent questions, computed together by the real models, get the results they get alone."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

import rag
from rag.embedding.encoder import SentenceEncoder
from rag.types import Answer

QUESTIONS = (
    "how many containers did Pyongyang ship?",
    "平壤希望从莫斯科那里得到什么？",
    "Who is the defence minister of South Korea?",
    "朝鲜向俄罗斯运送了多少个集装箱？",
    "Сколько контейнеров отправила Северная Корея?",
    "谁访问了莫斯科？",
    "Wie viele Container hat Nordkorea verschickt?",
    "What is the capital of Australia?",
)


def outcome(answer: Answer) -> tuple[object, ...]:
    return answer.text, answer.start, answer.end, [hit.passage.id for hit in answer.hits]


@pytest.mark.model
def test_ask_from_eight_threads_equals_ask_from_one(assistant: rag.Assistant) -> None:
    alone = [assistant.ask(question) for question in QUESTIONS]
    with ThreadPoolExecutor(8) as pool:
        for _ in range(3):
            for one, found in zip(alone, pool.map(assistant.ask, QUESTIONS), strict=True):
                assert outcome(found) == outcome(one)
                assert found.confidence == pytest.approx(one.confidence, abs=5e-3)
                scores = [[hit.score for hit in answer.hits] for answer in (found, one)]
                assert scores[0] == pytest.approx(scores[1], abs=2e-3)


@pytest.mark.model
def test_read_of_concurrent_questions_equals_read_alone(assistant: rag.Assistant) -> None:
    hits = [assistant.search(question) for question in QUESTIONS]
    alone = [assistant.read(question, found) for question, found in zip(QUESTIONS, hits, strict=True)]
    with ThreadPoolExecutor(8) as pool:
        for _ in range(3):
            assert list(pool.map(assistant.read, QUESTIONS, hits)) == alone


@pytest.mark.model
def test_encode_of_concurrent_questions_equals_encode_alone() -> None:
    encoder = SentenceEncoder()
    alone = np.stack([encoder.encode_queries([question])[0] for question in QUESTIONS])
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(lambda question: encoder.encode_queries([question])[0], QUESTIONS))
    assert (np.stack(together) * alone).sum(axis=1).min() >= 0.9999
    assert alone.shape == (8, encoder.dim)
    assert np.allclose(np.linalg.norm(together, axis=1), 1, atol=1e-5)

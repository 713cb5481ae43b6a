from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from support.doubles import HashEncoder

from rag.errors import ModelMismatch, QuestionError
from rag.i18n.translator import Translator
from rag.index.faiss_index import Index
from rag.retrieval.ranking import Weights
from rag.retrieval.retriever import Retriever, check_question
from rag.types import Filter, Vectors


@pytest.mark.parametrize(
    ("question", "code", "parameters"),
    [
        ("", "question-empty", {}),
        ("？！…", "question-empty", {}),
        ("问" * 2001, "question-too-long", {"length": 2001, "limit": 2000}),
        (5, "question-not-text", {"type": "int"}),
        ("半\ud83d", "question-not-unicode", {}),
    ],
)
def test_check_question_names_the_fault_by_code(
    question: str, code: str, parameters: dict[str, object]
) -> None:
    with pytest.raises(QuestionError) as raised:
        check_question(question)
    assert (raised.value.code, raised.value.parameters) == (code, parameters)
    assert Translator("zh-Hans").error(raised.value) != str(raised.value)


def test_retriever_of_another_model_names_both(index: Path) -> None:
    opened = Index.open(index)
    with pytest.raises(ModelMismatch) as raised:
        Retriever(opened, HashEncoder(name="other"))
    assert raised.value.code == "model-mismatch"
    assert raised.value.parameters == {"stored": "hash", "current": "other"}


def test_search_without_keyword_and_date_weights_is_similarity_alone(index: Path) -> None:
    opened, encoder = Index.open(index), HashEncoder()
    question = "2024年3月运送了多少集装箱？"
    ((hit, *_),) = Retriever(opened, encoder).search([question], 3)
    ((plain, *_),) = Retriever(opened, encoder, Weights(keyword=0.0, date=0.0)).search([question], 3)
    ((dated, *_),) = Retriever(opened, encoder, Weights(keyword=0.0)).search([question], 3)
    assert hit.passage == plain.passage == dated.passage
    assert dated.score - plain.score == pytest.approx(0.05)
    assert 0 < hit.score - dated.score <= 0.15


class ListeningEncoder(HashEncoder):
    """Remembers the questions; its usual case is small letters."""

    def __init__(self) -> None:
        super().__init__()
        self.heard: list[str] = []

    def restore_case(self, question: str) -> str:
        return question.lower()

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        self.heard += texts
        return super().encode_queries(texts)


def test_a_question_that_is_searched_for_again_is_encoded_once(index: Path) -> None:
    encoder = ListeningEncoder()
    retriever = Retriever(Index.open(index), encoder)
    (alone,) = retriever.search(["how many ships"], 3)
    (filtered,) = retriever.search(["How many ships?"], 3, Filter(language="zh"))
    assert filtered == alone
    assert encoder.heard == ["how many ships?"]


def test_a_question_is_encoded_in_its_usual_form(index: Path) -> None:
    encoder = ListeningEncoder()
    retriever = Retriever(Index.open(index), encoder)
    typed = [
        "How many ships",
        "HOW MANY SHIPS??",
        '"How many ships?"',
        "Please: how  many ships",
        "how many ships？",
    ]
    results = retriever.search(typed, 3)
    assert encoder.heard == ["how many ships?"] * len(typed)
    assert all(hits == results[0] for hits in results)

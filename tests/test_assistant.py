from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from support.doubles import HashEncoder, PatternReader

import rag
from rag.errors import IndexMissing, ModelMismatch, QuestionError


def test_ask_has_the_reader_read_what_the_search_finds(archive: str) -> None:
    assistant = rag.load(archive, HashEncoder(), PatternReader())
    answer = assistant.ask("运送了约6700个集装箱")
    assert list(answer.hits) == assistant.search("运送了约6700个集装箱", 5)
    assert answer.hit == answer.hits[0]
    assert answer.text == answer.hit.passage.text[answer.start : answer.end] == "6700"


def test_hits_are_best_first_and_no_more_than_asked_for(archive: str) -> None:
    hits = rag.load(archive, HashEncoder()).search("樱花", 2)
    assert hits[0].passage.article_id == "b"
    assert hits[0].score > hits[1].score
    assert len(hits) == 2


def test_k_beyond_the_corpus_returns_all(archive: str) -> None:
    assistant = rag.load(archive, HashEncoder())
    assert len(assistant.search("樱花", 10**6)) == assistant.manifest.passages == 3


@pytest.mark.parametrize("k", [0, -1])
def test_k_below_one_is_a_mistake(archive: str, k: int) -> None:
    with pytest.raises(ValueError, match=f"k must be at least 1, not {k}"):
        rag.load(archive, HashEncoder()).search("樱花", k)


@pytest.mark.parametrize("question", [None, 5, ["樱花"], {"image": "/etc/passwd"}, b"x", "半\ud83d"])
def test_what_is_not_text_is_refused(archive: str, question: Any) -> None:
    with pytest.raises(QuestionError, match="The question is not"):
        rag.load(archive, HashEncoder()).ask(question)


@pytest.mark.parametrize("question", ["", "  \n", "\u200b", "？！…"])
def test_a_blank_question_is_said_to_be_empty(archive: str, question: str) -> None:
    with pytest.raises(QuestionError, match="The question is empty"):
        rag.load(archive, HashEncoder()).ask(question)


def test_a_very_long_question_is_refused_with_both_numbers(archive: str) -> None:
    assistant = rag.load(archive, HashEncoder())
    with pytest.raises(QuestionError, match=r"100,000 characters, the limit is 2,000"):
        assistant.search("问" * 100_000)
    assert assistant.search("问" * 2000)


def test_a_batch_is_the_searches_one_by_one(archive: str) -> None:
    assistant = rag.load(archive, HashEncoder())
    questions = ["集装箱的弹药", "樱花", "奥运会的开幕式", "樱花"]
    batch = assistant.search_batch(questions, 3)
    for question, hits in zip(questions, batch, strict=True):
        alone = assistant.search(question, 3)
        assert [hit.passage.id for hit in hits] == [hit.passage.id for hit in alone]
        assert np.allclose([hit.score for hit in hits], [hit.score for hit in alone], atol=1e-6)
    assert assistant.search_batch([], 3) == []
    with pytest.raises(QuestionError):
        assistant.search_batch(["樱花", ""], 3)


def test_another_model_is_named_on_both_sides(archive: str) -> None:
    with pytest.raises(ModelMismatch, match=r"built with the model hash, but other is in use"):
        rag.load(archive, HashEncoder(name="other"))


def test_the_same_name_with_other_weights_is_noticed(archive: str) -> None:
    assistant = rag.load(archive, HashEncoder(fingerprint="hash-2"))
    with pytest.raises(ModelMismatch, match=r"hash-1.*hash-2.*`rag build`"):
        assistant.search("樱花")


def test_many_threads_get_the_answers_of_one(archive: str) -> None:
    assistant = rag.load(archive, HashEncoder())
    questions = ["集装箱的弹药", "樱花", "奥运会的开幕式"]
    expected = {question: assistant.search(question) for question in questions}
    wrong: list[str] = []

    def work(at: int) -> None:
        for turn in range(30):
            question = questions[(at + turn) % 3]
            if assistant.search(question) != expected[question]:
                wrong.append(question)

    threads = [threading.Thread(target=work, args=(at,)) for at in range(8)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert wrong == []


def test_the_one_liner_needs_an_index(tmp_path: Path) -> None:
    with pytest.raises(IndexMissing):
        rag.search("集装箱", index=tmp_path / "none")


@pytest.mark.model
def test_the_one_liner_follows_a_new_build(seeds_index: Path, tmp_path: Path) -> None:
    import shutil

    folder = shutil.copytree(seeds_index, tmp_path / "index")
    assert (
        rag.search("how many containers did Pyongyang ship?", index=folder)[0].passage.source
        == "gnews.org"
    )
    kept = [a for a in rag.read_seeds(Path(__file__).parents[1] / "seeds") if a.source != "gnews.org"]
    assert rag.build(kept, folder).encoded == 0
    assert (
        rag.search("how many containers did Pyongyang ship?", index=folder)[0].passage.source
        == "www.rfi.fr"
    )

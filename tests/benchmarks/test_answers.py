"""How the benchmark judges answers."""

from __future__ import annotations

import pytest
from support.reading import make_hit

from benchmarks.answers import accepted, calibration_error, f1, half_left_out, plain
from benchmarks.sets import Query
from rag.types import Answer, Hit


@pytest.mark.parametrize(
    "answer, right",
    [
        ("6700", "约6700集装箱"),
        ("约6700 集装箱的弹药", "6700集装箱"),
        ("Ａｕｒｕｓ", "aurus"),
        ("耶鲁", "耶鲁大学"),
        ("日", "日"),
    ],
)
def test_accepted_if_one_string_contains_the_other(answer: str, right: str) -> None:
    assert accepted(answer, ["别的", right])


@pytest.mark.parametrize(
    "answer, right",
    [
        ("", "6700"),
        ("6", "6700"),
        ("00", "6700"),
        ("700", "6700个"),
        ("日", "日本"),
        ("1000", "6700"),
        ("6700" + "字" * 40, "6700"),
    ],
)
def test_not_accepted_if_neither_string_contains_the_other(answer: str, right: str) -> None:
    assert not accepted(answer, [right])
    assert not accepted(answer, [])


def test_a_sentence_may_be_longer() -> None:
    assert accepted("6700" + "字" * 40, ["6700"], longest=120)


class Archive:
    """Finds its articles in order, and answers 答 from the first if it is the right one."""

    def search(self, question: str, k: int) -> list[Hit]:
        return [make_hit(f"答 {name}", name=name) for name in "abcdefgh"][:k]

    def read(self, question: str, hits: list[Hit]) -> Answer:
        hit = hits[0] if hits[0].passage.article_id == "a" else None
        text = "答" if hit else ""
        self.read_hits = hits
        return Answer(question, text, hit, 0, len(text), 0.75, tuple(hits))


def test_half_left_out_hides_the_articles_that_answer_every_second_question() -> None:
    archive = Archive()
    queries = [Query("?", "zh", frozenset(["a"]), ("答",))] * 4
    figures = half_left_out(archive, queries)["half left out"]
    assert len(archive.read_hits) == 5
    assert (figures["n"], figures["Answered"], figures["Refusal recall"]) == (4, 1, 1)
    assert figures["Probably right"] == 1
    never = [Query("?", "zh", frozenset(["z"]), ("答",))] * 4
    assert half_left_out(archive, never)["half left out"]["Refusal recall"] == 0


def test_f1_counts_characters_without_punctuation() -> None:
    assert f1("《纽约时报》", "纽约时报") == 1
    assert f1("纽约时报", "纽约") == pytest.approx(2 * 2 / 6)
    assert f1("", "纽约") == 0
    assert plain("Ａ b，1。") == "ab1"


def test_calibration_error_compares_confidence_with_the_share_of_right_answers() -> None:
    assert calibration_error([(0.75, True)] * 3 + [(0.75, False)]) == pytest.approx(0)
    assert calibration_error([(0.9, False)] * 2) == pytest.approx(0.9)
    assert calibration_error([(0.9, True), (0.1, True)]) == pytest.approx(0.5)
    assert calibration_error([]) == 0

"""What the reader answers, with a network that finds patterns, and which files it refuses."""

from __future__ import annotations

import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import save_file
from support.reading import PatternNetwork, make_hit, make_reader

from rag.answering import reader
from rag.answering.reader import SpanReader
from rag.errors import ModelError
from rag.types import Hit


def test_read_quotes_the_better_hit() -> None:
    hits = [
        make_hit("东京的樱花。"),
        make_hit("运送了约6700个集装箱。", name="b"),
        make_hit("有12个集装箱。", 0.6, "c"),
    ]
    answer = make_reader().read("多少集装箱？", hits)
    assert answer.text == "约6700个集装箱"
    assert answer.hit is hits[1]
    assert answer.hit.passage.text[answer.start : answer.end] == answer.text
    odds = [np.exp(3), np.exp(2.9)]  # the first hit has no number
    assert answer.confidence == pytest.approx(odds[0] / (1 + sum(odds)), abs=1e-6)
    assert list(answer.hits) == hits


def test_read_without_likely_answer_gives_the_hits_only() -> None:
    hits = [make_hit("东京的樱花。"), make_hit("巴黎的开幕式。", name="b")]
    answer = make_reader().read("哪里开花？", hits)
    assert (answer.text, answer.hit, answer.start, answer.end) == ("", None, 0, 0)
    assert answer.confidence == pytest.approx(np.exp(-3) / (1 + 2 * np.exp(-3)), abs=1e-6)
    assert list(answer.hits) == hits
    assert make_reader(threshold=0.01).read("哪里开花？", hits).text
    assert make_reader().read("哪里开花？", []).hits == ()


def test_read_adds_up_the_probabilities_of_equivalent_answers() -> None:
    hits = [
        make_hit("运送了1000个集装箱。", 0.8),
        *(make_hit(f"{n}个集装箱。", 0.7, n) for n in ("6700", "六千七百")),
    ]
    answer = make_reader("[0-9六千七百]+个集装箱").read("多少集装箱？", hits)
    assert answer.text == "6700个集装箱"
    odds = [np.exp(3), np.exp(2.9), np.exp(2.9)]
    assert answer.confidence == pytest.approx(sum(odds[1:]) / (1 + sum(odds)), abs=1e-6)
    assert [other.text for other in answer.alternatives] == ["1000个集装箱"]


def test_read_gives_one_alternative_per_article_and_answer_newest_first() -> None:
    day = [datetime(2024, month, 1, tzinfo=UTC) for month in (1, 2, 3)]
    hits = [
        make_hit("运送了约6700个集装箱。", 0.9, published=day[1]),
        make_hit("运送了1000多个集装箱。", 0.8, "b", published=day[0]),
        make_hit("运送了３个集装箱。3个集装箱", 0.8, "c", published=None),
        make_hit("运送了6,700个集装箱，6700个集装箱。", 0.8, "d", published=day[2]),
        make_hit("运送了8000个集装箱。", 0.7, "e", published=day[2]),
        make_hit("运送了1000个集装箱。", 0.7, "f", published=day[2]),
        make_hit("樱花。", 0.7, "g"),
    ]
    again = Hit(make_hit("运送了50个集装箱。").passage, 0.7, (0, 1))
    answer = make_reader("[0-9][0-9,]*多?个集装箱", threshold=0.2).read("多少集装箱？", [*hits, again])
    assert answer.text == "约6700个集装箱"
    assert [other.text for other in answer.alternatives] == [
        "8000个集装箱",
        "1000多个集装箱",
        "3个集装箱",
    ]
    for other in answer.alternatives:
        assert other.hit.passage.text[other.start : other.end] == other.text


def test_read_shows_a_less_likely_number_of_the_same_thing_only() -> None:
    hits = [
        make_hit("运送了约6700个集装箱。", 0.9),
        make_hit("运送了1000多个集装箱。", 0.4, "b"),
        make_hit("运送了8000箱炮弹。", 0.4, "c"),
    ]
    answer = make_reader("[0-9]+多?[个箱]", threshold=0.2, other=50.0).read("多少集装箱？", hits)
    assert [other.text for other in answer.alternatives] == ["1000多个"]


def test_read_gives_the_sentence_if_the_question_wants_one() -> None:
    hit = make_hit("船停了。因为港口结冰，船长等到三月。樱花开了。")
    answer = make_reader(PatternNetwork("港口结冰", is_open=True)).read("为什么停船？", [hit])
    assert (answer.kind, answer.text) == ("sentence", "因为港口结冰，船长等到三月。")
    assert hit.passage.text[slice(*answer.focus)] == "港口结冰"
    assert (answer.start, answer.end) == answer.sentence
    assert answer.alternatives == ()


def test_read_gives_the_range_of_the_sentence_of_a_short_answer() -> None:
    hit = make_hit("船停了。港口有12个集装箱，樱花开了。")
    answer = make_reader().read("多少集装箱？", [hit])
    assert (answer.kind, answer.text) == ("span", "12个集装箱")
    assert answer.focus == (answer.start, answer.end)
    assert hit.passage.text[slice(*answer.sentence)] == "港口有12个集装箱，樱花开了。"


def test_read_names_the_other_articles_that_agree() -> None:
    hits = [
        make_hit("有6700个集装箱。"),
        make_hit("共6,700个集装箱。", 0.6, "b"),
        make_hit("5个集装箱", 0.5, "c"),
    ]
    answer = make_reader("[0-9,]+个集装箱", threshold=0.1).read("多少集装箱？", hits)
    assert list(answer.supporting) == [hits[1]]
    assert [other.text for other in answer.alternatives] == ["5个集装箱"]


@pytest.mark.parametrize(
    ("question", "expected"), [("最新有多少集装箱？", "9个集装箱"), ("有多少集装箱？", "8个集装箱")]
)
def test_read_prefers_the_newest_answer_if_the_question_asks_for_it(
    question: str, expected: str
) -> None:
    older, newer = (datetime(2024, month, 1, tzinfo=UTC) for month in (1, 5))
    hits = [
        make_hit("有8个集装箱。", 0.7, published=older),
        make_hit("有9个集装箱。", 0.6, "b", published=newer),
    ]
    assert make_reader(threshold=0.1).read(question, hits).text == expected


def test_a_greeting_gets_passages_alone() -> None:
    hits = [make_hit("有8个集装箱。")]
    answer = make_reader(threshold=0.0).read("Hello!", hits)
    assert (answer.text, list(answer.hits)) == ("", hits)


def test_a_reader_of_another_model_or_damaged_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "reader.safetensors"
    save_file({"x": np.zeros(1)}, path, {"base": "another"})
    with pytest.raises(ModelError, match=r"trained on the model another, but.*train_reader") as refusal:
        SpanReader(path).read("?", [make_hit("东京的樱花。")])
    assert refusal.value.code == "reader-model-mismatch"
    assert refusal.value.parameters["base"] == "another"
    path.write_bytes(b"nothing")
    with pytest.raises(ModelError, match="The reader cannot be loaded") as refusal:
        SpanReader(path).read("?", [make_hit("东京的樱花。")])
    assert refusal.value.code == "reader-unreadable"


def test_loading_ahead_takes_a_thread_of_its_own_and_leaves_a_damage_to_the_reading(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    loaded = list[threading.Thread]()
    load = reader.load_model

    def watched(*values: Any) -> reader.SpanModel:
        loaded.append(threading.current_thread())
        return load(*values)

    monkeypatch.setattr(reader, "load_model", watched)
    path = tmp_path / "reader.safetensors"
    path.write_bytes(b"nothing")
    damaged = SpanReader(path)
    damaged.load_ahead()
    for thread in threading.enumerate():
        if thread.name == "rag-reader":
            thread.join()
    assert [thread.name for thread in loaded] == ["rag-reader"]
    with pytest.raises(ModelError, match="The reader cannot be loaded"):
        damaged.read("?", [make_hit("东京的樱花。")])
    make_reader().load_ahead()
    assert len(loaded) == 2

"""Which part of a passage is read, and which span of it is the candidate."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pytest
from support.reading import CharacterTokenizer, PatternNetwork, make_hit, make_reader

from rag.answering.span_boundaries import LONGEST
from rag.answering.span_scoring import TokenWindow, best_span, token_windows
from rag.types import Hit, Passage, Span


def test_best_span_prefers_the_highlight() -> None:
    text = "甲说有50个集装箱。乙说有60个集装箱。"
    for start, expected in ((0, "50个集装箱"), (10, "60个集装箱")):
        reader = make_reader(PatternNetwork("[56]0个集装箱", every=True))
        passage = make_hit(text).passage
        assert reader.read("多少？", [Hit(passage, 0.7, (start, start + 10))]).text == expected


def long_hit(at: int, highlight: Span) -> Hit:
    text = "文" * at + "有77个集装箱" + "字" * (1200 - at)
    passage = Passage("a#1", "a", "", "", text, 0, len(text), None, "", "zh-Hans")
    return Hit(passage, 0.7, highlight)


@pytest.mark.parametrize("at", range(0, 1200, 37))
def test_an_answer_anywhere_in_a_long_highlight_is_found(at: int) -> None:
    network = PatternNetwork("[0-9]+多?个集装箱")
    answer = make_reader(network).read("问" * 500, [long_hit(at, (0, 1207))])
    assert (answer.text, answer.start) == ("77个集装箱", at + 1)
    assert network.longest <= 320


@pytest.mark.parametrize("at", [0, 3, 600, 1199])
@pytest.mark.parametrize("beside", [-60, 0, 60])
def test_an_answer_beside_the_highlight_is_found_and_a_far_one_is_not(at: int, beside: int) -> None:
    start = min(max(0, at + beside), 1190)
    assert make_reader().read("多少？", [long_hit(at, (start, start + 10))]).text == "77个集装箱"
    far = (at + 600) % 1200
    assert make_reader().read("多少？", [long_hit(at, (far, far + 5))]).text == ""


def test_best_span_is_short_and_in_one_paragraph() -> None:
    text = "有12个\n集装箱。" + "长" * 100
    for pattern in ("12个\n集装箱", "长+", ".+"):
        answer = make_reader(pattern, threshold=0.0).read("多少？", [make_hit(text)])
        assert 0 < len(answer.text) <= LONGEST
        assert "\n" not in answer.text


@pytest.mark.parametrize("text", ["……！？", "=====", "\u200b", "x" * 100])
def test_a_passage_without_words_has_no_answer(text: str) -> None:
    answer = make_reader(".+", threshold=0.0).read("多少？", [make_hit(text)])
    assert (answer.text, answer.hit, answer.confidence) == ("", None, 0)


def test_a_text_that_spells_a_special_token_is_text() -> None:
    text = "\1有12个集装箱\2\2"
    assert make_reader(threshold=0.0).read("多少\2\2？", [make_hit(text)]).text == "12个集装箱"


def window(text: str, highlight: Span | None = None) -> TokenWindow:
    """The window of a short passage, whose tokens are its characters."""
    hit = make_hit(text)
    hit = Hit(hit.passage, hit.score, highlight or hit.highlight)
    (found,) = token_windows(CharacterTokenizer(), "?", [hit])
    return found


def logits_of(read: TokenWindow, **places: float) -> np.ndarray:
    """Logits of 0, except for `start_N` and `end_N`: those of a character of the passage."""
    logits = np.zeros((len(read.ids), 4), np.float32)
    for name, value in places.items():
        side, number = name.split("_")
        logits[read.lead + int(number), ["start", "end"].index(side)] = value
    return logits


def test_best_span_subtracts_the_logits_of_no_answer() -> None:
    read = window("有77个集装箱")
    logits = logits_of(read, start_1=3, end_2=2)
    logits[0] = [1, 0.5, -2, 4]
    candidate = best_span(read, logits, None)
    assert candidate is not None
    assert (candidate.text, candidate.margin) == ("77个", 3.5)
    assert (candidate.answered, candidate.wants_sentence) == (-2, 4)


def test_a_window_has_the_day_and_the_title_before_the_passage() -> None:
    hit = make_hit("有77个集装箱", title="船", published=datetime(2024, 2, 27, tzinfo=UTC))
    (read,) = token_windows(CharacterTokenizer(), "?", [hit])
    assert "".join(map(chr, read.ids)) == "\1?\2\2" + "2024-02-27 船\2有77个集装箱\2"
    assert read.lead == read.ids.index(ord("有"))


def test_the_title_in_front_is_short() -> None:
    (read,) = token_windows(CharacterTokenizer(), "?", [make_hit("有77个集装箱", title="题" * 500)])
    assert read.lead == 4 + 40 + 1


def test_best_span_subtracts_the_distance_to_the_highlight() -> None:
    read = window("有77个集装箱，樱花开了。", (8, 12))
    candidate = best_span(read, logits_of(read, start_1=3, end_2=3), None)
    assert candidate is not None
    assert (candidate.text, candidate.margin) == ("77个", pytest.approx(6 - 1 - 7 * 0.01))


def test_best_span_contains_a_number_if_the_question_asks_for_one() -> None:
    read = window("集装箱有77个，" + "又" * 20 + "樱花开了。")
    logits = logits_of(read, start_28=5, end_29=5, start_4=1, end_6=1)
    free, asked = best_span(read, logits, None), best_span(read, logits, [4])
    assert free is not None and asked is not None
    assert (free.text, asked.text) == ("樱花", "77个")
    assert best_span(read, logits, []) is None

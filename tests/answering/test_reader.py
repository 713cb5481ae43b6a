"""The reader, with a network that finds by pattern and one token for each character."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
from safetensors.numpy import save_file
from support.doubles import make_article

from rag.answering.reader import Judgement, SpanReader
from rag.answering.span_boundaries import LONGEST, tidy
from rag.errors import ModelError
from rag.text.passages import split
from rag.types import Hit, Passage, Span


class Encoded(NamedTuple):
    ids: list[int]
    offsets: list[tuple[int, int]]


class Characters:
    """One token for each character."""

    def token_to_id(self, token: str) -> int:
        return {"<s>": 1, "</s>": 2, "<pad>": 3, "<unk>": 4}[token]

    def encode_batch(self, texts: Sequence[str], add_special_tokens: bool) -> list[Encoded]:
        assert not add_special_tokens
        return [Encoded(list(map(ord, text)), [(n, n + 1) for n in range(len(text))]) for text in texts]


class Patterns:
    """Is sure of what matches a pattern in the passage, by how often its last character is repeated."""

    def __init__(self, pattern: str) -> None:
        self._pattern = re.compile(pattern, re.S)
        self.longest = 0
        self.every = False

    def run(self, rows: Sequence[Sequence[int]]) -> list[Any]:
        self.longest = max(self.longest, *map(len, rows))
        return [self._read("".join(map(chr, row))) for row in rows]

    def _read(self, text: str) -> Any:
        lead = text.index("\2\2") + 2
        logits = np.zeros((len(text), 2), np.float32)
        found = list(self._pattern.finditer(text, lead, len(text) - 1))
        for match in found if self.every else found[:1]:
            logits[match.start(), 0] = logits[match.end() - 1, 1] = 3
        if not found:
            logits[0] = 3
        return logits


def reader(pattern: str = "[0-9]+多?个集装箱", **judgement: float) -> SpanReader:
    made = SpanReader()
    numbers = {"margin": 0.5, "gap": -1.0} | judgement
    made._loaded = (Patterns(pattern), Characters(), Judgement(**numbers))  # type: ignore[assignment]
    return made


def hit(text: str, score: float = 0.7, name: str = "a", **fields: object) -> Hit:
    article = make_article(name, text, **fields)
    passages = split(article)
    return Hit(passages[0], score, (0, len(passages[0].text)))


def test_the_answer_is_cut_from_its_passage_and_the_better_hit_wins() -> None:
    hits = [
        hit("东京的樱花。"),
        hit("运送了约6700个集装箱。", name="b"),
        hit("有12个集装箱。", 0.6, "c"),
    ]
    answer = reader().read("多少集装箱？", hits)
    assert answer.text == "约6700个集装箱"
    assert answer.hit is hits[1]
    assert answer.hit.passage.text[answer.start : answer.end] == answer.text
    odds = [np.exp(-3), np.exp(3), np.exp(2.9)]
    assert answer.confidence == pytest.approx(odds[1] / (1 + sum(odds)), abs=1e-6)
    assert list(answer.hits) == hits


def test_without_a_likely_answer_there_is_none_but_the_passages() -> None:
    hits = [hit("东京的樱花。"), hit("巴黎的开幕式。", name="b")]
    answer = reader().read("多少集装箱？", hits)
    assert (answer.text, answer.hit, answer.start, answer.end) == ("", None, 0, 0)
    assert answer.confidence == pytest.approx(np.exp(-3) / (1 + 2 * np.exp(-3)), abs=1e-6)
    assert list(answer.hits) == hits
    assert reader(threshold=0.01).read("多少集装箱？", hits).text
    assert reader().read("多少集装箱？", []).hits == ()


def test_answers_that_agree_are_likelier_together() -> None:
    hits = [
        hit("运送了1000个集装箱。", 0.8),
        *(hit(f"{n}个集装箱。", 0.7, n) for n in ("6700", "六千七百")),
    ]
    answer = reader("[0-9六千七百]+个集装箱").read("多少集装箱？", hits)
    assert answer.text == "6700个集装箱"
    odds = [np.exp(3), np.exp(2.9), np.exp(2.9)]
    assert answer.confidence == pytest.approx(sum(odds[1:]) / (1 + sum(odds)), abs=1e-6)
    assert [other.text for other in answer.alternatives] == ["1000个集装箱"]


def test_what_is_in_the_best_sentence_comes_first() -> None:
    text = "甲说有50个集装箱。乙说有60个集装箱。"
    for start, said in ((0, "50个集装箱"), (10, "60个集装箱")):
        made = reader("[56]0个集装箱")
        assert made._loaded is not None
        made._loaded[0].every = True  # type: ignore[attr-defined]
        passage = hit(text).passage
        assert made.read("多少？", [Hit(passage, 0.7, (start, start + 10))]).text == said


def test_what_other_articles_say_is_told_once_newest_first() -> None:
    day = [datetime(2024, month, 1, tzinfo=UTC) for month in (1, 2, 3)]
    hits = [
        hit("运送了约6700个集装箱。", 0.9, published=day[1]),
        hit("运送了1000多个集装箱。", 0.8, "b", published=day[0]),
        hit("运送了３个集装箱。3个集装箱", 0.8, "c", published=None),
        hit("运送了6,700个集装箱，6700个集装箱。", 0.8, "d", published=day[2]),
        hit("运送了8000个集装箱。", 0.7, "e", published=day[2]),
        hit("运送了1000个集装箱。", 0.7, "f", published=day[2]),
        hit("樱花。", 0.7, "g"),
    ]
    again = Hit(hit("运送了50个集装箱。").passage, 0.7, (0, 1))
    answer = reader("[0-9][0-9,]*多?个集装箱", threshold=0.2).read("多少集装箱？", [*hits, again])
    assert answer.text == "约6700个集装箱"
    assert [other.text for other in answer.alternatives] == [
        "8000个集装箱",
        "1000多个集装箱",
        "3个集装箱",
    ]
    for other in answer.alternatives:
        assert other.hit.passage.text[other.start : other.end] == other.text


def long_hit(at: int, highlight: Span) -> Hit:
    text = "文" * at + "有77个集装箱" + "字" * (1200 - at)
    passage = Passage("a#1", "a", "", "", text, 0, len(text), None, "", "zh-Hans")
    return Hit(passage, 0.7, highlight)


@pytest.mark.parametrize("at", range(0, 1200, 37))
def test_an_answer_is_found_wherever_it_is_in_what_matches_best(at: int) -> None:
    made = reader()
    answer = made.read("问" * 500, [long_hit(at, (0, 1207))])
    assert (answer.text, answer.start) == ("77个集装箱", at + 1)
    assert made._loaded is not None
    assert made._loaded[0].longest <= 320  # type: ignore[attr-defined]


@pytest.mark.parametrize("at", [0, 3, 600, 1199])
@pytest.mark.parametrize("beside", [-60, 0, 60])
def test_an_answer_is_found_beside_what_matches_best(at: int, beside: int) -> None:
    start = min(max(0, at + beside), 1190)
    assert reader().read("多少？", [long_hit(at, (start, start + 10))]).text == "77个集装箱"
    far = (at + 600) % 1200
    assert reader().read("多少？", [long_hit(at, (far, far + 5))]).text == ""


def test_an_answer_is_short_and_of_one_paragraph() -> None:
    text = "有12个\n集装箱。" + "长" * 100
    for pattern in ("12个\n集装箱", "长+", ".+"):
        answer = reader(pattern, threshold=0.0).read("多少？", [hit(text)])
        assert 0 < len(answer.text) <= LONGEST
        assert "\n" not in answer.text


@pytest.mark.parametrize("text", ["……！？", "=====", "\u200b", "x" * 100])
def test_a_passage_without_words_of_a_length_has_no_answer(text: str) -> None:
    answer = reader(".+", threshold=0.0).read("多少？", [hit(text)])
    assert (answer.text, answer.hit, answer.confidence) == ("", None, 0)


def test_what_looks_like_a_sign_of_the_network_is_text() -> None:
    text = "\1有12个集装箱\2\2"
    assert reader(threshold=0.0).read("多少\2\2？", [hit(text)]).text == "12个集装箱"


def test_a_reader_of_another_model_says_how_to_make_it_anew(tmp_path: Path) -> None:
    path = tmp_path / "reader.safetensors"
    save_file({"x": np.zeros(1)}, path, {"base": "another"})
    with pytest.raises(ModelError, match=r"trained on the model another, but.*train_reader"):
        SpanReader(path).read("?", [hit("东京的樱花。")])
    path.write_bytes(b"nothing")
    with pytest.raises(ModelError, match="The reader cannot be loaded"):
        SpanReader(path).read("?", [hit("东京的樱花。")])


@pytest.mark.parametrize(
    "text, span, tidied",
    [
        ("共有6700集装箱，", "00集", "6700"),
        ("价值 1,580.5 亿欧元", "580", "1,580.5"),
        ("见于《纽约时报》，周二", "《纽约时报》，", "《纽约时报》"),
        ("见于《纽约时报》，周二", "纽约时报》", "纽约时报"),
        ("见于《纽约时报》，周二", "《纽约时报", "《纽约时报》"),
        ("一架F-35战机", "35", "F-35"),
        ("运送了约6700集装箱", "6700", "约6700"),
        ("运送了大约 6700集装箱", "6700集装箱", "大约 6700集装箱"),
        ("运送了1000多个集装箱", "1000", "1000多"),
        ("运送了6700集装箱的弹药", "6700集", "6700"),
        ("运送了6700枚炮弹", "6700枚", "6700枚"),
        ("超过三百万枚", "三百万枚", "超过三百万枚"),
        ("附近70人", "70人", "70人"),
        ("北约6国", "6国", "6国"),
        ("申源湜（Shin Wonshik）说", "（Shin Wonshik", "（Shin Wonshik）"),
        ("申源湜（Shin Wonshik）说", "申源湜（Shin", "申源湜（Shin"),
        ("乘坐Aurus汽车 ", "urus汽车 ", "Aurus汽车"),
        ("……！", "……！", ""),
        ("он сказал: 23 минуты.", "минут", "минуты"),
        ("(the Democrats’) said", "(the Democrats’", "(the Democrats’)"),
        ("（a】）", "（a】", "（a】）"),
        ("（美国之音”）", "（美国之音”", "（美国之音”）"),
        ("有\u200b5\ufeff个", "\u200b5\ufeff", "5"),
        ("------", "----", ""),
    ],
)
def test_no_word_is_cut_and_no_sign_left_over(text: str, span: str, tidied: str) -> None:
    start = text.index(span)
    start, end = tidy(text, (start, start + len(span)))
    assert text[start:end] == tidied

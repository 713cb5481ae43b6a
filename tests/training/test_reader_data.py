"""The examples for the reader: what is right for each, and where it is among the tokens."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest
from support.reading import CharacterTokenizer, make_hit

from rag.text import terms
from rag.types import Passage
from training.fact import Fact
from training.reader_batch import tokenize
from training.reader_data import (
    SHARES,
    Example,
    Examples,
    excerpt,
    highlight,
    wants_sentence,
    without_answer,
)

TEXT = "港口在六月关闭。船队运走了六千个集装箱，驶往符拉迪沃斯托克。七月又开放了。"
ANSWER = "六千个集装箱"
START = TEXT.index(ANSWER)


def passage(text: str = TEXT, name: str = "a") -> Passage:
    return make_hit(text, name=name).passage


def make_fact(**fields: object) -> Fact:
    given = {"twins": {"zh": "船队运走了多少枚炮弹？"}} | fields
    return Fact({"zh": "运走了多少个货箱？"}, passage(), START, START + len(ANSWER), **given)


def drawn(fact: Fact, near: list[Passage]) -> list[Example]:
    shares = {
        "news": [fact],
        "written": [fact],
        "parallel": [fact],
        "chinese": [fact],
        "other languages": [fact],
    }
    examples = Examples(shares, {TEXT: near}, lambda question, rng, share: question, seed=0)
    return [example for step in range(20) for example in examples.batch(step, 16, SHARES)]


def test_examples_hold_their_answer_or_have_none() -> None:
    examples = drawn(
        make_fact(), [passage("樱花在三月开放。", "b"), passage("也有六千个集装箱。", "c")]
    )
    texts = {terms.normal(e.hit.passage.text[e.start : e.end]) for e in examples if e.end}
    assert texts == {ANSWER}
    without = [e for e in examples if not e.end]
    assert len(examples) / 4 < len(without) < len(examples) / 2
    for example in without:
        is_twin = "shell" in example.question or "炮弹" in terms.normal(example.question)
        assert is_twin or ANSWER not in terms.normal(example.hit.passage.text)


def test_the_same_step_gives_the_same_examples() -> None:
    assert drawn(make_fact(), []) == drawn(make_fact(), [])


def test_without_answer_leaves_the_other_sentences() -> None:
    assert without_answer(passage(), ANSWER).text == "港口在六月关闭。七月又开放了。"


def test_the_highlight_is_mostly_the_window_with_the_answer() -> None:
    text = "".join(f"第{number}艘船在港口停了很久，然后驶向大海的另一边。" for number in range(12))
    at = text.index("第9艘")
    rng = random.Random(0)
    spans = [highlight(rng, text, (at, at + 3)) for _ in range(200)]
    inside = sum(start < at + 3 and at < end for start, end in spans)
    assert 0.7 < inside / len(spans) < 1


@pytest.mark.parametrize(
    ("question", "kind", "expected"),
    [
        ("为什么关闭港口？", "", True),
        ("港口关闭了吗？", "", True),
        ("什么时候关闭？", "when", False),
        ("哪天沉没？", "when", False),
        ("谁没来？", "who", True),
        ("港口何以关闭？", "why", True),
    ],
)
def test_what_wants_a_sentence(question: str, kind: str, expected: bool) -> None:
    fact = make_fact(kind=kind)
    asked = {"zh": question, "en": "?"}
    assert wants_sentence(replace_questions(fact, asked), asked) is expected


def replace_questions(fact: Fact, asked: dict[str, str]) -> Fact:
    return fact._replace(questions=asked)


def test_it_is_unknown_for_twins_and_without_chinese() -> None:
    fact = make_fact(kind="why")
    assert wants_sentence(fact, fact.twins) is None
    assert wants_sentence(make_fact(), {"ko": "?"}) is None


def test_tokens_of_the_answer_are_marked() -> None:
    hit = make_hit(TEXT, title="船")
    batch = tokenize(
        CharacterTokenizer(),
        [
            Example("?", hit, START, START + len(ANSWER), True),
            Example("?", hit, wants_sentence=False),
            Example("?", hit),
        ],
    )
    first, last = int(batch.starts[0]), int(batch.ends[0])
    assert "".join(map(chr, batch.ids[0, first : last + 1])) == ANSWER
    assert (batch.starts[1], batch.ends[1]) == (0, 0)
    assert batch.sentences.tolist() == [1, 0, -1]
    assert batch.allowed[0, 0] and not batch.allowed[0, 1]


def test_an_answer_that_is_not_read_counts_as_none() -> None:
    text = ANSWER + "字" * 400
    hit = replace(make_hit("短"), passage=passage(text), highlight=(380, 400))
    batch = tokenize(CharacterTokenizer(), [Example("?", hit, 0, len(ANSWER))])
    assert (batch.starts[0], batch.ends[0]) == (0, 0)


def test_an_excerpt_holds_the_answer_and_tells_nothing_by_its_length() -> None:
    rng = random.Random(0)
    cut = [excerpt(rng, passage(), (START, START + len(ANSWER))) for _ in range(60)]
    assert len({kept.text for kept, _ in cut}) == 4  # with the sentence before, after, both or none
    assert all(kept.text.startswith(ANSWER, START - before) for kept, before in cut)
    short = [example for example in drawn(make_fact(), []) if len(example.hit.passage.text) < 30]
    assert {bool(example.end) for example in short} == {True, False}

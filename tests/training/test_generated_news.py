"""The made-up news: answers are where they should be, twins ask for what is not there."""

from __future__ import annotations

import random

import pytest

from rag.answering.span_boundaries import LONGEST, tidy
from training import generated_news, generated_words
from training.fact import Fact
from training.generated_words import LANGUAGES, read
from training.reader_data import SHARES, with_generated

COUNT = 400


@pytest.fixture(scope="module")
def facts() -> list[Fact]:
    return generated_news.facts(COUNT)


def test_the_same_seed_gives_the_same_facts(facts: list[Fact]) -> None:
    assert generated_news.facts(20) == facts[:20]
    assert generated_news.facts(20, seed=1) != facts[:20]


def test_answers_are_whole_and_within_their_passage(facts: list[Fact]) -> None:
    for fact in facts:
        text = fact.passage.text
        assert 0 <= fact.start < fact.end <= len(text)
        assert tidy(text, (fact.start, fact.end)) == (fact.start, fact.end)
        assert fact.end - fact.start <= LONGEST
        assert "{" not in text + fact.passage.title


def test_answers_are_of_the_kind_that_is_asked_for(facts: list[Fact]) -> None:
    for fact in facts:
        answer = fact.passage.text[fact.start : fact.end]
        is_number = any(
            character in "0123456789０１２３４５６７８９一二三四五六七八九十百千万两几数"
            for character in answer
        )
        assert is_number or fact.kind != "how many", answer
    kinds = {fact.kind for fact in facts}
    assert kinds == {"when", "where", "who", "why", "how many"}


def test_twins_differ_and_no_question_has_a_gap(facts: list[Fact]) -> None:
    for fact in facts:
        assert fact.twins["zh"] not in fact.questions.values()
        for asked in (fact.questions, fact.twins):
            assert all(text.strip("?？؟ ") and "{" not in text for text in asked.values())


def test_questions_are_in_all_languages(facts: list[Fact]) -> None:
    for language in [*LANGUAGES, "zh-Hant"]:
        share = sum(language in fact.questions for fact in facts) / COUNT
        assert share > 0.75, language


def test_each_language_asks_for_everything() -> None:
    english = read("en")
    for language in LANGUAGES:
        data = read(language)
        assert data["questions"].keys() - {"join"} == english["questions"].keys()
        assert all(len(data[kind]) == len(english[kind]) for kind in ("parties", "goods", "facilities"))
        if language != "zh":
            assert data["events"].keys() == read("events").keys()


def test_held_back_facts_are_of_other_events_and_places() -> None:
    assert not {*generated_news.kinds(False)} & {*generated_news.kinds(True)}
    assert len(generated_news.kinds(False) + generated_news.kinds(True)) >= 40
    shown, held = (
        {fact.passage.text for fact in facts}
        for facts in (generated_news.facts(100), generated_news.held_back_facts(100))
    )
    assert not shown & held
    rng = random.Random(0)
    towns = [
        {generated_words.town(rng, held).chinese[:2] for _ in range(200)} for held in (False, True)
    ]
    assert not towns[0] & towns[1]


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (2, "二"),
        (10, "十"),
        (19, "十九"),
        (105, "一百零五"),
        (1016, "一千零一十六"),
        (20030, "二万零三十"),
        (120000, "十二万"),
    ],
)
def test_numerals(number: int, text: str) -> None:
    assert generated_words.numeral(number) == text


def test_shares_sum_to_one() -> None:
    shares = with_generated(SHARES, 0.25)
    assert sum(shares.values()) == pytest.approx(1)
    assert shares["generated"] == 0.25

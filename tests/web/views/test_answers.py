"""Tests of `rag.web.views.results.answers`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

import pytest
from support.hits import make_hit

from rag.i18n.translator import Translator
from rag.types import Alternative, Answer, Hit, Span
from rag.web.views.query import Query
from rag.web.views.results.answers import show_answer
from rag.web.views.results.found import answer_spans

ENGLISH = Translator("en")
QUERY = Query("谁")


def answered(hit: Hit, span: Span, sentence: Span, **fields: object) -> Answer:
    text = hit.passage.text[slice(*span)]
    given = {"confidence": 0.95, "focus": span, "sentence": sentence} | fields
    return Answer("?", text, hit, *span, hits=(hit,), **given)


def seven(**fields: object) -> Answer:
    return answered(make_hit("第一句。第二句有 7 个。"), (9, 10), (4, 13), **fields)


def shown(answer: Answer, cards: Mapping[str, str] | None = None, locale: str = "en") -> str:
    return show_answer(answer, QUERY, cards or {}, Translator(locale))


@pytest.mark.parametrize(
    ("confidence", "heading", "words"),
    [
        (0.9, "Answer", "Very probably right"),
        (0.7, "Answer", "Probably right"),
        (0.69, "Not sure – check the passage", "Not sure"),
    ],
)
def test_show_answer_says_first_how_sure_it_is(confidence: float, heading: str, words: str) -> None:
    html = shown(seven(confidence=confidence))
    assert re.findall(r"<h2[^>]*>.*?</h2>", html) == [f'<h2 tabindex="-1">{heading}</h2>']
    assert html.index("tabindex") < html.index(words) < html.index("<blockquote")
    assert html.count(words) == 1


def test_show_answer_marks_the_words_in_their_sentence() -> None:
    html = shown(seven())
    assert '<blockquote class="text short" lang="zh-Hans">7</blockquote>' in html
    marked = '第二句有 </span><mark>7</mark><span class="sentence"> 个。</span></p>'
    assert marked in html
    assert "第一句" not in html


def test_show_answer_does_not_set_an_unsure_one_large() -> None:
    html = shown(seven(confidence=0.5))
    assert "short" not in html
    assert "<mark>7</mark>" in html


def test_show_answer_of_a_sentence_shows_it_once() -> None:
    hit = make_hit("因为下雨，船停了。")
    html = shown(answered(hit, (0, 9), (0, 9), kind="sentence", focus=(2, 4)))
    assert re.sub('"[^"]*"', "", html).count("船停了") == 1
    assert "<mark>下雨</mark>" in html


def test_show_answer_leads_to_the_passage_the_original_and_the_article() -> None:
    html = shown(seven(), {"x": "card-2"})
    assert '<a href="#card-2">Show in the passage ↓</a>' in html
    assert 'href="https://news.example/x#:~:text=' in html
    assert 'href="/article/x?mark=9-10&amp;back=%3Fq%3D%25E8%25B0%2581#mark"' in html
    assert "Show in the passage" not in shown(seven(), {"y": "card-1"})


def test_show_answer_cites_the_sentence_with_the_answer() -> None:
    copied = re.findall(r'data-copy="([^"]*)"', shown(seven()))
    assert copied
    assert all("第二句有 7 个" in text and "第一句" not in text for text in copied)


@pytest.mark.parametrize(
    ("language", "locale", "told"),
    [
        ("zh-Hans", "en", "Published in Chinese"),
        ("zh-Hans", "zh-Hant", ""),
        ("en", "zh-Hant", "原文為英文"),
        ("en", "en", ""),
        ("und", "en", ""),
    ],
)
def test_show_answer_names_the_language_of_a_foreign_article(
    language: str, locale: str, told: str
) -> None:
    answer = answered(make_hit("有 7 个。", language=language), (2, 3), (0, 6))
    html = shown(answer, locale=locale)
    assert told in html
    assert ("Published in" in html or "原文為" in html) == bool(told)


def test_show_answer_links_the_articles_that_agree_each_once() -> None:
    same = [make_hit(f"7 个。{n}", name="y", title="甲") for n in range(2)]
    other = make_hit("7 个", name="z", title="乙", language="en")
    html = shown(seven(supporting=(*same, other)), {"y": "card-3"})
    assert "2 other articles say the same" in html
    assert '<a href="#card-3"><bdi lang="zh-Hans">甲</bdi></a>' in html
    assert '<a href="/article/z"><bdi lang="en">乙</bdi></a>' in html
    assert "say the same" not in shown(seven())


def test_show_answer_shows_each_different_answer_in_its_sentence() -> None:
    other = make_hit("别的。共有 9 个。别的。", name="y", source="b.example", language="zh-Hant")
    answer = seven(alternatives=(Alternative("9", other, 6, 7),))
    html = shown(answer, {"y": "card-2"})
    _, others = html.split("Different answers elsewhere")
    quoted = re.findall(r'<blockquote class="text" lang="zh-Hant">(.*?)</blockquote>', others)
    assert [re.sub("<.*?>", "", text) for text in quoted] == ["共有 9 个。"]
    assert "<mark>9</mark>" in others
    assert "b.example" in others
    assert 'href="#card-2"' in others
    assert answer_spans(answer) == {"x#1": (9, 10), "y#1": (6, 7)}


def test_show_answer_refuses_in_the_language_of_the_question() -> None:
    answer = Answer("ما هي عاصمة فرنسا اليوم؟", "", None, 0, 0, 0.1, ())
    html = shown(answer)
    assert '<p class="absent" lang="ar" dir="rtl" tabindex="-1">' in html
    assert "<blockquote" not in html
    assert answer_spans(answer) == {}


def test_answer_spans_is_of_the_passage_that_was_read() -> None:
    first = seven()
    again = replace(first, start=0, end=2)
    assert answer_spans(again) == {"x#1": (0, 2)}

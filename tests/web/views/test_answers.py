"""Tests of `rag.web.views.results.answers`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

import pytest
from support.hits import make_hit

from rag.i18n.translator import Translator
from rag.types import Alternative, Answer, Gloss, Hit, Span
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
        ("zh-Hans", "en", " · published in Chinese"),
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
    assert ("published in" in html or "原文為" in html) == bool(told)


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
    assert ' · <bdi lang="zh-Hant">9</bdi></summary>' in others
    quoted = re.findall(r'<blockquote class="text" lang="zh-Hant">(.*?)</blockquote>', others)
    assert [re.sub("<.*?>", "", text) for text in quoted] == ["共有 9 个。"]
    assert "<mark>9</mark>" in others
    assert "b.example" in others
    assert 'href="#card-2"' in others
    assert answer_spans(answer) == {"x#1": (9, 10), "y#1": (6, 7)}


def test_show_answer_raises_value_error_for_a_refusal() -> None:
    answer = Answer("?", "", None, 0, 0, 0.1, ())
    with pytest.raises(ValueError, match="refusal"):
        shown(answer)
    assert answer_spans(answer) == {}


def test_answer_spans_is_of_the_passage_that_was_read() -> None:
    first = seven()
    again = replace(first, start=0, end=2)
    assert answer_spans(again) == {"x#1": (0, 2)}


def about_7(text: str = "about 7", language: str = "en", **fields: object) -> Answer:
    rendering = Gloss(9, 10, text, "amount")
    sentence = (Gloss(4, 7, "the second", "name"), Gloss(9, 10, text, "amount"))
    return seven(rendering=rendering, reader_language=language, glosses=sentence, **fields)


def plain(html: str) -> str:
    return " ".join(re.sub("<.*?>", "", html).split())


def test_show_answer_shows_its_rendering_after_it_and_says_what_it_is() -> None:
    html = shown(about_7())
    assert '<bdi lang="en">about 7</bdi>' in html
    assert "7 · in English: about 7 " in plain(html)
    assert "7 · 英文： about 7 " in plain(shown(about_7(), locale="zh-Hant"))


def test_show_answer_shows_the_rendering_of_an_unsure_one_below_its_sentence() -> None:
    html = shown(about_7(confidence=0.5))
    sentence = html.index("<mark>7</mark>")
    assert sentence < html.index('<bdi lang="zh-Hans">7</bdi>') < html.index("about 7")


def test_show_answer_isolates_the_direction_of_a_rendering() -> None:
    html = shown(about_7("حوالي 7", "ar"))
    assert "in Arabic:" in html
    assert '<bdi lang="ar">حوالي 7</bdi>' in html


def test_show_answer_says_that_a_name_is_transliterated() -> None:
    html = shown(seven(rendering=Gloss(9, 10, "Qi", "name", True), reader_language="fr"))
    assert "7 · transliterated: Qi" in plain(html)
    assert "in French" not in html


def test_show_answer_explains_the_rest_of_the_sentence_each_word_once() -> None:
    again = (Gloss(4, 7, "the second", "name"), Gloss(0, 3, "elsewhere", "name"))
    answer = replace(about_7(), glosses=(*about_7().glosses, *again))
    (listed,) = re.findall(
        r'<ul class="note glosses" aria-label="([^"]*)">(.*?)</ul>', shown(answer), re.S
    )
    assert listed[0] == "Numbers, dates and names in English"
    assert plain(listed[1]) == "第二句 = the second"


def test_show_answer_explains_the_answer_if_it_is_not_rendered() -> None:
    words = (Gloss(4, 7, "the second", "name"), Gloss(9, 10, "seven", "amount"))
    answer = replace(about_7(), rendering=None, glosses=words)
    assert "第二句 = the second 7 = seven" in plain(shown(answer))


def test_show_answer_without_a_rendering_has_no_trace_of_one() -> None:
    assert not re.search("rendering|glosses|in English", shown(seven()))


def test_show_answer_shows_the_rendering_of_a_different_answer() -> None:
    other = make_hit("别的。共有 9 个。别的。", name="y", language="zh-Hant")
    rendering = Gloss(6, 7, "nine", "amount")
    answer = about_7(alternatives=(Alternative("9", other, 6, 7, rendering),))
    _, others = shown(answer).split("Different answers elsewhere")
    assert '<bdi lang="zh-Hant">9</bdi>' in others
    assert "9&nbsp;· in English: nine" in plain(others)


def test_show_answer_cites_with_the_rendering_in_square_brackets() -> None:
    text, markdown, *bibliographies = re.findall(r'data-copy="([^"]*)"', shown(about_7()))
    assert "个。” [7 = about 7] — " in text
    assert r"个。 \[7 = about 7\]" in markdown
    assert "about 7" not in "".join(bibliographies)


def test_show_answer_escapes_what_an_article_makes_of_a_rendering() -> None:
    attack = '"><img src=x onerror=alert(1)>'
    words = (Gloss(4, 7, attack, "name"),)
    assert "<img" not in shown(replace(about_7(attack), glosses=words))

"""Tests of `rag.web.views.passages`."""

from __future__ import annotations

import re
from dataclasses import replace
from html import unescape

import pytest
from support.doubles import make_article
from support.hits import make_hit, make_passage, make_reprint

from rag.i18n.translator import Translator
from rag.types import Alternative, Answer, Hit, Span
from rag.web.views import passages
from rag.web.views.citations import markdown_citation, plain_citation

ENGLISH = Translator("en")


@pytest.mark.parametrize(
    ("url", "links"),
    [
        ("https://a.example/?q=1&r=2", 2),
        ("HTTP://a.example", 2),
        ("javascript:alert(1)", 0),
        (" javascript:alert(1)", 0),
        ("data:text/html,x", 0),
        ("//a.example", 0),
        ("http://[::1", 0),
        ("https:", 0),
        ("", 0),
    ],
)
def test_show_card_links_web_addresses_only(url: str, links: int) -> None:
    card = passages.show_card(make_hit("正文。", url=url), ENGLISH)
    assert card.count("<a ") == links
    assert ("javascript" in card) is False


def test_show_card_has_buttons_that_copy_the_citations() -> None:
    hit = make_hit("“第一句。” & 第二句。", title="标题 [a](b)", url="https://a.example/x>y")
    copies = re.findall(r'data-copy="([^"]*)"', passages.show_card(hit, ENGLISH))
    assert list(map(unescape, copies)) == [plain_citation(hit), markdown_citation(hit)]


def test_show_card_folds_reprints_under_the_passage() -> None:
    others = tuple(make_reprint(name, source=f"{name}.example") for name in "abc")
    card = passages.show_card(make_hit("正文。", reprints=others), ENGLISH)
    assert "<summary>Also in 3 other articles</summary>" in card
    assert [f"{name}.example" in card for name in "abc"] == [True] * 3
    assert "<details" not in passages.show_card(make_hit("正文。"), ENGLISH)


def test_show_card_lists_twenty_reprints_and_counts_the_rest() -> None:
    others = tuple(make_reprint(f"r{number}") for number in range(23))
    card = passages.show_card(make_hit("正文。", reprints=others), ENGLISH)
    assert "<summary>Also in 23 other articles</summary>" in card
    assert card.count("<li>") == 21
    assert "<li>and 3 more</li>" in card


def test_show_card_hides_the_neighbours_of_the_passage() -> None:
    hit, before = make_hit("正文。"), make_passage(make_article("x", "前文。"))
    card = passages.show_card(hit, ENGLISH, None, (before, None))
    assert card.count('<div class="context" hidden>') == 1
    assert card.index("前文。") < card.index("正文。")
    assert 'aria-expanded="false"' in card
    assert 'data-label="Hide context"' in card
    assert "data-more" not in passages.show_card(hit, ENGLISH, None, (None, None))


@pytest.mark.parametrize(
    ("answer", "html"),
    [
        (None, '前。<span class="sentence">第一句 7 个。</span>后。'),
        (
            (6, 7),
            '前。<span class="sentence">第一句 </span><mark>7</mark><span class="sentence"> 个。</span>后。',
        ),
        ((0, 2), "<mark>前。</mark>第一句 7 个。后。"),
    ],
)
def test_show_card_marks_the_best_sentence_and_the_answer(
    answer: tuple[int, int] | None, html: str
) -> None:
    hit = replace(make_hit("前。第一句 7 个。后。"), highlight=(2, 10))
    assert f'<p class="text" lang="zh-Hans">{html}</p>' in passages.show_card(hit, ENGLISH, answer)


def answer_of(*hits: Hit, confidence: float = 0.9) -> Answer:
    first, *others = hits
    alternatives = tuple(Alternative("b", hit, 0, 1) for hit in others)
    return Answer("q?", "a", first, 2, 3, confidence, hits, alternatives)


@pytest.mark.parametrize(
    ("confidence", "words"),
    [
        (0.9, "Very probably right"),
        (0.7, "Probably right"),
        (0.3, "Unsure – check the passage"),
    ],
)
def test_show_answer_describes_the_confidence(confidence: float, words: str) -> None:
    html = passages.show_answer(answer_of(make_hit("正文。"), confidence=confidence), ENGLISH)
    assert f'<p class="note">{words}</p>' in html
    assert "Different answers elsewhere" not in html


def test_the_citation_of_a_passage_with_an_answer_quotes_its_sentence() -> None:
    hit = replace(make_hit("第一句。第二句有 7 个。"), highlight=(0, 4))
    assert "“第一句。”" in passages.show_card(hit, ENGLISH)
    assert "“第二句有 7 个。”" in passages.show_card(hit, ENGLISH, (9, 10))


def test_show_card_with_a_blank_answer_opens_the_article() -> None:
    card = passages.show_card(
        make_hit("第一句。\u3000\u3000", url="https://a.example/"), ENGLISH, (4, 5)
    )
    assert 'href="https://a.example/"' in card


def answered(hit: Hit, span: Span, sentence: Span, **fields: object) -> Answer:
    text = hit.passage.text[slice(*span)]
    given = {"confidence": 0.95, "focus": span, "sentence": sentence} | fields
    return Answer("?", text, hit, *span, hits=(hit,), **given)


def test_show_answer_marks_the_words_in_their_sentence() -> None:
    answer = answered(make_hit("第一句。第二句有 7 个。"), (9, 10), (4, 13))
    html = passages.show_answer(answer, ENGLISH)
    assert "<h2>Answer</h2>" in html
    assert ">7</blockquote>" in html
    assert "第二句有 <mark>7</mark> 个。</p>" in html


def test_show_answer_of_a_sentence_shows_it_once() -> None:
    answer = answered(make_hit("因为下雨，船停了。"), (0, 9), (0, 9), kind="sentence", focus=(2, 4))
    html = passages.show_answer(answer, ENGLISH)
    assert html.count("船停了") == 1
    assert "因为<mark>下雨</mark>，船停了。</blockquote>" in html


def test_show_answer_does_not_call_an_unsure_one_an_answer() -> None:
    hit = make_hit("有 7 个。")
    html = passages.show_answer(answered(hit, (2, 3), (0, 6), confidence=0.69), ENGLISH)
    assert "<h2>Not sure</h2>" in html
    assert "<h2>Answer</h2>" not in html


def test_show_answer_says_how_many_articles_agree() -> None:
    hit, other = make_hit("有 7 个。"), make_hit("7 个", name="y")
    html = passages.show_answer(answered(hit, (2, 3), (0, 6), supporting=(other,)), ENGLISH)
    assert "1 other article says the same" in html


def test_show_answer_lists_alternatives_with_their_sources() -> None:
    answer = answer_of(make_hit("正文。"), make_hit("正文。", name="y", source="b.example"))
    html = passages.show_answer(answer, ENGLISH)
    assert re.findall(r"<blockquote[^>]*>(.*?)</blockquote>", html) == ["a", "b"]
    assert html.index("Different answers elsewhere") < html.index("b.example")
    assert passages.answer_spans(answer) == {"x#1": (2, 3), "y#1": (0, 1)}


def test_show_answer_refuses_in_the_language_of_the_question() -> None:
    answer = Answer("ما هي عاصمة فرنسا اليوم؟", "", None, 0, 0, 0.1, ())
    html = passages.show_answer(answer, ENGLISH)
    assert '<p class="absent" lang="ar" dir="rtl">' in html
    assert "<blockquote" not in html
    assert passages.answer_spans(answer) == {}

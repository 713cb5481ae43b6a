"""Tests of `rag.web.views.results.passages`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from html import unescape

import pytest
from support.doubles import make_article
from support.hits import make_hit, make_passage, make_reprint

from rag.i18n.translator import Translator
from rag.types import Hit, Span
from rag.web.views.query import Query
from rag.web.views.results.groups import FoundArticle
from rag.web.views.results.passages import Card, Neighbours, show_card
from rag.web.views.sharing.citations import plain_citation

ENGLISH = Translator("en")
LONG = "".join(f"第{n}句说的是港口的集装箱和船。" for n in range(40))


def shown(
    *hits: Hit, answers: Mapping[str, Span] | None = None, beside: Neighbours = (None, None)
) -> str:
    card = Card.of("card-1", FoundArticle(hits), answers or {})
    return show_card(card, Query("q"), ENGLISH, beside)


def passage_of(number: int, text: str) -> Hit:
    hit = make_hit(text)
    return replace(hit, passage=replace(hit.passage, id=f"x#{number}"))


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
    card = shown(make_hit("正文。", url=url))
    assert card.count('target="_blank"') == links
    assert re.findall('href="(/article/[^"]*)"', card) == ["/article/x?mark=0-3&amp;back=%3Fq%3Dq#mark"]
    assert not re.search(r'href="\s*(?:javascript|data)', card)


def test_show_card_copies_the_citation_of_its_best_sentence() -> None:
    hit = make_hit("“第一句。” & 第二句。", title="标题 [a](b)", url="https://a.example/x>y")
    copies = re.findall(r'data-copy="([^"]*)"', shown(hit))
    assert plain_citation(hit) in map(unescape, copies)


def test_show_card_folds_reprints_under_the_passage() -> None:
    others = tuple(make_reprint(name, source=f"{name}.example") for name in "abc")
    card = shown(make_hit("正文。", reprints=others))
    assert "<summary>Also in 3 other articles</summary>" in card
    assert [f"{name}.example" in card for name in "abc"] == [True] * 3
    assert "Also in" not in shown(make_hit("正文。"))


def test_show_card_lists_twenty_reprints_and_counts_the_rest() -> None:
    others = tuple(make_reprint(f"r{number}") for number in range(23))
    card = shown(make_hit("正文。", reprints=others))
    assert "<summary>Also in 23 other articles</summary>" in card
    assert card.count("<li>") == 21
    assert "<li>and 3 more</li>" in card


def test_show_card_folds_the_other_passages_of_its_article() -> None:
    card = shown(passage_of(1, "最好的。"), passage_of(2, "第二好的。"), passage_of(3, "第三好的。"))
    visible, folded = card.split("<summary>2 more passages in this article</summary>")
    assert "最好的" in visible
    assert folded.index("第二好的") < folded.index("第三好的")
    assert folded.count("Read the article") == 2
    assert card.count("<h3") == 1


def test_show_card_shows_the_passage_with_the_answer_unfolded() -> None:
    card = shown(passage_of(1, "最好的。"), passage_of(2, "有 7 个。"), answers={"x#2": (2, 3)})
    visible, folded = card.split("<summary>1 more passage in this article</summary>")
    assert "<mark>7</mark>" in visible
    assert "最好的" in folded


def test_show_card_hides_the_context_of_what_it_shows() -> None:
    hit, before = (
        replace(make_hit(LONG), highlight=(300, 305)),
        make_passage(make_article("x", "前文。")),
    )
    card = shown(hit, beside=(before, None))
    hidden = re.findall(r'<div class="context" hidden>.*?</div>', card, re.DOTALL)
    assert "前文。" in hidden[0]
    assert "第0句" in hidden[0]
    assert "第39句" in hidden[1]
    text = "".join(re.findall(r'<p class="text"[^>]*>(.*?)</p>', card, re.DOTALL))
    assert re.sub("<.*?>", "", text) == f"前文。{LONG}"
    assert 'aria-expanded="false"' in card
    assert 'data-label="Hide context"' in card


def test_show_card_of_a_whole_article_has_no_context() -> None:
    assert "data-more" not in shown(make_hit("正文。"))


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
def test_show_card_marks_the_best_sentence_and_the_answer(answer: Span | None, html: str) -> None:
    hit = replace(make_hit("前。第一句 7 个。后。"), highlight=(2, 10))
    card = shown(hit, answers={"x#1": answer} if answer else {})
    assert f'<p class="text" lang="zh-Hans">{html}</p>' in card


def test_the_citation_of_a_passage_with_an_answer_quotes_its_sentence() -> None:
    hit = replace(make_hit("第一句。第二句有 7 个。"), highlight=(0, 4))
    assert "“第一句。”" in shown(hit)
    assert "“第二句有 7 个。”" in shown(hit, answers={"x#1": (9, 10)})


def test_show_card_with_a_blank_answer_opens_the_article() -> None:
    hit = make_hit("第一句。\u3000\u3000", url="https://a.example/")
    assert shown(hit, answers={"x#1": (4, 5)}).count('href="https://a.example/"') == 2

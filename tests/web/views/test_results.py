"""Tests of `rag.web.views.results`."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest
from support.doubles import HashEncoder, PatternReader

import rag
from rag.errors import QuestionError
from rag.i18n.translator import Translator
from rag.web.views import results
from rag.web.views.query import Query

ENGLISH, CHINESE = Translator("en"), Translator("zh-Hans")


@pytest.fixture(scope="module")
def refusing(small: rag.Assistant) -> rag.Assistant:
    """An assistant that never finds an answer."""
    return rag.load(str(small.store), HashEncoder(), PatternReader("no such text"))


def test_show_home_counts_the_archive_and_links_the_examples(small: rag.Assistant) -> None:
    html = results.show_home(small, ["谁 & 何时？"], ENGLISH)
    assert "3 articles, 3 passages, March 2024." in html
    assert 'href="?q=%E8%B0%81+%26+%E4%BD%95%E6%97%B6%EF%BC%9F"><bdi>谁 &amp; 何时？</bdi>' in html
    assert "examples" not in results.show_home(small, [], ENGLISH)
    assert "共 3 篇文章、3 个段落，2024年3月。" in results.show_home(small, [], CHINESE)


def test_show_home_of_an_empty_archive_says_so(tmp_path: Path) -> None:
    rag.build([], tmp_path / "index", HashEncoder(), allow_empty=True)
    empty = rag.load(tmp_path / "index", HashEncoder(), PatternReader())
    assert "The archive has no articles yet." in results.show_home(empty, [], ENGLISH)
    html = results.show_results(empty, Query("集装箱"), ENGLISH)
    assert "The archive has no articles yet." in html


def test_show_results_has_the_answer_before_the_passages(small: rag.Assistant) -> None:
    html = results.show_results(small, Query("集装箱的弹药"), ENGLISH)
    assert html.index("6700</blockquote>") < html.index("<mark>6700</mark>")
    assert '<h2 tabindex="-1">Passages</h2>' in html
    assert html.count('class="box hit"') == 3
    assert "why" not in re.findall(r'class="([\w ]+)"', html)


def test_show_results_without_an_answer_gives_reasons(refusing: rag.Assistant) -> None:
    html = results.show_results(refusing, Query("集装箱的弹药"), ENGLISH)
    assert '<h2 tabindex="-1">Closest passages</h2>' in html
    assert "Try other words or ask in Chinese. 3 articles, 3 passages, March 2024." in html
    filtered = results.show_results(refusing, Query("集装箱", language="zh"), ENGLISH)
    assert "Try other words or remove a filter." in filtered


@pytest.mark.parametrize(
    ("question", "outside"),
    [
        ("Which containers were shipped in 1998?", "You asked about 1998;"),
        ("Which containers were shipped in June 2031?", "You asked about June 2031;"),
        ("Which containers were shipped on 2 June 2021?", "You asked about Jun 2, 2021;"),
        ("Which containers were shipped in March 2024?", ""),
        ("Which containers were shipped?", ""),
    ],
)
def test_show_results_names_a_period_outside_the_archive(
    refusing: rag.Assistant, question: str, outside: str
) -> None:
    html = results.show_results(refusing, Query(question), ENGLISH)
    assert ("this archive covers March 2024." in html) == bool(outside)
    assert outside in html


def test_show_results_of_a_further_page_has_no_answer(small: rag.Assistant) -> None:
    html = results.show_results(small, Query("集装箱的弹药", page=2), ENGLISH)
    assert "blockquote" not in html
    assert html.count('class="box hit"') == 3, "a page beyond the last one shows the first"


def test_show_results_without_hits_offers_to_remove_a_filter(small: rag.Assistant) -> None:
    query = Query("集装箱", source="news.example", since=date(2030, 1, 1))
    html = results.show_results(small, query, ENGLISH)
    assert "No articles match these filters." in html
    ways = re.findall(r'<li><a class="go" href="([^"]*)">(.*?)</a></li>', html)
    assert ways == [("?q=%E9%9B%86%E8%A3%85%E7%AE%B1&amp;site=news.example", "Any date (3 articles)")]
    none = results.show_results(small, Query("集装箱", source="a", language="ko"), ENGLISH)
    assert "Remove a filter" not in none


@pytest.mark.parametrize("question", ["", " ", "?!", "长" * 2001])
def test_show_results_raises_question_error(small: rag.Assistant, question: str) -> None:
    with pytest.raises(QuestionError):
        results.show_results(small, Query(question), ENGLISH)

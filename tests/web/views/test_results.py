"""Tests of `rag.web.views.results.pages` and `rag.web.views.results.nothing`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, date, datetime
from html import unescape
from pathlib import Path

import pytest
from support.doubles import HashEncoder, PatternReader, make_article

import rag
from rag.errors import QuestionError
from rag.i18n.translator import Translator
from rag.types import Answer, Hit
from rag.web.views.query import Query
from rag.web.views.results import pages as results

ENGLISH, CHINESE = Translator("en"), Translator("zh-Hans")


@pytest.fixture(scope="module")
def refusing(small: rag.Assistant) -> rag.Assistant:
    """An assistant that never finds an answer."""
    return rag.load(str(small.store), HashEncoder(), PatternReader("no such text"))


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> rag.Assistant:
    """An assistant of seven articles on one subject, a month apart; the first has two passages."""
    index = tmp_path_factory.mktemp("many") / "index"
    words = [f"第{n}篇关于港口集装箱的报道。" for n in range(7)]
    articles = [
        make_article(
            f"{n}",
            *[text * 25] * (2 if n == 0 else 1),
            published=datetime(2024, n + 1, 1, tzinfo=UTC),
            source=f"{'ab'[n % 2]}.example",
        )
        for n, text in enumerate(words)
    ]
    rag.build(articles, index, HashEncoder())
    return rag.load(index, HashEncoder(), PatternReader("第3篇"))


@pytest.fixture(scope="module")
def many_refused(many: rag.Assistant) -> rag.Assistant:
    """The assistant of seven articles, which never finds an answer."""
    return rag.load(str(many.store), HashEncoder(), PatternReader("no such text"))


def shown(assistant: rag.Assistant, query: Query) -> str:
    """Return the whole result: what was found, and what was read in it after that."""
    return "".join(results.show_results(assistant, query, ENGLISH))


def found(assistant: rag.Assistant, query: Query) -> str:
    """Return what was found, before it is read."""
    return next(results.show_results(assistant, query, ENGLISH))


def titles(html: str) -> list[str]:
    return re.findall(r"<h3 lang[^>]*>.*?<bdi[^>]*>(.*?)</bdi>", html, re.DOTALL)


def ways(html: str) -> list[tuple[str, str]]:
    _, box = html.split('class="box status"')
    found = re.findall(r'<a class="go" href="([^"]*)">([^<]*)</a>', box)
    return [(unescape(address), label) for address, label in found]


def test_show_home_counts_the_archive_and_links_the_examples(small: rag.Assistant) -> None:
    html = results.show_home(small, ["谁 & 何时？"], ENGLISH)
    assert "3 articles, 3 passages, March 2024." in html
    assert 'href="?q=%E8%B0%81+%26+%E4%BD%95%E6%97%B6%EF%BC%9F"><bdi>谁 &amp; 何时？</bdi>' in html
    assert "Newest articles" not in html
    assert "共 3 篇文章、3 个段落，2024年3月。" in results.show_home(small, [], CHINESE)


def test_show_home_without_examples_lists_the_newest_articles_as_such(many: rag.Assistant) -> None:
    html = results.show_home(many, [], ENGLISH)
    assert "Try one of these" not in html
    _, newest = html.split("Newest articles")
    assert re.findall(r'href="/article/(\d)"', newest) == list("65432")


def test_show_home_of_an_empty_archive_says_so(tmp_path: Path) -> None:
    rag.build([], tmp_path / "index", HashEncoder(), allow_empty=True)
    empty = rag.load(tmp_path / "index", HashEncoder(), PatternReader())
    assert "The archive has no articles yet." in results.show_home(empty, [], ENGLISH)
    assert "The archive has no articles yet." in shown(empty, Query("集装箱"))


def test_show_results_has_the_passages_before_it_reads_them(index: Path) -> None:
    questions: list[str] = []

    class Recorder(PatternReader):
        def read(self, question: str, hits: Sequence[Hit]) -> Answer:
            questions.append(question)
            return super().read(question, hits)

    parts = results.show_results(
        rag.load(index, HashEncoder(), Recorder()), Query("集装箱的弹药"), ENGLISH
    )
    found = next(parts)
    assert questions == []
    assert found.count('class="box hit"') == 3
    assert found.index('<div id="answer" aria-busy="true">') < found.index('class="box hit"')
    assert '<h2 id="passages-heading">Passages</h2>' in found
    assert not re.search("<blockquote|<mark|tabindex=[^>]*>Answer", found)
    (read,) = parts
    assert questions == ["集装箱的弹药"]
    assert re.findall(
        r'^<(\w+) id="([\w-]+)"|<(article) class="box hit" id="([\w-]+)"', read, re.M
    ) == [
        ("div", "answer", "", ""),
        ("", "", "article", "card-1"),
    ]
    assert "6700</blockquote>" in read
    assert "<mark>6700</mark>" in read.partition("<article")[2]
    assert re.findall(r"<(\w+)[^>]*tabindex", read) == ["h2", "article"]
    assert 'href="#card-1"' in read
    assert "aria-busy" not in read
    assert "why" not in re.findall(r'class="([\w ]+)"', read)


def test_show_results_groups_passages_by_article_and_pages_them(many: rag.Assistant) -> None:
    first, second = (found(many, Query("港口集装箱", page=n)) for n in (1, 2))
    assert len(titles(first)) == 5
    assert sorted(titles(first) + titles(second)) == [f"标题 {n}" for n in range(7)]
    assert "7 articles, with the 8 best-matching passages" in first
    assert "1 more passage in this article" in first + second
    assert "8 best-matching" in second


def test_show_results_counts_the_same_articles_everywhere(many: rag.Assistant) -> None:
    for query in (Query("港口集装箱"), Query("港口集装箱", sites=("a.example",))):
        html = shown(many, query)
        (told,) = re.findall(r"(\d+) articles, with", html)
        bars = re.findall(r'aria-label="2024-\d\d: (\d+) ', html)
        assert sum(map(int, bars)) == int(told)
        assert int(told) == (4 if query.sites else 7)


def test_show_results_newest_first_keeps_the_answer(many: rag.Assistant) -> None:
    best, newest = (shown(many, Query("港口集装箱", order=order)) for order in ("", "newest"))
    assert titles(newest)[:5] == [f"标题 {n}" for n in (6, 5, 4, 3, 2)]
    quoted = [re.findall(r"<blockquote.*?</blockquote>", html) for html in (best, newest)]
    assert quoted[0] == quoted[1] != []
    current = re.findall(r'aria-current="true">([^<]*)<', newest)
    assert "Newest first" in current
    assert "Best match" not in current
    assert "&amp;sort=newest&amp;p=2" in newest


def test_show_results_colours_a_site_alike_whatever_the_filter(many: rag.Assistant) -> None:
    for sites in ((), ("a.example",), ("b.example",)):
        html = shown(many, Query("港口集装箱", sites=sites))
        assert set(re.findall(r'site(\d)"></span><bdi>(\w)\.', html)) <= {("0", "a"), ("1", "b")}


def test_show_results_without_an_answer_gives_reasons_and_ways_on(refusing: rag.Assistant) -> None:
    html = shown(refusing, Query("集装箱的弹药"))
    assert '<h2 id="passages-heading">Closest passages</h2>' in html
    assert "Try other words or ask in Chinese." in html
    assert 'href="/articles">All articles</a>' in html
    assert "Without filters" not in html
    filtered = shown(refusing, Query("集装箱 -樱花", language="zh"))
    assert "Try other words or remove a filter." in filtered
    assert 'href="?q=%E9%9B%86%E8%A3%85%E7%AE%B1">Without filters</a>' in filtered


def test_show_results_without_an_answer_names_the_closest_articles_with_their_cards(
    many_refused: rag.Assistant,
) -> None:
    query = Query("第0篇关于港口集装箱的报道")
    first, read = results.show_results(many_refused, query, ENGLISH)
    closest = re.findall(
        r'<li><a href="(.*?)"><bdi[^>]*>(.*?)</bdi></a> .*?datetime="([\d-]{10})', read, re.DOTALL
    )
    assert [address for address, *_ in closest] == ["#card-1", "#card-2", "#card-3"]
    assert [title for _, title, _ in closest] == titles(first)[:3]
    assert len({title for _, title, _ in closest}) == 3
    assert closest[0][1:] == ("标题 0", "2024-01-01")
    assert "<article" not in read, "no card has changed"


def test_show_results_without_an_answer_links_a_closest_article_that_has_no_card(
    many_refused: rag.Assistant,
) -> None:
    _, read = results.show_results(
        many_refused, Query("第0篇关于港口集装箱的报道", order="newest"), ENGLISH
    )
    assert '<li><a href="/article/0"><bdi lang="zh-Hans">标题 0</bdi>' in read


def test_show_results_refuses_in_the_language_of_the_question(refusing: rag.Assistant) -> None:
    html = shown(refusing, Query("ما هي عاصمة فرنسا اليوم؟"))
    assert '<p class="absent" lang="ar" dir="rtl" tabindex="-1">' in html
    assert "<blockquote" not in html


def test_show_results_looks_up_the_neighbours_of_a_passage_once(
    many: rag.Assistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    neighbours = many.neighbours
    monkeypatch.setattr(
        many,
        "neighbours",
        lambda passages: asked.extend(p.id for p in passages) or neighbours(passages),
    )
    html = shown(many, Query("港口集装箱"))
    assert "<mark>第3篇</mark>" in html
    assert len(asked) == len(set(asked)) == 5


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
    html = shown(refusing, Query(question))
    assert ("this archive covers March 2024." in html) == bool(outside)
    assert outside in html


def test_show_results_of_a_further_page_leads_back_to_the_answer(many: rag.Assistant) -> None:
    html = shown(many, Query("港口集装箱", page=2))
    assert "blockquote" not in html
    assert '<h2 id="passages-heading" tabindex="-1">Passages</h2>' in html
    assert 'href="?q=%E6%B8%AF%E5%8F%A3%E9%9B%86%E8%A3%85%E7%AE%B1">Answer and first passages<' in html
    assert len(titles(shown(many, Query("港口集装箱", page=3)))) == 5, "beyond the last page"


def test_show_results_without_hits_offers_to_remove_a_filter(small: rag.Assistant) -> None:
    query = Query("集装箱", sites=("news.example",), since=date(2030, 1, 1))
    html = shown(small, query)
    assert "No articles match these filters." in html
    assert ways(html) == [("?q=%E9%9B%86%E8%A3%85%E7%AE%B1&site=news.example", "Any date (3 articles)")]
    none = shown(small, Query("集装箱", sites=("a",), language="ko"))
    assert "Remove a filter" not in none


def test_show_results_without_hits_offers_to_drop_the_operators(small: rag.Assistant) -> None:
    html = shown(small, Query("集装箱 since:2030"))
    assert [label for _, label in ways(html)] == ["Without search operators (3 articles)"]


def test_show_results_says_that_the_days_are_in_the_wrong_order(small: rag.Assistant) -> None:
    html = shown(small, Query("集装箱", since=date(2024, 5, 1), until=date(2024, 1, 1)))
    assert "2024-05-01" in html
    assert ENGLISH("error.hint-dates", since="2024-05-01", until="2024-01-01") in unescape(html)


def test_show_results_of_operators_alone_leads_to_the_list_of_articles(small: rag.Assistant) -> None:
    html = shown(small, Query("site:rfi.fr since:2024-03", sites=("a.example",), language="zh"))
    assert "These are search operators only." in html
    assert 'href="/articles?site=rfi.fr&amp;lang=zh&amp;from=2024-03-01"' in html


@pytest.mark.parametrize("question", ["", " ", "?!", "长" * 2001])
def test_show_results_raises_question_error(small: rag.Assistant, question: str) -> None:
    with pytest.raises(QuestionError):
        shown(small, Query(question))

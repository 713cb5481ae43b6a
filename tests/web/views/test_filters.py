"""Tests of `rag.web.views.filters`."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest
from support.hits import make_hit, make_reprint

from rag.i18n.translator import Translator
from rag.web.views import filters
from rag.web.views.query import Query

ENGLISH = Translator("en")


def on(day: str) -> datetime:
    return datetime.fromisoformat(day).replace(tzinfo=UTC)


def test_show_timeline_counts_articles_by_month_and_site() -> None:
    hits = [
        make_hit("一。", published=on("2024-01-31")),
        make_hit(
            "二。",
            name="y",
            published=on("2024-03-01"),
            source="b.example",
            reprints=(make_reprint("z", published=on("2024-03-31T23:59"), source="c.example"),),
        ),
        make_hit("三。", name="w", published=None),
    ]
    found = filters.articles(hits, Query("q"))
    html = filters.show_timeline(found, Query("q"), ENGLISH)
    labels = re.findall(r'aria-label="(20[^"]*)"', html)
    assert labels == ["2024-01: 1 (news.example 1)", "2024-03: 2 (b.example 1, c.example 1)"]
    assert "from=2024-03-01&amp;to=2024-03-31" in html
    assert re.findall(r"height:([\d.]+)rem", html) == ["2.00", "2.00", "2.00"]


def test_show_timeline_gives_a_month_without_articles_one_tick_and_no_link() -> None:
    hits = [
        make_hit("一。", published=on("2024-01-31")),
        make_hit("二。", name="y", published=on("2024-03-01")),
    ]
    html = filters.show_timeline(filters.articles(hits, Query("q")), Query("q"), ENGLISH)
    items = re.findall(r"<li>(.*?)</li>", html, re.DOTALL)
    assert ["<a " in item for item in items] == [True, False, True]
    assert [item.count('class="tick"') for item in items] == [1, 1, 1]
    ticks = re.findall(r'<span class="tick" aria-hidden="true">(.*?)</span>', html)
    assert ticks == ["1<br>2024", "2", "3"]


def test_show_timeline_over_many_months_has_a_bar_for_each_year() -> None:
    hits = [
        make_hit("一。", published=on("2021-05-01")),
        make_hit("二。", name="y", published=on("2024-02-29")),
    ]
    html = filters.show_timeline(filters.articles(hits, Query("q")), Query("q"), ENGLISH)
    assert re.findall(r'aria-label="(20\d\d):', html) == ["2021", "2024"]
    assert "from=2024-01-01&amp;to=2024-12-31" in html
    assert html.count("<li>") == 4


def test_show_timeline_without_dates_is_empty() -> None:
    found = filters.articles([make_hit("一。", published=None)], Query("q"))
    assert filters.show_timeline(found, Query("q"), ENGLISH) == ""


@pytest.mark.parametrize(
    ("query", "names"),
    [
        (Query("q"), "abcd"),
        (Query("q", source="A.EXAMPLE"), "a"),
        (Query("q", language="zh"), "ab"),
        (Query("q", language="zh-Hant"), "b"),
        (Query("q", since=on("2024-02-01").date()), "bc"),
        (Query("q", until=on("2024-02-01").date()), "ab"),
        (Query("q", since=on("2024-02-01").date(), until=on("2024-02-01").date()), "b"),
        (Query("q", source="b.example", language="en"), ""),
    ],
)
def test_articles_leaves_out_reprints_that_fail_a_filter(query: Query, names: str) -> None:
    """`Assistant.search` filters hits, but lists all their reprints."""
    reprints = (
        make_reprint("a", source="a.example", language="zh-Hans", published=on("2024-01-01")),
        make_reprint("b", source="b.example", language="zh-Hant", published=on("2024-02-01T23:00")),
        make_reprint("c", source="c.example", language="en", published=on("2024-03-01")),
        make_reprint("d", source="d.example", language="zhx", published=None),
    )
    other = {"source": "other.example", "language": "und", "published": None}
    hits = [make_hit("正文。", reprints=reprints, **other)]
    found = [article.article_id for article in filters.articles(hits, query)]
    assert found == [*(["x"] if names == "abcd" else []), *names]


def test_show_chosen_links_to_the_query_without_the_filter() -> None:
    query = Query("q", 3, "a.example", "zh-Hant", on("2024-01-01").date(), None)
    html = filters.show_chosen(query, ENGLISH)
    assert re.findall(r'href="([^"]*)"', html) == [
        "?q=q&amp;lang=zh-Hant&amp;from=2024-01-01",
        "?q=q&amp;site=a.example&amp;from=2024-01-01",
        "?q=q&amp;site=a.example&amp;lang=zh-Hant",
    ]
    assert "Chinese (Traditional)" in html
    assert "2024-01-01 to …" in html
    assert filters.show_chosen(Query("q"), ENGLISH) == ""


def test_show_filters_lists_sites_languages_and_dates_with_counts() -> None:
    hits = [
        make_hit("一。", source="a.example", language="zh-Hans"),
        make_hit("二。", name="y", source="a.example", language="en"),
        make_hit("三。", name="z", source="", language="en"),
    ]
    query = Query("q", source="A.example", since=on("2024-01-01").date())
    found = filters.articles(hits, Query("q"))
    html = filters.show_filters(found, found, found, 3, query, ENGLISH)
    names = re.findall(r"<bdi>(.*?)</bdi>", html)
    assert names == ["a.example", "English", "Chinese (Simplified)"]
    assert re.findall(r'class="count">(\d+)', html) == ["2", "2", "1"]
    assert html.count('aria-current="true"') == 1
    assert re.findall(r'type="date" name="(\w+)" value="([\d-]*)"', html) == [
        ("from", "2024-01-01"),
        ("to", ""),
    ]
    assert 'data-address="?q=q&amp;site=A.example"' in html
    assert "Numbers are articles among the 3 best-matching passages." in html

"""Tests of `rag.web.views.results.filters`."""

from __future__ import annotations

import re
from datetime import date
from html import unescape

from support.hits import make_hit

from rag.i18n.translator import Translator
from rag.web.views.query import Query
from rag.web.views.results import filters
from rag.web.views.results.groups import group_by_article

ENGLISH = Translator("en")
COUNTS = {
    "sources": {"": 3, "a.example": 5, "b.example": 9, "c.example": 1},
    "languages": {"en": 2, "zh-Hans": 12},
}


def links(html: str) -> dict[str, str]:
    """Return the addresses of links by the names that they show."""
    found = re.findall(r'<a class="go[^"]*" href="([^"]*)"[^>]*>.*?<bdi>(.*?)</bdi>', html)
    return {unescape(name): unescape(address) for address, name in found}


def test_show_chips_links_to_the_query_without_the_filter() -> None:
    query = Query("q", 3, ("a.example", "b.example"), "zh-Hant", date(2024, 1, 1))
    assert links(filters.show_chips(query, ENGLISH)) == {
        "a.example": "?q=q&site=b.example&lang=zh-Hant&from=2024-01-01",
        "b.example": "?q=q&site=a.example&lang=zh-Hant&from=2024-01-01",
        "Chinese (Traditional)": "?q=q&site=a.example&site=b.example&from=2024-01-01",
        "2024-01-01 to …": "?q=q&site=a.example&site=b.example&lang=zh-Hant",
    }
    assert filters.show_chips(Query("q"), ENGLISH) == ""


def test_show_chips_removes_an_operator_from_the_text() -> None:
    query = Query('谁 "集装箱" -"弹药 x" site:a.example', order="newest")
    shown = links(filters.show_chips(query, ENGLISH))
    assert list(shown) == ['"集装箱"', '-"弹药 x"', "site:a.example"]
    assert Query.parse(shown['"集装箱"']).question == '谁 集装箱 -"弹药 x" site:a.example'
    assert Query.parse(shown["site:a.example"]).question == '谁 "集装箱" -"弹药 x"'
    assert Query.parse(shown["site:a.example"]).order == "newest"


def test_show_chips_clears_two_filters_at_once() -> None:
    html = filters.show_chips(Query("谁 -弹药", language="zh"), ENGLISH)
    assert '<a class="go" href="?q=%E8%B0%81">Clear filters</a>' in html
    assert "Clear filters" not in filters.show_chips(Query("谁 -弹药"), ENGLISH)


def test_show_filters_adds_and_removes_sites() -> None:
    found = group_by_article([make_hit("一。", source="a.example"), make_hit("二。", source="")])
    html = filters.show_filters(found, COUNTS, Query("q", sites=("A.example",)), ENGLISH)
    shown = links(html)
    assert shown["a.example"] == "?q=q"
    assert shown["b.example"] == "?q=q&site=A.example&site=b.example"
    assert list(shown)[:3] == ["a.example", "b.example", "c.example"]
    assert html.count('aria-current="true"') == 1
    assert "<summary>Filter (1)</summary>" in html


def test_show_filters_lists_the_sites_of_the_result_first() -> None:
    found = group_by_article(
        [make_hit("一。", name="x", source="c.example"), make_hit("二。", name="y", source="c.example")]
    )
    shown = list(links(filters.show_filters(found, COUNTS, Query("q"), ENGLISH)))
    assert shown == ["c.example", "b.example", "a.example", "Chinese (Simplified)", "English"]


def test_show_filters_folds_most_sites_and_bounds_their_number() -> None:
    sources = {f"{number:03}.example": 1 for number in range(150)}
    html = filters.show_filters((), {**COUNTS, "sources": sources}, Query("q"), ENGLISH)
    listed, folded = html.split("<summary>All 150 sites…</summary>")
    assert listed.count(".example</bdi>") == 10
    assert folded.count(".example</bdi>") == 100
    assert '<a href="/archive">and 40 more</a>' in folded


def test_show_filters_keeps_the_colour_of_a_site_whatever_is_found() -> None:
    results = [(), group_by_article([make_hit("一。", source="c.example")])]
    for found in results:
        html = filters.show_filters(found, COUNTS, Query("q"), ENGLISH)
        assert re.findall(r'site(\d)"></span><bdi>(\w)', html) in (
            [("0", "b"), ("1", "a"), ("2", "c")],
            [("2", "c"), ("0", "b"), ("1", "a")],
        )


def test_show_filters_removes_the_chosen_language() -> None:
    shown = links(filters.show_filters((), COUNTS, Query("q", language="en"), ENGLISH))
    assert shown["English"] == "?q=q"
    assert shown["Chinese (Simplified)"] == "?q=q&lang=zh-Hans"


def test_show_filters_asks_for_days_in_the_form_of_the_page() -> None:
    query = Query("q", sites=("a.example",), since=date(2024, 1, 1))
    html = filters.show_filters((), COUNTS, query, ENGLISH)
    assert re.findall(r'name="(\w+)" value="([\d-]*)" placeholder="([\d-]+)"', html) == [
        ("from", "2024-01-01", "2024-03-06"),
        ("to", "", "2024-03-06"),
    ]
    assert 'data-address="?q=q&amp;site=a.example"' in html

"""Tests of `rag.web.views.results.timeline`."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from support.hits import make_hit

from rag.i18n.translator import Translator
from rag.web.views.query import Query
from rag.web.views.results.groups import FoundArticle, group_by_article
from rag.web.views.results.site_colours import SiteColours
from rag.web.views.results.timeline import show_timeline

ENGLISH = Translator("en")
COLOURS = SiteColours({f"{name}.example": 9 for name in "abcdef"} | {"last.example": 1})


def found(*dates: str, source: str = "a.example") -> list[FoundArticle]:
    return group_by_article(
        make_hit(
            "正文。",
            name=f"{source}{number}",
            source=source,
            published=datetime.fromisoformat(day).replace(tzinfo=UTC) if day else None,
        )
        for number, day in enumerate(dates)
    )


def shown(articles: list[FoundArticle]) -> str:
    return show_timeline(articles, COLOURS, Query("q"), ENGLISH)


def test_show_timeline_counts_articles_by_month_and_site() -> None:
    articles = [
        *found("2024-01-31", "2024-03-31T23:59"),
        *found("2024-03-01", source="last.example"),
        *found("", source=""),
    ]
    html = shown(articles)
    assert re.findall(r'aria-label="(20[^"]*)"', html) == [
        "2024-01: 1 (a.example 1)",
        "2024-03: 2 (a.example 1, last.example 1)",
    ]
    assert "from=2024-03-01&amp;to=2024-03-31" in html
    heights = re.findall(r'class="site(\d)" style="height:([\d.]+)rem"', html)
    assert heights == [("0", "3.00"), ("0", "3.00"), ("6", "3.00")]
    assert re.findall(r'class="number" aria-hidden="true">(\d+)', html) == ["1", "2"]


def test_show_timeline_counts_an_article_once_whatever_its_passages() -> None:
    articles = group_by_article(
        make_hit(f"第{n}段。", name=name) for name in "abc" for n in range(3 if name == "a" else 1)
    )
    assert 'aria-label="2024-03: 3 (' in shown(articles)


def test_show_timeline_leaves_out_empty_months_and_names_each_year_once() -> None:
    html = shown(found("2023-12-31", "2024-01-01", "2024-04-01"))
    assert re.findall(r"<li( class=\"gap\")?><a", html) == ["", "", ' class="gap"']
    ticks = re.findall(r'<span class="tick" aria-hidden="true">([^<]*)</span>', html)
    assert ticks == ["12\n2023", "1\n2024", "4"]


def test_show_timeline_over_many_months_has_a_bar_for_each_year() -> None:
    html = shown(found("2021-05-01", "2023-01-01", "2024-02-29"))
    assert re.findall(r'aria-label="(20\d\d):', html) == ["2021", "2023", "2024"]
    assert "from=2024-01-01&amp;to=2024-12-31" in html
    assert html.count('class="gap"') == 1


def test_show_timeline_explains_its_colours_below_the_bars() -> None:
    articles = [*found("2024-01-01", "2024-02-01"), *found("2024-01-01", "", source="last.example")]
    html = shown(articles)
    legend = html[html.index('class="legend"') :]
    assert re.findall(r"site(\d)", legend) == ["0", "6"]
    assert "a.example" in legend
    assert "other sites" in legend
    assert "1 article without a date" in legend


def test_show_timeline_of_two_dated_articles_is_empty() -> None:
    assert shown(found("2024-01-01", "2024-02-01", "", "")) == ""

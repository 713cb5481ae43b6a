"""The metadata of pages: titles, addresses, times by trust, bodies in data."""

from __future__ import annotations

import json
from datetime import date

import pytest
from bs4 import BeautifulSoup
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.ingest.page.metadata import PageMetadata
from rag.ingest.page.titles import clean_title

_RELATED = '<ul class="related"><li><time datetime="2023-01-02">x</time> <span class="date">2023-01-02</span></li></ul>'


def _page(head: str = "", body: str = "<h1>大坝合龙</h1>", address: str = "") -> PageMetadata:
    markup = f"<html><head>{head}</head><body>{body}<p>大坝周三合龙。</p></body></html>"
    return PageMetadata(BeautifulSoup(markup, "html.parser"), address)


def _json_ld(data: object) -> str:
    return f'<script type="application/ld+json">{json.dumps(data)}</script>'


def _news(**properties: object) -> dict[str, object]:
    return {"@type": "NewsArticle", "headline": "大坝合龙", **properties}


_PLACES = {
    "json-ld datePublished": lambda text: (_json_ld(_news(datePublished=text)), ""),
    "meta article:published_time": lambda text: (
        f'<meta property="article:published_time" content="{text}">',
        "",
    ),
    "meta PublishDate": lambda text: (f'<meta name="PublishDate" content="{text}">', ""),
    "itemprop": lambda text: ("", f'<p itemprop="datePublished">{text}</p>'),
    "time element": lambda text: ("", f"<h1>大坝合龙</h1><time>{text}</time>"),
    "date element": lambda text: ("", f'<h1>大坝合龙</h1><div class="post-date">{text}</div>'),
}
_FORMS = (
    "%Y-%m-%d",
    "%Y%m%dT%H%M%SZ",
    "%Y-%m-%dT%H:%M:%S+08:00",
    "%Y/%m/%d %H:%M",
    "%Y.%m.%d",
    "%d.%m.%Y",
    "%B %d, %Y %I:%M %p EST",
    "%a, %d %b %Y %H:%M:%S GMT",
    "%Y年%m月%d日 %H:%M",
)


@given(
    st.sampled_from(sorted(_PLACES)),
    st.sampled_from(_FORMS),
    st.dates(date(1991, 1, 1), date(2025, 12, 31)),
)
@settings(max_examples=80, deadline=None)
def test_published_any_form_in_any_place_gives_the_day(place: str, form: str, day: date) -> None:
    head, body = _PLACES[place](day.strftime(form))
    found = _page(head, body + _RELATED).published
    assert found is not None
    assert (found.moment.date(), found.origin) == (day, place)


@pytest.mark.parametrize(
    "name",
    [
        "datePublished", "pubdate", "publish-date", "publish_time", "PublishDate", "DC.date", "dcterms.created",
        "parsely-pub-date", "sailthru.date", "apub:time", "article:create_at", "OriginalPublicationDate", "date",
    ],
)  # fmt: skip
def test_published_meta_of_any_usual_name_gives_the_day(name: str) -> None:
    found = _page(f'<meta name="{name}" content="2024-03-06">').published
    assert found is not None
    assert (found.moment.date(), found.origin) == (date(2024, 3, 6), f"meta {name}")


@pytest.mark.parametrize(
    "data",
    [
        {"@graph": [{"@type": "WebPage", "datePublished": "2023-01-01"}, _news(datePublished="2024-03-06")]},
        [{"@type": "ItemList", "itemListElement": [_news(datePublished="2023-01-01")]}, _news(datePublished="2024-03-06")],
        [{"@type": "NewsArticle", "headline": "别的", "datePublished": "2023-01-01"}, _news(datePublished="2024-03-06")],
        {"@type": ["Article", "ReportageNewsArticle"], "datePublished": "2024-03-06", "dateModified": "2024-05-05"},
        {"@type": "WebPage", "mainEntity": _news(datePublished="2024-03-06"), "datePublished": "2023-01-01"},
    ],
)  # fmt: skip
def test_published_json_ld_of_several_things_gives_that_of_the_article(data: object) -> None:
    found = _page(_json_ld(data)).published
    assert found is not None
    assert found.moment.date() == date(2024, 3, 6)


@pytest.mark.parametrize(
    "body",
    [
        _RELATED,
        '<aside><a href="/b">x</a><time datetime="2023-01-02"></time></aside>',
        '<h2>相关新闻</h2><p>旧闻 <time datetime="2023-01-02"></time></p>',
        '<div class="comments"><div class="comment"><time datetime="2023-01-02"></time></div></div>',
        '<section class="sidebar-latest"><p class="date">2023-01-02</p></section>',
        '<time datetime="2567-03-06"></time>',
        "<time>05/02/2021</time>",
    ],
)
def test_published_only_other_dates_gives_none(body: str) -> None:
    assert _page(body=f"<h1>大坝合龙</h1>{body}").published is None


def test_published_time_of_the_article_goes_before_that_of_a_story_above() -> None:
    body = f'{_RELATED}<article><h1>大坝合龙</h1><time datetime="2024-03-06"></time></article>'
    found = _page(body=body).published
    assert found is not None
    assert found.moment.date() == date(2024, 3, 6)


def test_modified_gives_the_time_of_the_last_change_apart() -> None:
    found = _page('<meta property="article:modified_time" content="2024-03-06">')
    assert found.published is None
    assert found.modified is not None
    assert found.modified.moment.date() == date(2024, 3, 6)
    assert found.modified.origin == "meta article:modified_time"


def test_published_unreadable_statement_gives_the_next() -> None:
    head = _json_ld(_news(datePublished="soon")) + '<meta name="date" content="2024-03-06">'
    found = _page(head).published
    assert found is not None
    assert found.origin == "meta date"


@pytest.mark.parametrize(
    "text", ["{", "[" * 100_000, "null", '{"@type": 3, "datePublished": {}}', '"x"']
)
def test_published_damaged_json_ld_gives_none(text: str) -> None:
    assert _page(f'<script type="application/ld+json">{text}</script>').published is None


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        ('<link rel="canonical" href="https://dam.example/a"><meta property="og:url" content="https://dam.example/b">', "https://dam.example/a"),
        ('<link rel="canonical" href="/a"><meta property="og:url" content="https://dam.example/b">', "https://dam.example/a"),
        ('<base href="https://dam.example/x/"><link rel="canonical" href="a">', "https://dam.example/x/a"),
        ('<link rel="canonical" href="//dam.example/a">', "https://dam.example/a"),
        ('<link rel="canonical" href="https://dam.example"><meta property="og:url" content="https://dam.example/b">', "https://dam.example/b"),
        ('<link rel="canonical" href="https://dam.example/">', "https://dam.example/"),
        ('<link rel="canonical" href="https://web.archive.org/web/2024id_/https://dam.example/a#x">', "https://dam.example/a"),
        ('<link rel="canonical" href="https://[broken"><meta property="og:url" content="https://dam.example/b">', "https://dam.example/b"),
        ('<!-- Page saved with SingleFile \n url: https://dam.example/a \n saved date: x --><link rel="canonical" href="/">', "https://dam.example/a"),
        ('<!-- saved from url=(0021)https://dam.example/a -->', "https://dam.example/a"),
        (_json_ld(_news(mainEntityOfPage={"@id": "https://dam.example/a"})), "https://dam.example/a"),
        ('<link rel="canonical" href="/a">', ""),
        ("", ""),
    ],
)  # fmt: skip
def test_url_gives_the_address_of_the_article(head: str, expected: str) -> None:
    assert _page(head).url == expected


def test_url_relative_resolves_against_the_known_address() -> None:
    address = "https://web.archive.org/web/2024/https://dam.example/x/y"
    assert _page('<link rel="canonical" href="/a">', address=address).url == "https://dam.example/a"
    assert _page(address=address).url == "https://dam.example/x/y"


@pytest.mark.parametrize(
    ("title", "site", "expected"),
    [
        ("[生活] 大坝合龙三十年", "", "大坝合龙三十年"),
        ("【财经】大坝合龙三十年", "", "大坝合龙三十年"),
        ("大坝合龙 首批机组下月发电 | 财经", "", "大坝合龙 首批机组下月发电"),
        ("大坝合龙 首批机组下月发电_水城日报", "水城日报", "大坝合龙 首批机组下月发电"),
        ("水城日报 | 大坝合龙三十年", "水城日报", "大坝合龙三十年"),
        ("2024-03-06 新闻联播 文字版查看详细内容", "", "2024-03-06 新闻联播"),
        ("【大坝合龙】首批机组下月发电", "", "【大坝合龙】首批机组下月发电"),
        ("Dam | 大坝合龙", "", "Dam | 大坝合龙"),
        ("水城日报", "水城日报", "水城日报"),
        ("[生活]", "", "[生活]"),
    ],
)
def test_clean_title_removes_column_and_site_alone(title: str, site: str, expected: str) -> None:
    assert clean_title(title, site) == expected


def test_title_comes_from_the_heading_that_the_page_title_repeats() -> None:
    page = _page("<title>大坝合龙首批发电 - 滚动 - 水城日报</title>", "<h1>大坝合龙首批发电</h1>")
    assert page.title == "大坝合龙首批发电"


def test_title_only_in_json_ld_is_the_headline() -> None:
    assert _page(_json_ld(_news()), "").title == "大坝合龙"


def test_body_of_json_ld_has_paragraphs() -> None:
    page = _page(_json_ld(_news(articleBody="第一段。\n第二段 &amp; <b>完</b>。\n\n第三段。")))
    assert page.body == "第一段。\n\n第二段 & 完。\n\n第三段。"


def test_body_of_next_data_is_the_longest_text() -> None:
    text = "大坝周三合龙，首批机组下月发电。" * 6
    data = {
        "props": {"post": {"body": f"<p>{text}</p><p>{text}</p>"}, "related": {"body": "别的" * 500}}
    }
    page = _page(f'<script id="__NEXT_DATA__" type="application/json">{json.dumps(data)}</script>')
    assert page.body == f"{text}\n\n{text}"


def test_body_without_data_is_empty() -> None:
    assert _page().body == ""


def test_published_deep_markup_takes_no_long_time() -> None:
    found = _page(
        body="<h1>大坝合龙</h1>" + '<div class="date"><p itemprop="datePublished">' * 500
    ).published
    assert found is None


def test_published_byline_in_an_aside_counts() -> None:
    found = _page(body='<aside><time datetime="2024-03-06">6 March</time></aside>').published
    assert found is not None
    assert found.moment.date() == date(2024, 3, 6)

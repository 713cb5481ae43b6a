"""The list of articles and the page of an article, as a browser without a script gets them."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from html import unescape
from pathlib import Path
from urllib.parse import unquote

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from support.doubles import HashEncoder, PatternReader, make_article

import rag
from rag.web.routes import articles as routes
from rag.web.security.paths import is_open
from rag.web.site import Site
from rag.web.views.addresses import article_address

STRANGE = "a/b #1?x=&日 \"'<i>.txt"
STORY = "平壤向俄罗斯运送了集装箱，首尔的国防部长在记者会上这样说，东京没有评论。" * 9
TEXT = f"第一段。\n\n第二段<script>alert(1)</script>说了话。\n续行。\n\n{'第三段。' * 99}"
SITE_TIME = datetime(2024, 3, 5, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> TestClient:
    folder = tmp_path_factory.mktemp("articles") / "index"
    articles = [
        make_article("a", TEXT, title="<b>港口</b>的新聞", published=SITE_TIME, language="zh-Hant"),
        make_article(STRANGE, f"{STRANGE}的正文。" * 30, title="", url="", source="", published=None),
        make_article("f", STORY, title="集装箱", url="javascript:alert(1)"),
        make_article("g", STORY, title="集装箱", source="other.example"),
        *(make_article(f"n{n:02}", f"第{n}条消息，关于{n * 7}个村庄。" * 20) for n in range(60)),
    ]
    rag.build(articles, folder, HashEncoder())
    app = FastAPI()
    routes.register(app, Site(rag.load(folder, HashEncoder(), PatternReader())))
    return TestClient(app)


def main_of(client: TestClient, address: str, status: int = 200, **headers: str) -> str:
    response = client.get(address, headers=headers)
    assert response.status_code == status
    return response.text.partition("<main")[2].partition("</main>")[0]


def links(html: str) -> list[str]:
    return [unescape(link) for link in re.findall(r'href="([^"]*)"', html)]


def titles(html: str) -> list[str]:
    return re.findall(r'<a href="/article/[^"]*"><bdi[^>]*>(.*?)</bdi>', html)


def test_article_shows_its_whole_text_in_paragraphs(client: TestClient) -> None:
    html = main_of(client, "/article/a")
    assert html.count('<p class="text"') == 3
    assert '<div class="body" lang="zh-Hant" data-article="a">' in html
    assert (
        '<p class="text" dir="auto">第二段&lt;script&gt;alert(1)&lt;/script&gt;说了话。\n续行。</p>'
        in html
    )
    assert '<h2><bdi lang="zh-Hant">&lt;b&gt;港口&lt;/b&gt;的新聞</bdi></h2>' in html
    assert "<mark" not in html


def test_article_marks_a_range_across_paragraphs(client: TestClient) -> None:
    start, end = TEXT.index("一段"), TEXT.index("说了话")
    html = main_of(client, f"/article/a?mark={start}-{end}")
    assert '第<mark id="mark">一段。</mark></p>' in html
    assert "<mark>第二段&lt;script&gt;alert(1)&lt;/script&gt;</mark>说了话" in html
    assert html.count("<mark") == 2


def test_article_marks_no_white_space(client: TestClient) -> None:
    end = TEXT.index("第二段")
    html = main_of(client, f"/article/a?mark={end - 2}-{end + 3}")
    assert re.findall("<mark.*?</mark>", html) == ['<mark id="mark">第二段</mark>']


@pytest.mark.parametrize("mark", ["5-5", "9-3", "0-99999", "-1-3", "a-b", "1", "٠-٣", "4-6"])
def test_article_ignores_a_range_that_it_lacks(client: TestClient, mark: str) -> None:
    assert "<mark" not in main_of(client, f"/article/a?mark={mark}")


def test_article_opens_its_original_at_the_marked_place(client: TestClient) -> None:
    original = links(main_of(client, "/article/a?mark=0-4"))[0]
    assert original.startswith("https://news.example/a#:~:text=")
    assert links(main_of(client, "/article/a"))[0] == "https://news.example/a"


def test_article_without_an_address_has_no_link_to_an_original(client: TestClient) -> None:
    for name in (STRANGE, "f"):
        html = main_of(client, article_address(name))
        assert not [link for link in links(html) if link.startswith("javascript") or not link]
        assert "Open the original" not in html.partition("Also in")[0]


def test_article_with_a_strange_id_has_a_page_and_an_open_path(client: TestClient) -> None:
    html = main_of(client, article_address(STRANGE, (0, 3)))
    assert re.search(r"source not given ·\s+no date ·", html)
    assert unescape(html).count(STRANGE) >= 30
    assert is_open("GET", unquote(article_address(STRANGE)))
    assert not is_open("GET", "/article/")


def test_article_lists_its_reprints_and_those_beside_it(client: TestClient) -> None:
    html = main_of(client, "/article/f")
    assert titles(html.partition("Also in 1 other article")[2])[0] == "集装箱"
    assert "https://news.example/g" in links(html)
    beside = links(main_of(client, "/article/a").partition("<nav")[2])
    assert beside == ["/article/f"]
    assert links(main_of(client, "/article/f").partition("<nav")[2]) == ["/article/a", "/article/g"]


@pytest.mark.parametrize(
    ("back", "expected"),
    [
        ("%3Fq%3D%E6%B8%AF%26site%3Da.example%26p%3D2", "/?q=%E6%B8%AF&site=a.example&p=2"),
        ("//evil.example", None),
        ("https://evil.example/?q=x", None),
        ("javascript:alert(1)", None),
        ("%3Fsite%3Da", None),
        ("%3Fq%3D", None),
    ],
)
def test_way_back_leads_to_a_result_only(client: TestClient, back: str, expected: str | None) -> None:
    html = main_of(client, f"/article/a?back={back}")
    assert ("Back to the results" in html) == (expected is not None)
    assert expected is None or links(html)[0] == expected
    assert "evil" not in html


def test_unknown_article_leads_to_the_list(client: TestClient) -> None:
    html = main_of(client, "/article/%3Cb%3Enothing", 404)
    assert "Article not found" in html
    assert "/articles" in links(html)
    assert "<b>" not in html


def test_list_has_pages_of_fifty(client: TestClient) -> None:
    first, second = main_of(client, "/articles"), main_of(client, "/articles?p=2")
    assert "64 articles" in first
    assert (len(titles(first)), len(titles(second))) == (50, 14)
    assert not set(titles(first)) & set(titles(second))
    assert titles(main_of(client, "/articles?p=99")) == titles(second)
    assert "/articles?p=2" in links(first)


def test_list_keeps_its_filters_in_the_form_the_chips_and_the_pages(client: TestClient) -> None:
    html = main_of(client, "/articles?site=news.example&month=2024-03&title=%E6%A0%87&sort=oldest")
    assert '<option value="news.example" selected>' in html
    assert '<option value="2024-03" selected>March 2024</option>' in html
    assert '<option value="oldest" selected>' in html
    assert 'name="title" value="标"' in html
    assert "/articles?month=2024-03&title=%E6%A0%87&sort=oldest" in links(html)
    assert "/articles?site=news.example&month=2024-03&title=%E6%A0%87&sort=oldest&p=2" in links(html)


def test_list_keeps_several_sites_and_days(client: TestClient) -> None:
    html = main_of(client, "/articles?site=a.example&site=-&from=2024-01-01")
    assert re.findall(r'type="hidden" name="(\w+)" value="(.*?)"', html) == [
        ("site", "a.example"),
        ("site", "-"),
        ("from", "2024-01-01"),
    ]


def test_list_finds_articles_without_a_site_or_a_date(client: TestClient) -> None:
    for address in ("/articles?site=-", "/articles?month=-"):
        assert list(map(unescape, titles(main_of(client, address)))) == [STRANGE]


def test_list_without_articles_says_what_to_do(client: TestClient) -> None:
    html = main_of(client, "/articles?title=%3Ci%3Enothing")
    assert "No articles match. Remove a filter, or use fewer words." in html
    assert "<bdi>Title: &lt;i&gt;nothing</bdi>" in html


def test_list_of_an_empty_archive_says_so(tmp_path: Path) -> None:
    rag.build([], tmp_path / "index", HashEncoder(), allow_empty=True)
    app = FastAPI()
    routes.register(app, Site(rag.load(tmp_path / "index", HashEncoder(), PatternReader())))
    assert "The archive has no articles yet." in main_of(TestClient(app), "/articles")

"""Tests of `rag.web.views.articles.archive`."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from html import unescape
from pathlib import Path

import pytest
from support.doubles import HashEncoder, PatternReader, make_article

import rag
from rag.i18n.translator import Translator
from rag.web.views.articles.archive import show_archive
from rag.web.views.articles.list_query import ListQuery

ENGLISH, CHINESE = Translator("en"), Translator("zh-Hans")


@pytest.fixture
def mixed(tmp_path: Path, write_feed: Callable[..., Path]) -> rag.Assistant:
    """Two articles with the same text, and two files that cannot be indexed."""
    text = "".join(f"<p>第{n}段：平壤向俄罗斯运送了集装箱，首尔这样说。</p>" for n in range(9))
    write_feed("a.txt", text, url="https://a.example/1")
    seeds = write_feed("b.txt", text, url="https://b.example/2").parent
    write_feed("empty.txt", "")
    (seeds / "broken.txt").write_bytes(b"\x89PNG\r\n\x1a\n")
    rag.build(rag.read_seeds(seeds), tmp_path / "index", HashEncoder())
    return rag.load(tmp_path / "index", HashEncoder(), PatternReader())


def sections(html: str) -> list[str]:
    return re.findall(r"<h2>(.*?)</h2>", html)


def test_show_archive_counts_reprints_and_refused_files(mixed: rag.Assistant) -> None:
    html = show_archive(mixed, ENGLISH)
    assert sections(html)[-3:] == ["Reprints", "Files not indexed", "Index and model"]
    assert "1 article is a near-copy of another; they appear as one result." in html
    assert (
        '<a href="/article/a.txt"><bdi>a.example</bdi></a>, '
        '<a href="/article/b.txt"><bdi>b.example</bdi></a>' in html
    )
    assert html.count(" · 1 file</summary>") == 2
    assert "<li><bdi>broken.txt</bdi></li>" in html


def test_show_archive_gives_reasons_in_the_language_of_the_page(mixed: rag.Assistant) -> None:
    reasons = re.findall(r"<summary><bdi>(.*?)</bdi>", show_archive(mixed, CHINESE))
    assert len(reasons) == 2
    assert not [reason for reason in reasons if not re.search("[\u4e00-\u9fff]", reason)]


def test_show_archive_hides_sections_without_content(small: rag.Assistant) -> None:
    html = show_archive(small, ENGLISH)
    assert sections(html) == ["About the archive", "Site", "By year", "Language", "Index and model"]
    assert "exact search" in html
    assert re.search(r"Last updated</th><td>\w+ \d+, \d{4}, \d\d:\d\d UTC</td>", html)


def test_show_archive_names_groups_without_site_or_date(tmp_path: Path) -> None:
    article = make_article("a", "没有来源和日期的文章。" * 20)
    rag.build([replace(article, source="", published=None)], tmp_path / "index", HashEncoder())
    html = show_archive(rag.load(tmp_path / "index", HashEncoder(), PatternReader()), ENGLISH)
    assert '<a href="/articles?site=-"><bdi>source not given</bdi></a>' in html
    assert '<a href="/articles?month=-"><bdi>no date</bdi></a>' in html
    assert "1 article from 0 sites." in html


def test_show_archive_folds_away_what_does_not_fit_into_a_chart(tmp_path: Path) -> None:
    articles = [
        make_article(f"{n:02}", f"第{n}篇关于港口的报道。" * 9, source=f"s{n:02}.example")
        for n in range(43)
    ]
    rag.build(articles, tmp_path / "index", HashEncoder())
    html = show_archive(rag.load(tmp_path / "index", HashEncoder(), PatternReader()), ENGLISH)
    shown, _, folded = html.partition("<details><summary>3 more</summary>")
    assert (shown.count(".example</bdi>"), folded.count(".example</bdi>")) == (40, 3)


def test_show_archive_counts_what_its_links_list(tmp_path: Path) -> None:
    rag.build(
        [
            make_article("a", "港口的报道。" * 20, language="zh"),
            make_article("b", "樱花的报道。" * 20, language="zh-Hant", source=""),
            make_article("c", "选举的报道。" * 20, language="und", published=None),
        ],
        tmp_path / "index",
        HashEncoder(),
    )
    assistant = rag.load(tmp_path / "index", HashEncoder(), PatternReader())
    html = show_archive(assistant, ENGLISH)
    rows = re.findall(r'<a href="/articles\?(.*?)"><bdi>.*?<td class="number">(\d+)</td>', html)
    assert len(rows) == 8  # two sites, no date, a year, a month, three languages
    for address, count in rows:
        selection = ListQuery.parse(unescape(address)).selection
        assert assistant.catalogue.articles(selection).total == int(count), address


def test_show_archive_links_articles_to_check_to_their_pages(
    tmp_path: Path, write_feed: Callable[..., Path]
) -> None:
    seeds = write_feed("a b.txt", "<p>一篇没有日期的报道，关于港口和船。</p>" * 9).parent
    (seeds / "plain.txt").write_text("一篇没有日期的报道，关于樱花。" * 20, encoding="utf-8")
    rag.build(rag.read_seeds(seeds), tmp_path / "index", HashEncoder())
    html = show_archive(rag.load(tmp_path / "index", HashEncoder(), PatternReader()), ENGLISH)
    assert '<li><a href="/article/plain.txt"><bdi>plain.txt</bdi></a></li>' in html

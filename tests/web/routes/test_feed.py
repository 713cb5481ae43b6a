"""Tests of `rag.web.routes.feed`: a feed reader follows a question."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

import feedparser
import httpx
import pytest
from support.clients import send
from support.doubles import HashEncoder, PatternReader, make_article, three_articles

import rag
from rag.types import Answer, Article, Hit
from rag.web.application import Service, application

QUESTION = "平壤向俄罗斯运送了多少个集装箱？"
ADDRESS = f"/feed?q={quote(QUESTION)}"
NEW = make_article(
    "new",
    "平壤向俄罗斯运送了约9000个集装箱，首尔的记者会说。",
    published=datetime.fromisoformat("2024-05-01T08:00:00+08:00"),
)


@pytest.fixture
def assistant(tmp_path: Path) -> rag.Assistant:
    rag.build(three_articles(), tmp_path / "index", HashEncoder())
    return rag.load(tmp_path / "index", HashEncoder(), PatternReader())


def rebuild(assistant: rag.Assistant, articles: list[Article]) -> None:
    rag.build(articles, str(assistant.store), HashEncoder(), allow_empty=True)
    assistant.refresh()


def read(app: Any, address: str = ADDRESS, **options: Any) -> Any:
    """Read a feed as a feed reader does."""
    response = send(app, address, **options)
    assert response.status_code == 200
    assert response.headers["content-type"].startswith("application/atom+xml")
    feed = feedparser.parse(response.content)
    assert not feed.bozo
    return feed


def test_feed_of_a_question_has_its_articles_with_sentence_and_answer(
    assistant: rag.Assistant,
) -> None:
    feed = read(application(assistant, Service(title="Archive")))
    assert feed.version == "atom10"
    assert feed.feed.title == f"{QUESTION} – Archive"
    assert {link.rel: link.href for link in feed.feed.links} == {
        "self": f"http://localhost:7860{ADDRESS}",
        "alternate": f"http://localhost:7860/?q={quote(QUESTION)}",
    }
    entry = feed.entries[0]
    assert (entry.title, entry.link, entry.author) == (
        "标题 a",
        "https://news.example/a",
        "news.example",
    )
    assert entry.published == entry.updated == "2024-03-06T22:20:00+00:00"
    assert entry.summary.startswith("Answer: 6700. 平壤向俄罗斯运送了约6700个")


def test_feed_after_a_rebuild_with_a_new_article_has_one_new_entry_on_top(
    assistant: rag.Assistant,
) -> None:
    app = application(assistant)
    before = read(app)
    rebuild(assistant, [*three_articles(), NEW])
    after = read(app)
    assert after.feed.id == before.feed.id
    known = [entry.id for entry in before.entries]
    assert [entry.title for entry in after.entries if entry.id not in known] == ["标题 new"]
    assert after.entries[0].title == "标题 new"
    assert [entry.id for entry in after.entries[1:]] == known
    assert after.feed.updated == "2024-05-01T08:00:00+08:00"


def test_feed_leaves_out_what_hardly_matches(assistant: rag.Assistant) -> None:
    assert len(assistant.search(QUESTION, 50)) == 3
    assert [entry.title for entry in read(application(assistant)).entries] == ["标题 a"]


class SentenceReader(PatternReader):
    """Gives its answer as a whole sentence."""

    def read(self, question: str, hits: Sequence[Hit]) -> Answer:
        return replace(super().read(question, hits), kind="sentence")


class UnsureReader(PatternReader):
    """Is unsure of its answer."""

    def read(self, question: str, hits: Sequence[Hit]) -> Answer:
        return replace(super().read(question, hits), confidence=0.3)


@pytest.mark.parametrize("reader", [SentenceReader(), UnsureReader()])
def test_feed_of_a_long_or_unsure_answer_has_its_sentence_alone(index: Path, reader: Any) -> None:
    assistant = rag.load(index, HashEncoder(), reader)
    entry = read(application(assistant)).entries[0]
    assert entry.summary.startswith("平壤向俄罗斯运送了约6700个")


def test_feed_of_newest_first_is_the_same(assistant: rag.Assistant) -> None:
    rebuild(assistant, [*three_articles(), NEW])
    app = application(assistant)
    assert read(app, f"{ADDRESS}&sort=newest") == read(app)


def test_feed_after_a_reprint_has_no_new_entry(assistant: rag.Assistant) -> None:
    app = application(assistant)
    before = read(app)
    reprint = make_article("0", three_articles()[0].text, published=NEW.published)
    rebuild(assistant, [*three_articles(), reprint])
    assert {entry.id for entry in read(app).entries} == {entry.id for entry in before.entries}


def test_feed_without_a_result_is_valid_and_empty(assistant: rag.Assistant) -> None:
    feed = read(application(assistant), f"{ADDRESS}&site=other.example")
    assert feed.entries == []
    assert feed.feed.updated == assistant.manifest.created


def test_feed_of_hostile_articles_stays_valid(tmp_path: Path) -> None:
    title, text = "</title><script>alert(1)</script>&amp;\x00\x0b\ufffe]]>", "集装箱\x1b<b>6700</b>个。"
    article = make_article("x/<y>", text, title=title, url="javascript:alert(1)", published=None)
    rag.build([article], tmp_path / "index", HashEncoder())
    assistant = rag.load(tmp_path / "index", HashEncoder(), PatternReader("无"))
    (entry,) = read(application(assistant), f"/feed?q={quote('集装箱</title>')}&p=x").entries
    assert entry.title_detail.type == "text/plain"
    assert entry.title == "</title><script>alert(1)</script>&amp;]]>"
    assert entry.link == "http://localhost:7860/article/x/%3Cy%3E"
    assert entry.updated.startswith("1970")


def test_feed_that_a_reader_has_is_not_sent_again_nor_counted(assistant: rag.Assistant) -> None:
    app = application(assistant, Service(questions=1))
    headers = send(app, ADDRESS).headers
    for known in (
        {"If-None-Match": headers["etag"]},
        {"If-None-Match": f'"x", {headers["etag"]}'},
        {"If-Modified-Since": headers["last-modified"]},
    ):
        response = send(app, ADDRESS, headers=known)
        assert (response.status_code, response.content) == (304, b"")
    assert send(app, ADDRESS).status_code == 429


def test_feed_after_a_rebuild_is_sent_to_a_reader_that_has_the_old_one(
    assistant: rag.Assistant,
) -> None:
    app = application(assistant)
    known = {"If-None-Match": send(app, ADDRESS).headers["etag"]}
    rebuild(assistant, [*three_articles(), NEW])
    assert send(app, ADDRESS, headers=known).status_code == 200


def test_feed_of_another_question_or_language_has_another_etag(assistant: rag.Assistant) -> None:
    app = application(assistant)
    tags = [
        send(app, ADDRESS).headers["etag"],
        send(app, f"{ADDRESS}&lang=zh").headers["etag"],
        send(app, ADDRESS, headers={"Accept-Language": "zh-CN"}).headers["etag"],
    ]
    assert len(set(tags)) == 3


def test_feed_without_a_question_says_so(assistant: rag.Assistant) -> None:
    response = send(application(assistant), "/feed")
    assert (response.status_code, response.text) == (400, "Type a question, in any language.")


def test_feed_is_read_with_the_password_in_its_address(locked_site: str) -> None:
    url = httpx.URL(f"{locked_site}{ADDRESS[1:]}")
    assert httpx.get(url).status_code == 401
    assert httpx.get(url.copy_with(username="any", password="secret")).status_code == 200

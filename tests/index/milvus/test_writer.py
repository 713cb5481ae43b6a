from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from support.doubles import HashEncoder, make_article

import rag
from rag.errors import ArticleTooLong, IndexDamaged, ServerUnavailable
from rag.index.milvus import client
from rag.index.milvus.client import Server
from rag.index.milvus.manifest import Contents
from rag.index.milvus.store import MilvusStore
from rag.types import Article


@pytest.mark.parametrize(
    "failure",
    [ServerUnavailable("milvus-unavailable", location="x", cause="away"), KeyboardInterrupt()],
)
@pytest.mark.parametrize("after", [0, 2, 4])
def test_upload_that_fails_leaves_only_the_old_generation(
    store_at: Callable[[str], MilvusStore],
    place: str,
    articles: list[Article],
    failure: BaseException,
    after: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rag.build(articles[:2], place, HashEncoder())
    live, insert, calls = store_at(place).server.live(), Server.insert, iter(range(after))

    def fail(*arguments: Any) -> None:
        if next(calls, None) is None:
            raise failure
        insert(*arguments)

    with monkeypatch.context() as patched:
        patched.setattr(Server, "insert", fail)
        with pytest.raises(type(failure)):
            rag.build(articles, place, HashEncoder())
    assert list(store_at(place).server.parts()) == [live]
    assert rag.load(place, HashEncoder()).manifest.articles == 2
    encoder = HashEncoder()
    assert rag.build(articles, place, encoder).passages == 3
    assert encoder.encoded == [], "the vectors of the failed build are reused"
    assert rag.load(place, HashEncoder()).manifest.articles == 3


def test_upload_that_loses_rows_does_not_go_live(
    store_at: Callable[[str], MilvusStore],
    place: str,
    articles: list[Article],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    insert = Server.insert
    monkeypatch.setattr(Server, "insert", lambda s, c, rows: insert(s, c, rows[1:] or rows))
    with pytest.raises(IndexDamaged, match=r"_articles has 2 rows instead of 3"):
        rag.build(articles, place, HashEncoder())
    assert store_at(place).server.parts() == {}


@pytest.mark.parametrize("field", ["title", "url"])
def test_upload_of_a_field_longer_than_the_limit_names_it(
    place: str, articles: list[Article], field: str
) -> None:
    rag.build(articles, place, HashEncoder())
    long = make_article("long", "正文。" * 9, **{field: "长" * 22_000})
    with pytest.raises(ArticleTooLong, match=f"The {field} of article long has 66,000 bytes"):
        rag.build([*articles, long], place, HashEncoder())
    assert rag.load(place, HashEncoder()).manifest.articles == 3


def test_contents_longer_than_a_row_are_read_back(
    store_at: Callable[[str], MilvusStore], place: str, articles: list[Article]
) -> None:
    sources = [f"{number:04}.{'很长' * 40}.example" for number in range(300)]
    many = [make_article(source, "短文，说的是这件事。", source=source) for source in sources]
    rag.build(many, place, HashEncoder())
    server = store_at(place).server
    contents = Contents.read(server, server.live())
    assert len(contents.to_json()) > client.TEXT_BYTES // 4
    assert sorted(contents.counts["sources"]) == sources
    hits = rag.load(place, HashEncoder()).search("短文", 5, source=sources[7])
    assert [hit.passage.source for hit in hits] == [sources[7]]

from __future__ import annotations

import logging
import shutil
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from support.archives import wait_until
from support.doubles import HashEncoder, clear

import rag
from rag.errors import IndexBusy, IndexDamaged, IndexMissing, ServerUnavailable
from rag.index import generations
from rag.index.milvus.client import Server
from rag.index.milvus.manifest import Contents
from rag.index.milvus.store import MilvusStore
from rag.types import Article


def test_build_uploads_a_generation_and_keeps_one_for_a_rollback(
    store_at: Callable[[str], MilvusStore], place: str, articles: list[Article]
) -> None:
    store = store_at(place)
    uploaded = []
    for count in (1, 2, 3):
        rag.build(articles[:count], place, HashEncoder())
        uploaded.append(store.server.live())
    assert sorted(store.server.parts()) == sorted(uploaded)[1:] == uploaded[1:]
    assert rag.build(articles, place, HashEncoder()).unchanged == 3
    assert store.server.live() == uploaded[2], "nothing is uploaded if nothing has changed"
    earlier = store.earlier()
    assert earlier == store.roll_back()
    assert earlier.articles == 2
    assert store.server.live() == uploaded[1]
    assert store.earlier() is None
    assert list(store.server.parts()) == [uploaded[1]]
    with pytest.raises(IndexMissing, match="There is no generation before"):
        store.roll_back()
    assert rag.build(articles, place, HashEncoder()).unchanged == 3
    assert store.contents()[0].articles == 3, "a build brings a rolled-back index up to date"


def test_check_detects_lost_rows_and_build_or_repair_restores_them(
    store_at: Callable[[str], MilvusStore], place: str, articles: list[Article]
) -> None:
    rag.build(articles, place, HashEncoder())
    store = store_at(place)
    assert store.check() == []
    for restore in (
        lambda: rag.build(articles, place, HashEncoder()),
        lambda: store.repair(HashEncoder(), None),
    ):
        rows = f"{store.server.live()}_rows"
        store.server._client.delete(rows, filter="row in [1, 2]")
        (fault,) = store.check()
        with pytest.raises(IndexDamaged, match="_rows lacks"):
            rag.load(place, HashEncoder()).search("集装箱")
        assert (fault.path, "rag build --index milvus+file:" in fault.reason) == (rows, True)
        restore()
        assert store.check() == []
    assert store.repair(HashEncoder(), None) == []
    assert rag.load(place, HashEncoder()).search("集装箱")[0].passage.article_id == "a"


def test_repair_without_the_same_staging_generation_names_the_command(
    store_at: Callable[[str], MilvusStore], place: str, articles: list[Article]
) -> None:
    """The staging folder has a later generation, and then none."""
    store = store_at(place)
    for count in (2, 3):
        rag.build(articles[:count], place, HashEncoder())
    store.roll_back()
    store.server._client.delete(f"{store.server.live()}_rows", filter="row in [1]")
    for prepare in (lambda: None, lambda: shutil.rmtree(store.staging)):
        prepare()
        with pytest.raises(IndexDamaged, match=r"Run `rag build --index milvus\+file"):
            store.repair(HashEncoder(), None)
        assert store.contents()[0].articles == 2


def test_build_replaces_collections_of_another_layout(
    place: str, articles: list[Article], monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr("rag.index.milvus.upload.plan.Contents", partial(Contents, layout=0))
        rag.build(articles, place, HashEncoder())
    with pytest.raises(
        IndexDamaged, match=r"its layout is 0, this version reads 3.*`rag build --index milvus"
    ):
        rag.load(place, HashEncoder())
    rag.build(articles, place, HashEncoder())
    assert rag.load(place, HashEncoder()).search("集装箱")


def test_build_without_the_staging_folder_reads_everything(
    store_at: Callable[[str], MilvusStore], place: str, articles: list[Article]
) -> None:
    rag.build(articles, place, HashEncoder())
    shutil.rmtree(store_at(place).staging)
    assert rag.load(place, HashEncoder()).search("集装箱"), "a search needs no staging folder"
    assert rag.build(articles, place, HashEncoder()).added == 3
    assert rag.load(place, HashEncoder()).search("集装箱")


def test_index_is_complete_after_a_restart_of_the_engine(
    store_at: Callable[[str], MilvusStore], tmp_path: Path, articles: list[Article]
) -> None:
    from milvus_lite.server_manager import server_manager_instance

    place = f"milvus+file:{tmp_path / 'x.db'}"
    rag.build(articles[:2], place, HashEncoder())
    for count in (2, 3):
        server_manager_instance.release_server(str(tmp_path / "x.db"))
        assert rag.load(place, HashEncoder()).search("集装箱")[0].passage.article_id == "a"
        assert rag.build(articles[:count], place, HashEncoder()).unchanged == 2
    server_manager_instance.release_server(str(tmp_path / "x.db"))
    assert store_at(place).check() == []
    assert store_at(place).roll_back().articles == 2
    server_manager_instance.release_server(str(tmp_path / "x.db"))


def test_build_during_another_is_refused(
    store_at: Callable[[str], MilvusStore], place: str, articles: list[Article]
) -> None:
    with generations.locked(store_at(place).staging), pytest.raises(IndexBusy, match="Another build"):
        rag.build(articles, place, HashEncoder())


def test_two_indexes_in_one_file_are_independent(
    store_at: Callable[[str], MilvusStore], place: str, articles: list[Article]
) -> None:
    other = f"{place}_1"
    rag.build(articles, place, HashEncoder())
    rag.build(articles[:1], other, HashEncoder())
    rag.build(articles[1:], other, HashEncoder())
    rag.build(articles[:2], other, HashEncoder())
    assert rag.load(place, HashEncoder()).manifest.articles == 3
    assert rag.load(other, HashEncoder()).manifest.articles == 2
    assert store_at(place).check() == store_at(other).check() == []
    clear(other)


def test_build_leaves_a_foreign_collection_alone(
    store_at: Callable[[str], MilvusStore], place: str, articles: list[Article]
) -> None:
    store = store_at(place)
    theirs = store.address.collection
    store.server._client.create_collection(theirs, dimension=4)
    with pytest.raises(ServerUnavailable, match="cannot be used"):
        rag.build(articles, place, HashEncoder())
    assert store.server._client.has_collection(theirs)
    assert store.server.parts() == {}
    store.server.drop([theirs])


def test_assistant_follows_the_alias(
    place: str, articles: list[Article], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(MilvusStore, "follow_seconds", 0.05)
    rag.build(articles[:2], place, HashEncoder())
    assistant = rag.load(place, HashEncoder())
    rag.build(articles, place, HashEncoder())
    wait_until(lambda: assistant.manifest.articles == 3)


def test_assistant_goes_on_while_the_server_is_away(
    place: str,
    articles: list[Article],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(MilvusStore, "follow_seconds", 0.05)
    rag.build(articles[:2], place, HashEncoder())
    assistant = rag.load(place, HashEncoder())
    calls = []

    def away(_: Server) -> str:
        calls.append(1)
        raise ServerUnavailable("milvus-unavailable", location="x", cause="away")

    with monkeypatch.context() as patched, caplog.at_level(logging.WARNING):
        patched.setattr(Server, "live", away)
        wait_until(lambda: len(calls) > 3)
        assert assistant.search("集装箱")
    assert [r.message for r in caplog.records if r.name == "rag.index.following"] == [
        "The index that was open stays in use: Milvus at x cannot be used (away). Check that it is "
        "running, and that the address and RAG_MILVUS_TOKEN are correct."
    ]
    rag.build(articles, place, HashEncoder())
    wait_until(lambda: assistant.manifest.articles == 3)

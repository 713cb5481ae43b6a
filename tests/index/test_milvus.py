from __future__ import annotations

import json
import logging
import shutil
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from support.doubles import HashEncoder, PatternReader, clear, make_article

import rag
from rag.cli import main
from rag.errors import (
    ArticleTooLong,
    IndexBusy,
    IndexDamaged,
    IndexMissing,
    LocationInvalid,
    ServerUnavailable,
)
from rag.index import stores
from rag.index.milvus import client
from rag.index.milvus.location import Address, address
from rag.index.milvus.manifest import Contents
from rag.types import Article, Hit


@pytest.fixture
def place(new_location: Callable[[str], str]) -> Iterator[str]:
    """A place in Milvus for one test."""
    location = new_location("milvus")
    yield location
    clear(location)


def at(location: str) -> stores.MilvusStore:
    kept = stores.at(location)
    assert isinstance(kept, stores.MilvusStore)
    return kept


def varied(count: int) -> list[Article]:
    """Articles of several sites, languages and times, with copies, and with words of all kinds."""
    rng = np.random.default_rng(1)
    words = [
        "平壤",
        "集装箱",
        "弹药",
        "Kim Jong-un",
        "BM-21",
        "6,700",
        "樱花",
        "峰会",
        "導彈",
        "コンテナ",
        "奥运会",
    ]
    articles = []
    for n in range(count):
        text = "。".join(" ".join(rng.choice(words, 9)) for _ in range(rng.integers(1, 40))) + "。"
        fields: dict[str, Any] = {
            "source": ["www.rfi.fr", 'x" or true or source == "', "", "www.BBC.com"][n % 4],
            "language": ["zh-Hans", "zh-Hant", "und", "en"][n % 4],
            "published": datetime(2020 + n % 5, 1 + n % 12, 3, tzinfo=UTC) if n % 7 else None,
        }
        articles.append(make_article(f"{n:03}", text, **fields))
    copies = [make_article(f"copy{n}", articles[n].text, title=articles[n].title) for n in range(5)]
    return [*articles, *copies, make_article("mute", "…… ！！ ……" * 9, title="")]


def rounded(hits: list[Hit]) -> list[tuple[object, ...]]:
    return [(hit.passage, hit.highlight, list(hit.reprints)) for hit in hits]


def test_hits_and_scores_are_those_of_the_folder(place: str, tmp_path: Path) -> None:
    articles = varied(60)
    rag.build(articles, place, HashEncoder())
    rag.build(articles, tmp_path, HashEncoder())
    there, here = rag.load(place, HashEncoder()), rag.load(tmp_path, HashEncoder())
    assert there.manifest.passages == here.manifest.passages > 80
    questions = [
        "平壤运送了多少集装箱？",
        "BM-21 6700",
        "2021年1月的峰会",
        "Kim Jong-un",
        "奥运会 樱花",
        "コンテナ",
    ]
    filters: list[dict[str, Any]] = [
        {},
        {"source": 'X" or true or source == "'},
        {"language": "zh", "since": datetime(2021, 1, 1, tzinfo=UTC)},
        {"until": datetime(2022, 1, 1, tzinfo=UTC)},
        {"source": ""},
    ]
    for only in filters:
        expected = here.search_batch(questions, 20, **only)
        assert any(expected)
        for found, right in zip(there.search_batch(questions, 20, **only), expected, strict=True):
            assert rounded(found) == rounded(right)
            assert np.allclose([h.score for h in found], [h.score for h in right], atol=1e-3)


def test_bm25_is_that_of_sqlite(place: str, tmp_path: Path) -> None:
    """Also of terms in more than half of the passages, and after terms have been taken out."""
    articles = varied(40)
    for given in (articles, articles[5:]):
        rag.build(given, place, HashEncoder())
        rag.build(given, tmp_path, HashEncoder())
    there, here = stores.at(place).open().corpus, stores.at(tmp_path).open().corpus
    terms = ["平壤", "bm21", "6700", "集装", "没有的", "jongun", "021"]
    assert there.frequencies(terms) == here.frequencies(terms)
    for chosen in (terms, terms[:1], ["没有的"], []):
        assert there.bm25(chosen) == pytest.approx(here.bm25(chosen), rel=1e-5)
    assert there.languages == here.languages == {"zh-Hans", "zh-Hant", "en"}


def test_a_served_one_is_asked_as_an_embedded_one_is(
    place: str, tmp_path: Path, articles: list[Article], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The engine of the file listens like a server: with another index, and settings of its own."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    rag.build(articles, place, HashEncoder())
    uri = client._embedded(at(place).address)
    served = f"milvus+{uri}/{at(place).address.collection}_served"
    rag.build(articles, served, HashEncoder())
    assert [path.name[:7] for path in (tmp_path / "cache" / "rag").iterdir()] == ["milvus-"]
    here, there = rag.load(place, HashEncoder()), rag.load(served, HashEncoder())
    assert there.search("集装箱的弹药") == here.search("集装箱的弹药")
    clear(served)


def test_a_build_fills_new_collections_and_keeps_one_generation_to_go_back_to(
    place: str, articles: list[Article]
) -> None:
    kept = at(place)
    generations = []
    for count in (1, 2, 3):
        rag.build(articles[:count], place, HashEncoder())
        generations.append(kept.server.live())
    assert sorted(kept.server.parts()) == sorted(generations)[1:] == generations[1:]
    assert rag.build(articles, place, HashEncoder()).unchanged == 3
    assert kept.server.live() == generations[2], "nothing has changed, nothing is uploaded"
    assert kept.roll_back().articles == 2
    assert kept.server.live() == generations[1]
    assert list(kept.server.parts()) == [generations[1]]
    with pytest.raises(IndexMissing, match="There is no generation before"):
        kept.roll_back()
    assert rag.build(articles, place, HashEncoder()).unchanged == 3
    assert kept.contents()[0].articles == 3, "what was rolled back is brought up to date"


def test_questions_go_on_while_builds_come_and_go(place: str, articles: list[Article]) -> None:
    rag.build(articles, place, HashEncoder())
    assistant = rag.load(place, HashEncoder())
    wrong: list[object] = []
    is_over = threading.Event()

    def ask() -> None:
        while not is_over.is_set():
            try:
                found = {hit.passage.article_id for hit in assistant.search("集装箱", 9)}
            except Exception as error:
                wrong.append(error)
            else:
                if found not in ({"a", "b", "c"}, {"a", "b"}):
                    wrong.append(found)

    threads = [threading.Thread(target=ask) for _ in range(2)]
    [thread.start() for thread in threads]
    for count in (2, 3, 2, 3):
        rag.build(articles[:count], place, HashEncoder())
    is_over.set()
    [thread.join() for thread in threads]
    assert wrong == []


@pytest.mark.parametrize("failure", [ServerUnavailable("away"), KeyboardInterrupt()])
@pytest.mark.parametrize("after", [0, 2, 4])
def test_an_upload_that_fails_leaves_the_old_generation_and_nothing_else(
    place: str,
    articles: list[Article],
    failure: BaseException,
    after: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rag.build(articles[:2], place, HashEncoder())
    live, insert, calls = at(place).server.live(), client.Server.insert, iter(range(after))

    def fail(*arguments: Any) -> None:
        if next(calls, None) is None:
            raise failure
        insert(*arguments)

    with monkeypatch.context() as patched:
        patched.setattr(client.Server, "insert", fail)
        with pytest.raises(type(failure)):
            rag.build(articles, place, HashEncoder())
    assert list(at(place).server.parts()) == [live]
    assert rag.load(place, HashEncoder()).manifest.articles == 2
    encoder = HashEncoder()
    assert rag.build(articles, place, encoder).passages == 3
    assert encoder.encoded == [], "what was built before the upload is kept"
    assert rag.load(place, HashEncoder()).manifest.articles == 3


def test_rows_that_are_lost_are_noticed_and_made_good(place: str, articles: list[Article]) -> None:
    rag.build(articles, place, HashEncoder())
    kept = at(place)
    assert kept.check() == []
    for make_good in (
        lambda: rag.build(articles, place, HashEncoder()),
        lambda: kept.repair(HashEncoder(), None),
    ):
        rows = f"{kept.server.live()}_rows"
        kept.server._client.delete(rows, filter="row in [1, 2]")
        (fault,) = kept.check()
        with pytest.raises(IndexDamaged, match="_rows lacks"):
            rag.load(place, HashEncoder()).search("集装箱")
        assert (fault.path, "rag build --index milvus+file:" in fault.reason) == (rows, True)
        make_good()
        assert kept.check() == []
    assert kept.repair(HashEncoder(), None) == []
    assert rag.load(place, HashEncoder()).search("集装箱")[0].passage.article_id == "a"


def test_what_cannot_be_filled_anew_says_what_can_be_done(place: str, articles: list[Article]) -> None:
    """The staging folder has a later generation, and then none."""
    kept = at(place)
    for count in (2, 3):
        rag.build(articles[:count], place, HashEncoder())
    kept.roll_back()
    kept.server._client.delete(f"{kept.server.live()}_rows", filter="row in [1]")
    for prepare in (lambda: None, lambda: shutil.rmtree(kept.staging)):
        prepare()
        with pytest.raises(IndexDamaged, match=r"Run `rag build --index milvus\+file"):
            kept.repair(HashEncoder(), None)
        assert kept.contents()[0].articles == 2


def test_rows_lost_on_the_way_do_not_go_live(
    place: str, articles: list[Article], monkeypatch: pytest.MonkeyPatch
) -> None:
    insert = client.Server.insert
    monkeypatch.setattr(client.Server, "insert", lambda s, c, rows: insert(s, c, rows[1:] or rows))
    with pytest.raises(IndexDamaged, match=r"_articles has 2 rows of 3"):
        rag.build(articles, place, HashEncoder())
    assert at(place).server.parts() == {}


def test_what_another_version_made_is_made_anew(
    place: str, articles: list[Article], monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr("rag.index.milvus.manifest.LAYOUT", 0)
        rag.build(articles, place, HashEncoder())
    with pytest.raises(IndexDamaged, match=r"another version has made it.*`rag build --index milvus"):
        rag.load(place, HashEncoder())
    rag.build(articles, place, HashEncoder())
    assert rag.load(place, HashEncoder()).search("集装箱")


def test_without_the_staging_folder_all_is_made_anew(place: str, articles: list[Article]) -> None:
    rag.build(articles, place, HashEncoder())
    shutil.rmtree(at(place).staging)
    assert rag.load(place, HashEncoder()).search("集装箱"), "searching needs none"
    assert rag.build(articles, place, HashEncoder()).added == 3
    assert rag.load(place, HashEncoder()).search("集装箱")


def test_an_index_is_there_after_a_restart(tmp_path: Path, articles: list[Article]) -> None:
    from milvus_lite.server_manager import server_manager_instance

    place = f"milvus+file:{tmp_path / 'x.db'}"
    rag.build(articles[:2], place, HashEncoder())
    for count in (2, 3):
        server_manager_instance.release_server(str(tmp_path / "x.db"))
        assert rag.load(place, HashEncoder()).search("集装箱")[0].passage.article_id == "a"
        assert rag.build(articles[:count], place, HashEncoder()).unchanged == 2
    server_manager_instance.release_server(str(tmp_path / "x.db"))
    assert at(place).check() == []
    assert at(place).roll_back().articles == 2
    server_manager_instance.release_server(str(tmp_path / "x.db"))


def test_only_one_build_at_a_time(place: str, articles: list[Article]) -> None:
    from rag.index import generations

    with generations.locked(at(place).staging), pytest.raises(IndexBusy, match="Another build"):
        rag.build(articles, place, HashEncoder())


def test_two_indexes_in_one_file_do_not_disturb_each_other(place: str, articles: list[Article]) -> None:
    other = f"{place}_1"
    rag.build(articles, place, HashEncoder())
    rag.build(articles[:1], other, HashEncoder())
    rag.build(articles[1:], other, HashEncoder())
    rag.build(articles[:2], other, HashEncoder())
    assert rag.load(place, HashEncoder()).manifest.articles == 3
    assert rag.load(other, HashEncoder()).manifest.articles == 2
    assert at(place).check() == at(other).check() == []
    clear(other)


def test_a_collection_of_somebody_else_is_left_alone(place: str, articles: list[Article]) -> None:
    kept = at(place)
    theirs = kept.address.collection
    kept.server._client.create_collection(theirs, dimension=4)
    with pytest.raises(ServerUnavailable, match="cannot be used"):
        rag.build(articles, place, HashEncoder())
    assert kept.server._client.has_collection(theirs)
    assert kept.server.parts() == {}
    kept.server.drop([theirs])


@pytest.mark.parametrize("field", ["title", "url"])
def test_a_field_longer_than_milvus_keeps_is_named(
    place: str, articles: list[Article], field: str
) -> None:
    rag.build(articles, place, HashEncoder())
    long = make_article("long", "正文。" * 9, **{field: "长" * 22_000})
    with pytest.raises(ArticleTooLong, match=f"The {field} of the article long has 66,000 bytes"):
        rag.build([*articles, long], place, HashEncoder())
    assert rag.load(place, HashEncoder()).manifest.articles == 3


def test_an_assistant_follows_the_alias(
    place: str, articles: list[Article], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stores.MilvusStore, "follow_seconds", 0.05)
    rag.build(articles[:2], place, HashEncoder())
    assistant = rag.load(place, HashEncoder())
    rag.build(articles, place, HashEncoder())
    wait_until(lambda: assistant.manifest.articles == 3)


def test_an_assistant_survives_that_the_server_is_away(
    place: str,
    articles: list[Article],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(stores.MilvusStore, "follow_seconds", 0.05)
    rag.build(articles[:2], place, HashEncoder())
    assistant = rag.load(place, HashEncoder())
    asked = []

    def away(_: client.Server) -> str:
        asked.append(1)
        raise ServerUnavailable("Milvus is away.")

    with monkeypatch.context() as patched, caplog.at_level(logging.WARNING):
        patched.setattr(client.Server, "live", away)
        wait_until(lambda: len(asked) > 3)
        assert assistant.search("集装箱")
    assert [r.message for r in caplog.records if r.name == "rag.assistant"] == [
        "The index that was open stays in use: Milvus is away."
    ]
    rag.build(articles, place, HashEncoder())
    wait_until(lambda: assistant.manifest.articles == 3)


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_a_server_that_is_not_there_is_named_at_once(articles: list[Article]) -> None:
    location = "milvus+http://user:secret@127.0.0.1:1/news"
    encoder = HashEncoder()
    started = time.monotonic()
    for ask in (
        lambda: rag.load(location, encoder),
        lambda: rag.build(articles, location, encoder),
        lambda: stores.at(location).check(),
    ):
        with pytest.raises(
            ServerUnavailable, match=r"Milvus at milvus\+http://127.0.0.1:1/news cannot"
        ) as told:
            ask()
        assert "secret" not in str(told.value)
    assert time.monotonic() - started < 3
    assert encoder.encoded == []


def test_a_server_that_does_not_answer_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "_CONNECT_SECONDS", 0.3)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        started = time.monotonic()
        with pytest.raises(ServerUnavailable, match="See that it runs"):
            rag.load(f"milvus+http://127.0.0.1:{silent.getsockname()[1]}/news", HashEncoder())
        assert time.monotonic() - started < 3


@pytest.mark.parametrize("package", ["pymilvus", "milvus_lite.server_manager"])
def test_a_missing_package_is_named_with_the_command(
    package: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(ServerUnavailable, match=r"Run `pip install 'news-archive-rag\[milvus\]'`"):
        rag.load(f"milvus+file:{tmp_path / 'x.db'}", HashEncoder())


def test_a_file_that_is_no_milvus_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "x.db").write_text("notes")
    with pytest.raises(ServerUnavailable, match=r"x\.db cannot be opened"):
        rag.load(f"milvus+file:{tmp_path / 'x.db'}", HashEncoder())


@pytest.mark.parametrize(
    ("location", "expected", "shown"),
    [
        ("milvus+http://db:1953/news", Address("http://db:1953", "", "news"), "milvus+http://db:1953/news"),
        ("milvus+https://db/n_1", Address("https://db:19530", "", "n_1"), "milvus+https://db:19530/n_1"),
        (
            "milvus+http://u:p%40@[::1]/news",
            Address("http://[::1]:19530", "", "news", "u:p@"),
            "milvus+http://[::1]:19530/news",
        ),
        ("milvus+https://key@db/news", Address("https://db:19530", "", "news", "key"), "milvus+https://db:19530/news"),
        ("milvus+file:/x/y.db", Address("", "/x/y.db", "rag"), "milvus+file:/x/y.db#rag"),
        ("milvus+file:/x/y.db#b", Address("", "/x/y.db", "b"), "milvus+file:/x/y.db#b"),
    ],
)  # fmt: skip
def test_a_location_is_read(location: str, expected: Address, shown: str) -> None:
    assert (address(location), str(address(location))) == (expected, shown)


def test_the_token_may_be_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAG_MILVUS_TOKEN", "user:secret")
    found = address("milvus+http://db/news")
    assert found
    assert (found.token, "secret" in str(found)) == ("user:secret", False)


@pytest.mark.parametrize(
    "location",
    [
        "milvus+http://db:19530",
        "milvus+http://db/a/b",
        "milvus+http://db/1x",
        "milvus+http://db:x/news",
        "milvus+ftp://db/news",
        "milvus+http:///news",
        "milvus+file:",
        "milvus+file:x#a b",
        "milvus://db/news",
    ],
)
def test_what_is_no_location_is_refused(location: str) -> None:
    with pytest.raises(LocationInvalid, match="must be milvus"):
        stores.at(location)


@pytest.mark.parametrize("folder", ["index", "milvus", "/x/milvus+http", "./milvus+http://x"])
def test_everything_else_is_a_folder(folder: str) -> None:
    assert stores.at(folder) == stores.FolderStore(Path(folder))
    assert stores.at(Path(folder)) == stores.FolderStore(Path(folder))


def test_contents_of_any_length_come_back(place: str, articles: list[Article]) -> None:
    sources = [f"{number:04}.{'很长' * 40}.example" for number in range(300)]
    many = [make_article(source, "短文，说的是这件事。", source=source) for source in sources]
    rag.build(many, place, HashEncoder())
    server = at(place).server
    contents = Contents.read(server, server.live())
    assert len(contents.to_json()) > client.TEXT_BYTES // 4
    assert sorted(contents.counts["sources"]) == sources
    hits = rag.load(place, HashEncoder()).search("短文", 5, source=sources[7])
    assert [hit.passage.source for hit in hits] == [sources[7]]


def test_the_command_line_takes_it(
    place: str,
    write_feed: Callable[..., Path],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(rag, "SentenceEncoder", lambda **_: HashEncoder())
    monkeypatch.setattr(rag, "SpanReader", lambda **_: PatternReader())
    monkeypatch.setattr("rag.index.builder.SentenceEncoder", lambda **_: HashEncoder())
    monkeypatch.setenv("RAG_INDEX", place)

    def run(*arguments: str) -> str:
        status = main(arguments)
        out, err = capsys.readouterr()
        assert (status, err) == (0, "")
        return out

    seeds = str(write_feed("a.txt", "<p>平壤运送了6700个集装箱。</p>").parent)
    assert f"1 passages in {place};" in run("build", "--seeds", seeds)
    assert json.loads(run("search", "集装箱", "--json"))["hits"][0]["passage"]["article_id"] == "a.txt"
    assert run("ask", "多少集装箱？").startswith("6700")
    write_feed("b.txt", "<p>东京的樱花今年开得早。</p>", url="https://news.example/2")
    run("build", "--seeds", seeds)
    assert json.loads(run("info", "--json"))["sources"] == {"news.example": 2}
    assert place in run("info")
    assert run("check") == f"No damage found in the index in {place}.\n"
    assert "(1 article)" in run("rollback")
    assert main(["rollback"]) == 1
    assert capsys.readouterr().err.startswith("rag: There is no generation before")

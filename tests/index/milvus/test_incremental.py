"""Uploads of what has changed: they answer as the folder does, and leave other generations alone."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from support.doubles import ROOT, HashEncoder, make_article

import rag
from rag.errors import ServerUnavailable
from rag.index.base import SearchIndex
from rag.index.milvus import terms
from rag.index.milvus.client import Server
from rag.index.milvus.manifest import Contents
from rag.index.milvus.numbering import ABSENT, Numbering
from rag.index.milvus.store import MilvusStore
from rag.index.milvus.upload import plan, rows, writer
from rag.index.stores import open_store
from rag.types import Article, Filter

Stores = Callable[[str], MilvusStore]

_NAMES = ["普京（Vladimir Putin）", "默克尔（Angela Merkel）", "马克龙（Emmanuel Macron）"]


def even(name: str, seed: int, **fields: Any) -> Article:
    """An article of always as many terms, so that their mean stays; some print a name."""
    rng = np.random.default_rng(seed)
    text = "".join(map(chr, rng.integers(0x4E00, 0x4E40, 60)))
    known: dict[str, Any] = {
        "title": text[:4],
        "source": ["a.example", "b.example"][seed % 2],
        "published": datetime(2024, 1 + seed % 12, 1, tzinfo=UTC),
    }
    return make_article(name, f"{text}，{_NAMES[seed % 3]}。", **known | fields)


FIRST = [even(f"{n:02}", n) for n in range(12)]
COPY = replace(FIRST[2], id="02b", url="https://news.example/02b")
SECOND = [even("00a", 77), *FIRST[:3], COPY, even("03", 88), *FIRST[4:7], *FIRST[8:]]
THIRD = [article for article in SECOND if article.id != "02"] + [even("zz", 99, source="new.example")]
GENERATIONS = (FIRST, SECOND, THIRD, THIRD[::-1])


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """Counts the rows that are sent to each collection."""
    counts, insert = Counter[str](), Server.insert

    def count(server: Server, collection: str, some: Sequence[dict[str, Any]]) -> None:
        counts[collection.rpartition("_")[2]] += len(some)
        insert(server, collection, some)

    monkeypatch.setattr(Server, "insert", count)
    return counts


class Scores(dict[int, float]):
    """Scores by number that are equal if they differ by less than a float of Milvus."""

    def __eq__(self, other: object) -> bool:
        return dict(self) == pytest.approx(other, rel=1e-5)

    __hash__ = None  # type: ignore[assignment]


def all_of(index: SearchIndex) -> dict[str, Any]:
    """Everything that a search or a page may ask of an index."""
    corpus, manifest = index.corpus, index.manifest
    articles, passages = range(manifest.articles), range(manifest.passages)
    texts = corpus.passages(passages)
    words = sorted({text.text[start : start + 2] for text in texts for start in range(0, 60, 7)})
    query = index.vectors([3])[0]
    filters = [None, Filter(sources=("a.example",)), Filter(phrases=(texts[0].text[:5],))]
    return {
        "rows": corpus.rows(passages=passages).each(),
        "passages": texts,
        "numbers": corpus.passage_numbers(texts),
        "spans": corpus.spans(range(manifest.vectors)),
        "vectors": index.vectors(range(manifest.vectors)).round(2).tolist(),
        "nearest": [sorted(index.nearest(query, manifest.vectors, only)) for only in filters],
        "reprints": corpus.reprints(articles),
        "newest": corpus.newest(9),
        "counts": {name: dict(counted) for name, counted in corpus.counts().items()},
        "listing": corpus.catalogue.articles(),
        "near-duplicates": corpus.catalogue.near_duplicates(9),
        "addresses": corpus.at_address([text.url for text in texts[::2]]),
        "articles": [corpus.article(f"{n:02}") for n in range(12)],
        "contents": sorted(corpus.contents(articles)),
        "frequencies": corpus.frequencies(words),
        "articles of terms": [sorted(set(corpus.articles_of(word))) for word in words[:9]],
        "names": [
            corpus.names.pairs_of_chinese(["普京", "默克尔", "马克龙"]),
            corpus.names.pairs_of_foreign(["Angela Merkel", "Emmanuel Macron"]),
        ],
        "bm25": Scores(corpus.bm25(words)),
    }


def test_uploads_of_changes_equal_the_folder(
    place: str, store_at: Stores, tmp_path: Path, sent: Counter[str]
) -> None:
    opened = []
    for generation in GENERATIONS:
        sent.clear()
        rag.build(generation, place, HashEncoder())
        rag.build(generation, tmp_path, HashEncoder())
        there, here = open_store(place).open(), open_store(tmp_path).open()
        opened.append(there)
        assert all_of(there) == all_of(here)
        assert store_at(place).check() == []
        if generation is SECOND:
            # Two new ones, and the others of two groups: the copy joins, the changed one leaves none.
            assert (sent["articles"], sent["passages"]) == (3, 3)
    assert sent["articles"] == 0, "another order is a matter of the contents"
    server = store_at(place).server
    bases = {Contents.read(server, name).base for name in (server.live(), opened[-2].stamp)}
    assert len(bases) == 1
    assert all_of(opened[-2])["passages"] == all_of(opened[-1])["passages"][::-1]
    assert store_at(place).roll_back().articles == len(THIRD)
    rag.build(THIRD, tmp_path, HashEncoder())
    assert all_of(open_store(place).open()) == all_of(open_store(tmp_path).open())


def test_upload_that_was_killed_is_cleared_away_by_the_next(
    place: str, store_at: Stores, monkeypatch: pytest.MonkeyPatch
) -> None:
    rag.build(FIRST, place, HashEncoder())
    server, insert = store_at(place).server, Server.insert
    live, before = server.live(), all_of(open_store(place).open())
    killed = ServerUnavailable("milvus-unavailable", location="x", cause="killed")

    def stop(self: Server, collection: str, some: Sequence[dict[str, Any]]) -> None:
        insert(self, collection, some)
        if collection.endswith("_articles"):
            raise killed

    def away(*_: object) -> None:
        raise killed

    with monkeypatch.context() as patched:
        patched.setattr(Server, "insert", stop)
        patched.setattr(Server, "drop", away)
        patched.setattr(Server, "delete", away)
        with pytest.raises(ServerUnavailable, match="killed"):
            rag.build(SECOND, place, HashEncoder())
    assert (server.live(), len(server.parts())) == (live, 2)
    assert server.count(f"{live}_articles") > len(FIRST)
    assert store_at(place).check() == []
    assert all_of(open_store(place).open()) == before
    rag.build(THIRD, place, HashEncoder())
    base = Contents.read(server, server.live()).base
    assert base == live
    assert all_of(open_store(place).open())["counts"]["sources"]["new.example"] == 1
    stored = {row["id"] for row in server.scan(f"{base}_articles", "", "id")}
    assert stored == {article.id for article in (*FIRST, *THIRD)}
    assert server.count(f"{base}_articles") == server.count(f"{base}_passages")


def test_articles_that_went_two_builds_ago_are_deleted(place: str, store_at: Stores) -> None:
    server = store_at(place).server
    for generation in (FIRST, SECOND, THIRD, THIRD[1:]):
        rag.build(generation, place, HashEncoder())
    base = Contents.read(server, server.live()).base
    stored = {row["id"] for row in server.scan(f"{base}_articles", "", "id")}
    assert stored == {article.id for article in THIRD} | {"02"}, "SECOND goes with the next upload"


@pytest.mark.parametrize(("limit", "value"), [("_MOST_DEAD", 0), ("_FEW", 0), ("LAYOUT", 9)])
def test_upload_that_cannot_be_shared_sends_everything(
    place: str,
    store_at: Stores,
    sent: Counter[str],
    monkeypatch: pytest.MonkeyPatch,
    limit: str,
    value: int,
) -> None:
    rag.build(FIRST, place, HashEncoder())
    sent.clear()
    monkeypatch.setattr(plan, limit, value)
    monkeypatch.setattr(plan, "_SCATTERED", 99)
    rag.build(SECOND, place, HashEncoder())
    assert sent["articles"] == len(SECOND)
    assert store_at(place).check() == []


def test_index_of_the_layout_before_is_read_and_then_replaced(
    place: str, store_at: Stores, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def one_weight(words: Any, numbers: dict[str, int], between: Any) -> dict[int, float]:
        found = terms.weights(words, numbers, (between[1],) * 3)
        return {number // 2: weight for number, weight in found.items()}

    def contents_of_before(contents: Contents) -> list[rows.Row]:
        fields = ("manifest", "counts", "sizes", "previous")
        known = json.loads(contents.to_json())
        text = json.dumps({name: known[name] for name in fields} | {"layout": 2})
        return [{"number": 0, "text": text, "unused": rows.UNUSED}]

    with monkeypatch.context() as patched:
        patched.setattr(rows, "weights", one_weight)
        patched.setattr(writer, "manifest_rows", contents_of_before)
        rag.build(SECOND, place, HashEncoder())
    rag.build(SECOND, tmp_path, HashEncoder())
    assert all_of(open_store(place).open()) == all_of(open_store(tmp_path).open())
    before = store_at(place).server.live()
    rag.build(THIRD, place, HashEncoder())
    assert Contents.read(store_at(place).server, before).layout == 2
    assert store_at(place).roll_back().articles == len(SECOND)
    assert store_at(place).server.live() == before


def test_numbering_maps_numbers_to_keys_and_back() -> None:
    numbering = Numbering([(10, 3), (40, 1), (0, 2)])
    assert numbering.keys(range(6)) == [10, 11, 12, 40, 0, 1]
    assert numbering.numbers([0, 1, 2, 9, 10, 12, 13, 40, 41]) == [
        4,
        5,
        ABSENT,
        ABSENT,
        0,
        2,
        ABSENT,
        3,
        ABSENT,
    ]
    assert list(numbering.ranges(2)) == [(0, 2), (2, 12), (12, 41)]
    assert list(numbering.ranges(99)) == [(0, 41)]
    assert Numbering([]).numbers([1]) == [ABSENT]
    assert (Numbering([]).keys([]), list(Numbering([]).ranges(9))) == ([], [])


_PAGE = """
import sys, time
from support.doubles import HashEncoder
import rag
from rag.index.milvus.store import MilvusStore
MilvusStore.follow_seconds = 0.1
assistant = rag.load(sys.argv[1], HashEncoder())
wanted, deadline, counts = int(sys.argv[2]), time.monotonic() + 120, set()
print("open", flush=True)
while time.monotonic() < deadline:
    hits = assistant.search(sys.argv[3], 99)
    counts.add(sum(1 + len(hit.reprints) for hit in hits))
    if assistant.manifest.articles == wanted:
        break
hits = assistant.search(sys.argv[3], 99)
print(sorted(counts | {sum(1 + len(hit.reprints) for hit in hits)}))
"""


def test_two_pages_answer_while_a_third_process_builds(served: str) -> None:
    """Each answer has the articles of one generation, and both pages get the new one."""
    rag.build(FIRST, served, HashEncoder())
    command = [sys.executable, "-c", _PAGE, served, str(len(SECOND)), FIRST[0].text[:9]]
    environment = {"PYTHONPATH": f"{ROOT}:{ROOT / 'tests'}", "PATH": "", "LC_ALL": "C.UTF-8"}
    pages = [
        subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) for _ in range(2)
    ]
    opened = [page.stdout.readline() for page in pages if page.stdout]
    assert opened == ["open\n", "open\n"]
    rag.build(SECOND, served, HashEncoder())
    for page in pages:
        printed, _ = page.communicate(timeout=150)
        assert printed == f"[{len(FIRST)}, {len(SECOND)}]\n"
        assert page.returncode == 0

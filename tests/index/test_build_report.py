"""The report of the last build, in each of the stores."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from support.doubles import HashEncoder

import rag
from rag.errors import SeedsError
from rag.index import stores
from rag.index.stores import MilvusStore
from rag.types import Article


def path_of(location: str) -> Path:
    store = stores.open_store(location)
    return (store.staging if isinstance(store, MilvusStore) else Path(location)) / "report.json"


def test_build_writes_its_report_even_if_nothing_changed(
    location: str, articles: list[Article]
) -> None:
    store = stores.open_store(location)
    assert store.report() is None
    for _ in range(2):
        report = rag.build(articles, location, HashEncoder())
        assert store.report() == report
        assert report.finished
        assert abs(datetime.now(UTC) - report.finished) < timedelta(minutes=1)
    assert report.unchanged == 3
    assert [path.name for path in path_of(location).parent.glob("*report*")] == ["report.json"]


def test_report_lists_refused_files_with_reasons(location: str, tmp_path: Path) -> None:
    seeds = tmp_path / "seeds"
    seeds.mkdir()
    (seeds / "a.txt").write_text(
        "<!--1704372301000-->\n[标题](https://x.example/1)\n---\n\n" + "正文。" * 50
    )
    (seeds / "坏.json").write_text("{}")
    report = rag.build(rag.read_seeds(seeds), location, HashEncoder())
    read = stores.open_store(location).report()
    assert read == report
    assert read is not None
    assert [failure.path for failure in read.failed] == ["坏.json"]
    assert read.failed[0].reason


def test_build_that_fails_leaves_the_last_report(location: str, articles: list[Article]) -> None:
    report = rag.build(articles, location, HashEncoder())
    with pytest.raises(SeedsError):
        rag.build([], location, HashEncoder())
    with pytest.raises(ValueError, match="two articles"):
        rag.build(articles * 2, location, HashEncoder())
    assert stores.open_store(location).report() == report


@pytest.mark.parametrize(
    "content", [b"", b"{}", b"[]", b"\xff", b"7", b'{"failed": 1}', b'{"failed": [1]}']
)
def test_report_that_is_damaged_is_none_and_replaced_by_the_next_build(
    location: str, articles: list[Article], content: bytes
) -> None:
    report = rag.build(articles, location, HashEncoder())
    store = stores.open_store(location)
    path_of(location).write_bytes(content)
    assert store.report() is None
    assert store.check() == []
    again = rag.build(articles, location, HashEncoder())
    assert store.report() == again
    assert replace(again, seconds=0.0, finished=None) == replace(
        report, added=0, unchanged=3, encoded=0, seconds=0.0, finished=None
    )


def test_repair_leaves_the_last_report(index: Path) -> None:
    report = stores.open_store(index).report()
    (live,) = index.glob("0*")
    with (live / "vectors.faiss").open("r+b") as file:
        file.seek(-8, 2)
        file.write(b"\x00" * 8)
    store = stores.open_store(index)
    assert store.repair(HashEncoder(), None)
    assert store.check() == []
    assert store.report() == report


def test_report_of_an_older_version_has_failures_without_codes(
    location: str, articles: list[Article]
) -> None:
    rag.build(articles, location, HashEncoder())
    fields = json.loads(path_of(location).read_bytes())
    fields["failed"] = [{"path": "坏.json", "reason": "not an article"}]
    path_of(location).write_text(json.dumps(fields))
    report = stores.open_store(location).report()
    assert report is not None
    (failure,) = report.failed
    assert (failure.reason, failure.code, failure.parameters) == ("not an article", "", {})


def test_report_keeps_the_remarks_on_unchanged_articles(tmp_path: Path) -> None:
    seeds = tmp_path / "seeds"
    seeds.mkdir()
    (seeds / "a.txt").write_text("甲地今天下雨，渡轮停航。", encoding="utf-8")
    place = tmp_path / "index"
    for _ in range(2):
        report = rag.build(rag.read_seeds(seeds), place, HashEncoder())
        assert [(remark.path, remark.code) for remark in report.remarks] == [
            ("a.txt", "remark-undated")
        ]
        assert stores.open_store(str(place)).report() == report
    (seeds / "a.txt").write_text("2024年5月10日\n\n甲地今天下雪，渡轮停航。", encoding="utf-8")
    assert rag.build(rag.read_seeds(seeds), place, HashEncoder()).remarks == ()


def test_build_keeps_the_articles_of_a_file_that_is_damaged_now(tmp_path: Path) -> None:
    seeds, place = tmp_path / "seeds", tmp_path / "index"
    seeds.mkdir()
    feed = (
        "<rss version='2.0'><channel><item><title>甲</title><description>甲地今天下雨。"
        "</description></item></channel></rss>"
    )
    (seeds / "b.txt").write_text("乙地今天下雪，渡轮停航。", encoding="utf-8")
    (seeds / "news.xml").write_text(feed, encoding="utf-8")
    assert rag.build(rag.read_seeds(seeds), place, HashEncoder()).added == 2
    (seeds / "news.xml").unlink()
    (seeds / "news.xml").symlink_to("/nowhere")
    report = rag.build(rag.read_seeds(seeds), place, HashEncoder())
    assert (report.unchanged, report.removed) == (2, 0)
    assert [failure.path for failure in report.failed] == ["news.xml"]

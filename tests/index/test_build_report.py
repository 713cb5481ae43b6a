"""The report of the last build, as it is kept beside the index in each of the stores."""

from __future__ import annotations

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


def kept_in(location: str) -> Path:
    kept = stores.at(location)
    return (kept.staging if isinstance(kept, MilvusStore) else Path(location)) / "report.json"


def test_a_build_leaves_its_report_also_where_nothing_changed(
    location: str, articles: list[Article]
) -> None:
    kept = stores.at(location)
    assert kept.report() is None
    for _ in range(2):
        report = rag.build(articles, location, HashEncoder())
        assert kept.report() == report
        assert report.finished
        assert abs(datetime.now(UTC) - report.finished) < timedelta(minutes=1)
    assert report.unchanged == 3
    assert [path.name for path in kept_in(location).parent.glob("*report*")] == ["report.json"]


def test_refused_files_are_in_it_with_their_reasons(location: str, tmp_path: Path) -> None:
    seeds = tmp_path / "seeds"
    seeds.mkdir()
    (seeds / "a.txt").write_text(
        "<!--1704372301000-->\n[标题](https://x.example/1)\n---\n\n" + "正文。" * 50
    )
    (seeds / "坏.json").write_text("{}")
    report = rag.build(rag.read_seeds(seeds), location, HashEncoder())
    kept = stores.at(location).report()
    assert kept == report
    assert kept is not None
    assert [failure.path for failure in kept.failed] == ["坏.json"]
    assert kept.failed[0].reason


def test_a_build_that_fails_leaves_the_report_before_it(location: str, articles: list[Article]) -> None:
    report = rag.build(articles, location, HashEncoder())
    with pytest.raises(SeedsError):
        rag.build([], location, HashEncoder())
    with pytest.raises(ValueError, match="two articles"):
        rag.build(articles * 2, location, HashEncoder())
    assert stores.at(location).report() == report


@pytest.mark.parametrize(
    "content", [b"", b"{}", b"[]", b"\xff", b"7", b'{"failed": 1}', b'{"failed": [1]}']
)
def test_a_damaged_report_is_none_and_does_no_harm(
    location: str, articles: list[Article], content: bytes
) -> None:
    report = rag.build(articles, location, HashEncoder())
    kept = stores.at(location)
    kept_in(location).write_bytes(content)
    assert kept.report() is None
    assert kept.check() == []
    again = rag.build(articles, location, HashEncoder())
    assert kept.report() == again
    assert replace(again, seconds=0.0, finished=None) == replace(
        report, added=0, unchanged=3, encoded=0, seconds=0.0, finished=None
    )


def test_a_repair_keeps_what_the_last_build_refused(index: Path) -> None:
    report = stores.at(index).report()
    (live,) = index.glob("0*")
    with (live / "vectors.faiss").open("r+b") as file:
        file.seek(-8, 2)
        file.write(b"\x00" * 8)
    kept = stores.at(index)
    assert kept.repair(HashEncoder(), None)
    assert kept.check() == []
    assert kept.report() == report

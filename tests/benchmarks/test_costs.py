"""The sheet of costs is computed, and docs/scale.md has what is computed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import rag
from benchmarks import scale
from benchmarks.cost_model import PATH, Costs, of_index, record
from benchmarks.costs import DOCUMENT, tables, write
from tests.support.doubles import HashEncoder, three_articles

COSTS = Costs.load()


def test_document_has_the_tables_that_are_computed() -> None:
    text = DOCUMENT.read_text(encoding="utf-8")

    assert write(text, tables(COSTS)) == text
    assert all(table in text for table in tables(COSTS).values())


def test_write_replaces_the_table_between_the_comments() -> None:
    document = "a\n<!-- sizes -->\n<!-- end -->\nb\n<!-- builds -->\nold\n<!-- end -->\nc"

    written = write(document, {"sizes": "| 1 |", "builds": "| 2 |"})

    assert (
        written == "a\n<!-- sizes -->\n| 1 |\n<!-- end -->\nb\n<!-- builds -->\n| 2 |\n<!-- end -->\nc"
    )


def test_costs_grow_with_the_archive_and_encoding_shrinks_with_machines() -> None:
    small, large = 10**6, 10**7

    assert COSTS.disk(large) == pytest.approx(10 * COSTS.disk(small))
    assert COSTS.build_memory(large) > COSTS.build_memory(small)
    assert COSTS.per_second(large, COSTS.search_ms) < COSTS.per_second(small, COSTS.search_ms)
    saved = COSTS.build_seconds(small) - COSTS.build_seconds(small, machines=4)
    assert saved == pytest.approx(small * COSTS.encode_ms * 0.75 / 1000)


def test_sizes_beyond_the_largest_measured_are_marked() -> None:
    rows = tables(COSTS._replace(measured_passages=10**5))["sizes"].splitlines()

    assert "≈" not in next(row for row in rows if row.startswith("| 10⁵ "))
    assert "≈" in next(row for row in rows if row.startswith("| 10⁶ "))


def test_of_index_asks_the_files_of_the_index(tmp_path: Path) -> None:
    rag.build(three_articles(), tmp_path, HashEncoder())

    measured = of_index(tmp_path)

    assert measured["vectors"] >= measured["searched"] > 1
    assert measured["vector_bytes"] > measured["dim"]
    assert "code_bytes" not in measured  # a small index has no codes


def test_record_keeps_the_other_constants(tmp_path: Path) -> None:
    path = tmp_path / "costs.json"
    path.write_bytes(PATH.read_bytes())

    record({"rest_ms": 1.5}, "measured here", path)

    assert Costs.load(path) == COSTS._replace(rest_ms=1.5)
    assert json.loads(path.read_text(encoding="utf-8"))["rest_ms"]["command"] == "measured here"
    with pytest.raises(KeyError):
        record({"no such constant": 1}, "measured here", path)


def test_costs_of_archives_come_from_the_one_that_shows_them() -> None:
    exact = {"nearest, p50 ms": 2.0, "rows searched": 10_000, "probes": 0, "lists": 0, "page MiB": 1000}
    built = {"build s": 20}
    lists = {
        "nearest, p50 ms": 5.0,
        "rows searched": 10**6,
        "probes": 300,
        "lists": 1000,
        "page MiB": 9,
    }

    found = scale.costs({8_000: exact | built, 800_000: lists | {"build s": 2_000}})

    assert found["exact_ns"] == 200
    assert found["lists_searched"] == 0.3
    assert found["rest_ms"] == 2.5
    assert found["measured_passages"] == 800_000

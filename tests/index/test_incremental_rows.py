"""After a build that copies articles, the corpus has the rows of a fresh one."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import pytest
from support.doubles import HashEncoder, make_article

import rag
from rag.index import generations
from rag.index.manifest import CORPUS

_TABLES = {
    "articles": "*",
    "passages": "number, id, article, start, end, first_row, end_row, titled",  # not the key
    "vectors": "*",
    "frequencies": "*",
    "printed_names": "*",
    "names": "*",
}
_TEXTS = [
    "普京（Vladimir Putin）在莫斯科会见了代表团，双方谈了两个小时。" * 2,
    "北极的海冰在九月降到了有记录以来的最低点。\n\n" + "研究人员说这与海水变暖有关。" * 30,
    "东京的樱花今年开得比往年早了十天，气象厅说这与冬天的高温有关。" * 3,
    "",
]


def given(names: str) -> list[rag.Article]:
    """Articles by letters: a and A, e and E … have the same id and other texts; e repeats a."""
    return [
        make_article(name.lower(), _TEXTS[ord(name.lower()) % 4] + name * name.isupper())
        for name in names
    ]


def tables(folder: Path) -> dict[str, Sequence[tuple[object, ...]]]:
    path = generations.current(folder) / CORPUS
    with closing(sqlite3.connect(path)) as connection:
        return {
            name: connection.execute(f"SELECT {columns} FROM {name} ORDER BY 1, 2").fetchall()
            for name, columns in _TABLES.items()
        }


@pytest.mark.parametrize(
    "names",
    [
        "abcdefghij",  # added at the end
        "abcd",  # removed at the end
        "cdefgh",  # removed at the start: of near-duplicates another one is the first
        "abCdeFgh",  # changed
        "Abcdefgh",  # changed at the start: no copy stays in place
        "ijabcdefgh",  # added at the start
        "efghabcd",  # in another order
        "hgfedcba",
    ],
)
def test_build_that_copies_articles_gives_the_rows_of_a_fresh_one(names: str, tmp_path: Path) -> None:
    rag.build(given("abcdefgh"), tmp_path / "index", HashEncoder())
    report = rag.build(given(names), tmp_path / "index", HashEncoder())
    assert report.unchanged == len(set(names) & set("abcdefgh"))
    rag.build(given(names), tmp_path / "fresh", HashEncoder())
    assert tables(tmp_path / "index") == tables(tmp_path / "fresh")
    assert generations.current(tmp_path / "index").name == "000002"

"""The names that articles print in two scripts, in an index."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from support.doubles import STORES, HashEncoder, clear, make_article
from support.reprints import twin

import rag
from rag.index import builder, generations
from rag.index.manifest import CORPUS
from rag.index.sqlite.corpus import SqliteCorpus
from rag.index.sqlite.names import SqliteNames
from rag.index.stores import open_store
from rag.names.known import CountedPair

ONE = make_article(
    "1", "专家布鲁斯·贝克托尔（Bruce Bechtol）说，俄国防长绍伊古（Sergey Shoygu）来过。" * 2
)
OTHER = make_article("2", "专家贝克托尔（BECHTOL）在另一篇文章中又说了一些别的话。")
MISSPELT = make_article("3", "专家贝克托尔（Bectol）的名字在这里拼写错了一个字母。")
PLAIN = make_article("4", "这一篇没有外国人的名字，只讲樱花今年为什么开得早。")


@pytest.mark.parametrize("store", STORES)
def test_names_are_found_by_either_name_with_counts_of_articles(
    store: str, new_location: Callable[[str], str]
) -> None:
    place = new_location(store)
    rag.build([ONE, OTHER, MISSPELT, PLAIN], place, HashEncoder())
    names = open_store(place).open().corpus.names
    assert names.pairs_of_chinese(["貝克托爾"]) == [
        CountedPair("贝克托尔", "Bechtol", 2),
        CountedPair("贝克托尔", "Bectol", 1),
    ]
    assert names.pairs_of_foreign(["bruce bechtol", "ŠHOYGU"]) == [
        CountedPair("布鲁斯·贝克托尔", "Bruce Bechtol", 1),
        CountedPair("绍伊古", "Shoygu", 1),
    ]
    assert names.pairs_of_chinese([]) == names.pairs_of_foreign(["Nobody"]) == []
    clear(place)


def test_near_duplicates_count_once(tmp_path: Path) -> None:
    copies = [ONE, twin(ONE, "copy")]
    rag.build(copies, tmp_path, HashEncoder())
    (pair,) = open_names(tmp_path).pairs_of_foreign(["Bechtol"])
    assert pair.articles == 1


def test_incremental_build_has_the_names_of_a_fresh_one(tmp_path: Path) -> None:
    changed = make_article("1", "记者玛丽·安德森（Marie Andersen）写了这一篇新的文章。")
    versions = [[ONE, OTHER, PLAIN], [changed, MISSPELT, OTHER], [OTHER, ONE]]
    for articles in versions:
        rag.build(articles, tmp_path / "incremental", HashEncoder())
        rag.build(articles, tmp_path / f"fresh-{len(articles)}", HashEncoder())
        fresh = tables(tmp_path / f"fresh-{len(articles)}")
        assert tables(tmp_path / "incremental") == fresh
        assert fresh["names"]
        shutil.rmtree(tmp_path / f"fresh-{len(articles)}")


def test_index_of_other_rules_is_rebuilt_from_its_vectors(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    encoder = HashEncoder()
    rag.build([ONE], tmp_path, encoder)
    encoded = len(encoder.encoded)
    monkeypatch.setattr(builder.pairs, "VERSION", 0)
    rag.build([ONE], tmp_path, encoder)
    assert len(encoder.encoded) == encoded
    assert generations.current(tmp_path).name == "000002"
    assert open_names(tmp_path).pairs_of_foreign(["Bechtol"])


def test_corpus_without_the_tables_has_no_names(tmp_path: Path) -> None:
    rag.build([ONE], tmp_path, HashEncoder())
    old = shutil.copy(generations.current(tmp_path) / CORPUS, tmp_path / "old.sqlite")
    with sqlite3.connect(old) as connection:
        connection.executescript("DROP TABLE names; DROP TABLE printed_names")
    connection.close()
    names = SqliteCorpus(Path(old)).names
    assert (
        names.pairs_of_foreign(["Bechtol"]) == names.pairs_of_chinese(["贝克托尔"]) == names.all() == []
    )


def open_names(folder: Path) -> SqliteNames:
    return SqliteCorpus(generations.current(folder) / CORPUS).names


def tables(folder: Path) -> dict[str, list[tuple[object, ...]]]:
    connection = sqlite3.connect(generations.current(folder) / CORPUS)
    found = {
        table: connection.execute(f"SELECT * FROM {table} ORDER BY 1, 2, 3, 4").fetchall()
        for table in ("printed_names", "names")
    }
    connection.close()
    return found

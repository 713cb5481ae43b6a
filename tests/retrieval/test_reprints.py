"""Near-duplicates in an index: one hit per group, which lists the others as reprints."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.doubles import HashEncoder, make_article
from support.reprints import OTHER, TEXT, twin

import rag
from rag.cli import render
from rag.i18n.translator import Translator
from rag.index.faiss_index import Index
from rag.web.views.query import Query
from rag.web.views.results.passages import Card, show_card


def test_build_groups_similar_versions_at_one_address(location: str) -> None:
    half = TEXT[: len(TEXT) // 2] + OTHER[len(OTHER) // 2 :]
    address = "https://news.example/1"
    versions = [make_article("a", TEXT, url=address), make_article("b", half, url=address)]
    report = rag.build([*versions, make_article("c", OTHER, url=address)], location, HashEncoder())
    assert report.duplicates == 1
    (hit,) = rag.load(location, HashEncoder()).search(TEXT[-60:], 1)
    assert hit.passage.article_id == "a"
    assert [reprint.article_id for reprint in hit.reprints] == ["b"]


def test_incremental_build_has_the_groups_of_a_fresh_one(tmp_path: Path) -> None:
    first = make_article("a", TEXT, title="代表团参观训练场")
    second, other, version = (
        twin(first, "b"),
        make_article("c", OTHER),
        make_article("d", OTHER[: len(OTHER) // 2], url="https://news.example/c"),
    )
    archives = [[first, second, other], [second, other, version], [version, first, other, second]]
    groups = []
    for number, articles in enumerate(archives):
        for name in ("index", f"fresh-{number}"):
            rag.build(articles, tmp_path / name, HashEncoder())
            corpus = Index.open(tmp_path / name).corpus
            groups.append([group for group, _ in corpus.entries(range(len(articles)))])
    assert groups[::2] == groups[1::2] == [[0, 0, 2], [0, 1, 1], [0, 1, 0, 1]]


def test_search_returns_one_hit_per_group_with_its_reprints(location: str) -> None:
    first = make_article("a", TEXT, title="代表团参观训练场")
    articles = [
        first,
        twin(first, "b"),
        make_article("c", TEXT, title=first.title),
        make_article("x", OTHER),
    ]
    rag.build(articles, location, HashEncoder())
    hits = rag.load(location, HashEncoder()).search("代表团参观了训练场", 10)
    assert {hit.passage.article_id for hit in hits} == {"a", "x"}
    for hit in hits:
        others = [(reprint.article_id, reprint.source) for reprint in hit.reprints]
        expected = [("b", "b.example"), ("c", "news.example")]
        assert others == (expected if hit.passage.article_id == "a" else [])


def test_search_prefers_the_near_duplicate_in_the_script_of_the_question(location: str) -> None:
    first = make_article("a", TEXT, title="代表团参观训练场")
    rag.build([first, twin(first, "b")], location, HashEncoder())
    assistant = rag.load(location, HashEncoder())
    for question, name in (("代表团参观训练场，听取汇报", "a"), ("代表團參觀訓練場，聽取匯報", "b")):
        assert assistant.search(question, 1)[0].passage.article_id == name


@pytest.mark.parametrize("k", [1, 2, 5])
def test_search_among_many_copies_returns_k_hits(location: str, k: int) -> None:
    copies = [make_article(f"copy{n:03}", TEXT, title="代表团参观训练场") for n in range(60)]
    others = [make_article(f"other{n}", OTHER[n * 40 :][:40] * 2) for n in range(5)]
    rag.build([*copies, *others], location, HashEncoder())
    hits = rag.load(location, HashEncoder()).search("代表团参观了训练场", k)
    assert len(hits) == k
    assert len({hit.passage.id for hit in hits}) == k


def test_build_of_a_near_duplicate_finds_its_group_in_the_earlier_index(location: str) -> None:
    first = make_article("a", TEXT, title="代表团参观训练场")
    rag.build([first], location, HashEncoder())
    rag.build([first, twin(first, "b")], location, HashEncoder())
    (hit, *_) = rag.load(location, HashEncoder()).search("代表团参观训练场")
    assert [reprint.article_id for reprint in hit.reprints] == ["b"]


def test_reprints_are_shown_as_text_up_to_a_limit(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    copies = [
        make_article(f"copy{n:02}", TEXT, title="<b>代表团</b>", source=f"{n:02}.example", url=url)
        for n, url in enumerate(["https://a.example/?q=<i>", *["javascript:alert(1)"] * 23])
    ]
    rag.build(copies, tmp_path, HashEncoder())
    hits = rag.load(tmp_path, HashEncoder()).search("代表团参观了训练场", 1)
    assert len(hits[0].reprints) == 23
    card = show_card(Card("card-1", hits[0], (), (0, len(TEXT))), Query("q"), Translator("en"))
    assert "<b>" not in card
    assert "javascript:" not in card
    assert "20.example" in card
    assert "21.example" not in card
    assert "and 3 more" in card
    render.show_hits(hits, Translator("en"))
    out = capsys.readouterr().out
    assert "also: 05.example · <b>代表团</b>" in out
    assert "and 18 more near-duplicates" in out

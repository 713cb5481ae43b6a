from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import faiss
import numpy as np
import pytest
from support.archives import brute_force, many_articles
from support.doubles import HashEncoder, make_article

import rag
from rag.index import faiss_index
from rag.index.faiss_index import Index
from rag.index.vectors import writer as faiss_writer
from rag.retrieval.ranking import Query, rank


@pytest.fixture(params=[10**6, 200], ids=["one list", "lists"])
def large(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """The folder of an index that is searched like that of a large archive."""
    monkeypatch.setattr(faiss_writer, "EXACT", 20)
    monkeypatch.setattr(faiss_writer, "ONE_LIST", request.param)
    monkeypatch.setattr(faiss_index, "EXACT_ROWS", 300)
    rag.build(many_articles(100), tmp_path / "large", HashEncoder())
    return tmp_path / "large"


def test_search_of_a_large_archive_nearly_equals_brute_force(large: Path) -> None:
    index = Index.open(large)
    settings = index.manifest.search
    assert settings.nearest in ("IVF1,RaBitQfs2", "IVF16,RaBitQfs2")
    assert settings.recall >= 0.98
    assert (large / "000001/nearest.faiss").stat().st_size < (
        large / "000001/vectors.faiss"
    ).stat().st_size
    encoder, shares = HashEncoder(), []
    for article in many_articles(100)[::5]:
        (vector,) = encoder.encode_queries([article.text[5:45]])
        expected = brute_force(large, vector, 10)
        found = rank(index, Query(vector), 10)
        shares.append(len({m.passage for m in found} & {number for number, _ in expected}) / 10)
        assert found[0].passage == expected[0][0]
        assert found[0].score == pytest.approx(expected[0][1], abs=1e-5)
    assert np.mean(shares) >= 0.97


@pytest.mark.parametrize("days", [1, 60])
def test_search_of_a_large_archive_with_a_filter_returns_exactly_what_passes(
    large: Path, days: int
) -> None:
    start = datetime(2024, 1, 1, tzinfo=UTC)
    articles = [
        replace(a, published=start + timedelta(days=n)) for n, a in enumerate(many_articles(100))
    ]
    rag.build(articles, large, HashEncoder())
    until = start + timedelta(days=days - 1)
    passing = {article.id for article in articles[:days]}
    assistant = rag.load(large, HashEncoder())
    found = assistant.search(articles[0].text[:40], 10_000, until=until)
    assert {hit.passage.article_id for hit in found} == passing
    everything = assistant.search(articles[0].text[:40], 10_000)
    assert len(everything) == assistant.manifest.passages
    assert found == [hit for hit in everything if hit.passage.article_id in passing]
    assert assistant.search("什么", 5, source="nobody.example") == []


def test_build_of_a_large_archive_reuses_the_lists_of_its_ann_index(large: Path) -> None:
    before = Index.open(large)
    vectors = before.vectors(range(before.manifest.vectors))
    encoder = HashEncoder()
    added = make_article("zzz", "北极的海冰在九月降到了有记录以来的最低点。" * 4)
    rag.build([*many_articles(100), added], large, encoder)
    after = Index.open(large)
    assert after.manifest.search.nearest == before.manifest.search.nearest
    assert np.array_equal(after.vectors(range(len(vectors))), vectors)
    (found,) = rank(after, Query(encoder.encode_queries(["海冰在九月降到了"])[0]), 1)
    assert after.corpus.passages([found.passage])[0].article_id == "zzz"


def test_build_with_few_new_texts_searches_as_many_lists_as_before(
    large: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = Index.open(large).manifest.search
    tuned = list[int]()
    choose = faiss_writer._probes

    def count(*values: Any) -> tuple[int, float]:
        tuned.append(len(values[2]))
        return choose(*values)

    monkeypatch.setattr(faiss_writer, "_probes", count)
    articles = many_articles(100)
    few = replace(articles[3], text=articles[3].text + "北极的海冰到了有记录以来的最低点。")
    rag.build([*articles[:3], few, *articles[4:]], large, HashEncoder())
    assert Index.open(large).manifest.search == before
    assert not tuned
    rag.build(articles[:60], large, HashEncoder())
    assert len(tuned) == 1


def test_similarities_in_blocks_equal_those_of_each_row_alone(index: Path) -> None:
    opened = Index.open(index)
    rows = list(range(opened.manifest.vectors)) * 200
    query = opened.vectors([0])[0]
    found = opened.similarities(query, rows)
    alone = [opened.similarities(query, [row])[0] for row in range(opened.manifest.vectors)]
    assert found.tolist() == alone * 200
    assert np.allclose(found, opened.vectors(rows) @ query, atol=1e-6)
    assert opened.similarities(query, []).shape == (0,)


def test_index_of_vectors_that_contradict_the_manifest_is_a_mistake(index: Path) -> None:
    opened = Index.open(index)
    with pytest.raises(ValueError, match=r"vectors of 3 numbers, but the manifest has"):
        Index(opened.path, opened.manifest, opened.corpus, faiss.IndexFlatIP(3))

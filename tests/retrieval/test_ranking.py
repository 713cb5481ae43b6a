"""Ranking in each of the stores."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import numpy as np
import pytest
from support.archives import brute_force, many_articles
from support.doubles import STORES, HashEncoder, make_article

import rag
from rag.index import stores
from rag.index.base import SearchIndex
from rag.index.faiss_index import Index
from rag.retrieval.ranking import Query, Weights, rank
from rag.text import date_expressions
from rag.types import Vectors


def vector_of(text: str) -> Vectors:
    (vector,) = HashEncoder().encode_queries([text])
    return vector


@pytest.fixture(scope="module")
def many_index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("many")
    rag.build(many_articles(60), folder, HashEncoder())
    return folder


@pytest.fixture(scope="module", params=STORES)
def many(
    request: pytest.FixtureRequest, many_index: Path, new_location: Callable[[str], str]
) -> SearchIndex:
    """The index of the same articles in each of the stores."""
    if request.param == "folder":
        return Index.open(many_index)
    location = new_location(request.param)
    rag.build(many_articles(60), location, HashEncoder())
    return stores.open_store(location).open()


@pytest.mark.parametrize("k", [1, 3, 10, 10_000])
def test_rank_equals_brute_force_in_order_and_score(
    many_index: Path, many: SearchIndex, k: int
) -> None:
    articles = many_articles(60)
    assert many.manifest.passages > 100
    for text in (
        articles[7].text[:30],
        articles[41].text[-25:],
        "与什么都不像的问题",
        articles[3].title,
    ):
        vector = vector_of(text)
        expected = brute_force(many_index, vector, k)
        found = rank(many, Query(vector), k)
        assert [match.passage for match in found] == [number for number, _ in expected]
        assert np.allclose(
            [match.score for match in found], [score for _, score in expected], atol=1e-5
        )
        assert len(found) == min(k, many.manifest.passages)


def test_rank_adds_the_date_weight_for_articles_of_the_period(location: str) -> None:
    day = datetime(2024, 3, 6, tzinfo=UTC)
    first_hour = datetime(2024, 3, 1, 1, tzinfo=timezone(timedelta(hours=8)))  # February in UTC
    articles = [
        make_article("other", "集装箱运到了港口。" * 9, published=day - timedelta(days=400)),
        make_article("then", "集装箱运到了码头。" * 9, published=first_hour),
        make_article("undated", "集装箱运到了仓库。" * 9, published=None),
    ]
    rag.build(articles, location, HashEncoder())
    index = stores.open_store(location).open()
    query = Query(vector_of("集装箱运到了"), period=date_expressions.find_period("2024年3月"))
    scores = {}
    for weight in (0.0, 0.05, 0.5):
        matches = rank(index, query, 3, weights=Weights(date=weight))
        scores[weight] = {match.article: match.score for match in matches}
    for weight in (0.05, 0.5):
        gains = {number: scores[weight][number] - scores[0.0][number] for number in range(3)}
        assert gains == {0: 0.0, 1: pytest.approx(weight), 2: 0.0}


def test_weights_of_window_and_title_select_the_similarity(index: Path) -> None:
    opened = Index.open(index)
    vector = vector_of("标题 b")
    (row,) = opened.corpus.rows(passages=[1]).each()
    own, *windows, title = opened.similarities(vector, range(row.first, row.end)).tolist()
    for weights, expected in (
        (Weights(), max((own + max(windows)) / 2, title)),
        (Weights(title=0.0, window=1.0), max(windows)),
        (Weights(title=0.0, window=0.0), own),
        (Weights(title=0.5), max((own + max(windows)) / 2, title / 2)),
    ):
        scores = {m.passage: m.score for m in rank(opened, Query(vector), 3, weights=weights)}
        assert scores[1] == pytest.approx(expected)


def test_rank_finds_a_near_passage_among_many_less_near_ones(tmp_path: Path, location: str) -> None:
    crowd = [make_article(f"crowd{n:03}", "甲乙丙丁戊己。" * 60) for n in range(200)]
    given = [*crowd, make_article("z", "甲乙丙丁子丑寅卯。" * 10)]
    rag.build(given, tmp_path / "index", HashEncoder())
    if location.startswith("milvus"):
        rag.build(given, location, HashEncoder())
    else:
        location = str(tmp_path / "index")
    vector = vector_of("甲乙丙丁子丑")
    found = rank(stores.open_store(location).open(), Query(vector), 3)
    expected = brute_force(tmp_path / "index", vector, 3)
    assert found[0].passage == expected[0][0]
    assert np.allclose([match.score for match in found], [score for _, score in expected], atol=1e-5)


def test_search_for_a_headline_returns_the_first_passage_of_its_article(location: str) -> None:
    bodies = [
        [f"{number}甲乙丙丁戊己庚辛。" * 40, f"{number}子丑寅卯辰巳午未。" * 40] for number in range(5)
    ]
    articles = [
        make_article(str(number), *body, title=f"第{number}次峰会在首尔闭幕")
        for number, body in enumerate(bodies)
    ]
    rag.build(articles, location, HashEncoder())
    best, second = rag.load(location, HashEncoder()).search("第3次峰会在首尔闭幕", 2)
    assert best.passage.id == "3#1"
    assert best.score >= 1
    assert second.passage.id in {f"{number}#1" for number in range(5)}
    start, end = best.highlight
    assert best.passage.text[start:end]

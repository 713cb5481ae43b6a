"""An index in Milvus finds what an index in a folder finds."""

from __future__ import annotations

import threading
from datetime import UTC, date, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest
from support.doubles import HashEncoder, make_article

import rag
from rag.index.base import microseconds
from rag.index.milvus.conditions import conditions
from rag.index.milvus.manifest import NO_TIME
from rag.index.stores import open_store
from rag.types import Article, Filter, Hit


def varied(count: int) -> list[Article]:
    """Articles of several sites, languages and times, with copies and with words of all kinds."""
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


def without_scores(hits: list[Hit]) -> list[tuple[object, ...]]:
    return [(hit.passage, hit.highlight, list(hit.reprints)) for hit in hits]


def test_search_in_milvus_equals_that_in_a_folder(place: str, tmp_path: Path) -> None:
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
            assert without_scores(found) == without_scores(right)
            assert np.allclose([h.score for h in found], [h.score for h in right], atol=1e-3)


def test_bm25_in_milvus_equals_that_of_sqlite(place: str, tmp_path: Path) -> None:
    """Also of terms in more than half of the passages, and after terms have been taken out."""
    articles = varied(40)
    for given in (articles, articles[5:]):
        rag.build(given, place, HashEncoder())
        rag.build(given, tmp_path, HashEncoder())
    there, here = open_store(place).open().corpus, open_store(tmp_path).open().corpus
    terms = ["平壤", "bm21", "6700", "集装", "没有的", "jongun", "021"]
    assert there.frequencies(terms) == here.frequencies(terms)
    for chosen in (terms, terms[:1], ["没有的"], []):
        assert there.bm25(chosen) == pytest.approx(here.bm25(chosen), rel=1e-5)
    assert there.languages == here.languages == {"zh-Hans", "zh-Hant", "en"}


def test_search_of_a_server_equals_that_of_an_embedded_engine(
    place: str, served: str, tmp_path: Path, articles: list[Article]
) -> None:
    """The engine of the file listens like a server: with another index, and settings of its own."""
    rag.build(articles, place, HashEncoder())
    rag.build(articles, served, HashEncoder())
    assert [path.name[:7] for path in (tmp_path / "cache" / "rag").iterdir()] == ["milvus-"]
    here, there = rag.load(place, HashEncoder()), rag.load(served, HashEncoder())
    assert there.search("集装箱的弹药") == here.search("集装箱的弹药")


def test_search_during_builds_stays_with_one_generation(place: str, articles: list[Article]) -> None:
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


def test_filter_by_day_of_a_layout_without_days_uses_utc() -> None:
    contents = cast(Any, SimpleNamespace(layout=1))
    start = microseconds(datetime(2024, 5, 10, tzinfo=UTC))
    end = microseconds(datetime(2024, 5, 10, 23, 59, 59, 999_999, tzinfo=UTC))
    day = date(2024, 5, 10)
    assert conditions(Filter(since=day, until=day), contents) == [
        f"moment > {NO_TIME} and moment >= {start}",
        f"moment > {NO_TIME} and moment <= {end}",
    ]

"""The corpus in each of the stores."""

from __future__ import annotations

import math
from collections import Counter

import pytest
from support.doubles import HashEncoder, make_article

import rag
from rag.index import stores
from rag.retrieval import keywords
from rag.text import terms as lexical
from rag.types import Article


def test_passages_equal_what_was_indexed(archive: str, articles: list[Article]) -> None:
    by_id = {article.id: article for article in articles}
    for hit in rag.load(archive, HashEncoder()).search("集装箱", 100):
        passage, article = hit.passage, by_id[hit.passage.article_id]
        assert article.text[passage.start : passage.end] == passage.text
        for field in ("title", "url", "published", "source", "language"):
            assert getattr(passage, field) == getattr(article, field)
        start, end = hit.highlight
        assert 0 <= start < end <= len(passage.text)


def test_bm25_equals_the_formula(location: str) -> None:
    texts = ["平壤运送了6700个集装箱。" * 3, "平壤的樱花开了，集装箱没有来。" * 4, "巴黎奥运会" * 20]
    rag.build([make_article(str(n), text) for n, text in enumerate(texts)], location, HashEncoder())
    corpus = stores.open_store(location).open().corpus
    documents = [Counter(lexical.terms(f"标题 {n}\n{text}")) for n, text in enumerate(texts)]
    mean = sum(map(Counter.total, documents)) / len(documents)
    terms = ["6700", "樱花", "奥运"]
    assert corpus.frequencies([*terms, "没有的"]) == {"6700": 1, "樱花": 1, "奥运": 1, "没有的": 0}
    expected = {}
    for number, document in enumerate(documents):
        for term in terms:
            if count := document[term]:
                idf = math.log((3 - 1 + 0.5) / (1 + 0.5))
                length = 0.25 + 0.75 * document.total() / mean
                expected[number] = idf * count * 2.2 / (count + 1.2 * length)
    assert corpus.bm25(terms) == pytest.approx(expected)
    assert max(expected.values()) < keywords.plan(corpus.frequencies(["樱花"]), 3)[1]


def test_terms_of_a_question_cannot_break_out_of_the_query(archive: str) -> None:
    assistant = rag.load(archive, HashEncoder())
    for question in (
        '樱花" OR "集装箱',
        "樱花 NEAR(东京)",
        "title:樱花*",
        "樱花'; DROP TABLE articles",
    ):
        assert assistant.search(question, 1)[0].passage.article_id == "b"

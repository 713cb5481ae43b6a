"""Test doubles that are deterministic by text, and the articles that many tests share."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from rag.answering.sentences import sentence_around
from rag.index import stores
from rag.reports import Progress
from rag.types import Alternative, Answer, Article, Hit, Vectors

ROOT = Path(__file__).parents[2]
SEEDS = ROOT / "seeds"
DATA = Path(os.environ.get("RAG_TEST_DATA", ROOT.parent / "shared" / "data"))

needs_data = pytest.mark.skipif(not DATA.is_dir(), reason=f"the measuring data is not in {DATA}")


class HashEncoder:
    """Counts hashed character pairs, so that only texts with common wording are similar."""

    dim = 512

    def __init__(self, name: str = "hash", fingerprint: str = "hash-1") -> None:
        self.name = name
        self.fingerprint = fingerprint
        self.encoded: list[str] = []

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        return np.stack([self.vector(text) for text in texts])

    def encode_passages(self, texts: Sequence[str], progress: Progress | None = None) -> Vectors:
        self.encoded += texts
        if progress:
            progress("Encoding", len(texts), len(texts))
        vectors = [self.vector(text) for text in texts]
        return np.stack(vectors) if vectors else np.empty((0, self.dim), np.float32)

    def vector(self, text: str) -> Vectors:
        counts = np.full(self.dim, 1e-3, np.float32)
        for pair in pairwise(text):
            digest = hashlib.blake2b("".join(pair).encode(), digest_size=2).digest()
            counts[int.from_bytes(digest, "big") % self.dim] += 1
        return counts / np.linalg.norm(counts)


class PatternReader:
    """Answers with the first match of a pattern in the best hit that has one; a number by default."""

    def __init__(self, pattern: str = "[0-9]+") -> None:
        self._pattern = re.compile(pattern)

    def read(self, question: str, hits: Sequence[Hit]) -> Answer:
        found = [(hit, m) for hit in hits if (m := self._pattern.search(hit.passage.text))]
        if not found:
            return Answer(question, "", None, 0, 0, 0.1, tuple(hits))
        (first, number), *rest = [(hit, (match.group(), hit, *match.span())) for hit, match in found]
        others = tuple(
            Alternative(*other)
            for hit, other in rest
            if hit.passage.article_id != first.passage.article_id and other[0] != number[0]
        )
        start, end = number[2:]
        sentence = sentence_around(first.passage.text, (start, end))
        return Answer(
            question, *number, 0.9, tuple(hits), others, sentence=sentence, focus=(start, end)
        )


def make_article(name: str, *paragraphs: str, **fields: object) -> Article:
    values = {
        "id": name,
        "title": f"标题 {name}",
        "url": f"https://news.example/{name}",
        "text": "\n\n".join(paragraphs),
        "published": datetime(2024, 3, 6, 22, 20, tzinfo=UTC),
        "source": "news.example",
        "language": "zh-Hans",
    }
    return Article(**(values | fields))


def three_articles() -> list[Article]:
    return [
        make_article(
            "a", "平壤向俄罗斯运送了约6700个集装箱的弹药，韩国国防部长在首尔的记者会上这样说。" * 4
        ),
        make_article("b", "东京的樱花今年开得比往年早了十天，气象厅说这与冬天的高温有关。" * 4),
        make_article("c", "巴黎奥运会的开幕式在塞纳河上举行，来自各国的运动员乘船经过。" * 4),
    ]


STORES = ["folder", "milvus"]


def clear(location: str) -> None:
    """Drop the collections of a test from the engine, which other tests share."""
    store = stores.open_store(location)
    if isinstance(store, stores.MilvusStore):
        for collections in store.server.parts().values():
            store.server.drop(collections)

"""Synthetic archives of any size, to measure speed.

An article consists of random sentences of the news set, so that its words are real and no two articles
are near-duplicates. Its vectors are not encoded, which would take weeks: each is a vector of the news
set plus half the difference of two others, chosen by the digest of the text.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta

import numpy as np

import rag
from rag.index.faiss_index import Index
from rag.reports import Progress, Stage
from rag.types import Vectors

_SENTENCE = re.compile(r"[^。！？\n]{5,}[。！？]")
_SENTENCES = 22
_PASSAGES = 3.33
"""Passages per article, on average."""
_SOURCES = ("www.rfi.fr", "www.dw.com", "www.bbc.com", "cn.nytimes.com", "www.voachinese.com")
_FIRST = datetime(2019, 1, 1, tzinfo=UTC)


def articles(news: Index, passages: int) -> Iterator[rag.Article]:
    """Yield articles that have about `passages` passages in total."""
    passages_of_news = news.corpus.passages(range(news.manifest.passages))
    pool = [s for passage in passages_of_news for s in _SENTENCE.findall(passage.text)]
    rng = np.random.default_rng(0)
    for number in range(round(passages / _PASSAGES)):
        drawn = [pool[at] for at in rng.integers(0, len(pool), _SENTENCES)]
        yield rag.Article(
            id=f"{number:07}",
            title=drawn[0][:40],
            url=f"https://news.example/{number}",
            text="\n\n".join("".join(drawn[at : at + 4]) for at in range(1, _SENTENCES, 4)),
            published=_FIRST + timedelta(hours=number % 50_000),
            source=_SOURCES[number % len(_SOURCES)],
            language="zh-Hans",
        )


class PerturbingEncoder(rag.SentenceEncoder):
    """Encodes questions normally, and derives the vectors of passages from those of the news set."""

    def __init__(self, news: Index) -> None:
        super().__init__(news.manifest.model)
        self._drawn = news.vectors(range(news.manifest.vectors))

    @property
    def dim(self) -> int:
        return int(self._drawn.shape[1])

    def encode_passages(self, texts: Sequence[str], progress: Progress | None = None) -> Vectors:
        digests = b"".join(hashlib.blake2b(t.encode(), digest_size=12).digest() for t in texts)
        rows = np.frombuffer(digests, "<u4").reshape(-1, 3) % len(self._drawn)
        near, one, other = (self._drawn[rows[:, column]] for column in range(3))
        vectors: Vectors = near + 0.5 * (one - other)
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        if progress:
            progress(Stage.ENCODING, len(texts), len(texts))
        return vectors

    def encode_with_windows(
        self, texts: Sequence[str], progress: Progress | None = None
    ) -> dict[str, Vectors]:
        return dict(zip(texts, self.encode_passages(texts, progress), strict=True))

"""What is compared: the product, its ingredients one by one, and the peers.

The ingredients are added up here from the vectors of the index, without the code that searches it.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

import rag
from benchmarks import peers
from rag.cli.progress import progress_bars
from rag.embedding import default_model
from rag.i18n.translator import Translator
from rag.index.faiss_index import Index
from rag.retrieval import keywords
from rag.retrieval.ranking import Weights
from rag.retrieval.retriever import Retriever
from rag.text import terms

DEPTH = 60
"""Passages asked for; ten articles are among them nearly always."""


class Found(NamedTuple):
    """A passage that a system returned: the articles it stands for, and what it says.

    `highlight` is its best-matching part; empty if the system has none.
    """

    articles: frozenset[str]
    text: str
    highlight: str = ""


Search = Callable[[Sequence[str]], list[list[Found]]]


class CachingEncoder(rag.SentenceEncoder):
    """Encodes a question once: what is timed is the search."""

    def __init__(self, name: str | None = None) -> None:
        super().__init__(name)
        self._known: dict[str, NDArray[np.float32]] = {}

    def encode_queries(self, texts: Sequence[str]) -> NDArray[np.float32]:
        new = list(dict.fromkeys(text for text in texts if text not in self._known))
        for start in range(0, len(new), 64):
            batch = new[start : start + 64]
            self._known.update(zip(batch, super().encode_queries(batch), strict=True))
        return np.stack([self._known[text] for text in texts])


class UnshiftedEncoder(CachingEncoder):
    """A model without its language means.

    Only for questions: the passages of the index have been moved and damped by them.
    """

    _means = None


class Passages:
    """The passages of an index with all its vectors, to rank them by hand."""

    def __init__(self, index: Index) -> None:
        numbers = range(index.manifest.passages)
        self.passages = index.corpus.passages(numbers)
        self.found = [Found(frozenset([p.article_id]), p.text) for p in self.passages]
        self.vectors = index.vectors(range(index.manifest.vectors))
        rows = index.corpus.rows(passages=numbers).each()
        self.own = [row.first for row in rows]
        windows = [range(row.first + 1, row.end - row.titled) for row in rows]
        self.windows = [at for span in windows for at in span]
        self.starts = np.cumsum([0, *map(len, windows[:-1])])
        self.titles = np.array([row.end - 1 if row.titled else -1 for row in rows])

    def search(
        self, vectors: NDArray[np.float32], windows: bool = False, titles: bool = False
    ) -> list[list[Found]]:
        """Rank by the similarity of each passage, the mean with its best window, or its title."""
        found = []
        for vector in vectors:
            similarity = self.vectors @ vector
            scores = similarity[self.own]
            if windows:
                best = np.maximum.reduceat(similarity[self.windows], self.starts)
                scores = (scores + best) / 2
            if titles:
                scores = np.maximum(scores, np.where(self.titles < 0, -1, similarity[self.titles]))
            found.append(self.best(scores))
        return found

    def best(self, scores: NDArray[np.float32]) -> list[Found]:
        return [self.found[at] for at in np.argsort(-scores, kind="stable")[:DEPTH]]


class Embed:
    """The plain encoder, for the peers and for the row that it makes alone; keeps passage vectors."""

    dim = 384

    def __init__(self, texts: Sequence[str], cache: Path) -> None:
        self.encoder = UnshiftedEncoder(default_model.PLAIN_NAME)
        self._rows = {text: row for row, text in enumerate(dict.fromkeys(texts))}
        key = hashlib.sha256("\0".join([self.encoder.fingerprint, *self._rows]).encode()).hexdigest()
        if cache.is_file() and str(np.load(cache)["key"]) == key:
            self._vectors = np.load(cache)["vectors"]
            return
        with progress_bars(Translator()) as progress:
            self._vectors = self.encoder.encode_passages(list(self._rows), progress)
        np.savez(cache, key=key, vectors=self._vectors)

    def passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        return self._vectors[[self._rows[text] for text in texts]]

    def queries(self, texts: Sequence[str]) -> NDArray[np.float32]:
        return self.encoder.encode_queries(texts)


def ingredients(
    index: Index, encoder: rag.SentenceEncoder, unshifted: rag.SentenceEncoder, embed: Embed
) -> Iterator[tuple[str, Search]]:
    """Words alone, the plain encoder, and each ingredient on top of the last, but for time."""
    passages = Passages(index)
    plain = embed.passages([found.text for found in passages.found])

    def words(question: str) -> list[Found]:
        frequencies = index.corpus.frequencies(terms.query_terms(question))
        chosen, _ = keywords.plan(frequencies, index.manifest.passages)
        scores = index.corpus.bm25(chosen)
        ranked = sorted(scores, key=lambda passage: (-scores[passage], passage))
        return [passages.found[passage] for passage in ranked[:DEPTH]]

    yield "BM25 alone", lambda texts: list(map(words, texts))
    yield "plain encoder", lambda texts: [passages.best(plain @ v) for v in embed.queries(texts)]
    yield "+ adapter and damping", lambda texts: passages.search(unshifted.encode_queries(texts))
    yield "+ windows", lambda texts: passages.search(unshifted.encode_queries(texts), windows=True)
    yield (
        "+ titles",
        lambda texts: passages.search(unshifted.encode_queries(texts), windows=True, titles=True),
    )
    yield (
        "+ language shift",
        lambda texts: passages.search(encoder.encode_queries(texts), windows=True, titles=True),
    )
    yield "+ words", ask(Retriever(index, encoder, Weights(date=0.0)))


def product(index: Index, encoder: rag.SentenceEncoder) -> Search:
    """All of it, as anyone gets it: with time."""
    return ask(Retriever(index, encoder))


def ask(retriever: Retriever) -> Search:
    return lambda texts: [list(map(show, hits)) for hits in retriever.search(texts, DEPTH)]


def show(hit: rag.Hit) -> Found:
    """A hit stands for its article and for those folded into it."""
    names = [hit.passage.article_id, *(reprint.article_id for reprint in hit.reprints)]
    return Found(frozenset(names), hit.passage.text, hit.passage.text[slice(*hit.highlight)])


def peer_systems(index: Index, embed: Embed) -> Iterator[tuple[str, Search]]:
    """The peers, on the same passages and the plain encoder."""
    passages = index.corpus.passages(range(index.manifest.passages))
    found = {p.id: Found(frozenset([p.article_id]), p.text) for p in passages}
    items = [peers.Item(passage.id, passage.text) for passage in passages]
    for name, make in peers.PEERS.items():
        started = time.monotonic()
        rank = make(items, embed)
        print(f"{name} has indexed {len(items)} passages in {time.monotonic() - started:.0f} s")

        def search(texts: Sequence[str], rank: peers.Ranker = rank) -> list[list[Found]]:
            return [[found[identifier] for identifier in rank(text, DEPTH)] for text in texts]

        yield name, search

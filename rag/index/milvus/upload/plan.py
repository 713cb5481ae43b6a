"""Plans an upload: what a generation shares with the one that is live, and what must be sent."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from rag.index.base import StoredArticle
from rag.index.faiss_index import Index
from rag.index.manifest import Manifest
from rag.index.milvus import names
from rag.index.milvus.client import Server
from rag.index.milvus.index import MilvusIndex
from rag.index.milvus.manifest import LAYOUT, NO_TERM, Contents, first_key, in_order
from rag.index.milvus.numbering import ABSENT, Numbering, Run, append
from rag.index.milvus.terms import lengths
from rag.index.milvus.upload.rows import Keys
from rag.index.sqlite.writer import passage_terms
from rag.names.known import CountedPair
from rag.types import Passage

_MOST_DEAD = 1000
"""Articles that a search can leave out of a collection; if more have changed, all are sent."""
_SCATTERED = 10
"""Runs of articles, as a share of all, above which all are sent: they are held in memory."""
_FEW = 1000
"""Runs of articles that are never too many."""
_ENTRIES = 4096

Articles = Sequence[tuple[StoredArticle, Keys]]


@dataclass(frozen=True, slots=True)
class Plan:
    """The contents of the next generation, and what its collections still lack.

    `articles` are sent with their passages and vectors, `terms` with number and count, `pairs` as they
    are. `numbers` has the number of each term of the articles.
    """

    contents: Contents
    articles: Articles
    terms: Sequence[tuple[str, int, int]]
    pairs: Sequence[CountedPair]
    numbers: dict[str, int]

    @property
    def size(self) -> int:
        """The number of rows to send."""
        rows = sum(
            1 + stored.end_passage - stored.first_passage + stored.end_row - stored.first_row
            for stored, _ in self.articles
        )
        return rows + len(self.terms) + len(self.pairs)


def everything(index: Index, generation: str, previous: str | None) -> Plan:
    """Plan an upload to collections of its own."""
    manifest, counts = index.manifest, index.corpus.counts()
    pairs, groups = index.corpus.names.all(), _groups(index)
    vocabulary = enumerate(index.corpus.vocabulary(), NO_TERM + 1)
    terms = [(term, number, passages) for number, (term, passages) in vocabulary]
    sizes = {
        "articles": manifest.articles,
        "passages": manifest.passages,
        "rows": manifest.vectors,
        "terms": len(terms),
    }
    contents = Contents(
        manifest=manifest,
        counts=counts,
        sizes=sizes | ({names.PART: len(pairs)} if pairs else {}),
        previous=previous,
        base=generation,
        upload=0,
        runs={part: [(0, sizes[part])] for part in ("articles", "passages", "rows")},
        dead=[],
        sources=in_order([], counts["sources"]),
        languages=in_order([], counts["languages"]),
        terms=len(terms) + NO_TERM,
        frequencies={},
        names=[],
        lengths=lengths(index.corpus.mean_length()),
    )
    articles = [
        (stored, Keys(number, stored.first_passage, stored.first_row, groups[number]))
        for number, stored in enumerate(index.corpus.stored().values())
    ]
    return Plan(contents, articles, terms, pairs, {term: number for term, number, _ in terms})


def changes(server: Server, index: Index, live: str, upload: int) -> Plan | None:
    """Plan an upload of what differs from the live generation; None if everything must be sent.

    `upload` is a number that no earlier upload has.
    """
    opened = MilvusIndex.at(server, live)
    known, manifest = opened.contents, index.manifest
    short, _, long = known.lengths
    mean = index.corpus.mean_length()
    if (
        known.layout != LAYOUT
        or _rules(known.manifest) != _rules(manifest)
        or not short <= mean <= long
        or any(known.faults(server))
    ):
        return None
    sharing = _Sharing(server, index, known, upload)
    dead = sharing.dead(server, known)
    runs = sharing.runs["articles"]
    if len(dead) > _MOST_DEAD or len(runs) > max(_FEW, manifest.articles // _SCATTERED):
        return None
    gone = opened.corpus.passages_of(sharing.gone())
    sent = [passage for stored, _ in sharing.sent for passage in _passages(stored)]
    affected = _terms(opened.corpus.passages(gone)) | _terms(index.corpus.passages(sent))
    terms = opened.corpus.terms.changes(index.corpus.frequencies(sorted(affected)))
    counts = index.corpus.counts()
    contents = replace(
        known,
        manifest=manifest,
        counts=counts,
        sizes=known.sizes
        | {"articles": manifest.articles, "passages": manifest.passages, "rows": manifest.vectors}
        | {"terms": known.sizes["terms"] + len(terms.new)},
        previous=live,
        upload=upload,
        runs=sharing.runs,
        dead=dead,
        sources=in_order(known.sources, counts["sources"]),
        languages=in_order(known.languages, counts["languages"]),
        terms=known.terms + len(terms.new),
        frequencies=terms.frequencies,
        names=names.changes(server, known, index.corpus.names.all()),
        lengths=(short, mean, long),
    )
    return Plan(contents, sharing.sent, terms.new, (), terms.numbers)


class _Sharing:
    """Gives each article the keys that the live generation has for it, or new ones.

    An article is the same if its id, its digest and the first article of its near-duplicate group are.
    """

    def __init__(self, server: Server, index: Index, live: Contents, upload: int) -> None:
        self.runs: dict[str, list[Run]] = {"articles": [], "passages": [], "rows": []}
        self.sent: list[tuple[StoredArticle, Keys]] = []
        numbering = Numbering(live.runs["articles"])
        fields = ("number", "id", "digest", "story", "first_passage", "first_row")
        rows = [*server.scan(f"{live.base}_articles", live.condition("articles"), *fields)]
        numbers = numbering.numbers([row["number"] for row in rows])
        known = {
            (row["id"], row["digest"]): Keys(*(row[fields[n]] for n in (0, 4, 5, 3)))
            for row, number in zip(rows, numbers, strict=True)
            if number != ABSENT
        }
        self._gone, self._numbering = {keys.article for keys in known.values()}, numbering
        following = Keys(*[first_key(upload)] * 4)
        groups, article_keys = _groups(index), list[int]()
        for number, (identifier, stored) in enumerate(index.corpus.stored().items()):
            keys = known.get((identifier, stored.digest.hex()))
            group = groups[number]
            story = article_keys[group] if group < number else keys and keys.article
            if keys is None or keys.story != story:
                story = following.article if group == number else article_keys[group]
                keys = following._replace(story=story)
                self.sent.append((stored, keys))
                following = Keys(
                    following.article + 1,
                    following.passage + len(_passages(stored)),
                    following.row + stored.end_row - stored.first_row,
                    0,
                )
            self._gone.discard(keys.article)
            article_keys.append(keys.article)
            append(self.runs["articles"], keys.article, 1)
            append(self.runs["passages"], keys.passage, len(_passages(stored)))
            append(self.runs["rows"], keys.row, stored.end_row - stored.first_row)

    def gone(self) -> list[int]:
        """Return the numbers of the articles of the live generation that the new one lacks."""
        return self._numbering.numbers(sorted(self._gone))

    def dead(self, server: Server, live: Contents) -> list[int]:
        """Return the keys of the stored articles that the new generation lacks.

        They are those of the live generation and of the one before it.
        """
        kept = set[int]()
        if live.previous in server.parts():
            earlier = Contents.read(server, live.previous)
            if earlier.base == live.base:
                numbers = Numbering(earlier.runs["articles"]).numbers(live.dead)
                kept = {key for key, number in zip(live.dead, numbers, strict=True) if number != ABSENT}
        return sorted(self._gone | kept)


def _rules(manifest: Manifest) -> tuple[object, ...]:
    """What determines the rows of an article, beside the article."""
    return manifest.format, manifest.fingerprint, manifest.dim, manifest.settings


def _terms(passages: Iterable[Passage]) -> set[str]:
    return {term for some in passages for term in passage_terms(some.title, some.text)}


def _passages(stored: StoredArticle) -> range:
    return range(stored.first_passage, stored.end_passage)


def _groups(index: Index) -> list[int]:
    """The number of the first near-duplicate of each article."""
    return [
        group
        for start in range(0, index.manifest.articles, _ENTRIES)
        for group, _ in index.corpus.entries(range(start, start + _ENTRIES))
    ]

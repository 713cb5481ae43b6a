"""Uploads an index folder as a new generation in Milvus."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Any, TypeAlias

from rag.errors import ArticleTooLong, IndexMissing, RagError
from rag.index.base import PassageRows, microseconds
from rag.index.corpus_writer import passage_terms
from rag.index.faiss_index import Index
from rag.index.milvus import names
from rag.index.milvus.client import TEXT_BYTES, Schema, Server, incomplete
from rag.index.milvus.connection import MANIFEST
from rag.index.milvus.lease import Confirm
from rag.index.milvus.manifest import NO_DAY, NO_TERM, NO_TIME, Contents
from rag.reports import Progress, Stage
from rag.types import Passage, Reprint

_BATCH = 256
"""Passages or articles per request: a few MB with all their vectors."""
_TERMS = 10_000
"""Terms per request."""
_PIECE = TEXT_BYTES // 4
"""Characters of the contents per row; each takes up to four bytes."""
_K1, _B = 1.2, 0.75

Row: TypeAlias = dict[str, Any]

_ARTICLE = dict.fromkeys(("id", "title", "url", "published", "source", "language"), str)
_FILTERED = dict.fromkeys(("source", "language", "moment", "day"), int)
# Milvus has no collection without a vector, so some have one that is never searched.
_NO_VECTOR: dict[str, type] = {"unused": list}
_UNUSED = [1.0, 0.0]
_PARTS = {
    "articles": Schema({"number": int, "story": int, **_ARTICLE, **_NO_VECTOR}, ["story"]),
    "passages": Schema(
        {
            **dict.fromkeys(("number", "article", "story", "start", "end"), int),
            **dict.fromkeys(("first_row", "end_row"), int),
            "titled": bool,
            **dict.fromkeys(("id", "text", "published"), str),
            "terms": dict,
            **_FILTERED,
        },
        [*_FILTERED],
    ),
    "rows": Schema(
        {
            **dict.fromkeys(("row", "passage", "start", "end"), int),
            "lead": bool,
            "vector": list,
            **_FILTERED,
        },
        ["lead", *_FILTERED],
    ),
    "terms": Schema({"term": str, "number": int, "passages": int, **_NO_VECTOR}),
    names.PART: names.SCHEMA,
    MANIFEST: Schema({"number": int, "text": str, **_NO_VECTOR}),
}


def upload(server: Server, index: Index, confirm: Confirm, progress: Progress | None = None) -> None:
    """Upload the generation of an index folder, and make it live once all rows are counted.

    The generation before it remains for a rollback; older ones are dropped. Raises `ServerUnavailable`,
    `IndexDamaged` if Milvus has lost rows, `IndexBusy` if the lease is lost, or `ArticleTooLong`; the
    incomplete upload is then dropped.
    """
    previous = _live(server)
    generation = server.new_generation()
    try:
        confirm()
        _fill(server, generation, previous, index, progress)
        confirm()
        server.point_to(generation)
    except BaseException:
        with suppress(RagError):
            server.drop(server.parts().get(generation, []))
        raise
    drop_others(server, generation, previous)


def drop_others(server: Server, *kept: str | None) -> None:
    """Drop every generation except these."""
    for generation, collections in server.parts().items():
        if generation not in kept:
            server.drop(collections)


def _live(server: Server) -> str | None:
    with suppress(IndexMissing):
        return server.live()
    return None


def _fill(
    server: Server, generation: str, previous: str | None, index: Index, progress: Progress | None
) -> None:
    manifest, counts = index.manifest, index.corpus.counts()
    vocabulary = index.corpus.vocabulary()
    sizes = {
        "articles": manifest.articles,
        "passages": manifest.passages,
        "rows": manifest.vectors,
        "terms": len(vocabulary),
    }
    if pairs := index.corpus.names.all():
        sizes[names.PART] = len(pairs)
    contents = Contents(manifest, counts, sizes, previous)
    text = contents.to_json()
    pieces = [text[start : start + _PIECE] for start in range(0, len(text), _PIECE)]
    for part in (*sizes, MANIFEST):
        dim = manifest.dim if part == "rows" else len(_UNUSED)
        server.create(f"{generation}_{part}", _PARTS[part], dim)
    total, done = sum(sizes.values()), 0
    batches = (
        _articles(index),
        _terms(vocabulary),
        names.batches(pairs),
        _passages(index, contents, {term: number for number, (term, _) in enumerate(vocabulary, 1)}),
        [(MANIFEST, [_row(number=n, text=piece, unused=_UNUSED) for n, piece in enumerate(pieces)])],
    )
    for part, rows in (item for batch in batches for item in batch):
        server.insert(f"{generation}_{part}", rows)
        done += len(rows)
        if progress:
            progress(Stage.UPLOADING, min(done, total), total)
    for part, size in {**sizes, MANIFEST: len(pieces)}.items():
        count = server.finish(f"{generation}_{part}", _PARTS[part])
        if count != size:
            raise incomplete(server.address, f"{generation}_{part}", count, size)


def _row(**fields: Any) -> Row:
    return fields


def _terms(vocabulary: Sequence[tuple[str, int]]) -> Iterator[tuple[str, list[Row]]]:
    numbered = list(enumerate(vocabulary, NO_TERM + 1))
    for start in range(0, len(numbered), _TERMS):
        yield (
            "terms",
            [
                _row(term=term, number=number, passages=passages, unused=_UNUSED)
                for number, (term, passages) in numbered[start : start + _TERMS]
            ],
        )


def _articles(index: Index) -> Iterator[tuple[str, list[Row]]]:
    for start in range(0, index.manifest.articles, _BATCH):
        entries = index.corpus.entries(range(start, start + _BATCH))
        yield (
            "articles",
            [_article(number, group, entry) for number, (group, entry) in enumerate(entries, start)],
        )


def _article(number: int, group: int, entry: Reprint) -> Row:
    row = _row(
        number=number,
        story=group,
        id=entry.article_id,
        title=entry.title,
        url=entry.url,
        published=entry.published.isoformat() if entry.published else "",
        source=entry.source,
        language=entry.language,
        unused=_UNUSED,
    )
    for field in _ARTICLE:
        length = len(row[field].encode())
        if length > TEXT_BYTES:
            raise ArticleTooLong(
                "article-too-long",
                field=field,
                id=entry.article_id[:100],
                length=length,
                limit=TEXT_BYTES,
            )
    return row


def _passages(
    index: Index, contents: Contents, numbers: dict[str, int]
) -> Iterator[tuple[str, list[Row]]]:
    """The passages with their terms, and the rows of their vectors."""
    sources, languages = contents.numbers("sources"), contents.numbers("languages")
    mean = index.corpus.mean_length()
    for start in range(0, index.manifest.passages, _BATCH):
        batch = range(start, min(start + _BATCH, index.manifest.passages))
        places = index.corpus.rows(passages=batch)
        passages, rows = [], _rows(index, places)
        for passage, place in zip(index.corpus.passages(batch), places, strict=True):
            filtered = _row(
                source=sources[passage.source.lower()],
                language=languages[passage.language.lower()],
                moment=microseconds(passage.published) if passage.published else NO_TIME,
                day=passage.published.toordinal() if passage.published else NO_DAY,
            )
            passages.append(_passage(passage, place, _weights(passage, numbers, mean)) | filtered)
            for row in rows[place.first - places[0].first : place.end - places[0].first]:
                row |= filtered
        yield "passages", passages
        yield "rows", rows


def _passage(passage: Passage, place: PassageRows, terms: dict[int, float]) -> Row:
    return _row(
        number=place.passage,
        article=place.article,
        story=place.group,
        start=passage.start,
        end=passage.end,
        first_row=place.first,
        end_row=place.end,
        titled=place.titled,
        id=passage.id,
        text=passage.text,
        published=passage.published.isoformat() if passage.published else "",
        terms=terms,
    )


def _weights(passage: Passage, numbers: dict[str, int], mean: float) -> dict[int, float]:
    """The weight of each term in the BM25 score of a passage, without its inverse frequency.

    The formula and its constants are SQLite's (https://www.sqlite.org/fts5.html#the_bm25_function).
    """
    counts = Counter(passage_terms(passage.title, passage.text))
    damping = _K1 * (1 - _B + _B * counts.total() / mean)
    weights = {numbers[term]: n * (_K1 + 1) / (n + damping) for term, n in counts.items()}
    return weights or {NO_TERM: 1.0}  # Milvus cannot store a vector of zeros


def _rows(index: Index, places: Sequence[PassageRows]) -> list[Row]:
    """The rows of consecutive passages; those of a passage itself and of its title are leads."""
    numbers = range(places[0].first, places[-1].end)
    spans, vectors = index.corpus.spans(numbers), index.vectors(numbers)
    return [
        _row(
            row=row,
            passage=place.passage,
            start=spans[row - numbers.start][0],
            end=spans[row - numbers.start][1],
            lead=row == place.first or (place.titled and row == place.end - 1),
            vector=vectors[row - numbers.start],
        )
        for place in places
        for row in range(place.first, place.end)
    ]

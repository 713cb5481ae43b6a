"""Makes the rows of Milvus from an index folder."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple, TypeAlias

from rag.errors import ArticleTooLong
from rag.index.base import PassageRows, StoredArticle, microseconds
from rag.index.faiss_index import Index
from rag.index.milvus.client import TEXT_BYTES, Schema
from rag.index.milvus.connection import MANIFEST
from rag.index.milvus.manifest import NO_DAY, NO_TIME, Contents
from rag.index.milvus.names import PART
from rag.index.milvus.terms import weights
from rag.index.sqlite.writer import passage_terms
from rag.types import Passage, Reprint, Span, Vectors

Row: TypeAlias = dict[str, Any]
Batch: TypeAlias = tuple[str, list[Row]]
"""Rows, with the name of their collection."""

_PASSAGES = 256
"""Passages to read at once, unless an article has more: a few MB with all their vectors."""
_PIECE = TEXT_BYTES // 4
"""Characters of the contents per row; each takes up to four bytes."""

_ARTICLE = dict.fromkeys(("id", "title", "url", "published", "source", "language"), str)
_FILTERED = dict.fromkeys(("source", "language", "moment", "day"), int)
# Milvus has no collection without a vector, so some have one that is never searched.
_NO_VECTOR: dict[str, type] = {"unused": list}
UNUSED = [1.0, 0.0]
SCHEMAS = {
    "articles": Schema(
        {
            **dict.fromkeys(("number", "story", "first_passage", "first_row"), int),
            "digest": str,
            **_ARTICLE,
            **_NO_VECTOR,
        },
        ["story"],
    ),
    "passages": Schema(
        {
            **dict.fromkeys(("number", "article", "story", "start", "end"), int),
            **dict.fromkeys(("first_row", "end_row"), int),
            "titled": bool,
            **dict.fromkeys(("id", "text", "published"), str),
            "terms": dict,
            **_FILTERED,
        },
        ["article", *_FILTERED],
    ),
    "rows": Schema(
        {
            **dict.fromkeys(("row", "article", "passage", "start", "end"), int),
            "lead": bool,
            "vector": list,
            **_FILTERED,
        },
        ["lead", *_FILTERED],
    ),
    "terms": Schema({"term": str, "number": int, "passages": int, **_NO_VECTOR}),
    PART: Schema(
        {
            "number": int,
            **dict.fromkeys(("chinese_key", "foreign_key", "chinese", "foreign_name"), str),
            "articles": int,
            **_NO_VECTOR,
        },
        ["chinese_key", "foreign_key"],
    ),
    MANIFEST: Schema({"number": int, "text": str, **_NO_VECTOR}),
}


class Keys(NamedTuple):
    """The keys of an article, its first passage and vector, and the first of its near-duplicates."""

    article: int
    passage: int
    row: int
    story: int


def manifest_rows(contents: Contents) -> list[Row]:
    """Return the rows of the contents of a generation."""
    text = contents.to_json()
    pieces = [text[start : start + _PIECE] for start in range(0, len(text), _PIECE)]
    return [{"number": n, "text": piece, "unused": UNUSED} for n, piece in enumerate(pieces)]


def term_rows(terms: Sequence[tuple[str, int, int]]) -> Batch:
    """Return the rows of terms, each with its number and the number of its passages."""
    return (
        "terms",
        [
            {"term": term, "number": number, "passages": passages, "unused": UNUSED}
            for term, number, passages in terms
        ],
    )


def article_rows(
    index: Index,
    contents: Contents,
    articles: Sequence[tuple[StoredArticle, Keys]],
    terms: dict[str, int],
) -> Iterator[Batch]:
    """Yield the rows of articles, of their passages and of their vectors; `terms` are numbered."""
    for some in _together(articles):
        (first, _), (last, _) = some[0], some[-1]
        entries = index.corpus.entries(range(first.number, last.number + 1))
        filtered = {
            stored.number: _filtered(entry, contents)
            for (stored, _), (_, entry) in zip(some, entries, strict=True)
        }
        yield (
            "articles",
            [
                _article(stored, keys, entry)
                for (stored, keys), (_, entry) in zip(some, entries, strict=True)
            ],
        )
        owners = {stored.number: (stored, keys) for stored, keys in some}
        numbers = range(first.first_passage, last.end_passage)
        vectors = index.vectors(rows := range(first.first_row, last.end_row))
        spans = index.corpus.spans(rows)
        passages, leads = list[Row](), list[Row]()
        places = index.corpus.rows(passages=numbers).each()
        for passage, place in zip(index.corpus.passages(numbers), places, strict=True):
            keyed = _keyed(place, *owners[place.article])
            inside = slice(place.first - first.first_row, place.end - first.first_row)
            passages.append(_passage(passage, keyed, terms, contents) | filtered[place.article])
            leads += (
                row | filtered[place.article] for row in _rows(keyed, spans[inside], vectors[inside])
            )
        yield "passages", passages
        yield "rows", leads


def _together(
    articles: Sequence[tuple[StoredArticle, Keys]],
) -> Iterator[Sequence[tuple[StoredArticle, Keys]]]:
    """Split articles into those that are read at once, whose numbers are consecutive."""
    start = 0
    for end in range(1, len(articles) + 1):
        first, last = articles[start][0], articles[end - 1][0]
        if (
            end == len(articles)
            or articles[end][0].number != last.number + 1
            or last.end_passage - first.first_passage >= _PASSAGES
        ):
            yield articles[start:end]
            start = end


def _filtered(entry: Reprint, contents: Contents) -> Row:
    """The fields of an article that filters compare."""
    return {
        "source": contents.numbers("sources")[entry.source.lower()],
        "language": contents.numbers("languages")[entry.language.lower()],
        "moment": microseconds(entry.published) if entry.published else NO_TIME,
        "day": entry.published.toordinal() if entry.published else NO_DAY,
    }


def _keyed(place: PassageRows, stored: StoredArticle, keys: Keys) -> PassageRows:
    """Replace the numbers of a passage by keys."""
    shift = keys.row - stored.first_row
    return place._replace(
        passage=place.passage + keys.passage - stored.first_passage,
        first=place.first + shift,
        end=place.end + shift,
        article=keys.article,
        group=keys.story,
    )


def _article(stored: StoredArticle, keys: Keys, entry: Reprint) -> Row:
    row = {
        "number": keys.article,
        "story": keys.story,
        "first_passage": keys.passage,
        "first_row": keys.row,
        "digest": stored.digest.hex(),
        "id": entry.article_id,
        "title": entry.title,
        "url": entry.url,
        "published": entry.published.isoformat() if entry.published else "",
        "source": entry.source,
        "language": entry.language,
        "unused": UNUSED,
    }
    for field in _ARTICLE:
        length = len(str(row[field]).encode())
        if length > TEXT_BYTES:
            raise ArticleTooLong(
                "article-too-long",
                field=field,
                id=entry.article_id[:100],
                length=length,
                limit=TEXT_BYTES,
            )
    return row


def _passage(passage: Passage, place: PassageRows, terms: dict[str, int], contents: Contents) -> Row:
    return {
        "number": place.passage,
        "article": place.article,
        "story": place.group,
        "start": passage.start,
        "end": passage.end,
        "first_row": place.first,
        "end_row": place.end,
        "titled": bool(place.titled),
        "id": passage.id,
        "text": passage.text,
        "published": passage.published.isoformat() if passage.published else "",
        "terms": weights(passage_terms(passage.title, passage.text), terms, contents.lengths),
    }


def _rows(place: PassageRows, spans: Sequence[Span], vectors: Vectors) -> Iterator[Row]:
    """The rows of a passage; those of the passage itself and of its title are leads."""
    for row, (start, end), vector in zip(range(place.first, place.end), spans, vectors, strict=True):
        yield {
            "row": row,
            "article": place.article,
            "passage": place.passage,
            "start": start,
            "end": end,
            "lead": row == place.first or (bool(place.titled) and row == place.end - 1),
            "vector": vector,
        }

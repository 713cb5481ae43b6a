"""Reads the corpus of a generation in Milvus."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any

from rag.index import catalogue, phrases
from rag.index.base import PassageRows, parse_time
from rag.index.catalogue import Catalogue
from rag.index.milvus.client import MAX_HITS, Server, rows_by_key
from rag.index.milvus.conditions import among, conditions
from rag.index.milvus.manifest import Contents
from rag.index.milvus.names import PART, MilvusNames
from rag.types import Article, Filter, Passage, Reprint, Span

_BATCH = 4096
"""Articles per request."""
_ENTRY = ("id", "title", "url", "published", "source", "language")
_MIN_IDF = 1e-6


class MilvusCorpus:
    """The articles and passages of a generation; implements `Corpus`, safe to share between threads."""

    def __init__(self, server: Server, generation: str, contents: Contents) -> None:
        self._server = server
        self._generation = generation
        self._contents = contents

    def _find(self, part: str, field: str, values: Sequence[Any], *fields: str) -> list[dict[str, Any]]:
        return self._server.rows(f"{self._generation}_{part}", field, values, *fields)

    def _get(
        self, part: str, key: str, values: Sequence[int], *fields: str
    ) -> dict[int, dict[str, Any]]:
        return rows_by_key(self._server, f"{self._generation}_{part}", key, values, *fields)

    @cached_property
    def languages(self) -> frozenset[str]:
        """The known languages of the articles, as BCP 47 tags."""
        return frozenset(self._contents.counts["languages"]) - {"und"}

    @cached_property
    def names(self) -> MilvusNames:
        """The names that its articles print in two scripts."""
        collection = f"{self._generation}_{PART}" if PART in self._contents.sizes else None
        return MilvusNames(self._server, collection)

    def counts(self) -> Mapping[str, Mapping[str, int]]:
        """Count the articles by "sources", "languages" and "months"; the key "" is for unknown ones."""
        return self._contents.counts

    def conditions(self, only: Filter | None, passage: str = "number") -> list[str]:
        """Return a filter as conditions for Milvus; `passage` is the field of a passage's number."""
        found = conditions(only, self._contents) if only else []
        if only and (chosen := phrases.choose(self, only)):
            numbers = self._passages_of(chosen.articles)
            found.append(among(passage, numbers, is_inside=chosen.is_inside))
        return found

    def _passages_of(self, articles: Sequence[int]) -> list[int]:
        return sorted(item["number"] for item in self._find("passages", "article", articles, "number"))

    def rows(self, near: Sequence[int] = (), passages: Sequence[int] = ()) -> list[PassageRows]:
        """Return the rows of these passages and of the owners of the rows `near`, by passage."""
        owners = {item["passage"] for item in self._get("rows", "row", near, "passage").values()}
        numbers = sorted(owners | set(passages))
        fields = ("first_row", "end_row", "titled", "article", "story")
        found = self._get("passages", "number", numbers, *fields, "published")
        return [
            PassageRows._make(
                (number, *(item[field] for field in fields), parse_time(item["published"]))
            )
            for number, item in ((number, found[number]) for number in numbers)
        ]

    def passages(self, numbers: Sequence[int]) -> list[Passage]:
        """Return the passages with these numbers, in this order."""
        found = self._get("passages", "number", numbers, "id", "text", "start", "end", "article")
        owners = [item["article"] for item in found.values()]
        articles = self._get("articles", "number", owners, *_ENTRY)
        return [
            _passage(found[number], _reprint(articles[found[number]["article"]])) for number in numbers
        ]

    def spans(self, rows: Sequence[int]) -> list[Span]:
        """Return the range of its passage that each row encodes; (0, 0) for a title."""
        found = self._get("rows", "row", rows, "start", "end")
        return [(found[row]["start"], found[row]["end"]) for row in rows]

    def reprints(self, articles: Sequence[int]) -> dict[int, list[Reprint]]:
        """Map each of these articles to its near-duplicates."""
        own = self._get("articles", "number", articles, "story")
        members = self._members([item["story"] for item in own.values()])
        return {
            number: [
                _reprint(item)
                for item in members
                if item["story"] == own[number]["story"] and item["number"] != number
            ]
            for number in articles
        }

    def _members(self, groups: Sequence[int]) -> list[dict[str, Any]]:
        """The articles of near-duplicate groups, by number."""
        found = self._find("articles", "story", groups, "number", "story", *_ENTRY)
        return sorted(found, key=lambda item: int(item["number"]))

    def article(self, identifier: str) -> Article | None:
        """Return the article with this id, None if there is none.

        The text is joined from its passages, which cover it except for white space. The gap between two
        passages becomes a space or line breaks of the same length.
        """
        found = self._find("articles", "id", [identifier], "number", *_ENTRY)
        if not found:
            return None
        entry = _reprint(found[0])
        text = _join(self._find("passages", "article", [found[0]["number"]], "start", "text"))
        return Article(
            id=entry.article_id,
            title=entry.title,
            url=entry.url,
            text=text,
            published=entry.published,
            source=entry.source,
            language=entry.language,
        )

    def passage_numbers(self, passages: Sequence[Passage]) -> dict[str, int]:
        """Map passage id to passage number, for passages that are unchanged in this generation."""
        identifiers = [passage.id for passage in passages]
        known = {(passage.id, passage.start, passage.end) for passage in passages}
        return {
            item["id"]: item["number"]
            for item in self._find("passages", "id", identifiers, "id", "start", "end", "number")
            if (item["id"], item["start"], item["end"]) in known
        }

    def newest(self, count: int) -> list[int]:
        """Return the numbers of the first passages of the newest articles, as `Corpus.newest` does."""
        chosen = self.catalogue.newest(count)
        first: dict[int, int] = {}
        for item in self._find("passages", "article", chosen, "number", "article"):
            number = int(item["number"])
            first[item["article"]] = min(number, first.get(item["article"], number))
        return [first[number] for number in chosen if number in first]

    def at_address(self, addresses: Sequence[str]) -> list[int]:
        """Return the numbers of the passages of the articles with these addresses, in order."""
        articles = [item["number"] for item in self._find("articles", "url", addresses, "number")]
        return self._passages_of(articles)

    @cached_property
    def catalogue(self) -> Catalogue:
        """The articles as a list, without their texts; a copy, because Milvus cannot sort."""
        return catalogue.copy(self._entries())

    def _entries(self) -> Iterator[tuple[int, Reprint]]:
        numbers = range(self._contents.manifest.articles)
        for start in numbers[::_BATCH]:
            some = numbers[start : start + _BATCH]
            found = self._get("articles", "number", some, "story", *_ENTRY)
            yield from ((found[number]["story"], _reprint(found[number])) for number in some)

    def articles_of(self, term: str) -> list[int]:
        """Return the numbers of the articles that contain a term, perhaps repeated."""
        found = self._find("terms", "term", [term], "number", "passages")
        passages = [
            number for item in found for number, _ in self._with_term(item["number"], item["passages"])
        ]
        return [
            item["article"] for item in self._get("passages", "number", passages, "article").values()
        ]

    def _with_term(self, term: int, count: int) -> Iterator[tuple[int, float]]:
        """The passages with a term; in parts, because Milvus limits the hits of a search."""
        collection = f"{self._generation}_passages"
        step = MAX_HITS if count > MAX_HITS else self._contents.manifest.passages
        for start in range(0, self._contents.manifest.passages, step):
            part = f"number >= {start} and number < {start + step}"
            yield from self._server.nearest(collection, "number", "terms", {term: 1.0}, step, part)

    def contents(self, articles: Sequence[int]) -> list[tuple[int, str, str]]:
        """Return number, title and text of these articles, the text as `article` returns it."""
        parts: dict[int, list[Any]] = {number: [] for number in articles}
        for part in self._find("passages", "article", articles, "article", "start", "text"):
            parts[part["article"]].append(part)
        titles = self._get("articles", "number", articles, "title")
        return [(number, titles[number]["title"], _join(parts[number])) for number in articles]

    def frequencies(self, terms: Sequence[str]) -> dict[str, int]:
        """Count the passages that contain each term."""
        found = self._find("terms", "term", terms, "term", "passages")
        return dict.fromkeys(terms, 0) | {item["term"]: item["passages"] for item in found}

    def bm25(self, terms: Sequence[str], only: Filter | None = None) -> dict[int, float]:
        """Return the BM25 score of each passage that contains a term and passes the filter.

        The scores equal those of SQLite: the collection has the weight of each term in each passage,
        the query has the inverse frequencies. Of more than 16,384 passages, returns the best.
        """
        found = self._find("terms", "term", terms, "number", "passages")
        weights = {item["number"]: self._idf(item["passages"]) for item in found}
        if not weights:
            return {}
        limit = sum(item["passages"] for item in found)
        condition = " and ".join(self.conditions(only))
        collection = f"{self._generation}_passages"
        return dict(self._server.nearest(collection, "number", "terms", weights, limit, condition))

    def _idf(self, passages: int) -> float:
        total = self._contents.manifest.passages
        return max(math.log((total - passages + 0.5) / (passages + 0.5)), _MIN_IDF)


def _join(parts: Sequence[Mapping[str, Any]]) -> str:
    """Join the passages of an article."""
    text = ""
    for part in sorted(parts, key=lambda part: int(part["start"])):
        gap = int(part["start"]) - len(text)
        text += (" " if gap == 1 else "\n" * gap) + part["text"]
    return text


def _passage(item: Mapping[str, Any], article: Reprint) -> Passage:
    return Passage(
        id=item["id"],
        article_id=article.article_id,
        title=article.title,
        url=article.url,
        text=item["text"],
        start=item["start"],
        end=item["end"],
        published=article.published,
        source=article.source,
        language=article.language,
    )


def _reprint(item: Mapping[str, Any]) -> Reprint:
    return Reprint(
        article_id=item["id"],
        title=item["title"],
        url=item["url"],
        published=parse_time(item["published"]),
        source=item["source"],
        language=item["language"],
    )

"""Reads the corpus of a generation in Milvus."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from functools import cached_property
from typing import Any

import numpy as np

from rag.index import catalogue, phrases
from rag.index.base import PassageTable, parse_time
from rag.index.catalogue import Catalogue
from rag.index.milvus.conditions import among, conditions
from rag.index.milvus.manifest import Contents
from rag.index.milvus.names import MilvusNames
from rag.index.milvus.tables import Tables
from rag.index.milvus.terms import MilvusTerms
from rag.types import Article, Filter, Passage, Reprint, Span

_BATCH = 4096
"""Articles per request."""
_ENTRY = ("id", "title", "url", "published", "source", "language")


class MilvusCorpus:
    """The articles and passages of a generation; implements `Corpus`, safe to share between threads."""

    def __init__(self, tables: Tables, contents: Contents) -> None:
        self._tables = tables
        self._contents = contents
        self.terms = MilvusTerms(tables, contents)

    @cached_property
    def languages(self) -> frozenset[str]:
        """The known languages of the articles, as BCP 47 tags."""
        return frozenset(self._contents.counts["languages"]) - {"und"}

    @cached_property
    def names(self) -> MilvusNames:
        """The names that its articles print in two scripts."""
        return MilvusNames(self._tables.server, self._contents)

    def counts(self) -> Mapping[str, Mapping[str, int]]:
        """Count the articles by "sources", "languages" and "months"; the key "" is for unknown ones."""
        return self._contents.counts

    def conditions(self, only: Filter | None, passage: str = "number") -> list[str]:
        """Return a filter as conditions for Milvus; `passage` is the field of a passage's key."""
        found = conditions(only, self._contents) if only else []
        if only and (chosen := phrases.choose(self, only)):
            numbers = self._tables.numbering("passages").keys(self.passages_of(chosen.articles))
            found.append(among(passage, numbers, is_inside=chosen.is_inside))
        return found

    def passages_of(self, articles: Sequence[int]) -> list[int]:
        """Return the numbers of the passages of these articles, in order."""
        return sorted(
            item["number"] for item in self._tables.find("passages", "article", articles, "number")
        )

    def rows(self, near: Sequence[int] = (), passages: Sequence[int] = ()) -> PassageTable:
        """Return the rows of these passages and of the owners of the rows `near`."""
        owners = {item["passage"] for item in self._tables.get("rows", near, "passage").values()}
        numbers = sorted(owners | set(passages))
        fields = ("first_row", "end_row", "titled", "article", "story")
        found = self._tables.get("passages", numbers, *fields, "published")
        rows = [
            (number, *(item[field] for field in fields), _ordinal(item["published"]))
            for number, item in found.items()
        ]
        return PassageTable.of(np.array(rows, np.int64).reshape(-1, len(PassageTable._fields)))

    def passages(self, numbers: Sequence[int]) -> list[Passage]:
        """Return the passages with these numbers, in this order."""
        found = self._tables.get("passages", numbers, "id", "text", "start", "end", "article")
        owners = [item["article"] for item in found.values()]
        articles = self._tables.get("articles", owners, *_ENTRY)
        return [
            _passage(found[number], _reprint(articles[found[number]["article"]])) for number in numbers
        ]

    def spans(self, rows: Sequence[int]) -> list[Span]:
        """Return the range of its passage that each row encodes; (0, 0) for a title."""
        found = self._tables.get("rows", rows, "start", "end")
        return [(found[row]["start"], found[row]["end"]) for row in rows]

    def reprints(self, articles: Sequence[int]) -> dict[int, list[Reprint]]:
        """Map each of these articles to its near-duplicates."""
        own = self._tables.get("articles", articles, "story")
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
        found = self._tables.find("articles", "story", groups, "number", "story", *_ENTRY)
        return sorted(found, key=lambda item: int(item["number"]))

    def article(self, identifier: str) -> Article | None:
        """Return the article with this id, None if there is none.

        The text is joined from its passages, which cover it except for white space. The gap between two
        passages becomes a space or line breaks of the same length.
        """
        found = self._tables.find("articles", "id", [identifier], "number", *_ENTRY)
        if not found:
            return None
        entry = _reprint(found[0])
        text = _join(self._tables.find("passages", "article", [found[0]["number"]], "start", "text"))
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
            for item in self._tables.find("passages", "id", identifiers, "id", "start", "end", "number")
            if (item["id"], item["start"], item["end"]) in known
        }

    def newest(self, count: int) -> list[int]:
        """Return the numbers of the first passages of the newest articles, as `Corpus.newest` does."""
        chosen = self.catalogue.newest(count)
        first: dict[int, int] = {}
        for item in self._tables.find("passages", "article", chosen, "number", "article"):
            number = int(item["number"])
            first[item["article"]] = min(number, first.get(item["article"], number))
        return [first[number] for number in chosen if number in first]

    def at_address(self, addresses: Sequence[str]) -> list[int]:
        """Return the numbers of the passages of the articles with these addresses, in order."""
        articles = [
            item["number"] for item in self._tables.find("articles", "url", addresses, "number")
        ]
        return self.passages_of(articles)

    @cached_property
    def catalogue(self) -> Catalogue:
        """The articles as a list, without their texts; a copy, because Milvus cannot sort."""
        return catalogue.copy(self._entries())

    def _entries(self) -> Iterator[tuple[int, Reprint]]:
        numbers = range(self._contents.manifest.articles)
        for start in numbers[::_BATCH]:
            some = numbers[start : start + _BATCH]
            found = self._tables.get("articles", some, "story", *_ENTRY)
            yield from ((found[number]["story"], _reprint(found[number])) for number in some)

    def articles_of(self, term: str) -> list[int]:
        """Return the numbers of the articles that contain a term, perhaps repeated."""
        passages = self.terms.passages_with(term)
        return [item["article"] for item in self._tables.get("passages", passages, "article").values()]

    def contents(self, articles: Sequence[int]) -> list[tuple[int, str, str]]:
        """Return number, title and text of these articles, the text as `article` returns it."""
        parts: dict[int, list[Any]] = {number: [] for number in articles}
        for part in self._tables.find("passages", "article", articles, "article", "start", "text"):
            parts[part["article"]].append(part)
        titles = self._tables.get("articles", articles, "title")
        return [(number, titles[number]["title"], _join(parts[number])) for number in articles]

    def frequencies(self, terms: Sequence[str]) -> dict[str, int]:
        """Count the passages that contain each term."""
        known = self.terms.known(terms)
        return {term: known[term].passages if term in known else 0 for term in terms}

    def bm25(self, terms: Sequence[str], only: Filter | None = None) -> dict[int, float]:
        """Return the BM25 score of each passage that contains a term and passes the filter.

        Of more than 16,384 passages, returns the best.
        """
        return self.terms.bm25(terms, self.conditions(only))


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


def _ordinal(published: str) -> int:
    """Return the day of a stored time, as in `PassageRows`."""
    return date.fromisoformat(published[:10]).toordinal() if published else 0


def _reprint(item: Mapping[str, Any]) -> Reprint:
    return Reprint(
        article_id=item["id"],
        title=item["title"],
        url=item["url"],
        published=parse_time(item["published"]),
        source=item["source"],
        language=item["language"],
    )

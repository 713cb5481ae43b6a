"""Reads the corpus of a generation in Milvus."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time
from functools import cached_property
from typing import Any

from rag.index.base import PassageRows, microseconds, parse_time
from rag.index.manifest import damaged
from rag.index.milvus.client import Server
from rag.index.milvus.manifest import NO_DAY, NO_TIME, Contents
from rag.types import Article, Filter, Passage, Reprint, Span

_NONE = -1
"""A number that no source or language has."""
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

    def counts(self) -> Mapping[str, Mapping[str, int]]:
        """Count the articles by "sources", "languages" and "months"; the key "" is for unknown ones."""
        return self._contents.counts

    @cached_property
    def _language_numbers(self) -> Mapping[str, int]:
        return self._contents.numbers("languages")

    @cached_property
    def _source_numbers(self) -> Mapping[str, int]:
        return self._contents.numbers("sources")

    def conditions(self, only: Filter | None) -> list[str]:
        """Return a filter as conditions for Milvus; they contain numbers only, no text of a user."""
        only = only or Filter()
        conditions = []
        if only.sources:
            numbers = [self._source_numbers.get(source.lower(), _NONE) for source in only.sources]
            conditions.append(f"source in {numbers}")
        for comparison, limit in ((">=", only.since), ("<=", only.until)):
            if limit is not None:
                conditions.append(self._time_condition(comparison, limit))
        if only.language is not None:
            start = f"{only.language.lower()}-"
            known = self._language_numbers.items()
            numbers = [number for tag, number in known if f"{tag}-".startswith(start)]
            conditions.append(f"language in {numbers or [_NONE]}")
        return conditions

    def _time_condition(self, comparison: str, limit: date) -> str:
        if isinstance(limit, datetime):
            return f"moment > {NO_TIME} and moment {comparison} {microseconds(limit)}"
        if self._contents.layout > 1:
            return f"day > {NO_DAY} and day {comparison} {limit.toordinal()}"
        clock = time.min if comparison == ">=" else time.max
        return self._time_condition(comparison, datetime.combine(limit, clock, UTC))

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

    def near_duplicates(self, limit: int) -> list[list[Reprint]]:
        """Return the largest near-duplicate groups of two or more articles, largest first."""
        sizes = Counter(group for *_, group in sorted(self._articles, key=lambda item: item[2]))
        groups = [group for group, articles in sizes.most_common(limit) if articles > 1]
        members = self._members(groups)
        return [[_reprint(item) for item in members if item["story"] == group] for group in groups]

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
        parts = self._find("passages", "article", [found[0]["number"]], "start", "text")
        text = ""
        for part in sorted(parts, key=lambda part: int(part["start"])):
            gap = int(part["start"]) - len(text)
            text += (" " if gap == 1 else "\n" * gap) + part["text"]
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
        newest: dict[int, int] = {}
        for _, number, group in sorted(self._articles):
            newest.setdefault(group, number)
        chosen = list(newest.values())[:count]
        first: dict[int, int] = {}
        for item in self._find("passages", "article", chosen, "number", "article"):
            number = int(item["number"])
            first[item["article"]] = min(number, first.get(item["article"], number))
        return [first[number] for number in chosen if number in first]

    def at_address(self, addresses: Sequence[str]) -> list[int]:
        """Return the numbers of the passages of the articles with these addresses, in order."""
        articles = [item["number"] for item in self._find("articles", "url", addresses, "number")]
        return sorted(item["number"] for item in self._find("passages", "article", articles, "number"))

    @cached_property
    def _articles(self) -> list[tuple[float, int, int]]:
        """Age, number and near-duplicate group of each article; Milvus cannot sort."""
        numbers = range(self._contents.manifest.articles)
        found = self._get("articles", "number", numbers, "story", "published")
        return [(_age(item["published"]), number, item["story"]) for number, item in found.items()]

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


def rows_by_key(
    server: Server, collection: str, key: str, values: Sequence[int], *fields: str
) -> dict[int, dict[str, Any]]:
    """Return these fields of the rows with these keys. Raises `IndexDamaged` if a row is missing."""
    found = {item[key]: item for item in server.rows(collection, key, values, key, *fields)}
    if lost := set(values) - found.keys():
        raise damaged(server.address, "damage-rows-missing", collection=collection, count=len(lost))
    return found


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


def _age(text: str) -> float:
    published = parse_time(text)
    return -published.timestamp() if published else math.inf

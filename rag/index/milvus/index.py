"""A generation in Milvus, opened for searching: what the index folder has in files, in collections."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cached_property
from typing import Any, Self

import numpy as np

from rag.errors import IndexMissing
from rag.index.corpus_writer import moment
from rag.index.milvus.client import Server
from rag.index.milvus.manifest import NO_TIME, Contents, damaged
from rag.retrieval.ranking import Ranking
from rag.types import Article, Filter, Passage, Reprint, Rows, Span, Vectors

_NOTHING = -1
_ENTRY = ("id", "title", "url", "published", "source", "language")
_IDF_AT_LEAST = 1e-6


class MilvusIndex(Ranking):
    """The live generation when it was opened; safe to share between threads."""

    def __init__(self, server: Server, generation: str, contents: Contents) -> None:
        self.manifest = contents.manifest
        self.corpus: MilvusTexts = MilvusTexts(server, generation, contents)
        self.stamp = generation
        self._server = server
        self._rows = f"{generation}_rows"

    @classmethod
    def open(cls, server: Server) -> Self:
        """Open the live generation. Raises `IndexMissing`, `IndexDamaged` or `ServerUnavailable`."""
        while True:
            generation = server.live()
            try:
                return cls(server, generation, Contents.read(server, generation))
            except IndexMissing:
                if generation == server.live():
                    raise  # it is not that builds have replaced it meanwhile

    def nearest(self, query: Vectors, count: int, only: Filter | None) -> list[int]:
        condition = " and ".join(["lead == true", *self.corpus.conditions(only)])
        found = self._server.nearest(self._rows, "row", "vector", query.tolist(), count, condition)
        return [row for row, _ in found]

    def vectors(self, rows: Sequence[int]) -> Vectors:
        found = _every(self._server, self._rows, "row", rows, "vector")
        vectors = np.empty((len(rows), self.manifest.dim), np.float32)
        for at, row in enumerate(rows):
            vectors[at] = found[row]["vector"]
        return vectors


class MilvusTexts:
    """The text side of a generation; safe to share between threads."""

    def __init__(self, server: Server, generation: str, contents: Contents) -> None:
        self._server = server
        self._generation = generation
        self._contents = contents

    def _find(self, part: str, field: str, values: Sequence[Any], *fields: str) -> list[dict[str, Any]]:
        return self._server.rows(f"{self._generation}_{part}", field, values, *fields)

    def _get(
        self, part: str, key: str, values: Sequence[int], *fields: str
    ) -> dict[int, dict[str, Any]]:
        return _every(self._server, f"{self._generation}_{part}", key, values, *fields)

    @cached_property
    def languages(self) -> frozenset[str]:
        """The languages of the articles, as far as they are known."""
        return frozenset(self._contents.counts["languages"]) - {"und"}

    def counts(self) -> Mapping[str, Mapping[str, int]]:
        """How many articles there are of each source, language and month ("" where it is unknown)."""
        return self._contents.counts

    @cached_property
    def _languages(self) -> Mapping[str, int]:
        return self._contents.numbers("languages")

    @cached_property
    def _sources(self) -> Mapping[str, int]:
        return self._contents.numbers("sources")

    def conditions(self, only: Filter | None) -> list[str]:
        """The filter as what Milvus is to compare: numbers alone, none of the words of a stranger."""
        only = only or Filter()
        conditions = []
        if only.source is not None:
            conditions.append(f"source == {self._sources.get(only.source.lower(), _NOTHING)}")
        if only.since is not None:
            conditions.append(f"moment >= {moment(only.since)}")
        if only.until is not None:
            conditions.append(f"moment > {NO_TIME} and moment <= {moment(only.until)}")
        if only.language is not None:
            start = f"{only.language.lower()}-"
            meant = [n for tag, n in self._languages.items() if f"{tag}-".startswith(start)]
            conditions.append(f"language in {meant or [_NOTHING]}")
        return conditions

    def rows(self, near: Sequence[int] = (), passages: Sequence[int] = ()) -> list[Rows]:
        """The rows of these passages and of those that any row of `near` belongs to, in order."""
        owners = {item["passage"] for item in self._get("rows", "row", near, "passage").values()}
        numbers = sorted(owners | set(passages))
        fields = ("first_row", "end_row", "titled", "article", "story")
        found = self._get("passages", "number", numbers, *fields, "published")
        return [
            Rows._make((number, *(item[field] for field in fields), _time(item["published"])))
            for number, item in ((number, found[number]) for number in numbers)
        ]

    def passages(self, numbers: Sequence[int]) -> list[Passage]:
        """The passages with these numbers, in the order asked for."""
        found = self._get("passages", "number", numbers, "id", "text", "start", "end", "article")
        owners = [item["article"] for item in found.values()]
        articles = self._get("articles", "number", owners, *_ENTRY)
        return [
            _passage(found[number], _reprint(articles[found[number]["article"]])) for number in numbers
        ]

    def spans(self, rows: Sequence[int]) -> list[Span]:
        """The range of characters of its passage that each row is the vector of."""
        found = self._get("rows", "row", rows, "start", "end")
        return [(found[row]["start"], found[row]["end"]) for row in rows]

    def reprints(self, articles: Sequence[int]) -> dict[int, list[Reprint]]:
        """For each of these articles, the others of its story."""
        own = self._get("articles", "number", articles, "story")
        stories = [item["story"] for item in own.values()]
        found = self._find("articles", "story", stories, "number", "story", *_ENTRY)
        found.sort(key=lambda item: int(item["number"]))
        return {
            number: [
                _reprint(item)
                for item in found
                if item["story"] == own[number]["story"] and item["number"] != number
            ]
            for number in articles
        }

    def article(self, identifier: str) -> Article | None:
        """The article with this id, if there is one.

        Its text is put together from its passages, which cover all of it but white space: between
        two of them there is a blank line, or a space, as long as what was there.
        """
        found = self._find("articles", "id", [identifier], "number", *_ENTRY)
        if not found:
            return None
        entry = _reprint(found[0])
        parts = self._find("passages", "article", [found[0]["number"]], "start", "text")
        text = ""
        for part in sorted(parts, key=lambda part: int(part["start"])):
            between = int(part["start"]) - len(text)
            text += (" " if between == 1 else "\n" * between) + part["text"]
        return Article(
            id=entry.article_id,
            title=entry.title,
            url=entry.url,
            text=text,
            published=entry.published,
            source=entry.source,
            language=entry.language,
        )

    def numbers(self, passages: Sequence[Passage]) -> dict[str, int]:
        """The numbers of these passages by their ids, as far as they are there as they are here."""
        found = self._find(
            "passages", "id", [passage.id for passage in passages], "id", "start", "end", "number"
        )
        known = {(passage.id, passage.start, passage.end) for passage in passages}
        return {
            item["id"]: item["number"]
            for item in found
            if (item["id"], item["start"], item["end"]) in known
        }

    def newest(self, count: int) -> list[int]:
        """The first passages of the newest articles, one for a story, newest first, undated last."""
        newest: dict[int, int] = {}
        for _, number, story in sorted(self._articles):
            newest.setdefault(story, number)
        chosen = list(newest.values())[:count]
        first: dict[int, int] = {}
        for item in self._find("passages", "article", chosen, "number", "article"):
            number = int(item["number"])
            first[item["article"]] = min(number, first.get(item["article"], number))
        return [first[number] for number in chosen if number in first]

    def retold(self, most: int) -> list[list[Reprint]]:
        """The stories told by more than one article, the most told first, at most so many."""
        told = Counter(story for *_, story in sorted(self._articles, key=lambda item: item[2]))
        stories = [story for story, articles in told.most_common(most) if articles > 1]
        found = self._find("articles", "story", stories, "number", "story", *_ENTRY)
        found.sort(key=lambda item: int(item["number"]))
        return [[_reprint(item) for item in found if item["story"] == story] for story in stories]

    @cached_property
    def _articles(self) -> list[tuple[float, int, int]]:
        """How old each article is, its number and story: Milvus itself puts nothing in order."""
        numbers = range(self._contents.manifest.articles)
        found = self._get("articles", "number", numbers, "story", "published")
        return [(_age(item["published"]), number, item["story"]) for number, item in found.items()]

    def frequencies(self, terms: Sequence[str]) -> dict[str, int]:
        """In how many passages each term occurs."""
        found = self._find("terms", "term", terms, "term", "passages")
        return dict.fromkeys(terms, 0) | {item["term"]: item["passages"] for item in found}

    def bm25(self, terms: Sequence[str], only: Filter | None = None) -> dict[int, float]:
        """The BM25 score of every passage that holds any of the terms and passes the filter.

        It is that of SQLite: the weight of a term in a passage is in the collection, that in the
        question is its inverse frequency. Of more than 16,384 passages those with the largest scores.
        """
        found = self._find("terms", "term", terms, "number", "passages")
        weights = {item["number"]: self._idf(item["passages"]) for item in found}
        if not weights:
            return {}
        most = sum(item["passages"] for item in found)
        condition = " and ".join(self.conditions(only))
        collection = f"{self._generation}_passages"
        return dict(self._server.nearest(collection, "number", "terms", weights, most, condition))

    def _idf(self, passages: int) -> float:
        total = self._contents.manifest.passages
        return max(math.log((total - passages + 0.5) / (passages + 0.5)), _IDF_AT_LEAST)


def _every(
    server: Server, collection: str, key: str, values: Sequence[int], *fields: str
) -> dict[int, dict[str, Any]]:
    """These fields of the rows with these keys. Raises `IndexDamaged` where one is not there."""
    found = {item[key]: item for item in server.rows(collection, key, values, key, *fields)}
    if lost := set(values) - found.keys():
        raise damaged(server.address, f"{collection} lacks {len(lost)} rows")
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
        published=_time(item["published"]),
        source=item["source"],
        language=item["language"],
    )


def _age(text: str) -> float:
    return -datetime.fromisoformat(text).timestamp() if text else math.inf


def _time(text: str) -> datetime | None:
    return datetime.fromisoformat(text) if text else None

"""The articles of an index as a list: selected and sorted, and one beside the other in time."""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from functools import cached_property
from typing import Any, NamedTuple, TypeAlias

from rag.index.base import microseconds
from rag.index.sqlite import statements as sql
from rag.text.terms import normal
from rag.types import Filter, Reprint

Entry: TypeAlias = Reprint
"""An article without its text."""
Query: TypeAlias = Callable[..., list[Any]]
"""Called as `query(statement, *values)`: runs SQL on a table of articles, returns all rows."""

_TITLES_AT_ONCE = 4096
_ENTRY = sql.REPRINT.format("a")
_TABLE = """
CREATE TABLE articles (
    number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, title TEXT NOT NULL, url TEXT NOT NULL,
    published TEXT, moment INTEGER, source TEXT NOT NULL, language TEXT NOT NULL,
    story INTEGER NOT NULL
);
CREATE INDEX articles_by_story ON articles (story);
"""
_ENTRIES = (
    f"SELECT a.number, {_ENTRY} FROM articles a WHERE a.number IN (SELECT value FROM json_each(?))"
)
_NEWEST = (
    "SELECT number FROM (SELECT number, moment, row_number() OVER "
    "(PARTITION BY story ORDER BY moment DESC NULLS LAST, number) AS place FROM articles) "
    "WHERE place = 1 ORDER BY moment DESC NULLS LAST, number LIMIT ?"
)
_REPRINTS = (
    f"SELECT {_ENTRY} FROM articles b JOIN articles a ON a.story = b.story AND a.number != b.number "
    "WHERE b.id = ? ORDER BY a.number"
)


class Order(StrEnum):
    """The order of a list of articles; those without a time are last."""

    NEWEST = "newest"
    OLDEST = "oldest"
    TITLE = "title"


_BY_TIME = {Order.NEWEST: "a.moment DESC NULLS LAST", Order.OLDEST: "a.moment NULLS LAST"}


@dataclass(frozen=True, slots=True)
class Selection:
    """Selects articles; without values, all of them.

    `sources`, `since`, `until` and `language` are those of a `Filter`; the source "" stands for
    articles without a site. `undated` selects the articles without a time. Each word of `title` must
    occur in the title, or in the id of an article without one; case, width, accents and the script of
    Chinese do not count.
    """

    sources: tuple[str, ...] = ()
    since: date | None = None
    until: date | None = None
    language: str | None = None
    undated: bool = False
    title: str = ""


class Listing(NamedTuple):
    """A part of the articles that a selection selects, and the number of all of them."""

    articles: Sequence[Entry]
    total: int


class Beside(NamedTuple):
    """The articles before and after one in time; None at the ends."""

    previous: Entry | None
    next: Entry | None


class Catalogue:
    """The list of all articles; safe to share between threads."""

    def __init__(self, query: Query) -> None:
        self._query = query

    def articles(
        self,
        selection: Selection | None = None,
        order: Order = Order.NEWEST,
        start: int = 0,
        count: int = 50,
    ) -> Listing:
        """Return up to `count` of the selected articles, from number `start` of this order."""
        numbers = self._numbers(selection or Selection(), order)
        return Listing(self._entries(numbers[start : start + count]), len(numbers))

    @cached_property
    def counts(self) -> dict[str, dict[str, int]]:
        """The number of articles by "sources", "languages" and "months", as of `Corpus.counts`."""
        return {
            name: dict(
                self._query(
                    f"SELECT coalesce(value, ''), count FROM (SELECT {value} AS value, "
                    f"count(*) AS count FROM articles GROUP BY {value}) ORDER BY {order}"
                )
            )
            for name, value, order in (
                ("sources", "source", "2 DESC, 1"),
                ("languages", "language", "2 DESC, 1"),
                ("months", "substr(published, 1, 7)", "1"),
            )
        }

    def beside(self, identifier: str) -> Beside:
        """Return the articles before and after this one in time; none if it has no time."""
        found = self._query(
            "SELECT moment, number FROM articles WHERE id = ? AND moment IS NOT NULL", identifier
        )
        if not found:
            return Beside(None, None)
        ((moment, number),) = found
        return Beside(self._next(moment, number, "<", "DESC"), self._next(moment, number, ">", "ASC"))

    def reprints(self, identifier: str) -> list[Entry]:
        """Return the near-duplicates of an article."""
        return [sql.to_reprint(columns) for columns in self._query(_REPRINTS, identifier)]

    def near_duplicates(self, limit: int) -> list[list[Entry]]:
        """Return the largest near-duplicate groups of two or more articles, largest first."""
        groups: dict[int, list[Entry]] = {}
        for group, *columns in self._query(sql.NEAR_DUPLICATES, limit):
            groups.setdefault(group, []).append(sql.to_reprint(columns))
        return list(groups.values())

    def newest(self, count: int) -> list[int]:
        """Return the numbers of the newest articles, one of each near-duplicate group."""
        return [number for (number,) in self._query(_NEWEST, count)]

    def _numbers(self, selection: Selection, order: Order) -> list[int]:
        condition, values = _condition(selection)
        by = _BY_TIME.get(order, "TRUE")
        # With the plus sign SQLite reads an index instead of the rows, which have the texts.
        statement = f"SELECT a.number FROM articles a WHERE {condition} ORDER BY {by}, +a.number"
        numbers = [number for (number,) in self._query(statement, *values)]
        for word in _folded(selection.title).split():
            numbers = [number for number in numbers if word in self._titles[number]]
        if order is Order.TITLE:
            numbers.sort(key=self._titles.__getitem__)
        return numbers

    def _next(self, moment: int, number: int, comparison: str, direction: str) -> Entry | None:
        found = self._query(
            f"SELECT a.number FROM articles a WHERE (a.moment, a.number) {comparison} (?, ?) "
            f"ORDER BY a.moment {direction}, a.number {direction} LIMIT 1",
            moment,
            number,
        )
        return next(iter(self._entries([number for (number,) in found])), None)

    def _entries(self, numbers: Sequence[int]) -> list[Entry]:
        found = self._query(_ENTRIES, json.dumps(list(numbers)))
        entries = {number: sql.to_reprint(columns) for number, *columns in found}
        return [entries[number] for number in numbers]

    @cached_property
    def _titles(self) -> dict[int, str]:
        """The folded title of each article, read in parts so that searches need not wait."""
        titles: dict[int, str] = {}
        statement = "SELECT number, title, id FROM articles WHERE number > ? ORDER BY number LIMIT ?"
        while found := self._query(statement, max(titles, default=-1), _TITLES_AT_ONCE):
            titles |= {number: _folded(title or identifier) for number, title, identifier in found}
        return titles


def copy(entries: Iterable[tuple[int, Entry]]) -> Catalogue:
    """Return the catalogue of these articles, in order, each with its near-duplicate group.

    They are copied into a temporary file.
    """
    connection = sqlite3.connect("", check_same_thread=False)
    connection.executescript(_TABLE)
    rows = ((number, *_columns(group, entry)) for number, (group, entry) in enumerate(entries))
    connection.executemany("INSERT INTO articles VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", rows)
    lock = threading.Lock()

    def query(statement: str, *values: object) -> list[Any]:
        with lock:
            return connection.execute(statement, values).fetchall()

    return Catalogue(query)


def _condition(selection: Selection) -> tuple[str, list[object]]:
    only = Filter(selection.sources, selection.since, selection.until, selection.language)
    condition, values = sql.condition(only)
    if selection.undated:
        condition += " AND a.moment IS NULL"
    for comparison, limit in ((">=", only.since), ("<=", only.until)):
        if limit and not isinstance(limit, datetime):
            # Adds nothing, but there is an index of months.
            condition += f" AND substr(a.published, 1, 7) {comparison} ?"
            values.append(limit.isoformat()[:7])
    return condition, values


def _folded(text: str) -> str:
    return normal(text).casefold()


def _columns(group: int, entry: Entry) -> tuple[object, ...]:
    published = entry.published
    return (
        entry.article_id,
        entry.title,
        entry.url,
        published and published.isoformat(),
        published and microseconds(published),
        entry.source,
        entry.language,
        group,
    )

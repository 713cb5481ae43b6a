"""The SQL of a corpus: its tables, the statements that read and copy them, and what rows become.

The column `story` of an article is the number of the first article of its near-duplicate group, and
`moment` its time in microseconds. The terms of a passage are stored under its `key`, which stays the
same when its number changes.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from rag.index.base import microseconds, parse_time
from rag.index.phrases import Chosen
from rag.types import Article, Filter, Reprint

SCHEMA = """
CREATE TABLE articles (
    number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, title TEXT NOT NULL, url TEXT NOT NULL,
    published TEXT, moment INTEGER, source TEXT NOT NULL, language TEXT NOT NULL,
    story INTEGER NOT NULL, first_passage INTEGER NOT NULL, end_passage INTEGER NOT NULL,
    first_row INTEGER NOT NULL, end_row INTEGER NOT NULL,
    digest BLOB NOT NULL, signature BLOB NOT NULL, text TEXT NOT NULL
);
CREATE INDEX articles_by_story ON articles (story);
CREATE INDEX articles_by_filter ON articles (
    lower(source), moment, language, first_row, end_row, source, substr(published, 1, 10)
);
CREATE INDEX articles_by_address ON articles (url);
CREATE INDEX articles_by_month ON articles (substr(published, 1, 7), source, language);
CREATE TABLE passages (
    number INTEGER PRIMARY KEY, key INTEGER NOT NULL UNIQUE, id TEXT NOT NULL,
    article INTEGER NOT NULL REFERENCES articles, start INTEGER NOT NULL, end INTEGER NOT NULL,
    first_row INTEGER NOT NULL, end_row INTEGER NOT NULL, titled INTEGER NOT NULL
);
CREATE TABLE vectors (
    row INTEGER PRIMARY KEY, passage INTEGER NOT NULL REFERENCES passages,
    start INTEGER NOT NULL, end INTEGER NOT NULL, digest BLOB NOT NULL
);
CREATE VIRTUAL TABLE terms USING fts5 (text, content = '', tokenize = 'ascii');
CREATE TABLE frequencies (term TEXT PRIMARY KEY, passages INTEGER NOT NULL) WITHOUT ROWID;
"""

ARTICLE = "a.id, a.title, a.url, a.text, a.published, a.source, a.language"
REPRINT = "{0}.id, {0}.title, {0}.url, {0}.published, {0}.source, {0}.language"

_POSITION = "number, digest, first_passage, end_passage, first_row, end_row"
STORED = f"SELECT id, {_POSITION} FROM articles ORDER BY number"
POSITION = f"SELECT {_POSITION} FROM articles WHERE id = ?"
POSITIONS_IN = (
    f"SELECT {_POSITION} FROM articles WHERE id = ?1 OR id >= ?1 || '/' AND id < ?1 || '0' "
    "OR id >= ?1 || '#' AND id < ?1 || '$' ORDER BY number"
)
"""The article with a name, and those whose ids continue it with a slash or a number sign.

The signs that follow these in order are 0 and $.
"""
ENTRIES = (
    f"SELECT a.story, {REPRINT.format('a')} FROM articles a "
    "WHERE a.number >= ? AND a.number < ? ORDER BY a.number"
)
TEXTS = (
    "SELECT iif(v.end, substr(a.text, p.start + v.start + 1, v.end - v.start), a.title) "
    "FROM vectors v JOIN passages p ON p.number = v.passage JOIN articles a ON a.number = p.article "
    "WHERE v.row IN (SELECT value FROM json_each(?)) ORDER BY v.row"
)
ROWS = (
    "SELECT group_concat(p.number || ' ' || p.first_row || ' ' || p.end_row || ' ' || p.titled "
    "|| ' ' || a.number || ' ' || a.story || ' ' "
    "|| ifnull(CAST(julianday(substr(a.published, 1, 10)) - 1721424.5 AS INTEGER), 0), ' ') "
    "FROM passages p JOIN articles a ON a.number = p.article WHERE p.number IN "
    "(SELECT passage FROM vectors WHERE row IN (SELECT value FROM json_each(?)) "
    "UNION SELECT value FROM json_each(?))"
)
"""The columns of `PassageRows` in any order, as one text.

Not as rows, because at each of them another thread may go first.
"""
REPRINTS = (
    f"SELECT a.number, {REPRINT.format('b')} FROM articles a "
    "JOIN articles b ON b.story = a.story AND b.number != a.number "
    "WHERE a.number IN (SELECT value FROM json_each(?)) ORDER BY b.number"
)
NEAR_DUPLICATES = (
    f"SELECT a.story, {REPRINT.format('a')} FROM articles a "
    "JOIN (SELECT story, count(*) AS size FROM articles GROUP BY story HAVING size > 1 "
    "ORDER BY size DESC, story LIMIT ?) s ON s.story = a.story "
    "ORDER BY s.size DESC, a.story, a.number"
)
NEWEST = (
    "SELECT first_passage FROM (SELECT first_passage, moment, number, row_number() OVER "
    "(PARTITION BY story ORDER BY moment DESC NULLS LAST, number) AS place FROM articles "
    "WHERE end_passage > first_passage) WHERE place = 1 "
    "ORDER BY moment DESC NULLS LAST, number LIMIT ?"
)
PASSAGE_NUMBERS = (
    "SELECT p.id, p.start, p.end, p.number FROM articles a JOIN passages p "
    "ON p.number >= a.first_passage AND p.number < a.end_passage "
    "WHERE a.id IN (SELECT value FROM json_each(?))"
)
PASSAGES = (
    f"SELECT p.number, p.id, p.start, p.end, {ARTICLE} FROM passages p "
    "JOIN articles a ON a.number = p.article WHERE p.number IN (SELECT value FROM json_each(?))"
)
TRUNCATE = (
    "DELETE FROM main.vectors WHERE row >= :rows",
    "DELETE FROM main.passages WHERE number >= :passages",
    "DELETE FROM main.printed_names WHERE article >= :articles",
    "DELETE FROM main.articles WHERE number >= :articles",
)
"""Delete all but the first articles, passages and rows of a copied file."""
COPIES = (
    "INSERT INTO articles SELECT number + :articles, id, title, url, published, moment, source, "
    "language, number + :articles, first_passage + :passages, end_passage + :passages, "
    "first_row + :rows, end_row + :rows, digest, signature, text "
    "FROM old.articles WHERE number BETWEEN :first AND :last",
    "INSERT INTO passages SELECT number + :passages, key, id, article + :articles, start, end, "
    "first_row + :rows, end_row + :rows, titled FROM old.passages "
    "WHERE number >= :first_passage AND number < :end_passage",
    "INSERT INTO vectors SELECT row + :rows, passage + :passages, start, end, digest "
    "FROM old.vectors WHERE row >= :first_row AND row < :end_row",
    "INSERT INTO printed_names "
    "SELECT article + :articles, chinese_key, foreign_key, chinese, foreign_name "
    "FROM old.printed_names WHERE article BETWEEN :first AND :last",
)
"""Copy consecutive articles of the previous file, with all that belongs to them.

`articles`, `passages` and `rows` are what is added to their numbers.
"""
ARTICLES_OF = (
    "SELECT DISTINCT p.article FROM terms JOIN passages p ON p.key = terms.rowid WHERE terms MATCH ?"
)
CONTENTS = (
    "SELECT a.number, a.title, a.text FROM articles a "
    "WHERE a.number IN (SELECT value FROM json_each(?))"
)
AT_ADDRESS = (
    "SELECT p.number FROM articles a JOIN passages p ON p.article = a.number "
    "WHERE a.url IN (SELECT value FROM json_each(?)) ORDER BY p.number"
)
REMOVED = (
    "SELECT p.key, a.title, substr(a.text, p.start + 1, p.end - p.start) "
    "FROM old.passages p JOIN old.articles a ON a.number = p.article "
    "WHERE p.key NOT IN (SELECT key FROM main.passages)"
)
"""The passages of the previous file that the new one lacks."""


def condition(only: Filter, chosen: Chosen | None = None) -> tuple[str, list[object]]:
    """Return a filter as a condition on `articles a`, and its values.

    `chosen` are the articles that its phrases choose.
    """
    conditions = ["TRUE"]
    values: list[object] = []
    if only.sources:
        conditions.append(f"lower(a.source) IN ({', '.join('?' * len(only.sources))})")
        values += [source.lower() for source in only.sources]
    for comparison, limit in ((">=", only.since), ("<=", only.until)):
        if isinstance(limit, datetime):
            conditions.append(f"a.moment {comparison} ?")
            values.append(microseconds(limit))
        elif limit is not None:
            conditions.append(f"substr(a.published, 1, 10) {comparison} ?")
            values.append(limit.isoformat())
    if only.language is not None:
        conditions.append("instr(lower(a.language) || '-', ? || '-') = 1")
        values.append(only.language.lower())
    if chosen is not None:
        are_in = "IN" if chosen.is_inside else "NOT IN"
        conditions.append(f"a.number {are_in} (SELECT value FROM json_each(?))")
        values.append(json.dumps(chosen.articles))
    return " AND ".join(conditions), values


def to_article(columns: Sequence[Any]) -> Article:
    """Return the article with the columns `ARTICLE`."""
    identifier, title, url, text, published, source, language = columns
    return Article(
        id=identifier,
        title=title,
        url=url,
        text=text,
        published=parse_time(published),
        source=source,
        language=language,
    )


def to_reprint(columns: Sequence[Any]) -> Reprint:
    """Return the article, without its text, with the columns `REPRINT`."""
    identifier, title, url, published, source, language = columns
    return Reprint(identifier, title, url, parse_time(published), source, language)

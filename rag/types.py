"""The types that flow through the program, in the order in which they flow."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields, is_dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

Vectors: TypeAlias = NDArray[np.float32]
"""Unit vectors, shape (n, dim), float32, C-contiguous."""

Span: TypeAlias = tuple[int, int]
"""Half-open range [start, end) of characters."""

Progress: TypeAlias = Callable[[str, int, int], None]
"""Called as `progress(stage, done, total)` during long work; `stage` is a `Stage`."""


class Stage(StrEnum):
    """A stage of long work. The value is its English name."""

    READING_ARTICLES = "Reading articles"
    ENCODING = "Encoding"
    UPLOADING = "Uploading"
    UNPACKING_MODEL = "Unpacking the model"
    CHECKING_BACKEND = "Comparing the compiled model with its reference"

    @property
    def key(self) -> str:
        """The key of its name in the catalogues, such as "stage.reading-articles"."""
        return f"stage.{self.name.lower().replace('_', '-')}"


@dataclass(frozen=True, slots=True)
class Article:
    """One article of the corpus.

    `id` is the path below the seeds folder; `text` the body, paragraphs separated by a blank line;
    `published` timezone-aware (UTC) or None; `source` the host of `url`; `language` a BCP 47 tag
    such as "zh-Hans", "und" where it cannot be told.
    """

    id: str
    title: str
    url: str
    text: str
    published: datetime | None
    source: str
    language: str


@dataclass(frozen=True, slots=True)
class Failure:
    """A file that was not indexed.

    `reason` is the English sentence. `code` and `parameters` identify the reason independently of the
    language, as those of a `RagError` do; `Translator.error` translates them. Both are empty where a
    report was written before reasons had codes. Parameters are values that JSON can hold.
    """

    path: str
    reason: str
    code: str = ""
    parameters: Mapping[str, object] = field(default_factory=dict, hash=False)


@dataclass(frozen=True, slots=True)
class Passage:
    """A stretch of an article: `article.text[start:end] == text`."""

    id: str
    article_id: str
    title: str
    url: str
    text: str
    start: int
    end: int
    published: datetime | None
    source: str
    language: str


class Stored(NamedTuple):
    """Where an index has an article: its number, its passages and the rows of their vectors."""

    number: int
    url: str
    digest: bytes
    signature: bytes
    first_passage: int
    end_passage: int
    first_row: int
    end_row: int


class Rows(NamedTuple):
    """Where the vectors of a passage are: its own, those of its windows, if `titled` that of its title.

    Articles of the same `story` have nearly the same text. `published` is the article's time.
    """

    passage: int
    first: int
    end: int
    titled: bool
    article: int
    story: int
    published: datetime | None


@dataclass(frozen=True, slots=True)
class Reprint:
    """Another article with nearly the same text as one that was found."""

    article_id: str
    title: str
    url: str
    published: datetime | None
    source: str
    language: str


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage that was found.

    `score` is the similarity to the question, and a little more for shared words; higher is better,
    comparable within one result list. `highlight` is the
    range within `passage.text` of the sentences that matched best. `reprints` are the other articles
    that tell the same story in nearly the same words: their passages are not found again.
    """

    passage: Passage
    score: float
    highlight: Span
    reprints: Sequence[Reprint] = ()


@dataclass(frozen=True, slots=True)
class Filter:
    """Which articles to search.

    `source` is the host of the site; `since` and `until` are the times between which it was published,
    both included (an article without a time is in no range); `language` a BCP 47 tag, of which "zh"
    takes in "zh-Hans" and "zh-Hant".
    """

    source: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    language: str | None = None


@dataclass(frozen=True, slots=True)
class Alternative:
    """Another article's differing answer: `hit.passage.text[start:end] == text`."""

    text: str
    hit: Hit
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Answer:
    """What the archive says to a question.

    `text == hit.passage.text[start:end]`; `text == ""` and `hit is None` when the archive does not
    say. `confidence` is the probability, from 0 to 1, that the best answer found is right, be it given
    or not. `hits` are the passages it was read from, best first.
    """

    question: str
    text: str
    hit: Hit | None
    start: int
    end: int
    confidence: float
    hits: Sequence[Hit]
    alternatives: Sequence[Alternative] = ()


@dataclass(frozen=True, slots=True)
class BuildReport:
    """What a build did: numbers of articles, and the files it could not read.

    `passages` counts the passages now in the index, `encoded` the texts that had to be encoded for
    it (passages, their windows, titles), `seconds` the wall-clock time; `duplicates` the articles
    that tell the story of an earlier one in nearly the same words: they are found together with it;
    `finished` when it was done.
    """

    added: int
    updated: int
    removed: int
    unchanged: int
    failed: Sequence[Failure]
    passages: int
    encoded: int
    seconds: float
    duplicates: int = 0
    finished: datetime | None = None


class Encoder(Protocol):
    """Turns texts into unit vectors whose inner product is their similarity."""

    @property
    def name(self) -> str:
        """What the user calls the model; known without loading it."""
        ...

    @property
    def fingerprint(self) -> str:
        """Changes when the vectors do."""
        ...

    def encode_queries(self, texts: Sequence[str]) -> Vectors: ...

    def encode_passages(self, texts: Sequence[str], progress: Progress | None = None) -> Vectors: ...


class Reader(Protocol):
    """Finds the answer to a question in the passages that were found for it."""

    def read(self, question: str, hits: Sequence[Hit]) -> Answer: ...


def to_json(value: Any) -> Any:
    """Turn any of these types into what JSON can hold: the same field names, times as ISO 8601."""
    if is_dataclass(value):
        return {field.name: to_json(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, dict):
        return {key: to_json(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [to_json(item) for item in value]
    return value.isoformat() if isinstance(value, datetime) else value

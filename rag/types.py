"""The types that flow through the program, in the order in which they flow."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal, Self, TypeAlias, TypedDict

import numpy as np
from numpy.typing import NDArray

Vectors: TypeAlias = NDArray[np.float32]
"""Unit vectors, shape (n, dim), float32, C-contiguous."""

Span: TypeAlias = tuple[int, int]
"""Half-open range [start, end) of characters."""


@dataclass(frozen=True, slots=True)
class Article:
    """One article of the corpus.

    `id` is the path below the seeds folder. `text` is the body, with a blank line between paragraphs.
    `published` is timezone-aware or None: in the zone of the site where that is known, else in UTC.
    `source` is the host of `url`. `language` is a BCP 47 tag such as "zh-Hans", or "und" if it is
    unknown.
    """

    id: str
    title: str
    url: str
    text: str
    published: datetime | None
    source: str
    language: str


@dataclass(frozen=True, slots=True)
class Passage:
    """A range of an article: `article.text[start:end] == text`."""

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

    @classmethod
    def of(cls, article: Article, identifier: str, span: Span) -> Self:
        """Cut a range of characters out of an article."""
        start, end = span
        return cls(
            id=identifier,
            article_id=article.id,
            title=article.title,
            url=article.url,
            text=article.text[start:end],
            start=start,
            end=end,
            published=article.published,
            source=article.source,
            language=article.language,
        )


@dataclass(frozen=True, slots=True)
class Reprint:
    """A near-duplicate of an article."""

    article_id: str
    title: str
    url: str
    published: datetime | None
    source: str
    language: str


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage that matches a question.

    `score` is the similarity to the question plus bonuses for shared terms and dates. Higher is better;
    scores are comparable within one result. `highlight` is the range of `passage.text` with the
    best-matching sentences. `reprints` are the near-duplicates of its article, which have no hits of
    their own.
    """

    passage: Passage
    score: float
    highlight: Span
    reprints: Sequence[Reprint] = ()


@dataclass(frozen=True, slots=True)
class Filter:
    """Restricts a search to some articles.

    `sources` are hosts of sites, in any case, one of which must be that of the article. `since` and
    `until` limit the time of publication, both included: a `date` the day in the zone of the article, a
    `datetime` with a zone the moment. An article without a time is outside every limit. `language` is a
    BCP 47 tag: "zh" includes "zh-Hans" and "zh-Hant". Each of the `phrases` and none of the words or
    phrases in `without` must occur in the title or the text; case, width, accents, punctuation and
    the script of Chinese do not count. Words must be whole; Chinese may be part of a word.
    """

    sources: tuple[str, ...] = ()
    since: date | None = None
    until: date | None = None
    language: str | None = None
    phrases: tuple[str, ...] = ()
    without: tuple[str, ...] = ()


class Filters(TypedDict, total=False):
    """Keyword arguments of a search that restrict it to some articles, as `Filter` describes.

    `source` is one host or several. A time without a zone is in UTC.
    """

    source: str | Sequence[str] | None
    since: date | None
    until: date | None
    language: str | None
    phrases: Sequence[str]
    without: Sequence[str]


@dataclass(frozen=True, slots=True)
class Gloss:
    """The range [start, end) of a Chinese text, and what it says in the reader's language.

    `is_transliteration` is whether `text` is only how a name sounds: in pinyin, or in the letters that
    the article prints, for readers of another script.
    """

    start: int
    end: int
    text: str
    kind: Literal["amount", "date", "name"]
    is_transliteration: bool = False


@dataclass(frozen=True, slots=True)
class Alternative:
    """A different answer from another article: `hit.passage.text[start:end] == text`.

    `rendering` is described at `Answer`.
    """

    text: str
    hit: Hit
    start: int
    end: int
    rendering: Gloss | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to a question, or a refusal.

    `text == hit.passage.text[start:end]`. In a refusal `text` is empty and `hit` is None. `confidence`
    is the estimated probability, from 0 to 1, that the best answer is right, whether it was given or
    refused. `hits` are the passages that were read, best first.

    `kind` is "span" for an answer of a few words, "sentence" for one to a question that a few words
    cannot answer: why, how, whether, a list, a comparison. `sentence` is the range of the passage with
    the whole sentence that holds the answer, `focus` the range of the words in it that tell most.
    `supporting` are the hits of other articles that give the same answer.

    `rendering` is what `text` says in `reader_language`, a BCP 47 tag; None where that is unsure, and
    for readers of Chinese. `glosses` are the amounts, dates and names of `sentence`. Both are ranges of
    the passage.
    """

    question: str
    text: str
    hit: Hit | None
    start: int
    end: int
    confidence: float
    hits: Sequence[Hit]
    alternatives: Sequence[Alternative] = ()
    kind: Literal["span", "sentence"] = "span"
    sentence: Span = (0, 0)
    focus: Span = (0, 0)
    supporting: Sequence[Hit] = ()
    rendering: Gloss | None = None
    glosses: Sequence[Gloss] = ()
    reader_language: str = ""

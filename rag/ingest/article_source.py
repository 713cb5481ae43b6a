"""Sources of articles for a build: the protocol, and plain articles as a source."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import astuple
from functools import partial
from typing import NamedTuple, Protocol, runtime_checkable

from rag.errors import Notice, SeedsError
from rag.reports import Failure, Remark
from rag.types import Article

DIGEST_BYTES = 16


class ArticleItem(NamedTuple):
    """One article of a source, not read yet.

    `name` is the id of the article, `digest` changes with its content. The digest is empty if the
    content cannot be opened now; the name may then be that of an archive with several articles. `read`
    returns the article, or None if it is refused.
    """

    name: str
    digest: bytes
    read: Callable[[], Article | None]


@runtime_checkable
class ArticleSource(Protocol):
    """Articles that a build can skip by their digests."""

    @property
    def description(self) -> str | Notice:
        """Name of the source in error messages."""
        ...

    @property
    def failed(self) -> Sequence[Failure]:
        """Refused articles; complete once `items` is exhausted and each item was read."""
        ...

    @property
    def remarks(self) -> Sequence[Remark]:
        """What should be checked of the articles that were read; complete when `failed` is."""
        ...

    def items(self) -> Iterator[ArticleItem]:
        """Yield the articles in a stable order."""
        ...


class GivenArticles:
    """Articles of any iterable as a source.

    `items` raises `ValueError` for an article that cannot be stored: its id occurs twice, its text is
    not valid Unicode, or its time has no zone.
    """

    description = Notice("given-articles")
    failed: Sequence[Failure] = ()
    remarks: Sequence[Remark] = ()

    def __init__(self, articles: Iterable[Article]) -> None:
        self._articles = articles

    def items(self) -> Iterator[ArticleItem]:
        """Yield the articles in their order."""
        seen = set[str]()
        for article in self._articles:
            _check(article, seen)
            seen.add(article.id)
            yield ArticleItem(article.id, _digest(article), partial(_same, article))


def nothing_to_index(source: ArticleSource) -> SeedsError:
    """Return the error of a build that found no article, with the first refusal."""
    if not source.failed:
        return SeedsError("nothing-to-index", source=source.description)
    first = source.failed[0]
    return SeedsError(
        "nothing-indexed",
        source=source.description,
        path=first.path,
        reason=first if first.code else first.reason,
    )


def _same(article: Article) -> Article:
    return article


def _digest(article: Article) -> bytes:
    return hashlib.blake2b(repr(astuple(article)).encode(), digest_size=DIGEST_BYTES).digest()


def _check(article: Article, seen: set[str]) -> None:
    if article.id in seen:
        raise ValueError(f"two articles have the id {article.id!r}")
    if article.published and article.published.tzinfo is None:
        raise ValueError(f"the time of article {article.id!r} has no time zone: {article.published}")
    try:
        "".join(value for value in astuple(article) if isinstance(value, str)).encode()
    except UnicodeEncodeError as error:
        raise ValueError(f"article {article.id!r} is not valid Unicode: {error.reason}") from error

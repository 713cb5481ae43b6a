"""The records of a file, each one article, and how a record was read."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, NamedTuple, TypeAlias

from rag.errors import Notice
from rag.ingest.article_source import DIGEST_BYTES
from rag.reports import Remark
from rag.types import Article

Form: TypeAlias = Literal["", "page", "markdown", "text"]
"""What a content is: HTML, Markdown, plain text; "" if its name and its beginning tell."""


_MUCH, _SHORT = 300, 3
"""Characters of a page that are not in its article, and how many times longer a page is than its
article, from which on it should be checked."""


class Record(NamedTuple):
    """One article in a file, not read yet.

    `name` is the id of the article: the path of the file, with `#` and a number if the file has
    several. The other fields are what the file says about the content; "" if it says nothing. They go
    before what the content says itself. `charset` is the label of its encoding, `published` a date in
    any form.
    """

    name: str
    content: bytes | str
    form: Form = ""
    charset: str = ""
    title: str = ""
    url: str = ""
    published: str = ""

    @property
    def digest(self) -> bytes:
        """Digest of the content and of what the file says about it."""
        content = self.content.encode() if isinstance(self.content, str) else self.content
        digest = hashlib.blake2b(content, digest_size=DIGEST_BYTES)
        if stated := [field for field in self[2:] if field]:
            digest.update(repr(stated).encode())
        return digest.digest()


class Decoded(NamedTuple):
    """A text, the standard name of its encoding, how that was known, and bytes that were replaced.

    `origin` is "bom", "declared", "detected" or "default".
    """

    text: str
    encoding: str
    origin: str
    replaced: int = 0


class Dated(NamedTuple):
    """A time, and where it was read: "json-ld", "meta article:published_time", "date line" …

    The time has the zone of the site where that is known, else UTC.
    """

    moment: datetime
    origin: str


class Dropped(NamedTuple):
    """A text that was left out of an article, and the rule: a word, an element or a pattern."""

    text: str
    rule: str


@dataclass(frozen=True, slots=True)
class Reading:
    """An article and how it was read.

    `origins` tells where "title", "url" and "published" come from, "" for what there is not, and
    "source" if it is corrected.
    `page_characters` counts the visible text of the page, without navigation.
    """

    article: Article
    form: str
    decoded: Decoded
    origins: dict[str, str] = field(default_factory=dict)
    dropped: list[Dropped] = field(default_factory=list)
    page_characters: int = 0

    @property
    def remarks(self) -> list[Remark]:
        """What should be checked: no date, replaced bytes, a text much shorter than the page."""
        codes = {
            "remark-undated": self.article.published is None,
            "remark-replaced": self.decoded.replaced > 0,
            "remark-short": self._is_short,
        }
        notices = [Notice(code) for code, applies in codes.items() if applies]
        return [Remark(self.article.id, str(notice), notice.code) for notice in notices]

    @property
    def _is_short(self) -> bool:
        dropped = self.page_characters - len(self.article.text)
        return dropped > _MUCH and self.page_characters > _SHORT * len(self.article.text)

"""GNews dumps: a link back, `## title`, a line with date and link, Markdown with `[[zh:…]]` marks."""

from __future__ import annotations

import re
from datetime import datetime
from typing import NamedTuple
from urllib.parse import urljoin

from rag.ingest import dates

_DUMP = re.compile(
    r"\s*#{1,6}\s*\[[^\]\n]*\]\(README\.md\)\s*\n(?:-{3,}\s*\n)?\s*"
    r"##\s+(?P<title>[^\n]+)\n+"
    r"(?P<meta>`[^`\n]*`[^\n]*|\[[^\n]*\]\([^\n]*\)[ \t]*)(?:\n(?P<body>.*)|$)",
    re.DOTALL,
)
_META_DATE = re.compile(r"`\s*(\d{1,2}/\d{1,2}/\d{4} \d{1,2}:\d{2} [AP]M) UTC")
_LINK = re.compile(r".*\]\((?P<url>[^\n]*)\)\s*", re.DOTALL)
_SITE = "https://gnews.org/"
_WIKI_MARK = re.compile(r"\[\[zh:([^\[\]]{0,200})\]\]")
_NESTED_MARKS = 3


class Dump(NamedTuple):
    """The parts of a dump, without its marks; `reposted` is the exact time of its publication there."""

    title: str
    url: str
    reposted: datetime | None
    body: str


def read(content: str) -> Dump | None:
    """Split a GNews dump into its parts; None if the text is not one."""
    match = _DUMP.match(content)
    if not match:
        return None
    meta = without_marks(match["meta"])
    link, date = _LINK.fullmatch(meta), _META_DATE.match(meta)
    return Dump(
        without_marks(match["title"]),
        urljoin(_SITE, link["url"]) if link else _SITE,
        dates.read_american(date[1]) if date else None,
        without_marks(match["body"] or ""),
    )


def without_marks(text: str) -> str:
    """Return a text without `[[zh:…]]`."""
    for _ in range(_NESTED_MARKS):
        text = _WIKI_MARK.sub(r"\1", text)
    return text.replace("[[zh:", "")

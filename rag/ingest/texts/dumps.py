"""Feed dumps: `<!--epoch-->`, `[title](url)`, a rule of dashes, HTML. A file may hold several."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from rag.ingest.records import Record

_HEADER_CHARACTERS = 20_000
_BLANK = "\ufeff \t\r\n"
_CONTEXT_CHARACTERS = 2_500
_RULE = re.compile(r"^-{3,}[ \t]*$", re.MULTILINE)
_EPOCH = re.compile(r"<!--\s{0,20}(\d{1,40})\s{0,20}-->\s{0,20}")
_LATER = re.compile(
    r"^(?P<epoch><!--[ \t]{0,20}\d{1,40}[ \t]{0,20}-->\s{0,20})?"
    r"\[[^\n]{0,2000}\]\(https?://(?:(?!\]\()\S){1,2000}\)[ \t]{0,20}\n"
    r"-{3,200}[ \t]{0,20}\n(?P<is_html>\s{0,20}<[a-zA-Z])?",
    re.MULTILINE,
)
_LIST_ITEM = re.compile(r"\s{0,20}(?:[-*+•·]\s|\d{1,3}[.)、]|\[[^\n]{0,2000}\]\(|<li\b)")


class Header(NamedTuple):
    """The head of a feed dump and the HTML after it. `epoch` is "" if it has none."""

    epoch: str
    title: str
    url: str
    rest: str


def header(content: str) -> Header | None:
    """Split a feed dump into its parts; None if the text is not a feed dump."""
    rule = _RULE.search(content, 0, _HEADER_CHARACTERS)
    if not rule:
        return None
    head = content[: rule.start()].strip(_BLANK)
    epoch = _EPOCH.match(head)
    title, separator, url = head[epoch.end() if epoch else 0 :].rpartition("](")
    is_link = title.startswith("[") and "\n\n" not in title and separator
    if not is_link or not url.endswith(")") or url == ")":
        return None
    return Header(epoch[1] if epoch else "", title[1:], url[:-1], content[rule.end() :])


def split(content: str, name: str) -> Iterator[Record]:
    """Yield the articles of a file: one named `name`, or several named `name#1`, `name#2` …"""
    starts = [0, *_later_starts(content)] if header(content) else [0]
    if len(starts) == 1:
        yield Record(name, content)
        return
    for number, (start, end) in enumerate(zip(starts, [*starts[1:], None], strict=True), 1):
        yield Record(f"{name}#{number}", content[start:end])


def _later_starts(content: str) -> Iterator[int]:
    """Yield where the second and each later dump begins."""
    for match in _LATER.finditer(content):
        before = content[max(match.start() - _CONTEXT_CHARACTERS, 0) : match.start()]
        if before.strip(_BLANK) and (match["epoch"] or (match["is_html"] and _is_apart(before))):
            yield match.start()


def _is_apart(before: str) -> bool:
    """Whether a blank line ends the text, and what is above it is no list of links."""
    lines = before.rstrip().rsplit("\n", 1)
    return before.rstrip(" \t").endswith("\n\n") and not _LIST_ITEM.match(lines[-1])

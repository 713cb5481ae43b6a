"""Addresses: which may become links, and how to open a page at a passage."""

from __future__ import annotations

import re
from urllib.parse import quote, urlsplit

from rag.types import Span

_FRAGMENT_CHARACTERS = 40
_CLAUSE_END = re.compile(r"[，。！？；：、\n]|[,.!?;:](?=\s|$)")
_CLAUSE_CHARACTERS = 4
"""A shorter clause is not telling enough to find a place by."""


def is_web(address: str) -> bool:
    """Whether an address may become a link: http or https, with a host."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.netloc)


def passage_url(url: str, text: str, highlight: Span) -> str:
    """Return the address that opens `url` at the highlighted range of `text`.

    It is a text fragment (https://wicg.github.io/scroll-to-text-fragment/). A long range is given by
    its first and last clause, cut at punctuation because a fragment must begin and end at a word.
    """
    marked = text[slice(*highlight)].strip()
    lines = marked.splitlines()
    first, last = _first_clause(lines[0]), _last_clause(lines[-1])
    if len(lines) == 1 and len(first) + len(last) >= len(marked):
        terms = [first if len(first) >= len(last) else last]
    elif len(marked) <= _FRAGMENT_CHARACTERS and "\n" not in marked:
        terms = [marked]
    else:
        terms = [first, last]
    separator = ":~:" if "#" in url else "#:~:"
    encoded = ",".join(quote(term, safe="").replace("-", "%2D") for term in terms)
    return f"{url}{separator}text={encoded}"


def _first_clause(text: str) -> str:
    ends = (match.start() for match in _CLAUSE_END.finditer(text, _CLAUSE_CHARACTERS))
    return text[: next(ends, len(text))]


def _last_clause(text: str) -> str:
    body = text.rstrip("，。！？；：、,.!?;:…”’」』）\"'")
    ends = _CLAUSE_END.finditer(body, 0, max(0, len(body) - _CLAUSE_CHARACTERS))
    return body[max((match.end() for match in ends), default=0) :].strip()

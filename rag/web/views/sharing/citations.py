"""Addresses and citations: which address may be a link, how it opens at a passage, how to quote it."""

from __future__ import annotations

import re
from datetime import datetime
from typing import NamedTuple
from urllib.parse import quote, urlsplit

from rag.types import Hit, Span

_FRAGMENT_CHARACTERS = 40
_CLAUSE_END = re.compile(r"[，。！？；：、\n]|[,.!?;:](?=\s|$)")
_CLAUSE_CHARACTERS = 4
"""A shorter clause may occur elsewhere on the page, so it does not identify a place."""
_MARKDOWN = re.compile(r"[\\`*_{}\[\]()<>#!|~&]|^[-+=]|^\d{1,9}(?=\.)")
"""Characters with a meaning in Markdown: anywhere, and at the start of a line (lists, rules)."""
_IN_ADDRESS = {ord("<"): "%3C", ord(">"): "%3E", ord("\\"): "%5C"}
_ENTITY = re.compile(r"&(?=#?\w+;)")
_INVISIBLE = re.compile(r"[\x00-\x1f\x7f-\x9f]")


class Citation(NamedTuple):
    """What a citation of a hit contains, each part in one line; "" for what is unknown.

    `quotation` are the marked sentences, `address` is an address of the web.
    """

    quotation: str
    title: str
    site: str
    published: datetime | None
    address: str
    language: str

    @property
    def day(self) -> str:
        """The day of publication as ISO 8601."""
        return self.published.strftime("%Y-%m-%d") if self.published else ""


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
    its first and last clause, cut at punctuation because a fragment must begin and end at a word. For
    a blank range it is `url`.
    """
    marked = text[slice(*highlight)].strip()
    lines = marked.splitlines()
    if not lines:
        return url
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


def cite(hit: Hit) -> Citation:
    """Return what a citation of a hit contains."""
    passage = hit.passage
    return Citation(
        quotation=_in_one_line(passage.text[slice(*hit.highlight)]),
        title=_in_one_line(passage.title or passage.article_id),
        site=_in_one_line(passage.source),
        published=passage.published,
        address=_in_one_line(passage.url) if is_web(passage.url) else "",
        language=_in_one_line(passage.language) if passage.language != "und" else "",
    )


def plain_citation(hit: Hit, note: str = "") -> str:
    """Return the best sentences of a hit in quotation marks, with title, site, date and address.

    A `note` on its words follows them in square brackets, which mark what is not quoted.
    """
    cited = cite(hit)
    source = ", ".join(filter(None, [cited.title, cited.site, cited.day]))
    return f"“{cited.quotation}”{_bracketed(note)} — {source}{cited.address and f'. {cited.address}'}"


def markdown_citation(hit: Hit, note: str = "") -> str:
    """Return the best sentences of a hit as a Markdown quotation, with its source as a link.

    A `note` is set as in `plain_citation`.
    """
    cited = cite(hit)
    title = _as_markdown(cited.title)
    if cited.address:
        address = _ENTITY.sub(r"\\&", cited.address.translate(_IN_ADDRESS))
        title = f"[{title}](<{address}>)"
    source = ", ".join(filter(None, [title, _as_markdown(cited.site), cited.day]))
    quoted = _as_markdown(f"{cited.quotation}{_bracketed(note)}")
    return f"> {quoted}\n>\n> — {source}"


def _bracketed(note: str) -> str:
    return note and f" [{_in_one_line(note)}]"


def _in_one_line(text: str) -> str:
    return " ".join(_INVISIBLE.sub(" ", text).split())


def _as_markdown(line: str) -> str:
    return _MARKDOWN.sub(lambda match: f"{match[0]}\\" if match[0].isdigit() else f"\\{match[0]}", line)


def _first_clause(text: str) -> str:
    ends = (match.start() for match in _CLAUSE_END.finditer(text, _CLAUSE_CHARACTERS))
    return text[: next(ends, len(text))]


def _last_clause(text: str) -> str:
    body = text.rstrip("，。！？；：、,.!?;:…”’」』）\"'")
    ends = _CLAUSE_END.finditer(body, 0, max(0, len(body) - _CLAUSE_CHARACTERS))
    return body[max((match.end() for match in ends), default=0) :].strip()

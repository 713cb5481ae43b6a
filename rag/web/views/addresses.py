"""Addresses of the site's own pages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from urllib.parse import quote, urlencode

from rag.types import Passage, Span


def article_address(identifier: str, mark: Span | None = None, back: str = "") -> str:
    """Return the address of the page with a whole article.

    `mark` is a range of the article's text to mark and open at, `back` the query string of the result
    that the page leads back to.
    """
    values = {"mark": f"{mark[0]}-{mark[1]}" if mark else "", "back": back}
    query = urlencode({name: value for name, value in values.items() if value})
    return f"/article/{quote(identifier)}{query and '?'}{query}{'#mark' if mark else ''}"


def places(passages: Iterable[Passage], cards: Mapping[str, str]) -> list[tuple[Passage, str]]:
    """Return each passage with the address of its card in the page, or else of its article.

    `cards` are the identifiers of the cards by article.
    """
    return [
        (
            passage,
            f"#{cards[passage.article_id]}"
            if passage.article_id in cards
            else article_address(passage.article_id),
        )
        for passage in passages
    ]

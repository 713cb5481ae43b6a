"""Addresses of the site's own pages."""

from __future__ import annotations

from urllib.parse import quote, urlencode

from rag.types import Span


def article_address(identifier: str, mark: Span | None = None, back: str = "") -> str:
    """Return the address of the page with a whole article.

    `mark` is a range of the article's text to mark and open at, `back` the query string of the result
    that the page leads back to.
    """
    values = {"mark": f"{mark[0]}-{mark[1]}" if mark else "", "back": back}
    query = urlencode({name: value for name, value in values.items() if value})
    return f"/article/{quote(identifier)}{query and '?'}{query}{'#mark' if mark else ''}"

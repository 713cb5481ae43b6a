"""The question, the filters, the order and the page number that an address of the page holds."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from typing import Any, Self
from urllib.parse import parse_qs, urlencode

from rag.text import search_syntax
from rag.text.search_syntax import Operator
from rag.types import Filters

PAGE_ARTICLES, LAST_PAGE = 5, 10
_LONGEST = 200
"""Characters of the name of a site or a language."""
_MOST_SITES = 50
NEWEST = "newest"
"""The order of results by date; "" is the order by how well they match."""


@dataclass(frozen=True)
class Query:
    """What is typed, and the filters chosen beside it; "" and None stand for no filter.

    `question` is the text as typed, with its search operators, or None on the home page, where there is
    no question. The text that is asked is `asked`.
    """

    question: str | None = None
    page: int = 1
    sites: tuple[str, ...] = ()
    language: str = ""
    since: date | None = None
    until: date | None = None
    order: str = ""

    @classmethod
    def parse(cls, address: str) -> Self:
        """Read the query string of an address; invalid values count as absent."""
        query = address.partition("#")[0].removeprefix("?")
        values = parse_qs(query, keep_blank_values=True, errors="replace")

        def first(name: str) -> str:
            return values.get(name, [""])[0]

        number = first("p")  # Gradio itself reads `page`
        is_page = number.isascii() and number.isdigit() and len(number) <= len(str(LAST_PAGE))
        sites = dict.fromkeys(site[:_LONGEST] for site in values.get("site", ()) if site)
        return cls(
            question=first("q").strip() if "q" in values else None,
            page=min(max(int(number), 1), LAST_PAGE) if is_page else 1,
            sites=tuple(sites)[:_MOST_SITES],
            language=first("lang")[:_LONGEST],
            since=parse_day(first("from")),
            until=parse_day(first("to")),
            order=NEWEST if first("sort") == NEWEST else "",
        )

    def address(self, **changes: Any) -> str:
        """Return the query string with these fields changed; without `page`, of the first page."""
        query = replace(self, **{"page": 1, **changes})
        values = [
            ("q", query.question or ""),
            *(("site", site) for site in query.sites),
            ("lang", query.language),
            ("from", query.since.isoformat() if query.since else ""),
            ("to", query.until.isoformat() if query.until else ""),
            ("sort", query.order),
            ("p", str(query.page) if query.page > 1 else ""),
        ]
        return "?" + urlencode([(name, value) for name, value in values if value])

    @property
    def asked(self) -> str:
        """The question without its operators."""
        return self._search.question

    @property
    def operators(self) -> tuple[Operator, ...]:
        """The operators in the question."""
        return self._search.operators

    @cached_property
    def _search(self) -> search_syntax.Search:
        return search_syntax.parse(self.question or "")

    @property
    def filters(self) -> Filters:
        """The filters as keyword arguments of `Assistant.search`; operators count before choices."""
        chosen = Filters()
        if self.sites:
            chosen["source"] = self.sites
        if self.language:
            chosen["language"] = self.language
        if self.since:
            chosen["since"] = self.since
        if self.until:
            chosen["until"] = self.until
        return Filters(**{**chosen, **self._search.filters})

    @property
    def is_filtered(self) -> bool:
        """Whether at least one filter is set."""
        return bool(self.filters)


def parse_day(text: str) -> date | None:
    """Return a day as ISO 8601 writes it; None for another text."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None

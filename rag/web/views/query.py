"""The question, the filters and the page number that an address of the page holds."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Self
from urllib.parse import parse_qs, urlencode

PAGE_PASSAGES, LAST_PAGE = 5, 10
_LONGEST = 200
"""Characters of the name of a site or a language."""


@dataclass(frozen=True, slots=True)
class Query:
    """A question and the filters of `Assistant.search`; "" and None stand for no filter.

    `question` is None on the home page, where there is no question.
    """

    question: str | None = None
    page: int = 1
    source: str = ""
    language: str = ""
    since: date | None = None
    until: date | None = None

    @classmethod
    def parse(cls, address: str) -> Self:
        """Read the query string of an address; invalid values count as absent."""
        query = address.partition("#")[0].removeprefix("?")
        values = parse_qs(query, keep_blank_values=True, errors="replace")

        def first(name: str) -> str:
            return values.get(name, [""])[0]

        number = first("p")  # Gradio itself reads `page`
        is_page = number.isascii() and number.isdigit() and len(number) <= len(str(LAST_PAGE))
        return cls(
            question=first("q").strip() if "q" in values else None,
            page=min(max(int(number), 1), LAST_PAGE) if is_page else 1,
            source=first("site")[:_LONGEST],
            language=first("lang")[:_LONGEST],
            since=_day(first("from")),
            until=_day(first("to")),
        )

    def address(self, **changes: Any) -> str:
        """Return the query string with these fields changed; without `page`, of the first page."""
        query = replace(self, **{"page": 1, **changes})
        values = {
            "q": query.question or "",
            "site": query.source,
            "lang": query.language,
            "from": query.since.isoformat() if query.since else "",
            "to": query.until.isoformat() if query.until else "",
            "p": str(query.page) if query.page > 1 else "",
        }
        return "?" + urlencode({name: value for name, value in values.items() if value})

    @property
    def filters(self) -> dict[str, Any]:
        """The filters as keyword arguments of `Assistant.search`."""
        return {
            "source": self.source or None,
            "language": self.language or None,
            "since": self.since,
            "until": self.until,
        }

    @property
    def is_filtered(self) -> bool:
        """Whether at least one filter is set."""
        return any(self.filters.values())


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None

"""What someone looks at - a question, filters, a page - as an address that can be shared."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Self
from urllib.parse import parse_qs, urlencode

PAGE_PASSAGES, LAST_PAGE = 5, 10
_LONGEST = 200
"""Characters of the name of a site or a language."""


@dataclass(frozen=True, slots=True)
class View:
    """A question and the filters of `Assistant.search`: "" and None where there is none.

    Where nothing is asked at all the question is None.
    """

    question: str | None = None
    page: int = 1
    source: str = ""
    language: str = ""
    since: date | None = None
    until: date | None = None

    @classmethod
    def of(cls, query: str) -> Self:
        """Read the query string of an address; what in it cannot be is as if it were not there."""
        asked = query.partition("#")[0].removeprefix("?")
        given = parse_qs(asked, keep_blank_values=True, errors="replace")

        def first(name: str) -> str:
            return given.get(name, [""])[0]

        number = first("p")  # Gradio itself reads `page`
        is_page = number.isascii() and number.isdigit() and len(number) <= len(str(LAST_PAGE))
        return cls(
            question=first("q").strip() if "q" in given else None,
            page=min(max(int(number), 1), LAST_PAGE) if is_page else 1,
            source=first("site")[:_LONGEST],
            language=first("lang")[:_LONGEST],
            since=_day(first("from")),
            until=_day(first("to")),
        )

    def address(self, **changes: Any) -> str:
        """The query string, with these fields changed; on the first page again, unless one is said."""
        view = replace(self, **{"page": 1, **changes})
        said = {
            "q": view.question or "",
            "site": view.source,
            "lang": view.language,
            "from": view.since.isoformat() if view.since else "",
            "to": view.until.isoformat() if view.until else "",
            "p": str(view.page) if view.page > 1 else "",
        }
        return "?" + urlencode({name: value for name, value in said.items() if value})

    @property
    def filters(self) -> dict[str, Any]:
        """What `Assistant.search` takes beside the question."""
        return {
            "source": self.source or None,
            "language": self.language or None,
            "since": self.since,
            "until": self.until,
        }

    @property
    def is_filtered(self) -> bool:
        return any(self.filters.values())


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None

"""The filters, the order and the page number that an address of the list of articles holds."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Self
from urllib.parse import parse_qs, urlencode

from rag.index.catalogue import Order, Selection
from rag.text.date_expressions import Period
from rag.web.views.query import parse_day

PAGE_ARTICLES = 50
NONE = "-"
"""The site or the month, in an address, of articles that have none; no site has this name."""
_LONGEST = 200
"""Characters of a site, a language or words of a title."""
_MOST_SITES = 50
_PAGE = re.compile(r"(?a)\d{1,6}")


@dataclass(frozen=True, slots=True)
class ListQuery:
    """What the list of articles shows; "" and None stand for no filter.

    The names are those of a question's `Query`, so that its filters mean the same here. `month` is a
    month or a year as in ISO 8601; `NONE` among the sites or as the month selects articles without one.
    """

    sites: tuple[str, ...] = ()
    language: str = ""
    since: date | None = None
    until: date | None = None
    month: str = ""
    title: str = ""
    order: Order = Order.NEWEST
    page: int = 1

    @classmethod
    def parse(cls, query: str) -> Self:
        """Read the query string of an address; invalid values count as absent."""
        values = parse_qs(query, errors="replace")

        def first(name: str) -> str:
            return values.get(name, [""])[0].strip()[:_LONGEST]

        sites = dict.fromkeys(site[:_LONGEST] for site in values.get("site", ()))
        month, order, page = first("month"), first("sort"), first("p")
        return cls(
            sites=tuple(sites)[:_MOST_SITES],
            language=first("lang"),
            since=parse_day(first("from")),
            until=parse_day(first("to")),
            month=month if month == NONE or Period.parse(month) else "",
            title=first("title"),
            order=Order(order) if order in list(Order) else Order.NEWEST,
            page=max(int(page), 1) if _PAGE.fullmatch(page) else 1,
        )

    def address(self, **changes: Any) -> str:
        """Return the address of the list with these fields changed; without `page`, of its start."""
        query = replace(self, **{"page": 1, **changes})
        values = [
            *(("site", site) for site in query.sites),
            ("lang", query.language),
            ("month", query.month),
            ("from", query.since.isoformat() if query.since else ""),
            ("to", query.until.isoformat() if query.until else ""),
            ("title", query.title),
            ("sort", query.order.value if query.order is not Order.NEWEST else ""),
            ("p", str(query.page) if query.page > 1 else ""),
        ]
        encoded = urlencode([(name, value) for name, value in values if value])
        return f"/articles{encoded and '?'}{encoded}"

    @property
    def selection(self) -> Selection:
        """The articles that pass the filters; a month counts before days."""
        since, until = Period.parse(self.month) or (self.since, self.until)
        return Selection(
            sources=tuple("" if site == NONE else site for site in self.sites),
            since=since,
            until=until,
            language=self.language or None,
            undated=self.month == NONE,
            title=self.title,
        )

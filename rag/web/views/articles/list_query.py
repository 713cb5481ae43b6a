"""The filters, the order and the page number that an address of the list of articles holds."""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Self
from urllib.parse import parse_qs, urlencode

from rag.index.catalogue import Order, Selection

PAGE_ARTICLES = 50
NONE = "-"
"""The site or the month, in an address, of articles that have none; no site has this name."""
_LONGEST = 200
"""Characters of a site, a language or words of a title."""
_MOST_SITES = 50
_PERIOD = re.compile(r"(?a)(\d{4})(?:-(\d{2}))?")
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
            since=_day(first("from")),
            until=_day(first("to")),
            month=month if month == NONE or days(month) else "",
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
        since, until = days(self.month) or (self.since, self.until)
        return Selection(
            sources=tuple("" if site == NONE else site for site in self.sites),
            since=since,
            until=until,
            language=self.language or None,
            undated=self.month == NONE,
            title=self.title,
        )


def days(month: str) -> tuple[date, date] | None:
    """Return the first and the last day of a month or a year such as "2024-03"; None if it is none."""
    if not (match := _PERIOD.fullmatch(month)):
        return None
    year, number = int(match[1]), int(match[2] or 0)
    try:
        last = monthrange(year, number or 12)[1]
        return date(year, number or 1, 1), date(year, number or 12, last)
    except ValueError:
        return None


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None

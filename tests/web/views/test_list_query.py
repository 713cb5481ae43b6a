"""Tests of `rag.web.views.articles.list_query`."""

from __future__ import annotations

from datetime import date
from urllib.parse import urlsplit

import pytest

from rag.index.catalogue import Order, Selection
from rag.web.views.articles.list_query import ListQuery
from rag.web.views.query import Query


@pytest.mark.parametrize(
    "address",
    [
        "/articles",
        "/articles?site=a.example&site=-&lang=zh-Hans&month=2024-02&title=%E6%A8%B1+%26&sort=title&p=3",
        "/articles?from=2024-02-01&to=2024-02-03&sort=oldest",
        "/articles?month=-",
    ],
)
def test_parse_reads_what_address_writes(address: str) -> None:
    query = ListQuery.parse(urlsplit(address).query)
    assert query.address(page=query.page) == address


@pytest.mark.parametrize(
    "query", ["month=2024-13", "month=0000", "sort=x", "p=0", "p=-1", "p=%D9%A1", "from=x&site=", "%FF"]
)
def test_parse_ignores_invalid_values(query: str) -> None:
    assert ListQuery.parse(query) == ListQuery()


def test_parse_understands_the_filters_of_a_question() -> None:
    asked = Query(
        question="樱花", sites=("a.example", "b.example"), language="zh", until=date(2024, 3, 1)
    )
    selection = ListQuery.parse(asked.address().removeprefix("?")).selection
    assert selection == Selection(("a.example", "b.example"), None, date(2024, 3, 1), "zh")


def test_selection_of_a_month_or_a_year_has_its_days() -> None:
    february = ListQuery(month="2024-02", since=date(2020, 1, 1)).selection
    assert (february.since, february.until) == (date(2024, 2, 1), date(2024, 2, 29))
    year = ListQuery(month="2023").selection
    assert (year.since, year.until) == (date(2023, 1, 1), date(2023, 12, 31))


def test_selection_of_none_has_no_site_and_no_time() -> None:
    assert ListQuery(sites=("-",), month="-").selection == Selection(sources=("",), undated=True)


def test_address_of_a_change_leads_to_the_first_page() -> None:
    assert ListQuery(page=4).address(order=Order.OLDEST) == "/articles?sort=oldest"

"""Tests of `rag.web.views.query`."""

from __future__ import annotations

from datetime import date
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.web.views.query import LAST_PAGE, Query


@given(
    st.builds(
        Query,
        question=st.text().map(str.strip).filter(bool),
        page=st.integers(1, LAST_PAGE),
        source=st.text(max_size=50),
        language=st.text(max_size=50),
        since=st.none() | st.dates(),
        until=st.none() | st.dates(),
    ).filter(lambda query: all(c < "\ud800" or c > "\udfff" for c in str(query)))
)
def test_parse_of_an_address_returns_the_query(query: Query) -> None:
    assert Query.parse(query.address(page=query.page)) == query


@given(st.text(max_size=300))
def test_parse_accepts_any_address(address: str) -> None:
    assert 1 <= Query.parse(address).page <= LAST_PAGE


@pytest.mark.parametrize(
    ("address", "query"),
    [
        ("", Query()),
        ("?", Query()),
        ("?q=", Query("")),
        ("?q=%20a%20b%20#1700000000", Query("a b")),
        ("?q=a&p=2", Query("a", 2)),
        ("?q=a&p=99", Query("a", LAST_PAGE)),
        ("?q=a&p=-1", Query("a")),
        ("?q=a&p=" + "9" * 5000, Query("a")),
        ("?q=a&p=" + quote("２"), Query("a")),
        ("?q=a&from=2024-02-30&to=2024-02-29", Query("a", until=date(2024, 2, 29))),
        ("?q=a&q=b&site=x&lang=zh", Query("a", source="x", language="zh")),
        ("?q=%ff", Query("\ufffd")),
        ("?q=a&constructor=1&__proto__=2", Query("a")),
    ],
)
def test_parse_ignores_invalid_values(address: str, query: Query) -> None:
    assert Query.parse(address) == query


def test_address_with_a_changed_filter_is_of_the_first_page() -> None:
    query = Query("a", 3, "x.example")
    assert query.address(source="") == "?q=a"
    assert query.address(page=4) == "?q=a&site=x.example&p=4"


def test_filters_are_none_without_a_filter() -> None:
    assert Query("a").filters == {"source": None, "language": None, "since": None, "until": None}
    assert Query("a", 3, "x.example").is_filtered
    assert not Query("a", 3).is_filtered

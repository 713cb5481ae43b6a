"""Tests of `rag.web.views.query`."""

from __future__ import annotations

from datetime import date
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.web.views.query import LAST_PAGE, NEWEST, Query


@given(
    st.builds(
        Query,
        question=st.text().map(str.strip).filter(bool),
        page=st.integers(1, LAST_PAGE),
        sites=st.lists(st.text(min_size=1, max_size=50), max_size=3, unique=True).map(tuple),
        language=st.text(max_size=50),
        since=st.none() | st.dates(),
        until=st.none() | st.dates(),
        order=st.sampled_from(["", NEWEST]),
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
        ("?q=a&q=b&site=x&lang=zh", Query("a", sites=("x",), language="zh")),
        ("?q=a&site=x&site=y&site=x&site=", Query("a", sites=("x", "y"))),
        ("?q=a&sort=newest", Query("a", order=NEWEST)),
        ("?q=a&sort=oldest", Query("a")),
        ("?q=%ff", Query("\ufffd")),
        ("?q=a&constructor=1&__proto__=2", Query("a")),
    ],
)
def test_parse_ignores_invalid_values(address: str, query: Query) -> None:
    assert Query.parse(address) == query


def test_address_with_a_changed_filter_is_of_the_first_page() -> None:
    query = Query("a", 3, ("x.example", "y.example"))
    assert query.address(sites=()) == "?q=a"
    assert query.address(page=4) == "?q=a&site=x.example&site=y.example&p=4"


def test_filters_are_empty_without_a_filter() -> None:
    assert Query("a").filters == {}
    assert not Query("a", 3).is_filtered
    assert Query("a", 3, ("x.example",)).is_filtered


def test_filters_of_operators_count_before_those_chosen() -> None:
    query = Query('"弹药" 集装箱 -苏35 site:b.example until:2024', sites=("a.example",), language="zh")
    assert query.asked == "弹药 集装箱"
    assert query.filters == {
        "source": ["b.example"],
        "language": "zh",
        "until": date(2024, 12, 31),
        "phrases": ["弹药"],
        "without": ["苏35"],
    }

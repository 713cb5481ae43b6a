"""Addresses of the page."""

from __future__ import annotations

from datetime import date
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.web.views.query import LAST_PAGE, View


@given(
    st.builds(
        View,
        question=st.text().map(str.strip).filter(bool),
        page=st.integers(1, LAST_PAGE),
        source=st.text(max_size=50),
        language=st.text(max_size=50),
        since=st.none() | st.dates(),
        until=st.none() | st.dates(),
    ).filter(lambda view: all(c < "\ud800" or c > "\udfff" for c in str(view)))
)
def test_an_address_says_all_of_a_view(view: View) -> None:
    assert View.of(view.address(page=view.page)) == view


@given(st.text(max_size=300))
def test_any_address_can_be_read(query: str) -> None:
    view = View.of(query)
    assert 1 <= view.page <= LAST_PAGE


@pytest.mark.parametrize(
    ("query", "view"),
    [
        ("", View()),
        ("?", View()),
        ("?q=", View("")),
        ("?q=%20a%20b%20#1700000000", View("a b")),
        ("?q=a&p=2", View("a", 2)),
        ("?q=a&p=99", View("a", LAST_PAGE)),
        ("?q=a&p=-1", View("a")),
        ("?q=a&p=" + "9" * 5000, View("a")),
        ("?q=a&p=" + quote("２"), View("a")),
        ("?q=a&from=2024-02-30&to=2024-02-29", View("a", until=date(2024, 2, 29))),
        ("?q=a&q=b&site=x&lang=zh", View("a", source="x", language="zh")),
        ("?q=%ff", View("\ufffd")),
        ("?q=a&constructor=1&__proto__=2", View("a")),
    ],
)
def test_what_cannot_be_is_as_if_it_were_not_there(query: str, view: View) -> None:
    assert View.of(query) == view


def test_a_changed_filter_leads_to_the_first_page() -> None:
    view = View("a", 3, "x.example")
    assert view.address(source="") == "?q=a"
    assert view.address(page=4) == "?q=a&site=x.example&p=4"
    assert View("a").filters == {"source": None, "language": None, "since": None, "until": None}
    assert view.is_filtered
    assert not View("a", 3).is_filtered

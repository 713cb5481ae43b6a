"""Addresses: copies in archives and caches, hosts, relative addresses."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.ingest import addresses

_PAGE = "https://www.lake.example/2024/05/a.html?id=7&utm_source=x"


@pytest.mark.parametrize(
    "copy",
    [
        f"https://web.archive.org/web/20240510080000/{_PAGE}",
        f"http://web.archive.org/web/2024id_/{_PAGE}",
        f"https://archive.ph/20240510080000/{_PAGE}",
        f"https://web.archive.org/web/2024/{_PAGE.replace('://', ':/')}",
        f"https://webcache.googleusercontent.com/search?q=cache:{_PAGE.replace('&', '%26')}&hl=zh",
        "https://www-lake-example.cdn.ampproject.org/c/s/" + _PAGE.removeprefix("https://"),
        "https://www.google.com/amp/s/" + _PAGE.removeprefix("https://"),
        f"https://12ft.io/{_PAGE}",
        f"https://web.archive.org/web/2024/https://archive.ph/2023/{_PAGE}",
        f"{_PAGE}#comments",
        _PAGE,
    ],
)
def test_original_copy_gives_the_address_that_was_copied(copy: str) -> None:
    assert addresses.original(copy) == _PAGE


def test_original_archive_path_without_a_scheme_gives_an_address() -> None:
    found = addresses.original("https://web.archive.org/web/20240510/lake.example/a.html")
    assert found == "http://lake.example/a.html"


@pytest.mark.parametrize(
    "url",
    [
        "https://archive.ph/AbC12",
        "https://lake.example/share?u=https://other.example/b",
        "https://lake.example/https://other.example/b",
        "https://www.google.com/about",
        "mailto:a@lake.example",
        "https://[broken",
        "",
    ],
)
def test_original_address_that_is_no_copy_stays(url: str) -> None:
    assert addresses.original(url) == url


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://WWW.Lake.example:8443/a", "www.lake.example"),
        ("//lake.example/a", "lake.example"),
        ("/a", ""),
        ("https://[broken", ""),
        ("", ""),
    ],
)
def test_host_gives_the_name_in_lower_case(url: str, host: str) -> None:
    assert addresses.host(url) == host


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("/b.html", "https://lake.example/b.html"),
        ("b.html", "https://lake.example/news/b.html"),
        ("//cdn.example/b", "https://cdn.example/b"),
        ("http://other.example/", "http://other.example/"),
        ("javascript:void(0)", ""),
        ("https://[broken", ""),
    ],
)
def test_resolve_gives_an_address_of_the_web(url: str, expected: str) -> None:
    assert addresses.resolve("https://lake.example/news/a.html", url) == expected


@given(
    st.text(max_size=80),
    st.sampled_from(["", "https://web.archive.org/web/2024/", "https://google.com/amp/"]),
)
@settings(max_examples=80, deadline=None)
def test_original_any_text_raises_nothing(text: str, prefix: str) -> None:
    addresses.original(prefix + text)
    addresses.resolve(prefix, text)
    addresses.is_home(text)

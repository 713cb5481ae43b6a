"""Tests of `rag.web.gradio_page`: what is left of Gradio in the page that is sent."""

from __future__ import annotations

import re

import pytest
from starlette.requests import Request
from support.clients import send

import rag
from rag.web.application import Service, application
from rag.web.gradio_page import own_page
from rag.web.site import Site

SENT = b"""<!doctype html><html lang="en"><head><meta property="og:title" content="Gradio" />
<meta name="twitter:creator"
  content="@Gradio" /><link rel="manifest" href="/manifest.json" />
<script>window.gradio_config = {}</script></head>
<body><gradio-app control_page_title="true"></gradio-app></body></html>"""


def request(path: str = "/", query: str = "", language: str = "en") -> Request:
    headers = [(b"host", b"localhost"), (b"accept-language", language.encode())]
    values = {"path": path, "query_string": query.encode(), "headers": headers}
    return Request({"type": "http", "method": "GET", "server": ("localhost", 80), **values})


@pytest.fixture
def named(small: rag.Assistant) -> Site:
    return Site(small, title="Harbour <News>", contact="desk@news.example")


def titled(page: bytes) -> str:
    (title,) = re.findall(r"<title>(.*?)</title>", page.decode())
    return str(title)


def test_own_page_names_the_archive_and_not_gradio(named: Site) -> None:
    page = own_page(named, request(), SENT).decode()
    assert titled(page.encode()) == "Harbour &lt;News&gt;"
    assert '<meta property="og:site_name" content="Harbour &lt;News&gt;">' in page
    assert "Gradio" not in page
    assert 'href="/manifest.json"' not in page
    assert 'control_page_title="false"' in page
    assert '<a href="mailto:desk@news.example"' in page


@pytest.mark.parametrize(
    ("path", "query", "title"),
    [
        ("/", "q=Who%3F", "Who? · "),
        ("/", "q=%3C/title%3E%3Cscript%3E", "&lt;/title&gt;&lt;script&gt; · "),
        ("/", "q=", ""),
        ("/", "", ""),
        ("/admin/", "", "Administration · "),
    ],
)
def test_title_is_what_the_page_shows_and_the_name(
    named: Site, path: str, query: str, title: str
) -> None:
    page = own_page(named, request(path, query), SENT)
    assert titled(page) == f"{title}Harbour &lt;News&gt;"


def test_own_page_is_in_the_language_of_the_request(small: rag.Assistant) -> None:
    page = own_page(Site(small), request(language="zh-TW"), SENT).decode()
    assert '<html lang="zh-Hant">' in page
    assert titled(page.encode()) == "新聞資料庫"
    assert "不需要 JavaScript" in "".join(re.findall(r"<noscript>(.*?)</noscript>", page, re.DOTALL))


def test_other_pages_stay_as_they_are(named: Site) -> None:
    assert own_page(named, request(), b"<head></head>") == b"<head></head>"


def test_our_script_is_the_first_of_the_page(named: Site) -> None:
    page = own_page(named, request(), SENT).decode()
    assert page.index('<script src="page.js">') < page.index("window.gradio_config")


def test_page_of_the_server_shares_no_name_of_gradio(small: rag.Assistant) -> None:
    """Gradio may write its metadata in another way some day."""
    page = send(application(small, Service(title="Harbour News")), "/?q=Who%3F").text
    metadata = re.findall(
        r"<meta[^>]*>|<title>.*?</title>|<link[^>]*rel=\"(?:icon|manifest)[^>]*>", page
    )
    assert [each for each in metadata if re.search("gradio|try out", each, re.IGNORECASE)] == []
    assert "<title>Who? · Harbour News</title>" in metadata
    assert page.count("og:title") == 1
    assert 'control_page_title="false"' in page
    assert page.count("<footer>") == 1
    assert "<noscript>" in page

"""Tests of `rag.web.views.sharing.citations`."""

from __future__ import annotations

from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import unquote

import pytest
from support.doubles import SEEDS
from support.hits import make_hit

import rag
from rag.text import passages
from rag.web.views.sharing.citations import is_web, markdown_citation, passage_url, plain_citation


@pytest.mark.parametrize(
    ("url", "is_link"),
    [
        ("https://a.example/?q=1&r=2", True),
        ("HTTP://a.example", True),
        ("javascript:alert(1)", False),
        (" javascript:alert(1)", False),
        ("data:text/html,x", False),
        ("//a.example", False),
        ("http://[::1", False),
        ("https:", False),
        ("", False),
    ],
)
def test_is_web_accepts_http_and_https_with_a_host(url: str, is_link: bool) -> None:
    assert is_web(url) == is_link


def test_citations_have_quotation_title_site_date_and_address() -> None:
    hit = make_hit("第一句。第二句。", title="标题 [a](b) *c*", url="https://a.example/x>y")
    assert plain_citation(hit) == (
        "“第一句。第二句。” — 标题 [a](b) *c*, news.example, 2024-03-06. https://a.example/x>y"
    )
    assert markdown_citation(hit) == (
        "> 第一句。第二句。\n>\n> — [标题 \\[a\\]\\(b\\) \\*c\\*](<https://a.example/x%3Ey>), "
        "news.example, 2024-03-06"
    )


def test_citations_without_site_date_and_web_address_have_the_title_only() -> None:
    hit = make_hit("正文。", url="javascript:x", published=None, source="")
    assert plain_citation(hit) == "“正文。” — 标题 x"
    assert markdown_citation(hit) == "> 正文。\n>\n> — 标题 x"


def test_passage_url_encodes_the_first_and_last_clause() -> None:
    def address(url: str, text: str) -> str:
        return passage_url(url, text, (0, len(text)))

    assert address("https://a.example/x", "a-b,c&d 好") == (
        "https://a.example/x#:~:text=a%2Db%2Cc%26d%20%E5%A5%BD"
    )
    assert address("https://a.example/x#part", "好").startswith("https://a.example/x#part:~:text=")
    long = "他在星期三的会议上表示，" + "中" * 50 + "，这是最后一个分句。"
    assert unquote(address("https://a.example", "简评：\n\n" + long)) == (
        "https://a.example#:~:text=简评：,这是最后一个分句"
    )
    assert unquote(address("https://a.example", long)) == (
        "https://a.example#:~:text=他在星期三的会议上表示,这是最后一个分句"
    )


@pytest.mark.browser
def test_passage_url_opens_the_source_at_the_passage(browser: Any, tmp_path: Path) -> None:
    """Chromium scrolls to the highlighted sentences of each passage of the seeds."""

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None: ...

    space = "<div style='height:3000px'></div>"
    handler = partial(Quiet, directory=str(tmp_path))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server, browser.new_context() as context:
        Thread(target=server.serve_forever, daemon=True).start()
        base = f"http://127.0.0.1:{server.server_port}"
        for number, article in enumerate(rag.read_seeds(SEEDS)):
            name = f"article{number}.html"
            body = "".join(f"<p>{paragraph}</p>" for paragraph in article.text.split("\n\n"))
            (tmp_path / name).write_text(f"<meta charset=utf-8>{space}{body}{space}", encoding="utf-8")
            for passage in passages.split(article):
                for window in passages.windows(passage.text)[:2]:
                    page = context.new_page()
                    page.goto(passage_url(f"{base}/{name}", passage.text, window))
                    page.wait_for_function("scrollY > 1000", timeout=10_000)
                    page.close()
        server.shutdown()

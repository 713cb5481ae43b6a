"""Security headers, the Content-Security-Policy and refusals."""

from __future__ import annotations

import base64
import hashlib
import re
import zlib

import httpx
import pytest
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.types import Message, Receive, Scope, Send
from support.apps import broken, hello
from support.clients import ADMIN_SECRET, SECRET, run, send

from rag.web.security.guard import Guard
from rag.web.security.responses import page_policy


@pytest.mark.parametrize("path", ["", "config", "favicon.ico", "nothing", "gradio_api/upload"])
@pytest.mark.parametrize("authorization", [SECRET, {}])
def test_every_response_has_the_security_headers(
    locked_site: str, path: str, authorization: dict[str, str]
) -> None:
    response = httpx.get(locked_site + path, headers=authorization)
    headers = response.headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["x-frame-options"] == "DENY"
    assert headers["cross-origin-opener-policy"] == "same-origin"
    assert headers["cross-origin-resource-policy"] == "same-origin"
    assert "camera=()" in headers["permissions-policy"]
    assert "server" not in headers
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert ("script-src" in policy) == (path == "" and response.status_code == 200)


def test_security_headers_replace_those_of_the_app() -> None:
    headers = send(Guard(hello)).headers
    assert headers.get_list("x-frame-options") == ["DENY"]
    assert "server" not in headers


def test_page_policy_allows_the_scripts_of_the_page_and_no_others() -> None:
    page = b"<script>one()</script><script src='x.js'></script><script type=module>two()\n</script>"
    policy = page_policy(page)
    hashes = re.findall(r"'sha256-([^']+)'", policy)
    assert [base64.b64decode(digest) for digest in hashes] == [
        hashlib.sha256(script).digest() for script in (b"one()", b"two()\n")
    ]
    (scripts,) = re.findall(r"script-src ([^;]+);", policy)
    assert "'unsafe-inline'" not in scripts


async def events(scope: Scope, receive: Receive, send: Send) -> None:
    headers = [(b"content-type", b"text/event-stream; charset=utf-8")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    for number in range(3):
        body = b"data: %d %b\n\n" % (number, b"x" * 1000)
        await send({"type": "http.response.body", "body": body, "more_body": True})
    await send({"type": "http.response.body", "body": b""})


def test_events_are_compressed_each_when_it_is_sent() -> None:
    """A stream may stay open: whoever reads it needs each event at once, not at the end."""
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request"}

    async def keep(message: Message) -> None:
        sent.append(message)

    headers = [(b"host", b"localhost"), (b"accept-encoding", b"gzip")]
    scope = {
        "type": "http",
        "method": "GET",
        "path": "/",
        "raw_path": b"/",
        "query_string": b"",
        "headers": headers,
    }
    run(Guard(events)(scope, receive, keep))
    start, *parts = sent
    assert (b"content-encoding", b"gzip") in start["headers"]
    reader = zlib.decompressobj(wbits=31)
    texts = [reader.decompress(part["body"]) for part in parts]
    assert [text[:8] for text in texts] == [b"data: 0 ", b"data: 1 ", b"data: 2 ", b""]
    assert reader.eof
    assert sum(len(part["body"]) for part in parts) < 300


def test_events_are_sent_as_they_are_to_who_does_not_uncompress() -> None:
    response = send(Guard(events), headers={"accept-encoding": "identity"})
    assert "content-encoding" not in response.headers
    assert response.text.startswith("data: 0 ")


def test_no_other_site_may_read(locked_site: str) -> None:
    """Gradio would let any origin read a named host, with the password of the browser."""
    headers = {**SECRET, "Origin": "http://evil.example"}
    response = httpx.get(f"{locked_site}config", headers=headers)
    assert response.status_code == 200
    assert not [name for name in response.headers if name.startswith("access-control-")]


def test_script_of_the_page_is_in_the_pages_only(site: str) -> None:
    for path, expected in (("", 1), ("admin/", 1), ("gradio_api/mcp/", 0)):
        page = httpx.get(site + path, headers=ADMIN_SECRET if path == "admin/" else {})
        assert page.text.count('<script src="page.js">') == expected, path


def test_refusal_is_json_for_programs_and_a_page_for_browsers() -> None:
    response = send(Guard(hello), "/x")
    assert response.json() == {"detail": "Page not found.", "code": "not-found"}
    page = send(Guard(hello), "/x", headers={"Accept": "text/html,*/*;q=0.8"})
    assert page.headers["content-type"].startswith("text/html")
    assert '<p class="box">Page not found.</p>' in page.text
    assert '<a href="/">Back to the archive</a>' in page.text
    assert page.headers["cache-control"] == "no-store"
    assert "default-src 'none'" in page.headers["content-security-policy"]


@pytest.mark.parametrize(
    ("headers", "locale", "message"),
    [
        ({}, "en", "Page not found."),
        ({"Accept-Language": "fr, en;q=0.5"}, "en", "Page not found."),
        ({"Accept-Language": "zh-CN,zh;q=0.9"}, "zh-Hans", "页面不存在。"),
        ({"Accept-Language": "zh-CN", "Cookie": "lang=zh-Hant"}, "zh-Hant", "頁面不存在。"),
        ({"Cookie": "lang=<b>"}, "en", "Page not found."),
    ],
)
def test_refusal_is_in_the_language_of_the_request(
    headers: dict[str, str], locale: str, message: str
) -> None:
    assert send(Guard(hello), "/x", headers=headers).json()["detail"] == message
    page = send(Guard(hello), "/x", headers={**headers, "Accept": "text/html"}).text
    assert f'<html lang="{locale}">' in page
    assert message in page


def test_refusal_page_escapes_its_message() -> None:
    app = Guard(hello, uploads={"/<b>": 9})
    page = send(app, "/%3Cb%3E", headers={"Accept": "text/html"})
    assert page.status_code == 308
    assert "&lt;b&gt;" in page.text
    assert "<b>" not in page.text


def test_refusal_page_bears_the_name_of_the_archive() -> None:
    for title, name in (("", "News archive"), ("<Harbour>", "&lt;Harbour&gt;")):
        page = send(Guard(hello, title=title), "/x", headers={"Accept": "text/html"}).text
        assert f"<title>404 · {name}</title>" in page
        assert f'<h1><a href="/">{name}</a></h1>' in page


def test_edited_page_has_the_policy_of_its_scripts() -> None:
    async def page(scope: Scope, receive: Receive, send: Send) -> None:
        await HTMLResponse("<head></head>")(scope, receive, send)

    def add_script(request: Request, sent: bytes) -> bytes:
        return sent + b"<script>" + request.url.path.encode() + b"</script>"

    response = send(Guard(page, edit_page=add_script))
    assert response.text == "<head></head><script>/</script>"
    assert response.headers["content-security-policy"] == page_policy(response.content)


def test_page_is_compressed_for_clients_that_read_it(site: str) -> None:
    whole = httpx.get(site, headers={"Accept-Encoding": "identity"})
    small = httpx.get(site, headers={"Accept-Encoding": "gzip"})
    assert "content-encoding" not in whole.headers
    assert small.headers["content-encoding"] == "gzip"
    assert int(small.headers["content-length"]) < 0.4 * int(whole.headers["content-length"])
    assert small.headers["vary"] == "accept-encoding"
    assert small.text == whole.text


def test_failure_before_the_response_is_a_refusal() -> None:
    response = send(Guard(broken))
    assert response.status_code == 500
    assert response.json() == {"detail": "Something went wrong. Try again.", "code": "failed"}

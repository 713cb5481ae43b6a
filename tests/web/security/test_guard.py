"""Hosts, other sites, bodies and files: which requests the guard lets through."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import fastapi
import httpx
import pytest
from starlette.types import Message
from support.apps import hello
from support.browser import served
from support.clients import (
    ADMIN_SECRET,
    MACHINE,
    SECRET,
    call,
    gradio_client,
    mcp_session,
    queue,
    run,
    send,
    send_raw,
)

import rag
from rag.web.security.guard import Guard

# Hosts


@pytest.mark.parametrize(
    ("host", "is_known"),
    [
        ("localhost", True),
        ("LOCALHOST:7860", True),
        ("localhost.", True),
        ("127.0.0.1:7860", True),
        ("127.8.9.1", True),
        ("[::1]:7860", True),
        ("evil.example", False),
        ("evil.example:7860", False),
        ("localhost.evil.example", False),
        ("127.0.0.1.evil.example", False),
        ("evil@localhost", False),
        ("evil.example/localhost", False),
        ("192.168.1.5", False),
        ("0.0.0.0", False),
        ("[::]", False),
        ("", False),
    ],
)
def test_host_that_is_not_loopback_is_refused(host: str, is_known: bool) -> None:
    """A page of another site could let its own name point to this machine (DNS rebinding)."""
    response = send(Guard(hello), headers={"Host": host})
    assert response.status_code == (200 if is_known else 421)
    if not is_known:
        assert response.json() == {
            "detail": "Unknown host name. Use the address printed at start-up, or start with --name HOST.",
            "code": "host-unknown",
        }
    assert send(Guard(hello, hosts=None), headers={"Host": host}).status_code == 200


def test_hosts_that_are_given_are_accepted() -> None:
    app = Guard(hello, hosts=["News.example"])
    assert send(app, headers={"Host": "news.example:80"}).status_code == 200
    assert send(app, headers={"Host": "localhost"}).status_code == 200
    assert send(app, headers={"Host": "other.example"}).status_code == 421
    assert send(app, headers=[("Host", "localhost"), ("Host", "evil.example")]).status_code == 421


def test_forged_headers_do_not_change_the_addresses_in_the_page(locked_site: str) -> None:
    forged = {"X-Forwarded-Host": "evil.example", "X-Gradio-Server": "http://evil.example"}
    assert "evil.example" not in httpx.get(locked_site, headers={**SECRET, **forged}).text
    assert send(Guard(hello), headers=forged).text == "/ 0 -"


def test_proxy_with_a_given_host_name_is_served(small: rag.Assistant) -> None:
    with served(small, hosts=("news.example",)) as address:
        for host, expected in (("news.example", 200), ("localhost", 200), ("evil.example", 421)):
            assert httpx.get(address, headers={"Host": host}).status_code == expected
        proxied = {
            "Host": "news.example",
            "X-Forwarded-Proto": "https",
            "Origin": "https://news.example",
        }
        config = httpx.get(f"{address}config", headers=proxied).text
        assert '"root":"https://news.example"' in config
        assert call(address, "get_article", "x", headers=proxied).status_code == 500
        foreign = proxied | {"Origin": "https://x.example"}
        assert call(address, "get_article", "x", headers=foreign).status_code == 403


# Other sites


@pytest.mark.parametrize(
    ("headers", "is_own"),
    [
        ({}, True),
        ({"Origin": "http://localhost:7860"}, True),
        ({"Origin": "https://LOCALHOST:7860", "Sec-Fetch-Site": "same-origin"}, True),
        ({"Origin": "null", "Sec-Fetch-Site": "same-origin"}, True),
        ({"Sec-Fetch-Site": "none"}, True),
        ({"Origin": "http://evil.example"}, False),
        ({"Origin": "http://localhost:7861"}, False),
        ({"Origin": "http://localhost"}, False),
        ({"Origin": "null"}, False),
        ({"Origin": ""}, False),
        ({"Origin": "http://localhost:7860", "Sec-Fetch-Site": "cross-site"}, False),
        ({"Sec-Fetch-Site": "same-site"}, False),
        ({"Sec-Fetch-Site": "cross-site"}, False),
    ],
)
def test_writing_request_of_another_site_is_refused(headers: dict[str, str], is_own: bool) -> None:
    expected = 200 if is_own else 403
    for method, path in (("POST", "/gradio_api/queue/join"), ("DELETE", "/gradio_api/mcp")):
        response = send(Guard(hello), path, method, headers=headers, content="{}")
        assert response.status_code == expected
    assert send(Guard(hello), headers=headers).status_code == 200


def test_preflight_of_another_site_is_refused(site: str) -> None:
    headers = {"Origin": "http://evil.example", "Access-Control-Request-Method": "POST"}
    response = httpx.options(f"{site}gradio_api/queue/join", headers=headers)
    assert response.status_code == 403
    assert "access-control-allow-origin" not in response.headers


def test_websocket_is_closed() -> None:
    sent: list[Message] = []

    async def record(message: Message) -> None:
        sent.append(message)

    async def connect() -> Message:
        return {"type": "websocket.connect"}

    run(Guard(hello)({"type": "websocket", "path": "/", "headers": []}, connect, record))
    assert sent == [{"type": "websocket.close", "code": 1008}]


# Bodies


@pytest.mark.parametrize("chunked", [False, True])
@pytest.mark.parametrize(("path", "limit"), [("", 1000), ("/admin", 5000)])
def test_body_over_the_limit_is_refused(chunked: bool, path: str, limit: int) -> None:
    app = Guard(hello, uploads={"/admin": 5000}, max_bytes=1000)

    def post(size: int) -> httpx.Response:
        async def parts() -> AsyncIterator[bytes]:
            for _ in range(size // 100):
                yield b"1" * 100

        content = parts() if chunked else b"1" * size
        return send(app, f"{path}/gradio_api/run/ask", "POST", content=content)

    assert post(limit).text == f"{path}/gradio_api/run/ask {limit} -"
    refused = post(limit + 100)
    assert refused.status_code == 413
    assert refused.json() == {
        "detail": f"The request is larger than {limit:,} bytes. Send a smaller one.",
        "code": "too-large",
    }


@pytest.mark.parametrize("chunked", [False, True])
def test_body_over_the_limit_does_not_reach_gradio(site: str, chunked: bool) -> None:
    def parts() -> Iterator[bytes]:
        yield b'{"data": ["'
        for _ in range(20):
            yield b"x" * 100_000
        yield b'"]}'

    content = parts() if chunked else b"".join(parts())
    headers = {"Content-Type": "application/json"}
    try:
        response = httpx.post(f"{site}gradio_api/run/ask", content=content, headers=headers)
        assert response.status_code == 413
        assert response.json()["detail"].startswith("The request is larger than 1,000,000 bytes")
    except httpx.WriteError:  # the server closed the connection before the end of the request
        pass
    assert httpx.get(f"{site}config").status_code == 200


def test_files_are_taken_below_admin_only(locked_site: str) -> None:
    def upload(path: str, headers: dict[str, str]) -> int:
        files = {"files": ("x.txt", b"x" * 2_000_000)}
        url = f"{locked_site}{path}gradio_api/upload"
        return httpx.post(url, files=files, headers=headers).status_code

    assert upload("admin/", ADMIN_SECRET) == 200
    assert upload("admin/", SECRET) == 401
    assert upload("", SECRET) == 404
    url = f"{locked_site}gradio_api/upload_progress?upload_id=x"
    assert httpx.get(url, headers=SECRET).status_code == 404


def test_upload_over_the_limit_is_refused_before_it_is_sent(locked_site: str) -> None:
    status, text = send_raw(
        locked_site,
        "POST /admin/gradio_api/upload HTTP/1.1\nHost: localhost\nAuthorization: Bearer other\n"
        "Content-Length: 1000000000000\n\n",
    )
    assert status == 413
    assert "too-large" in text


# Files and shapes


@pytest.mark.parametrize("path", ["/etc/hostname", "pyproject.toml", "http://127.0.0.1:9/x"])
@pytest.mark.parametrize("name", ["search", "ask", "preview"])
def test_no_request_makes_gradio_copy_or_fetch_a_file(
    site: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, path: str, name: str
) -> None:
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path))
    file = {"path": path, "meta": {"_type": "gradio.FileData"}}
    if name == "preview":
        outcome = queue(f"{site}admin/", name, [[file]], headers=ADMIN_SECRET)
        assert outcome[0] == 200
        assert "data" not in outcome[1]
        assert outcome[1]["error"] is None
    else:
        response = call(site, name, file, *[None] * (5 if name == "search" else 4))
        assert (response.status_code, response.json()["code"]) == (400, "not-json")
    assert [found for found in tmp_path.rglob("*") if found.is_file()] == []


FILE = '{"path": "/etc/passwd", "meta": {"_type": "gradio.FileData"}}'


@pytest.mark.parametrize(
    ("content", "is_accepted"),
    [
        ('{"data": ["a question about gradio.FileData and _type", 5]}', True),
        ('"\\u0067radio.FileData"', True),
        (f'{{"data": [{FILE}]}}', False),
        (FILE.replace("gradio", "\\u0067radio").replace("_type", "\\u005ftype"), False),
        (
            FILE.replace('"_type"', '"_type": "gradio.FileData", "_type"').replace('Data"}}', '"}}'),
            False,
        ),
        (f'{{"deep": [[{{"data": [{FILE}]}}]]}}', False),
        ("[" * 100_000, False),
        ("question=x", False),
        ("", False),
    ],
)
def test_body_that_is_not_json_or_names_a_file_is_refused(content: str, is_accepted: bool) -> None:
    for encoding in ("utf-8", "utf-16"):
        response = send(Guard(hello), "/gradio_api/mcp", "POST", content=content.encode(encoding))
        assert response.status_code == (200 if is_accepted else 400)


def test_failures_disclose_nothing_of_this_machine(small: rag.Assistant) -> None:
    class Broken:
        def __getattr__(self, name: str) -> object:
            return getattr(small, name)

        def ask(self, *_: object, **__: object) -> object:
            raise RuntimeError(f"in {__file__}")

    failures = []
    with served(Broken(), admin_password="other") as site:  # type: ignore[arg-type]
        for body in (
            {"data": ["fail", *[None] * 4]},
            {"data": [{"path": "/etc/passwd", "meta": {"_type": "gradio.FileData"}}, *[None] * 4]},
            {"data": 7},
            {"data": []},
            {},
            {"data": ["x"], "fn_index": 99, "session_hash": "s"},
            {"data": [{"__type__": "update"}], "session_hash": "s", "fn_index": "x"},
            [],
        ):
            for path in ("run/ask", "run/nothing", "call/ask", "call/v2/ask", "queue/join"):
                failures.append(httpx.post(f"{site}gradio_api/{path}", json=body))
        failures.append(httpx.get(f"{site}?deep_link=x"))
        for path in ("config", "gradio_api/info", "gradio_api/info?all_endpoints=1"):
            failures.append(httpx.get(site + path))
        failures.append(httpx.get(f"{site}admin/config", headers=ADMIN_SECRET))
    assert {500} <= {failure.status_code for failure in failures}
    failures.append(send(Guard(failing_app()), "/assets/fails"))
    assert failures[-1].status_code == 500
    for failure in failures:
        text = failure.text.replace("/gradio_api/", "").replace("README.md", "")
        if "<html" not in text:
            assert not MACHINE.search(text), f"{failure.request.url}: {MACHINE.search(text)}"


def failing_app() -> fastapi.FastAPI:
    app = fastapi.FastAPI()

    @app.get("/assets/fails")
    def fails() -> None:
        raise RuntimeError(f"in {__file__}")

    return app


# Clients


def test_gradio_client_needs_the_password(locked_site: str) -> None:
    from gradio_client.exceptions import AppError

    client = gradio_client(locked_site, SECRET)
    endpoints = client.view_api(return_format="dict", print_info=False)["named_endpoints"]
    assert set(endpoints) == {"/search", "/ask", "/get_article"}
    assert len(client.predict("集装箱", 2, api_name="/search")) == 2
    with pytest.raises(AppError, match=r"(?i)question"):
        client.predict("", 2, api_name="/search")
    for headers in ({}, {"Authorization": "Bearer nothing"}):
        with pytest.raises(Exception, match="credentials were not provided"):
            gradio_client(locked_site, headers)


def test_mcp_client_needs_the_password(locked_site: str) -> None:
    tools = mcp_session(locked_site, lambda session: session.list_tools(), SECRET).tools
    assert [tool.name for tool in tools] == ["search", "ask", "get_article"]
    for headers in ({}, {"Authorization": "Bearer nothing"}):
        with pytest.raises(BaseException):  # noqa: B017 - a group of the client's errors
            mcp_session(locked_site, lambda session: session.list_tools(), headers)

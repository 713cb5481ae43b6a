"""What stands before the page, with a real Gradio behind it, real clients, and a real Chromium before it."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import re
import shutil
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import fastapi
import gradio as gr
import httpx
import pytest

from rag.web.security import guard, responses
from rag.web.security.guard import Guard
from rag.web.security.responses import Message, Receive, Scope, Send

BROWSER = shutil.which("chromium") or shutil.which("google-chrome") or shutil.which("chrome")
PASSWORDS = {"/": "secret", "/admin": "other"}
UPLOADS = {"/admin": 3_000_000}
SECRET = {"Authorization": "Bearer secret"}
OTHER = {"Authorization": "Bearer other"}
INSIDE = re.compile(r"site-packages|Traceback|/(?:work|tmp|root|home|usr|var)/|\.py\b")


def build() -> Any:
    """The page and the upkeep page, mounted as the program does it."""

    def search(question: str, k: int = 5) -> list[dict[str, Any]]:
        """Return the k passages closest to a question, best first."""
        if not isinstance(question, str):
            raise gr.Error("The question is not text.", print_exception=False)
        if question == "refuse":
            raise gr.Error("The question is empty.", print_exception=False)
        if question == "fail":
            raise RuntimeError(f"in {__file__}")
        return [{"question": question, "k": k}]

    def ask(question: str, request: gr.Request) -> dict[str, Any]:
        """Return the answer to a question."""
        if not isinstance(question, str):
            raise gr.Error("The question is not text.", print_exception=False)
        return {"question": question, "asked by": request.client.host}

    with gr.Blocks(title="News archive", analytics_enabled=False) as page:
        question = gr.Textbox(elem_id="question", submit_btn="Ask")
        results = gr.HTML("<p>nothing yet</p>", elem_id="results", apply_default_css=False)
        example = gr.Button("example", elem_id="example")
        question.submit(lambda text: text, question, results, api_visibility="private")
        example.click(None, None, question, js="() => 'an example'", api_visibility="private")
        gr.api(search, api_name="search", queue=False)
        gr.api(ask, api_name="ask", queue=False)
        gr.api(search, api_name="queued")
    with gr.Blocks(title="Upkeep", analytics_enabled=False) as admin:
        file = gr.File(elem_id="file")
        file.upload(lambda path: Path(path).read_text(), file, gr.Textbox(), api_name="take")
    parent = fastapi.FastAPI(docs_url=None, redoc_url=None, openapi_url=None)

    @parent.get("/assets/fails")
    def fails() -> None:
        raise RuntimeError(f"in {__file__}")

    for path in ("/page.js", "/admin/page.js"):
        parent.get(path)(lambda: fastapi.Response(media_type="text/javascript"))

    options = {"show_error": False, "run_history": False, "ssr_mode": False, "enable_monitoring": False}
    theme = gr.themes.Default(font=["sans-serif"], font_mono=["monospace"])
    gr.mount_gradio_app(parent, admin, path="/admin", footer_links=[], theme=theme, **options)
    gr.mount_gradio_app(
        parent, page, path="/", footer_links=["api"], theme=theme, mcp_server=True, **options
    )
    # Gradio looks only in what was launched whether a file that a request names was uploaded.
    page.has_launched = admin.has_launched = True
    return parent


@contextmanager
def serve(app: Any) -> Iterator[str]:
    import uvicorn

    config = uvicorn.Config(app, port=0, log_level="critical", server_header=False)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        assert thread.is_alive(), "an app with MCP can be served only once"
        time.sleep(0.01)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = server.force_exit = True
    thread.join(10)


@pytest.fixture(scope="module")
def page() -> Any:
    return build()


@pytest.fixture(scope="module")
def site(page: Any) -> Iterator[str]:
    """The page with a password, and the upkeep page with another."""
    with serve(Guard(page, passwords=PASSWORDS, uploads=UPLOADS)) as address:
        yield address


@pytest.fixture(scope="module")
def open_site() -> Iterator[str]:
    """The page and the upkeep page without a password."""
    with serve(Guard(build(), uploads=UPLOADS)) as address:
        yield address


@pytest.fixture(scope="module")
def half_open_site() -> Iterator[str]:
    """The page without a password, and the upkeep page with one."""
    with serve(Guard(build(), passwords={"/admin": "other"}, uploads=UPLOADS)) as address:
        yield address


async def hello(scope: Scope, receive: Receive, send: Send) -> None:
    """An app that reads what it is sent and answers on every path."""
    size = 0
    while (message := await receive())["type"] == "http.request":
        size += len(message.get("body", b""))
        if not message.get("more_body"):
            break
    headers = [(b"content-type", b"text/plain"), (b"Server", b"old"), (b"x-frame-options", b"ALLOW")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    named = dict(scope["headers"]).get(b"x-forwarded-host", b"-").decode()
    await send({"type": "http.response.body", "body": f"{scope['path']} {size} {named}".encode()})


def call(app: Any, path: str = "/", method: str = "GET", **options: Any) -> httpx.Response:
    """Send one request to an app, with the path as it is."""
    address = options.pop("address", "127.0.0.1")

    async def send() -> httpx.Response:
        transport = httpx.ASGITransport(app, raise_app_exceptions=False, client=(address, 5000))
        base = options.pop("base", "http://localhost:7860")
        async with httpx.AsyncClient(transport=transport, base_url=base) as client:
            return await client.request(method, path, **options)

    return asyncio.run(send())


def raw(address: str, target: str) -> tuple[int, str]:
    """Get a target that nobody has tidied up, and return the status and the text."""
    host, port = address.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=20) as connection:
        request = f"GET {target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
        connection.sendall(request.encode("latin-1"))
        answer = b"".join(iter(lambda: connection.recv(65536), b""))
    head, _, text = answer.partition(b"\r\n\r\n")
    return int(head.split()[1]), text.decode("utf-8", "replace")


# Headers


@pytest.mark.parametrize("path", ["/", "/config", "/favicon.ico", "/nothing", "/gradio_api/upload"])
@pytest.mark.parametrize("authorization", [SECRET, {}])
def test_every_answer_has_the_headers(site: str, path: str, authorization: dict[str, str]) -> None:
    answer = httpx.get(site + path, headers=authorization)
    headers = answer.headers
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
    assert ("script-src" in policy) == (path == "/" and answer.status_code == 200)


def test_what_the_app_says_of_these_headers_does_not_count() -> None:
    headers = call(Guard(hello)).headers
    assert headers.get_list("x-frame-options") == ["DENY"]
    assert "server" not in headers


def test_the_policy_names_the_scripts_of_the_page_and_no_others() -> None:
    page = b"<script>one()</script><script src='x.js'></script><script type=module>two()\n</script>"
    policy = responses.page_policy(page)
    named = re.findall(r"'sha256-([^']+)'", policy)
    assert [base64.b64decode(name) for name in named] == [
        hashlib.sha256(script).digest() for script in (b"one()", b"two()\n")
    ]
    (scripts,) = re.findall(r"script-src ([^;]+);", policy)
    assert "'unsafe-inline'" not in scripts


def test_no_other_site_may_read(site: str) -> None:
    """Gradio would let any origin read, password and all, where it is asked for by name."""
    answer = httpx.get(f"{site}/config", headers={**SECRET, "Origin": "http://evil.example"})
    assert answer.status_code == 200
    assert not [name for name in answer.headers if name.startswith("access-control-")]


# Whom it answers


@pytest.mark.parametrize(
    ("host", "answered"),
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
def test_a_page_elsewhere_cannot_have_its_name_point_here(host: str, answered: bool) -> None:
    answer = call(Guard(hello), headers={"Host": host})
    assert answer.status_code == (200 if answered else 421)
    assert call(Guard(hello, hosts=None), headers={"Host": host}).status_code == 200


def test_names_that_are_given_are_answered() -> None:
    app = Guard(hello, hosts=["News.example"])
    assert call(app, headers={"Host": "news.example:80"}).status_code == 200
    assert call(app, headers={"Host": "localhost"}).status_code == 200
    assert call(app, headers={"Host": "other.example"}).status_code == 421
    assert call(app, headers=[("Host", "localhost"), ("Host", "evil.example")]).status_code == 421


def test_a_visitor_does_not_choose_the_address_in_the_page(site: str) -> None:
    forged = {"X-Forwarded-Host": "evil.example", "X-Gradio-Server": "http://evil.example"}
    assert "evil.example" not in httpx.get(site, headers={**SECRET, **forged}).text
    assert call(Guard(hello), headers=forged).text == "/ 0 -"


@pytest.mark.parametrize(
    ("headers", "answered"),
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
def test_another_site_cannot_have_a_visitor_ask(headers: dict[str, str], answered: bool) -> None:
    expected = 200 if answered else 403
    for method, path in (("POST", "/gradio_api/queue/join"), ("DELETE", "/gradio_api/mcp")):
        answer = call(Guard(hello), path, method, headers=headers, content="{}")
        assert answer.status_code == expected
    assert call(Guard(hello), headers=headers).status_code == 200


def test_another_site_is_not_told_what_it_may_send(open_site: str) -> None:
    headers = {"Origin": "http://evil.example", "Access-Control-Request-Method": "POST"}
    answer = httpx.options(f"{open_site}/gradio_api/queue/join", headers=headers)
    assert answer.status_code == 403
    assert "access-control-allow-origin" not in answer.headers


# Passwords


def basic(user: str, password: str) -> str:
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


@pytest.mark.parametrize(
    ("given", "answered"),
    [
        (basic("anyone", "sécret:1"), True),
        (basic("", "sécret:1"), True),
        ("bearer sécret:1", True),
        (basic("sécret", "1"), False),
        (basic("anyone", "other"), False),
        ("Bearer other", False),
        ("Bearer ", False),
        ("Bearer", False),
        ("Basic", False),
        ("Basic !", False),
        ("sécret:1", False),
        ("Digest sécret:1", False),
        ("", False),
    ],
)
def test_the_password_opens_in_either_form(given: str, answered: bool) -> None:
    app = Guard(hello, passwords={"/": "sécret:1", "/admin": "other"}, uploads=UPLOADS)
    answer = call(app, headers=[(b"authorization", given.encode())])
    assert answer.status_code == (200 if answered else 401)
    assert call(app).status_code == 401
    if not answered:
        assert answer.headers["www-authenticate"] == 'Basic realm="News archive", charset="UTF-8"'
        assert "password" in answer.json()["detail"]
        assert "sécret" not in answer.text


def test_the_longest_prefix_counts() -> None:
    both = Guard(hello, passwords=PASSWORDS, uploads=UPLOADS)
    one = Guard(hello, passwords={"/admin/": "other"}, uploads={"/admin/": 9})
    for path, headers, with_both, with_one in [
        ("/", SECRET, 200, 200),
        ("/", OTHER, 401, 200),
        ("/", {}, 401, 200),
        ("/admin/", SECRET, 401, 401),
        ("/admin/", OTHER, 200, 200),
        ("/admin/config", {}, 401, 401),
        ("/admin", {}, 401, 401),
        ("/administration", {}, 401, 404),
        ("/administration", OTHER, 401, 404),
    ]:
        assert call(both, path, headers=headers).status_code == with_both, path
        assert call(one, path, headers=headers).status_code == with_one, path
    assert (
        call(one, "/admin/").headers["www-authenticate"].startswith('Basic realm="News archive/admin"')
    )


def test_no_prefix_no_way_round() -> None:
    with pytest.raises(ValueError, match="empty password"):
        Guard(hello, passwords={"/": ""})
    with pytest.raises(ValueError, match="'admin' does not"):
        Guard(hello, passwords={"admin": "x"})


ROUND = [
    "//admin/config",
    "/admin//config",
    "/./admin/config",
    "/x/../admin/config",
    "/assets/../admin/config",
    "/assets/..%2fadmin%2fconfig",
    "/%61dmin/config",
    "/%2fadmin/config",
    "/admin%2fconfig",
    "/Admin/config",
    "/ADMIN/gradio_api/info",
    "/admin;/config",
    "/admin%00/config",
    "/admin\\config",
    "/admin%5cconfig",
    "/admin/%2e%2e/admin/config",
    "/admin/config%0a",
    "/admin/config/.",
    "/admin/gradio_api/../config",
    "/admin/gradio_api%2finfo",
    "/ａdmin/config".encode().decode("latin-1"),
    "http://localhost/admin/config",
    "/config/../admin/config",
]


@pytest.mark.parametrize("target", ROUND)
def test_no_spelling_of_a_path_goes_round_the_password(half_open_site: str, target: str) -> None:
    """With no password for the page and one for the upkeep page, nothing of the latter is read."""
    status, text = raw(half_open_site, target)
    assert status in (400, 401, 404), text
    assert "components" not in text


def test_who_tries_passwords_is_slowed_down() -> None:
    app = Guard(hello, passwords={"/": "secret"})
    wrong = {"Authorization": "Bearer wrong"}
    for _ in range(50):
        assert call(app).status_code == 401, "not to give one is not to give a wrong one"
    for _ in range(guard.WRONG_PASSWORDS):
        assert call(app, headers=wrong).status_code == 401
    answer = call(app, headers=SECRET)
    assert answer.status_code == 429, "else the right one would still be found by trying"
    assert 0 < int(answer.headers["retry-after"]) <= 60
    assert f"Wait {answer.headers['retry-after']} s" in answer.json()["detail"]
    assert call(app, headers=SECRET, address="192.0.2.7").status_code == 200


# Bodies


@pytest.mark.parametrize("chunked", [False, True])
@pytest.mark.parametrize(("path", "most"), [("", 1000), ("/admin", 5000)])
def test_a_body_that_is_too_large_is_refused(chunked: bool, path: str, most: int) -> None:
    app = Guard(hello, uploads={"/admin": 5000}, most_bytes=1000)

    def send(size: int) -> httpx.Response:
        async def pieces() -> Any:
            for _ in range(size // 100):
                yield b"1" * 100

        content = pieces() if chunked else b"1" * size
        return call(app, f"{path}/gradio_api/run/ask", "POST", content=content)

    assert send(most).text == f"{path}/gradio_api/run/ask {most} -"
    refused = send(most + 100)
    assert refused.status_code == 413
    assert refused.json() == {
        "detail": f"The request is larger than {most:,} bytes. Send a smaller one."
    }


@pytest.mark.parametrize("chunked", [False, True])
def test_gradio_does_not_get_a_body_that_is_too_large(open_site: str, chunked: bool) -> None:
    def pieces() -> Iterator[bytes]:
        yield b'{"data": ["'
        for _ in range(20):
            yield b"x" * 100_000
        yield b'"]}'

    content = pieces() if chunked else b"".join(pieces())
    kind = {"Content-Type": "application/json"}
    try:
        answer = httpx.post(f"{open_site}/gradio_api/run/ask", content=content, headers=kind)
        assert answer.status_code == 413
        assert answer.json()["detail"].startswith("The request is larger than 1,000,000 bytes")
    except httpx.WriteError:  # the server had hung up before all was sent
        pass
    assert httpx.get(f"{open_site}/config").status_code == 200


def test_files_are_taken_below_admin_only(site: str) -> None:
    def upload(path: str, size: int, headers: dict[str, str]) -> httpx.Response:
        files = {"files": ("x.txt", b"x" * size)}
        return httpx.post(f"{site}{path}/gradio_api/upload", files=files, headers=headers)

    assert upload("/admin", 2_000_000, OTHER).status_code == 200
    assert upload("/admin", 2_000_000, SECRET).status_code == 401
    assert upload("/admin", 4_000_000, OTHER).status_code == 413
    assert upload("", 10, SECRET).status_code == 404
    assert (
        httpx.get(f"{site}/gradio_api/upload_progress?upload_id=x", headers=SECRET).status_code == 404
    )


# Paths


def routes(app: Any, prefix: str = "") -> Iterator[tuple[str, str]]:
    """Every method and path an app routes, with its parameters filled in."""
    from starlette.routing import Mount, Route

    for route in app.routes:
        if isinstance(route, Mount):
            if hasattr(route.app, "routes"):
                yield from routes(route.app, prefix + route.path)
            else:
                yield from ((method, prefix + route.path + "/") for method in ("GET", "POST"))
        elif hasattr(route, "original_router"):
            yield from routes(route.original_router, prefix)
        elif isinstance(route, Route):
            path = re.sub(r"\{size\}", "192", route.path)
            path = re.sub(r"\{ext\}", "ts", re.sub(r"\{api_name\}", "ask", path))
            for method in sorted(route.methods or ()):
                yield method, prefix + re.sub(r"\{\w+(:path)?\}", "x", path)


OPEN = """
GET /  GET /app_id  GET /app_id/  GET /assets/x  GET /call/ask/x  GET /call/v2/ask/x  GET /config  GET /config/
GET /favicon.ico  GET /heartbeat/x  GET /info  GET /info/  GET /manifest.json  GET /openapi.json  GET /pwa_icon
GET /pwa_icon/192  GET /queue/data  GET /robots.txt  GET /static/x  GET /theme.css  HEAD /
POST /call/ask  POST /call/ask/  POST /call/v2/ask  POST /call/v2/ask/  POST /cancel  POST /queue/join
POST /reset  POST /reset/  POST /run/ask  POST /run/ask/
"""
MCP = {"GET /mcp/", "POST /mcp/", "GET /mcp/schema", "HEAD /mcp/schema"}


def test_no_route_answers_without_its_password_and_few_with_it(page: Any, site: str) -> None:
    found = sorted(set(routes(page)))
    assert len(found) > 100
    opened = set()
    with httpx.Client(base_url=site, timeout=20) as client:
        for method, path in found:
            for headers in ({}, {"Cookie": "access-token-x=1"}, {"Authorization": "Digest secret"}):
                answer = client.request(method, path, headers=headers)
                assert answer.status_code == 401, f"{method} {path}"
            own = OTHER if path.startswith("/admin") else SECRET
            request = client.build_request(method, path, headers=own)
            answer = client.send(request, stream=True)
            closed = answer.status_code == 404 and (
                method == "HEAD" or "nothing here" in answer.read().decode()
            )
            answer.close()
            if not closed:
                opened.add(f"{method} {path}")
    short = {entry.replace("/gradio_api", "") for entry in opened}
    named = set(re.findall(r"\w+ /\S*", OPEN))
    assert short == (
        {"GET /assets/fails", "GET /page.js", "GET /admin/page.js"}
        | named
        | MCP
        | {entry.replace(" ", " /admin") for entry in named}
        | {"POST /admin/upload", "GET /admin/upload_progress"}
    )


@pytest.mark.parametrize(
    "path",
    [
        "/gradio_api/file=/etc/passwd",
        "/gradio_api/file/etc/passwd",
        "/file=pyproject.toml",
        "/admin/gradio_api/file=/etc/passwd",
        "/assets/../index.html",
        "/static/%2e%2e/%2e%2e/routes.py",
        "/gradio_api/proxy=https://x.hf.space/",
        "/svelte/svelte.js",
        "/gradio_api/startup-events",
        "/monitoring",
        "/docs",
        "/openapi.json",
        "/redoc",
        "/login",
        "/logout",
        "/gradio_api/mcp/sse",
        "/pwa_icon/100000",
        "/config\n",
        "/",
    ],
)
def test_what_the_page_does_not_need_is_closed(open_site: str, path: str) -> None:
    status = raw(open_site, path.replace("\n", "%0a"))[0]
    assert status == (200 if path == "/" else 404)


def test_the_upkeep_page_is_found_without_the_slash(site: str) -> None:
    answer = httpx.get(f"{site}/admin", headers=OTHER)
    assert (answer.status_code, answer.headers["location"]) == (308, "/admin/")
    assert httpx.get(f"{site}/admin", headers=OTHER, follow_redirects=True).status_code == 200


def test_a_websocket_is_closed() -> None:
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    async def receive() -> Message:
        return {"type": "websocket.connect"}

    asyncio.run(Guard(hello)({"type": "websocket", "path": "/", "headers": []}, receive, send))
    assert sent == [{"type": "websocket.close", "code": 1008}]


# What it says


def test_a_refusal_is_a_page_for_people_and_json_for_programs() -> None:
    assert call(Guard(hello), "/x").json() == {"detail": "There is nothing here."}
    page = call(Guard(hello), "/x", headers={"Accept": "text/html,*/*;q=0.8"})
    assert page.headers["content-type"].startswith("text/html")
    assert "<p>There is nothing here.</p>" in page.text
    assert page.headers["cache-control"] == "no-store"


def test_a_fault_tells_nothing_of_this_machine(open_site: str) -> None:
    faults = [httpx.get(f"{open_site}/assets/fails")]
    for body in (
        {"data": ["fail", 5]},
        {"data": [{"path": "/etc/passwd", "meta": {"_type": "gradio.FileData"}}, 5]},
        {"data": 7},
        {"data": []},
        {},
        {"data": ["x"], "fn_index": 99, "session_hash": "s"},
        {"data": [{"__type__": "update"}], "session_hash": "s", "fn_index": "x"},
        [],
    ):
        for path in ("run/search", "run/nothing", "call/search", "call/v2/search", "queue/join"):
            faults.append(httpx.post(f"{open_site}/gradio_api/{path}", json=body))
    faults.append(httpx.get(f"{open_site}/?deep_link=x"))
    for path in ("/config", "/gradio_api/info", "/gradio_api/info?all_endpoints=1", "/admin/config"):
        faults.append(httpx.get(open_site + path))
    assert {500} <= {fault.status_code for fault in faults}
    for fault in faults:
        text = fault.text.replace("/gradio_api/", "").replace("README.md", "")
        if "<html" not in text:
            assert not INSIDE.search(text), f"{fault.request.url}: {INSIDE.search(text)}"


@pytest.mark.parametrize("path", ["/etc/hostname", "pyproject.toml", "http://127.0.0.1:9/x"])
@pytest.mark.parametrize("name", ["search", "ask", "admin"])
def test_a_request_has_no_file_copied_or_fetched(
    site: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, path: str, name: str
) -> None:
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path))
    data = [{"path": path, "meta": {"_type": "gradio.FileData"}}, 5][: 1 + (name == "search")]
    if name == "admin":
        answer = httpx.post(f"{site}/admin/gradio_api/run/take", json={"data": data}, headers=OTHER)
        assert (answer.status_code, answer.json()) == (500, {"error": None})
    else:
        answer = httpx.post(f"{site}/gradio_api/run/{name}", json={"data": data}, headers=SECRET)
        assert answer.status_code == 400
    assert [found for found in tmp_path.rglob("*") if found.is_file()] == []


FILE = '{"path": "/etc/passwd", "meta": {"_type": "gradio.FileData"}}'


@pytest.mark.parametrize(
    ("content", "taken"),
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
def test_a_request_is_data_and_names_no_file(content: str, taken: bool) -> None:
    for encoding in ("utf-8", "utf-16"):
        answer = call(Guard(hello), "/gradio_api/mcp", "POST", content=content.encode(encoding))
        assert answer.status_code == (200 if taken else 400)


def test_a_fault_before_the_answer_is_a_sentence() -> None:
    async def broken(scope: Scope, receive: Receive, send: Send) -> None:
        raise RuntimeError("in /home/x.py")

    answer = call(Guard(broken))
    assert answer.status_code == 500
    assert answer.json() == {"detail": "Something went wrong. Try again."}


# Programs


def test_a_program_asks_with_the_password_and_not_without(site: str) -> None:
    from gradio_client import Client
    from gradio_client.exceptions import AppError

    client = Client(f"{site}/", headers=SECRET, verbose=False)
    endpoints = client.view_api(return_format="dict", print_info=False)["named_endpoints"]
    assert set(endpoints) == {"/search", "/ask", "/queued"}
    assert client.predict("x", 2, api_name="/search") == [{"question": "x", "k": 2}]
    assert client.predict("x", 2, api_name="/queued") == [{"question": "x", "k": 2}]
    with pytest.raises(AppError, match="The question is empty"):
        client.predict("refuse", 2, api_name="/search")
    for headers in ({}, {"Authorization": "Bearer nothing"}):
        with pytest.raises(Exception, match="credentials were not provided"):
            Client(f"{site}/", headers=headers, verbose=False)


def talk(address: str, headers: dict[str, str], what: Callable[[Any], Any]) -> Any:
    """Open an MCP session, do something in it and return what that gives."""
    from mcp import ClientSession
    from mcp.client.streamable_http import streamablehttp_client

    async def session() -> Any:
        url = f"{address}/gradio_api/mcp/"
        async with (
            streamablehttp_client(url, headers) as (read, write, _),
            ClientSession(read, write) as client,
        ):
            await client.initialize()
            return await what(client)

    return asyncio.run(asyncio.wait_for(session(), 20))


def test_an_agent_uses_the_tools_with_the_password_and_not_without(site: str) -> None:
    tools = talk(site, SECRET, lambda client: client.list_tools()).tools
    assert [tool.name for tool in tools] == ["search", "ask", "search_1"]
    assert tools[0].description.startswith("Return the k passages closest to a question, best first.")
    assert tools[1].inputSchema["properties"].keys() == {"question"}, "the request is no argument"

    def use(name: str, **arguments: Any) -> Any:
        return talk(site, SECRET, lambda client: client.call_tool(name, arguments))

    found = use("search", question="x", k=2)
    assert not found.isError
    assert found.content[0].text == "[{'question': 'x', 'k': 2}]", "what str makes of it, not JSON"
    assert "127.0.0.1" in use("ask", question="x").content[0].text, "the request is there"
    refused = use("search", question="refuse")
    assert refused.isError
    assert "The question is empty." in refused.content[0].text
    for headers in ({}, {"Authorization": "Bearer nothing"}):
        with pytest.raises(BaseException):  # noqa: B017 - a group of what the client raised
            talk(site, headers, lambda client: client.list_tools())


# A browser


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    assert BROWSER, "these tests need Chromium: run `make test`, which installs it"
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(
            executable_path=BROWSER, args=["--no-sandbox", "--disable-gpu"]
        )
        yield launched
        launched.close()


WATCH = """window.violations = [];
document.addEventListener('securitypolicyviolation', event =>
    violations.push(`${event.effectiveDirective} ${event.blockedURI}`))"""


@contextmanager
def visit(browser: Any, address: str, password: str) -> Iterator[tuple[Any, list[str]]]:
    credentials = {"username": "anyone", "password": password}
    context = browser.new_context(http_credentials=credentials)
    page = context.new_page()
    complaints: list[str] = []

    def on_console(message: Any) -> None:
        if message.type == "error" and "401" not in message.text:  # before it gives the password
            complaints.append(message.text)

    page.on("console", on_console)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.add_init_script(WATCH)
    page.goto(address)
    yield page, complaints
    context.close()


@pytest.mark.browser
def test_the_page_runs_under_the_policy(browser: Any, site: str) -> None:
    with visit(browser, site, "secret") as (page, complaints):
        page.wait_for_selector("#question textarea")
        page.fill("#question textarea", "<b id=shown>a question</b>")
        page.press("#question textarea", "Enter")
        page.wait_for_selector("#shown")
        page.click("#example")
        page.wait_for_function("document.querySelector('#question textarea').value === 'an example'")
        page.get_by_text("Use via API").click()
        page.wait_for_selector("text=MCP Tools")
        assert page.evaluate("violations") == []
        # The page of the API also asks how long questions took, which is nobody's business.
        assert [text for text in complaints if "404" not in text] == []
        assert len(complaints) <= 1


@pytest.mark.browser
def test_the_page_for_agents_and_the_upkeep_page_run_under_the_policy(browser: Any, site: str) -> None:
    with visit(browser, f"{site}/gradio_api/mcp/", "secret") as (page, complaints):
        page.wait_for_selector(".tab.active")
        assert (page.evaluate("violations"), complaints) == ([], [])
    with visit(browser, f"{site}/admin", "other") as (page, complaints):
        page.set_input_files("#file input", {"name": "a.txt", "mimeType": "", "buffer": b"x" * 2000})
        page.wait_for_selector("#file .file-preview")
        assert (page.evaluate("violations"), complaints) == ([], [])


@pytest.mark.browser
def test_what_gets_into_the_page_does_not_run_and_reaches_no_one(browser: Any, site: str) -> None:
    hostile = (
        "<img src='data:,' onerror='window.hacked=1'><script>window.hacked=2</script><b id=shown>x</b>"
        "<img src='http://evil.example/x.png'><iframe srcdoc='<script>parent.hacked=3</script>'></iframe>"
        "<a id=link href='javascript:window.hacked=4'>x</a><form action='http://evil.example'></form>"
        "<link rel=stylesheet href='http://evil.example/x.css'><svg onload='window.hacked=5'></svg>"
        "<base href='http://evil.example/'><object data='http://evil.example/'></object>"
    )
    with visit(browser, site, "secret") as (page, _):
        reached: list[str] = []
        page.on("requestfinished", lambda request: reached.append(request.url))
        page.wait_for_selector("#question textarea")
        page.fill("#question textarea", hostile)
        page.press("#question textarea", "Enter")
        page.wait_for_selector("#shown")
        page.evaluate("document.querySelector('#link').click()")
        page.evaluate("document.querySelector('#results form').requestSubmit()")
        page.evaluate(
            "document.head.append(Object.assign(document.createElement('script'), {text: 'hacked=6'}))"
        )
        assert page.evaluate("fetch('http://evil.example/').then(() => 'sent', () => 'blocked')") == (
            "blocked"
        )
        page.wait_for_timeout(500)
        assert page.evaluate("window.hacked") is None
        assert [url for url in reached if "evil.example" in url] == []
        seen = {entry.split()[0] for entry in page.evaluate("violations")}
        assert {"script-src-attr", "script-src-elem", "img-src", "connect-src", "form-action"} <= seen


@pytest.mark.browser
def test_the_policy_is_needed_as_it_is(browser: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Should Gradio stop compiling templates, what allows it is to go."""
    stricter = responses._PAGE.replace(" 'unsafe-eval'", "")
    assert stricter != responses._PAGE
    monkeypatch.setattr(responses, "_PAGE", stricter)
    with (
        serve(Guard(build())) as address,
        visit(browser, address, "-") as (page, _),
    ):
        for _ in range(100):
            if page.evaluate("violations"):
                break
            page.wait_for_timeout(100)
        assert "script-src eval" in page.evaluate("violations")

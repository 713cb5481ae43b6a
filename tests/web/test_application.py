"""The application as a whole: which password opens what, and what no response discloses."""

from __future__ import annotations

import base64
import json
import re
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import fastapi
import httpx
import pytest
from support.browser import served
from support.clients import ADMIN_SECRET, MACHINE, SECRET, call_tool, mcp_session, send
from support.doubles import HashEncoder

import app
import rag
from rag.types import Answer, Hit
from rag.web import page as page_module
from rag.web.application import Service, application, mount
from rag.web.site import Site

BASIC = {"Authorization": f"Basic {base64.b64encode(b'anyone:secret').decode()}"}
PATHS = [
    "", "archive", "programs", "config", "page.js", "page.css", "theme.css", "manifest.json", "favicon.ico", "robots.txt",
    "gradio_api/info", "gradio_api/openapi.json", "gradio_api/app_id", "gradio_api/heartbeat/s",
    "gradio_api/queue/data?session_hash=s", "gradio_api/mcp/", "gradio_api/mcp/schema", "nothing",
]  # fmt: skip
POSTED = ["run/ask", "call/ask", "call/v2/ask", "queue/join", "cancel", "reset", "mcp/"]


def status(address: str, method: str, path: str, headers: dict[str, str]) -> int:
    body = {"data": []} if method == "POST" else None
    with httpx.stream(method, address + path, headers=headers, json=body, timeout=20) as response:
        return response.status_code


def assets(page: str) -> list[str]:
    return re.findall(r'(?:src|href)="\./(assets/[^"]+)"', page)


def test_password_opens_everything_and_nothing_opens_without(locked_site: str) -> None:
    own_assets = assets(httpx.get(locked_site, headers=SECRET).text)
    assert own_assets
    requests = [("GET", path) for path in [*PATHS, *own_assets]]
    requests += [("POST", f"gradio_api/{path}") for path in POSTED]
    for method, path in requests:
        for wrong in ({}, {"Cookie": "password=secret"}):
            assert status(locked_site, method, path, wrong) == 401, path
        for right in (SECRET, BASIC):
            assert status(locked_site, method, path, right) != 401, path
    for wrong in (ADMIN_SECRET, {"Authorization": "Bearer Secret"}):
        visitor = {"X-Forwarded-For": "203.0.113.99"}  # too many wrong passwords lock an address out
        assert status(locked_site, "GET", "config", wrong | visitor) == 401
    assert json.loads(call_tool(locked_site, "search", SECRET, question="朝鲜", k=1).content[0].text)
    assert json.loads(call_tool(locked_site, "search", BASIC, question="朝鲜", k=1).content[0].text)
    with pytest.raises(BaseException):  # noqa: B017 - a group of the client's errors
        mcp_session(locked_site, lambda session: session.list_tools())


def test_each_password_opens_its_own_part(locked_site: str) -> None:
    page = httpx.get(f"{locked_site}admin/", headers=ADMIN_SECRET).text
    paths = ["", "page.js", "config", "theme.css", "favicon.ico", "gradio_api/info", *assets(page)]
    for number, path in enumerate(paths):
        visitor = {"X-Forwarded-For": f"203.0.113.{number}"}  # see above
        assert status(locked_site, "GET", f"admin/{path}", ADMIN_SECRET | visitor) == 200, path
        assert status(locked_site, "GET", f"admin/{path}", SECRET | visitor) == 401, path
        assert status(locked_site, "GET", path, ADMIN_SECRET | visitor) == 401, path


def test_admin_password_alone_leaves_the_page_open(site: str) -> None:
    assert [status(site, "GET", path, {}) for path in ("", "admin/")] == [200, 401]
    assert status(site, "POST", "admin/gradio_api/upload", {}) == 401


@pytest.mark.parametrize("has_admin", [False, True])
def test_no_response_names_a_file_of_this_machine(
    site: str, empty_seeds: Path, has_admin: bool
) -> None:
    paths = [path for path in PATHS if "heartbeat" not in path and "queue/data" not in path]
    paths += ["?view=api", "?__theme=dark", "?deep_link=x", "gradio_api/info?all_endpoints=true"]
    paths += ["config?deep_link=x", "gradio_api/heartbeat/", "gradio_api/file=/etc/passwd"]
    prefix, headers = ("admin/", ADMIN_SECRET) if has_admin else ("", {})
    responses = [httpx.get(f"{site}{prefix}{path}", headers=headers) for path in paths]
    assert sum(response.status_code == 200 for response in responses) > 10
    for response in responses:
        text = re.sub(r"https?://[^\s\"'<]*", "", response.text).replace("README.md", "")
        match = MACHINE.search(text)
        assert not match, f"{response.url}: {text[max(0, match.start() - 80) : match.end() + 80]}"
        assert str(empty_seeds) not in response.text


# Many users at once

SECONDS = 20.0
TOGETHER = 4


class Meeting:
    """A reader that answers once `TOGETHER` questions are being read at the same time."""

    def __init__(self) -> None:
        self._barrier = threading.Barrier(TOGETHER, timeout=SECONDS)

    def read(self, question: str, hits: Sequence[Hit]) -> Answer:
        self._barrier.wait()
        return Answer(question, "", None, 0, 0, 0.0, tuple(hits))


def queued(address: str, session: str) -> str:
    """Call `/ask` by the queue as gradio_client does, and return the stream of events."""
    with httpx.Client(base_url=f"{address}gradio_api/", timeout=2 * SECONDS) as client:
        events = httpx.get(f"{address}config").json()["dependencies"]
        (number,) = (event["id"] for event in events if event["api_name"] == "ask")
        body = {"data": ["集装箱"] + 4 * [None], "fn_index": number, "session_hash": session}
        client.post("queue/join", json=body).raise_for_status()
        return client.get("queue/data", params={"session_hash": session}).text


def test_queue_answers_programs_concurrently(index: Path) -> None:
    assistant = rag.load(index, HashEncoder(), Meeting())
    with served(assistant) as address, ThreadPoolExecutor(TOGETHER) as pool:
        for stream in pool.map(queued, TOGETHER * [address], map(str, range(TOGETHER))):
            assert '"success":true' in stream


def test_gradio_keeps_few_sessions_and_no_statistics(small: rag.Assistant) -> None:
    page: Any = page_module.build_page(Site(small))
    mount(fastapi.FastAPI(), page, "/")
    sessions = page.state_session_capacity
    assert 0 < sessions <= 1000, "Gradio's own default is 10,000"
    for number in range(sessions + 20):
        assert page.state_holder[f"session {number}"]
    assert len(page.state_holder.session_data) == sessions
    assert page._queue.ANALYTICS_MAX_EVENTS == 1, "Gradio has no public way to tell"
    assert page._queue.ANAYLTICS_CACHE_FREQUENCY > 10**9
    assert not page._queue.live_updates


def test_build_of_app_is_a_page_that_another_program_can_mount(small: rag.Assistant) -> None:
    page = app.build(small)
    parent = fastapi.FastAPI()
    mount(parent, page, "/news")
    config = send(parent, "/news/config").json()
    assert config["title"] == "News archive"
    public = [
        event["api_name"] for event in config["dependencies"] if event["api_visibility"] == "public"
    ]
    assert public == ["search", "ask", "get_article"]


def test_pages_and_prompts_bear_the_title_of_the_service(small: rag.Assistant) -> None:
    guarded = application(
        small, Service(title="Harbour News", password="secret", admin_password="other")
    )
    prompt = send(guarded, "/", headers={"Accept": "text/html"})
    assert prompt.headers["www-authenticate"].startswith('Basic realm="Harbour News"')
    assert "Harbour News</a></h1>" in prompt.text
    for path, headers in (("/archive", SECRET), ("/", SECRET), ("/admin/", ADMIN_SECRET)):
        page = send(guarded, path, headers=headers).text
        assert re.search(r"<title>(?:[\w ]+ · )?Harbour News</title>", page), path

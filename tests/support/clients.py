"""Clients of a server: HTTP, raw sockets, gradio_client, MCP."""

from __future__ import annotations

import asyncio
import json
import re
import socket
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import httpx

T = TypeVar("T")

SECRET = {"Authorization": "Bearer secret"}
"""The password of the page of `locked_site`."""
ADMIN_SECRET = {"Authorization": "Bearer other"}
"""The password of its admin page."""
MACHINE = re.compile(r"site-packages|Traceback|/(?:work|tmp|root|home|usr|var)/|\.py\b")
"""Matches what a response must not disclose of this machine."""


def run(coroutine: Coroutine[Any, Any, T]) -> T:
    """Await a coroutine in a thread of its own: Playwright keeps an event loop running in this one."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, asyncio.wait_for(coroutine, 60)).result()


def send(app: Any, path: str = "/", method: str = "GET", **options: Any) -> httpx.Response:
    """Send a request to an ASGI app, from `address`, with the path unchanged."""
    address = options.pop("address", "127.0.0.1")

    async def request() -> httpx.Response:
        transport = httpx.ASGITransport(app, raise_app_exceptions=False, client=(address, 5000))
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost:7860") as client:
            return await client.request(method, path, **options)

    return run(request())


def send_raw(address: str, request: str) -> tuple[int, str]:
    """Send a request as it is, and return the status and the text of the response."""
    url = httpx.URL(address)
    assert url.port
    with socket.create_connection((url.host, url.port), timeout=20) as connection:
        connection.sendall(request.replace("\n", "\r\n").encode("latin-1"))
        answer = b"".join(iter(lambda: connection.recv(65536), b""))
    head, _, text = answer.partition(b"\r\n\r\n")
    return int(head.split()[1]), text.decode("utf-8", "replace")


def get_raw(address: str, target: str) -> tuple[int, str]:
    """Get a target that no client has normalised."""
    return send_raw(address, f"GET {target} HTTP/1.1\nHost: localhost\nConnection: close\n\n")


def call(address: str, name: str, *data: Any, **options: Any) -> httpx.Response:
    """Call an endpoint by one POST."""
    url = f"{address}gradio_api/run/{name}"
    return httpx.post(url, json={"data": list(data)}, timeout=60, **options)


def queue(address: str, name: str, data: list[Any], **options: Any) -> tuple[int, Any]:
    """Start an event as the page's script does, and return its status and its outcome.

    An event may change its outputs one after the other: the data are their last values.
    """
    events = httpx.get(f"{address}config", **options).json()["dependencies"]
    number = next(event["id"] for event in events if event["api_name"] == name)
    body = {"data": data, "fn_index": number, "session_hash": "s"}
    joined = httpx.post(f"{address}gradio_api/queue/join", json=body, **options)
    if joined.status_code != 200:
        return joined.status_code, joined.text
    url = f"{address}gradio_api/queue/data?session_hash=s"
    with httpx.stream("GET", url, timeout=60, **options) as stream:
        first: list[Any] = []
        for line in stream.iter_lines():
            if not line.startswith("data:"):
                continue
            message = json.loads(line.removeprefix("data:"))
            if message["msg"] == "process_generating":
                first = first or message["output"]["data"]
            if message["msg"] == "process_completed":
                outcome = message["output"]
                pairs = zip(outcome.get("data", []), first, strict=False)
                values = [before if _is_unchanged(value) else value for value, before in pairs]
                return 200, {**outcome, "data": values} if values else outcome
    raise AssertionError(f"{name} did not complete")


def _is_unchanged(value: Any) -> bool:
    return isinstance(value, dict) and value.get("__type__") == "update"


def gradio_client(address: str, headers: dict[str, str] | None = None) -> Any:
    from gradio_client import Client

    return Client(address, headers=headers, verbose=False)


def mcp_session(
    address: str, action: Callable[[Any], Any], headers: dict[str, str] | None = None
) -> Any:
    """Open an MCP session, await an action in it and return its result."""
    from mcp import ClientSession
    from mcp.client.streamable_http import streamable_http_client

    async def session() -> Any:
        url = f"{address}gradio_api/mcp/"
        async with (
            httpx.AsyncClient(headers=headers, timeout=30) as client,
            streamable_http_client(url, http_client=client) as (read, write, _),
            ClientSession(read, write) as opened,
        ):
            await opened.initialize()
            return await action(opened)

    return run(session())


def call_tool(address: str, name: str, headers: dict[str, str] | None = None, **arguments: Any) -> Any:
    return mcp_session(address, lambda session: session.call_tool(name, arguments), headers)

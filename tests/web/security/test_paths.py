"""Which paths are open, and that no spelling of a path evades the password."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.routing import Mount, Route
from support.clients import ADMIN_SECRET, SECRET, get_raw

import rag
from rag.web.application import Service, application

SPELLINGS = [
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


@pytest.mark.parametrize("target", SPELLINGS)
def test_no_spelling_of_a_path_evades_the_admin_password(site: str, target: str) -> None:
    status, text = get_raw(site, target)
    assert status in (400, 401, 404), text
    assert "components" not in text


def routes(app: Any, prefix: str = "") -> Iterator[tuple[str, str]]:
    """Yield every method and path that an app routes, with its parameters filled in."""
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
GET /pwa_icon/192  GET /queue/data  GET /robots.txt  GET /static/x  GET /theme.css  HEAD /  GET /page.js
POST /call/ask  POST /call/ask/  POST /call/v2/ask  POST /call/v2/ask/  POST /cancel  POST /queue/join
POST /reset  POST /reset/  POST /run/ask  POST /run/ask/
"""
ARCHIVE = {"GET /archive", "GET /page.css", "GET /programs"}
ARTICLES = {"GET /articles", "GET /article/x"}
TAKEN_ALONG = {f"GET /{name}" for name in "export.bib export.csv export.json export.ris feed".split()}
AID = {f"GET /dictionary{ending}" for ending in ("", ".css", ".html", ".js")}
FEEDBACK = {"GET /feedback", "POST /feedback"}
MCP = {"GET /mcp/", "POST /mcp/", "GET /mcp/schema", "HEAD /mcp/schema"}
UPLOAD = {"POST /admin/upload", "GET /admin/upload_progress"}


def test_every_route_needs_its_password_and_few_are_open(
    small: rag.Assistant, empty_seeds: Path, locked_site: str
) -> None:
    guarded: Any = application(
        small, Service(mcp=True, admin_password="other", password="secret", seeds=empty_seeds)
    )
    all_routes = sorted(set(routes(guarded.app)))
    assert len(all_routes) > 100
    opened = set()
    with httpx.Client(base_url=locked_site, timeout=20) as client:
        for method, path in all_routes:
            for headers in ({}, {"Cookie": "access-token-x=1"}, {"Authorization": "Digest secret"}):
                response = client.request(method, path, headers=headers)
                assert response.status_code == 401, f"{method} {path}"
            own = ADMIN_SECRET if path.startswith("/admin") else SECRET
            response = client.send(client.build_request(method, path, headers=own), stream=True)
            is_closed = response.status_code == 404 and (
                method == "HEAD" or '"not-found"' in response.read().decode()
            )
            response.close()
            if not is_closed:
                opened.add(f"{method} {path.replace('/gradio_api', '')}")
    everywhere = set(re.findall(r"\w+ /\S*", OPEN))
    below_admin = {entry.replace(" ", " /admin") for entry in everywhere}
    assert (
        opened
        == everywhere | ARCHIVE | ARTICLES | AID | FEEDBACK | TAKEN_ALONG | MCP | below_admin | UPLOAD
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
        "/config%0a",
        "/",
    ],
)
def test_paths_that_the_page_does_not_need_are_closed(site: str, path: str) -> None:
    assert get_raw(site, path)[0] == (200 if path == "/" else 401 if "admin" in path else 404)


def test_closed_path_below_admin_is_closed_with_the_password_too(site: str) -> None:
    response = httpx.get(f"{site}admin/gradio_api/file=/etc/passwd", headers=ADMIN_SECRET)
    assert (response.status_code, response.json()["code"]) == (404, "not-found")


def test_admin_page_without_slash_redirects(locked_site: str) -> None:
    response = httpx.get(f"{locked_site}admin", headers=ADMIN_SECRET)
    assert (response.status_code, response.headers["location"]) == (308, "/admin/")
    followed = httpx.get(f"{locked_site}admin", headers=ADMIN_SECRET, follow_redirects=True)
    assert followed.status_code == 200

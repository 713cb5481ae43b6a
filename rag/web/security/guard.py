"""Checks every request before it reaches Gradio: host, password, origin, path, size, shape, rate limit.

Gradio itself answers on many paths that nobody needs.
"""

from __future__ import annotations

import ipaddress
import json
import math
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from rag.errors import TooManyQuestions
from rag.web.security.gradio_routes import GradioRoutes
from rag.web.security.passwords import PasswordCheck
from rag.web.security.paths import PAGES, is_open, longest_prefix, prefix
from rag.web.security.rate_limit import RateLimiter
from rag.web.security.responses import EditPage, GuardedResponse, LimitedBody, Refusal

MAX_BYTES = 1_000_000
"""Size of a request to the page or the API."""
_HOST = re.compile(r"(?a)(?:\[([0-9a-f:.]+)\]|([\w.-]+))(?::[0-9]+)?")
# Gradio trusts these headers when it builds addresses: dropped to prevent host-header injection.
_UNTRUSTED = {b"x-forwarded-host", b"x-gradio-server"}


@dataclass(frozen=True, slots=True)
class _Target:
    """Where a request goes: the app's prefix, the path below it, the size limit of the body."""

    prefix: str
    path: str
    max_bytes: int
    takes_uploads: bool


class Guard:
    """Serves an ASGI app to permitted requests, and of the app only what the page and its API need.

    `hosts` are the host names accepted besides loopback; None accepts any. Leave it empty on loopback
    servers: it prevents DNS rebinding. `passwords` maps prefixes of paths to passwords; the longest
    matching prefix counts. `uploads` maps the prefix of an app that takes files to the size limit of
    its requests, in bytes; other requests are JSON of up to `max_bytes` that names no file. `limiter`
    limits the questions of each address; `routes` tells which requests are questions. `edit_page`
    changes a page before it is sent; `title` is the name of the archive in prompts and refusals.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        hosts: Collection[str] | None = (),
        passwords: Mapping[str, str] | None = None,
        uploads: Mapping[str, int] | None = None,
        max_bytes: int = MAX_BYTES,
        limiter: RateLimiter | None = None,
        routes: GradioRoutes | None = None,
        edit_page: EditPage = lambda _, page: page,
        title: str = "",
    ) -> None:
        self.app = app
        self._hosts = None if hosts is None else {host.lower() for host in hosts}
        self._passwords = PasswordCheck(passwords or {}, title)
        self._uploads = {prefix(path): limit for path, limit in (uploads or {}).items()}
        self._max_bytes = max_bytes
        self._limiter = limiter or RateLimiter(0, 60)
        self._routes = routes
        self._edit_page = edit_page
        self._title = title

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, or refuse it."""
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
        else:
            request = Request(scope)
            target = self._target(scope["path"])
            response = GuardedResponse(request, send, self._edit_page, self._title)
            if refusal := self._refusal(request, target):
                await response.refuse(refusal)
            else:
                await self._serve(request, target, receive, response)

    async def _serve(
        self, request: Request, target: _Target, receive: Receive, response: GuardedResponse
    ) -> None:
        body = LimitedBody(receive, target.max_bytes, response.silence)
        try:
            if request.method == "POST" and not target.takes_uploads:
                content = await body.read()
                if not body.too_large and (refusal := self._content_refusal(request, content)):
                    await response.refuse(refusal)
                elif self._routes and not body.too_large:
                    body.replace(self._routes.completed(request.scope["path"], content))
            if not response.refused:
                await self.app(_forwarded(request.scope, target), body.receive, response.send)
        except Exception:
            if not body.too_large:
                await response.refuse(Refusal(500, "failed"))
                raise
        if body.too_large:
            await response.refuse(_too_large(target))

    def _target(self, path: str) -> _Target:
        if match := longest_prefix(self._uploads, path):
            matched, limit = match
            return _Target(matched, path.removeprefix(matched), limit, takes_uploads=True)
        return _Target("", path, self._max_bytes, takes_uploads=False)

    def _refusal(self, request: Request, target: _Target) -> Refusal | None:
        return (
            self._host_refusal(request)
            or self._passwords.refusal(request, request.scope["path"], _address(request))
            or _cross_site_refusal(request)
            or _path_refusal(request, target)
            or _size_refusal(request, target)
        )

    def _host_refusal(self, request: Request) -> Refusal | None:
        if self._hosts is None:
            return None
        hosts = [_host_name(host) for host in request.headers.getlist("host")]
        if len(hosts) == 1 and (is_loopback(hosts[0]) or hosts[0] in self._hosts):
            return None
        return Refusal(421, "host-unknown")

    def _content_refusal(self, request: Request, content: bytes) -> Refusal | None:
        """Refuse a malformed request, or a question beyond the rate limit.

        The page counts its own questions, and shows the message itself.
        """
        try:
            body = json.loads(content, object_pairs_hook=_without_file)
        except (ValueError, RecursionError):
            return Refusal(400, "not-json")
        if self._routes is None:
            return None
        path = request.scope["path"]
        if refusal := self._routes.refusal(path, body):
            return refusal
        if self._routes.is_question(path, body):
            try:
                self._limiter.ask(_address(request))
            except TooManyQuestions as error:
                wait = math.ceil(self._limiter.wait(_address(request)))
                return self._routes.rate_limited(path, body, error, wait)
        return None


def is_loopback(host: str) -> bool:
    """Whether a host name or address is that of this machine itself."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _forwarded(scope: Scope, target: _Target) -> Scope:
    headers = [pair for pair in scope["headers"] if pair[0] not in _UNTRUSTED]
    if target.path not in PAGES:
        return {**scope, "headers": headers}
    # Our script reads the query of a page; Gradio fails at names that it uses itself (`page`).
    return {**scope, "headers": headers, "query_string": b""}


def _cross_site_refusal(request: Request) -> Refusal | None:
    """Refuse what a page of another site makes a visitor's browser send."""
    if request.method in ("GET", "HEAD"):
        return None
    origin, site = request.headers.get("origin"), request.headers.get("sec-fetch-site")
    if site in (None, "same-origin", "none"):
        host = request.headers.get("host", "").lower()
        if origin is None or origin.partition("://")[2].lower() == host:
            return None
        # A browser sends this origin because our pages send no referrer.
        if origin == "null" and site == "same-origin":
            return None
    return Refusal(403, "cross-site")


def _path_refusal(request: Request, target: _Target) -> Refusal | None:
    if target.takes_uploads and not target.path:
        path = f"{target.prefix}/"
        return Refusal(308, "moved", {"path": path}, {"location": path})
    if is_open(request.method, target.path, takes_uploads=target.takes_uploads):
        return None
    return Refusal(404, "not-found")


def _size_refusal(request: Request, target: _Target) -> Refusal | None:
    announced = int(request.headers.get("content-length") or 0)
    return _too_large(target) if announced > target.max_bytes else None


def _too_large(target: _Target) -> Refusal:
    return Refusal(413, "too-large", {"limit": target.max_bytes}, {"connection": "close"})


def _without_file(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Refuse an object that names a file: Gradio copies or fetches the file unasked."""
    if ("_type", "gradio.FileData") in pairs:
        raise ValueError("the request names a file")
    return dict(pairs)


def _address(request: Request) -> str:
    return request.client.host if request.client else ""


def _host_name(host: str) -> str:
    match = _HOST.fullmatch(host.lower())
    return (match[1] or match[2]).rstrip(".") if match else ""

"""Responses with security headers, refusals, and request bodies within a limit, as ASGI."""

from __future__ import annotations

import base64
import gzip
import hashlib
import re
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.types import Message, Receive, Send

from rag.i18n.translator import Translator
from rag.web.rendering import render
from rag.web.request_language import translator_of

_DATA_POLICY = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
"""Content-Security-Policy of responses that are not pages, in case a browser renders one anyway."""
_REFUSAL_POLICY = f"{_DATA_POLICY}; style-src 'unsafe-inline'"
# Gradio compiles js= and the templates of gr.HTML with Function, and sets styles in attributes.
_PAGE_POLICY = (
    "default-src 'none'; script-src 'self' 'unsafe-eval'{hashes}; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; font-src 'self' data:; connect-src 'self'; manifest-src 'self'; "
    "base-uri 'self'; form-action 'self'; frame-ancestors 'none'"
)
_UNUSED = "accelerometer camera display-capture geolocation gyroscope microphone midi payment usb"
_SECURITY_HEADERS = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "permissions-policy": ", ".join(f"{name}=()" for name in _UNUSED.split()),
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}
_GZIP_LEVEL, _GZIP_FORMAT = 6, 31
_INLINE_SCRIPT = re.compile(rb"<script(?![^>]*\ssrc=)[^>]*>(.*?)</script>", re.DOTALL)


EditPage = Callable[[Request, bytes], bytes]
"""Makes the page that is sent for a request from the page of the app."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a request is refused: an HTTP status, a code and its parameters.

    The code names a message in a section of the catalogues. `to_json`, if given, makes the JSON body
    from that message.
    """

    status: int
    code: str
    parameters: Mapping[str, object] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    section: str = "http"
    to_json: Callable[[str], dict[str, Any]] | None = None

    def response(self, request: Request, title: str = "") -> Response:
        """Return a page for browsers and JSON for programs, in the language of the request.

        The page bears the name of the archive: `title`, or the usual one.
        """
        translate = translator_of(request)
        detail = translate(f"{self.section}.{self.code}", **self.parameters)
        headers = {"cache-control": "no-store", **self.headers}
        if "text/html" in request.headers.get("accept", ""):
            return HTMLResponse(self._page(detail, title, translate), self.status, headers)
        return JSONResponse(self._content(detail), self.status, headers)

    def _page(self, detail: str, title: str, translate: Translator) -> str:
        name = title or translate("page.name")
        return render("refusal.html", translate, status=self.status, detail=detail, name=name)

    def _content(self, detail: str) -> dict[str, Any]:
        return self.to_json(detail) if self.to_json else {"detail": detail, "code": self.code}


class GuardedResponse:
    """Sends the response of an app with the security headers, or a refusal instead.

    `edit_page` changes a page before it is sent; `title` is the name of the archive in a refusal.
    """

    def __init__(
        self, request: Request, send: Send, edit_page: EditPage = lambda _, page: page, title: str = ""
    ) -> None:
        self.refused = False
        self._edit_page = edit_page
        self._title = title
        self._started = False
        self._request = request
        self._send = send
        self._page_start: Message | None = None
        self._page = b""
        self._compressor: Any = None

    async def send(self, message: Message) -> None:
        """Pass on a message of the app.

        A page waits for its end, because its policy contains the hashes of its scripts.
        """
        if self.refused:
            return
        if message["type"] == "http.response.start":
            if _is_plain_page(message):
                self._page_start = message
            else:
                await self._start(self._compressed_stream(message), _DATA_POLICY)
        elif self._page_start is None:
            await self._send(self._compressed_event(message) if self._compressor else message)
        else:
            self._page += message.get("body", b"")
            if not message.get("more_body"):
                await self._send_page(self._page_start)

    async def refuse(self, refusal: Refusal) -> None:
        """Send a refusal, unless the response has begun."""
        if self._started:
            return
        self.silence()

        async def send(message: Message) -> None:
            if message["type"] == "http.response.start":
                await self._start(message, _REFUSAL_POLICY)
            else:
                await self._send(message)

        response = refusal.response(self._request, self._title)
        await response(self._request.scope, self._request.receive, send)

    def silence(self) -> None:
        """Drop everything that the app sends from now on, unless the response has begun."""
        self.refused = not self._started

    def _compressed_stream(self, start: Message) -> Message:
        """Return the start of a response, which is compressed from now on if it is a stream of events.

        Results reach the page as such a stream, which Starlette leaves as it is.
        """
        headers = _lower_case(start)
        if not headers.get("content-type", "").startswith("text/event-stream"):
            return start
        headers.add_vary_header("accept-encoding")
        if self._accepts_gzip and "content-encoding" not in headers:
            headers["content-encoding"] = "gzip"
            self._compressor = zlib.compressobj(_GZIP_LEVEL, wbits=_GZIP_FORMAT)
        return {**start, "headers": headers.raw}

    def _compressed_event(self, message: Message) -> Message:
        body = self._compressor.compress(message.get("body", b""))
        end = zlib.Z_SYNC_FLUSH if message.get("more_body") else zlib.Z_FINISH
        return {**message, "body": body + self._compressor.flush(end)}

    @property
    def _accepts_gzip(self) -> bool:
        return "gzip" in self._request.headers.get("accept-encoding", "")

    async def _send_page(self, start: Message) -> None:
        page = self._edit_page(self._request, self._page)
        policy = page_policy(page)
        headers = _lower_case(start)
        headers.add_vary_header("accept-encoding")
        if self._accepts_gzip:
            page = gzip.compress(page, _GZIP_LEVEL)
            headers["content-encoding"] = "gzip"
        headers["content-length"] = str(len(page))
        await self._start({**start, "headers": headers.raw}, policy)
        await self._send({"type": "http.response.body", "body": page})

    async def _start(self, message: Message, policy: str) -> None:
        self._started = True
        headers = _lower_case(message)
        # Gradio lets every site read the responses of a named host, by the password of the browser.
        cross_site = [name for name in headers if name.startswith("access-control-")]
        for name in ("server", *cross_site, *_SECURITY_HEADERS):
            del headers[name]
        headers.update(_SECURITY_HEADERS)
        headers["content-security-policy"] = policy
        await self._send({**message, "headers": headers.raw})


class LimitedBody:
    """The body of a request, up to a number of bytes; then it calls `on_too_large` and ends."""

    def __init__(self, receive: Receive, limit: int, on_too_large: Callable[[], None]) -> None:
        self.too_large = False
        self._on_too_large = on_too_large
        self._receive = receive
        self._bytes_left = limit
        self._whole: Message | None = None

    async def read(self) -> bytes:
        """Return the whole body; `receive` then returns it again, in one message."""
        parts, more = [], True
        while more:
            message = await self.receive()
            parts.append(message.get("body", b""))
            more = message.get("more_body", False)
        content = b"".join(parts)
        self.replace(content)
        return content

    def replace(self, content: bytes) -> None:
        """Let `receive` return another body, in one message."""
        self._whole = {"type": "http.request", "body": content}

    async def receive(self) -> Message:
        """Return the next message, or a disconnect where the body becomes too large."""
        if self._whole:
            message, self._whole = self._whole, None
            return message
        if not self.too_large:
            message = await self._receive()
            self._bytes_left -= len(message.get("body", b""))
            if self._bytes_left >= 0:
                return message
            self.too_large = True
            self._on_too_large()
        return {"type": "http.disconnect"}


def page_policy(page: bytes) -> str:
    """Return the Content-Security-Policy that allows the scripts of a page of Gradio and no others.

    No request to another host is allowed. Gradio writes data into its scripts as JSON with `<` escaped,
    so data cannot become a script of its own.
    """
    digests = (hashlib.sha256(script).digest() for script in _INLINE_SCRIPT.findall(page))
    hashes = (f" 'sha256-{base64.b64encode(digest).decode()}'" for digest in digests)
    return _PAGE_POLICY.format(hashes="".join(hashes))


def _is_plain_page(start: Message) -> bool:
    headers = _lower_case(start)
    is_page = headers.get("content-type", "").startswith("text/html")
    return is_page and "content-encoding" not in headers


def _lower_case(start: Message) -> MutableHeaders:
    return MutableHeaders(raw=[(name.lower(), value) for name, value in start["headers"]])

"""One request, its body and its answer, as plain ASGI (https://asgi.readthedocs.io)."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass, field
from html import escape
from typing import Any

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]
Headers = list[tuple[bytes, bytes]]

# What is not a page may do nothing, should a browser ever take it for one.
_NOTHING = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
# Gradio compiles js= and the templates of gr.HTML with Function, and sets styles in attributes.
_PAGE = (
    "default-src 'none'; script-src 'self' 'unsafe-eval'{hashes}; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; font-src 'self' data:; connect-src 'self'; manifest-src 'self'; "
    "base-uri 'self'; form-action 'self'; frame-ancestors 'none'"
)
_UNUSED = "accelerometer camera display-capture geolocation gyroscope microphone midi payment usb"
_HEADERS: Headers = [
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"permissions-policy", ", ".join(f"{name}=()" for name in _UNUSED.split()).encode()),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
]
# Ours comes first, because Gradio looks for the language of the page as soon as it starts.
_OURS, _FIRST = b"window.gradio_config", b'<script src="page.js"></script>'
_SCRIPT = re.compile(rb"<script(?![^>]*\ssrc=)[^>]*>(.*?)</script>", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Request:
    """What is known of a request before its body is read; the path is the one that apps route by."""

    method: str
    path: str
    address: str
    headers: Headers

    @classmethod
    def of(cls, scope: Scope) -> Request:
        """Read it from a scope of the type http."""
        address = (scope.get("client") or ("",))[0]
        return cls(scope["method"], scope["path"], address, scope["headers"])

    def all(self, name: bytes) -> list[bytes]:
        """Every value of a header, its name in small letters."""
        return [value for key, value in self.headers if key == name]

    def first(self, name: bytes) -> bytes | None:
        """The first value of a header, None if there is none."""
        return next(iter(self.all(name)), None)


@dataclass(frozen=True, slots=True)
class Refusal:
    """A status and a plain sentence that says why, with the headers that go with it.

    A program is told it as `content`, JSON that holds nothing but the sentence unless it is given.
    """

    status: int
    detail: str
    headers: Headers = field(default_factory=list)
    content: dict[str, Any] | None = None

    def body(self, as_page: bool) -> tuple[bytes, bytes]:
        """Its type and its text: JSON for programs, a page for people."""
        if not as_page:
            return b"application/json", json.dumps(self.content or {"detail": self.detail}).encode()
        page = (
            '<!doctype html><html lang="en"><meta charset="utf-8">'
            '<meta name="viewport" content="width=device-width">'
            f"<title>{self.status}</title><p>{escape(self.detail)}</p></html>"
        )
        return b"text/html; charset=utf-8", page.encode()


class Answer:
    """Sends what an app answers with the headers that every answer has; or a refusal in its stead."""

    def __init__(self, request: Request, send: Send) -> None:
        self.started = False
        self._request = request
        self._send = send
        self._page: Message | None = None
        self._text = b""
        self.refused = False

    async def send(self, message: Message) -> None:
        """Pass a message on; those of a page wait for its end, because the scripts in it are named."""
        if self.refused:
            return
        if message["type"] == "http.response.start":
            headers = dict(message["headers"])
            page = headers.get(b"content-type", b"").startswith(b"text/html")
            if page and b"content-encoding" not in headers:
                self._page = message
            else:
                await self._start(message, _NOTHING)
        elif self._page is None:
            await self._send(message)
        else:
            self._text += message.get("body", b"")
            if not message.get("more_body"):
                if _OURS in self._text:
                    self._text = self._text.replace(b"<head>", b"<head>" + _FIRST, 1)
                kept = [pair for pair in self._page["headers"] if pair[0] != b"content-length"]
                length = (b"content-length", str(len(self._text)).encode())
                page = {**self._page, "headers": [*kept, length]}
                await self._start(page, page_policy(self._text))
                await self._send({"type": "http.response.body", "body": self._text})

    def silence(self) -> None:
        """Let through no more of what the app answers; it has been, or will be, refused."""
        self.refused = not self.started

    async def refuse(self, refusal: Refusal) -> None:
        """Send a refusal, unless the answer has begun."""
        if self.started:
            return
        self.silence()
        as_page = b"text/html" in (self._request.first(b"accept") or b"")
        kind, body = refusal.body(as_page)
        headers = [
            (b"content-type", kind),
            (b"content-length", str(len(body)).encode()),
            (b"cache-control", b"no-store"),
            *refusal.headers,
        ]
        start = {"type": "http.response.start", "status": refusal.status, "headers": headers}
        await self._start(start, _NOTHING)
        await self._send({"type": "http.response.body", "body": body})

    async def _start(self, message: Message, policy: str) -> None:
        self.started = True
        kept = [pair for pair in message["headers"] if not _is_dropped(pair[0].lower())]
        secure = [*_HEADERS, (b"content-security-policy", policy.encode())]
        await self._send({**message, "headers": [*kept, *secure]})


class Body:
    """The body of a request, as far as it is allowed to go on."""

    def __init__(self, receive: Receive, most: int, break_off: Callable[[], None]) -> None:
        self.too_large = False
        self._break_off = break_off
        self._receive = receive
        self._left = most
        self._read: Message | None = None

    async def read(self) -> bytes:
        """Read all of it, which is then received in one piece."""
        pieces, more = [], True
        while more:
            message = await self.receive()
            pieces.append(message.get("body", b""))
            more = message.get("more_body", False)
        content = b"".join(pieces)
        self._read = {"type": "http.request", "body": content}
        return content

    async def receive(self) -> Message:
        """Pass a message on; where the body becomes too large it breaks off."""
        if self._read:
            message, self._read = self._read, None
            return message
        if not self.too_large:
            message = await self._receive()
            self._left -= len(message.get("body", b""))
            if self._left >= 0:
                return message
            self.too_large = True
            self._break_off()
        return {"type": "http.disconnect"}


def page_policy(page: bytes) -> str:
    """The Content-Security-Policy under which a page of Gradio runs with the scripts it came with.

    Whatever else gets into it later does not run, and nothing is asked of another host. Gradio writes
    data into its scripts as JSON with `<` escaped, so that none of it can become a script of its own.
    """
    digests = (hashlib.sha256(script).digest() for script in _SCRIPT.findall(page))
    hashes = [f" 'sha256-{base64.b64encode(digest).decode()}'" for digest in digests]
    return _PAGE.format(hashes="".join(hashes))


def _is_dropped(name: bytes) -> bool:
    # Gradio lets every site read what a named host answers, with the password the browser remembers.
    return name.startswith(b"access-control-") or name in {
        b"server",
        b"content-security-policy",
        *(own for own, _ in _HEADERS),
    }

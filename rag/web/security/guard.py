"""What stands between the network and the page: whom it answers, and on which paths.

What is let through is read here, and not in Gradio, which answers on many paths that nobody needs.
"""

from __future__ import annotations

import base64
import binascii
import ipaddress
import json
import math
import re
import secrets
from collections.abc import Collection, Mapping
from typing import Any, TypeVar

from rag.errors import TooManyQuestions
from rag.web.security.gradio_routes import Calls
from rag.web.security.rate_limit import Rate
from rag.web.security.responses import Answer, App, Body, Receive, Refusal, Request, Scope, Send

MOST_BYTES = 1_000_000
WRONG_PASSWORDS = 10  # that an address may try at once, and in a minute

_NAME = r"[\w-]+"
_FILE = rf"(?: /{_NAME} (?: \.{_NAME} )* )+"
_READ = re.compile(
    rf"""(?ax)
    / (?: archive/? | page\.js | config/? | theme\.css | favicon\.ico | manifest\.json | robots\.txt
        | pwa_icon (?: /192 | /512 )? | (?: assets | static ) {_FILE}
        | gradio_api/ (?: info/? | openapi\.json | theme\.css | app_id/? | queue/data
            | heartbeat/{_NAME} | call (?: /v2 )? /{_NAME}/{_NAME}
            | mcp (?: / | /http/? | /schema )? ) )?
    """
)
_WRITTEN = re.compile(
    rf"""(?ax)
    /gradio_api/ (?: queue/join | cancel | reset/? | mcp (?: / | /http/? )?
        | (?: run | call (?: /v2 )? ) /{_NAME}/? )
    """
)
# What is asked there is for our script; Gradio fails at names that it takes for its own (`page`).
_PAGES = {"/", "/archive", "/archive/"}
_ENDED = re.compile(r"/gradio_api/mcp(?:/|/http/?)?")
_OPEN = {"GET": _READ, "HEAD": _READ, "POST": _WRITTEN, "DELETE": _ENDED}
_UPLOADING = {("POST", "/gradio_api/upload"), ("GET", "/gradio_api/upload_progress")}

_HOST = re.compile(r"(?a)(?:\[([0-9a-f:.]+)\]|([\w.-]+))(?::[0-9]+)?")
# With these a visitor would choose the address that Gradio writes into the page.
_UNBELIEVED = {b"x-forwarded-host", b"x-gradio-server"}

T = TypeVar("T")


class Guard:
    """Serves an app to those who may use it, and of the app what the page and its API need.

    `passwords` and `uploads` are by path: that of the longest prefix counts, and below no prefix there
    is no password, and no upload. Whoever knows the password gives it as that of any user (Basic) or as
    a token (Bearer). Below a prefix in `uploads` stands an app of its own, which takes files, and a
    request may have so many bytes; elsewhere it is JSON that names no file, of `most_bytes` at most.
    Of what `calls` knows an address may ask as often as `rate` says; what it refuses is refused.
    `hosts` are the names by which the server may be asked for besides those of this machine itself,
    None for any: a server that only this machine reaches is to have none, or a page elsewhere could
    have its own name point here and read it.
    """

    def __init__(
        self,
        app: App,
        *,
        hosts: Collection[str] | None = (),
        passwords: Mapping[str, str] | None = None,
        uploads: Mapping[str, int] | None = None,
        most_bytes: int = MOST_BYTES,
        rate: Rate | None = None,
        calls: Calls | None = None,
    ) -> None:
        self._app = app
        self._hosts = None if hosts is None else {host.lower() for host in hosts}
        self._passwords = {_prefix(path): password for path, password in (passwords or {}).items()}
        self._uploads = {_prefix(path): most for path, most in (uploads or {}).items()}
        self._most_bytes = most_bytes
        self._rate = rate or Rate(0, 60)
        self._calls = calls
        self._wrong = Rate(WRONG_PASSWORDS, 60)
        if not all(self._passwords.values()):
            raise ValueError("an empty password lets everyone in")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or refuse it in a plain sentence."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
        else:
            request = Request.of(scope)
            answer = Answer(request, send)
            if refusal := self._refusal(request):
                await answer.refuse(refusal)
            else:
                changed = {**scope, "headers": _believed(request)}
                if self._below(request.path) in _PAGES:
                    changed["query_string"] = b""
                await self._serve(changed, request, receive, answer)

    async def _serve(self, scope: Scope, request: Request, receive: Receive, answer: Answer) -> None:
        most = self._most(request)
        body = Body(receive, most, answer.silence)
        try:
            if request.method == "POST" and not _longest(self._uploads, request.path):
                content = await body.read()
                if not body.too_large and (refusal := self._no_call(request, content)):
                    await answer.refuse(refusal)
            if not answer.refused:
                await self._app(scope, body.receive, answer.send)
        except Exception:
            if not body.too_large:
                await answer.refuse(Refusal(500, "Something went wrong. Try again."))
                raise
        if body.too_large:
            await answer.refuse(_too_large(most))

    def _refusal(self, request: Request) -> Refusal | None:
        return (
            self._wrong_host(request)
            or self._no_password(request)
            or _from_elsewhere(request)
            or self._closed(request)
            or self._announced_too_large(request)
        )

    def _wrong_host(self, request: Request) -> Refusal | None:
        if self._hosts is None:
            return None
        hosts = [_name(host) for host in request.all(b"host")]
        if len(hosts) == 1 and (is_loopback(hosts[0]) or hosts[0] in self._hosts):
            return None
        return Refusal(421, "This server does not go by that name. Open the address that it printed.")

    def _no_password(self, request: Request) -> Refusal | None:
        if not (found := _longest(self._passwords, request.path)):
            return None
        prefix, password = found
        if wait := math.ceil(self._wrong.wait(request.address)):
            message = f"Too many wrong passwords came from your address. Wait {wait} s and try again."
            return Refusal(429, message, [(b"retry-after", str(wait).encode())])
        given = _password(request)
        if given is not None:
            if secrets.compare_digest(given, password.encode()):
                return None
            self._wrong.take(request.address)
        realm = f'Basic realm="News archive{prefix}", charset="UTF-8"'
        message = "This needs the password. Give it with any user name, or as a bearer token."
        return Refusal(401, message, [(b"www-authenticate", realm.encode())])

    def _below(self, path: str) -> str:
        """The path as the app that stands there sees it."""
        found = _longest(self._uploads, path)
        return path.removeprefix(found[0]) if found else path

    def _closed(self, request: Request) -> Refusal | None:
        found, path = _longest(self._uploads, request.path), self._below(request.path)
        if found and not path:
            slashed = f"{found[0]}/"
            return Refusal(308, f"The page is at {slashed}", [(b"location", slashed.encode())])
        if found and (request.method, path) in _UPLOADING:
            return None
        if (allowed := _OPEN.get(request.method)) and allowed.fullmatch(path):
            return None
        return Refusal(404, "There is nothing here.")

    def _announced_too_large(self, request: Request) -> Refusal | None:
        most = self._most(request)
        return _too_large(most) if int(request.first(b"content-length") or 0) > most else None

    def _no_call(self, request: Request, content: bytes) -> Refusal | None:
        """Refuse what asks for nothing, or too often; the page tells people in their language."""
        try:
            body = json.loads(content, object_pairs_hook=_without_file)
        except (ValueError, RecursionError):
            return Refusal(400, "Only JSON is taken here, and no files.")
        if self._calls is None:
            return None
        if refusal := self._calls.refusal(request.path, body):
            return refusal
        if self._calls.is_question(request.path, body):
            try:
                self._rate.ask(request.address)
            except TooManyQuestions as error:
                wait = math.ceil(self._rate.wait(request.address))
                return self._calls.too_often(request.path, body, str(error), wait)
        return None

    def _most(self, request: Request) -> int:
        found = _longest(self._uploads, request.path)
        return found[1] if found else self._most_bytes


def is_loopback(host: str) -> bool:
    """Tell whether a host name or address is that of this machine itself."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _from_elsewhere(request: Request) -> Refusal | None:
    """Refuse what a page of another site would have a visitor's browser send."""
    if request.method in ("GET", "HEAD"):
        return None
    origin, site = request.first(b"origin"), request.first(b"sec-fetch-site")
    if site in (None, b"same-origin", b"none"):
        host = (request.first(b"host") or b"").lower()
        if origin is None or origin.partition(b"://")[2].lower() == host:
            return None
        if origin == b"null" and site == b"same-origin":  # that there be no referrer makes it so
            return None
    return Refusal(403, "Another site may not send requests here.")


def _without_file(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Refuse what names a file: Gradio copies or fetches it unasked."""
    if ("_type", "gradio.FileData") in pairs:
        raise ValueError("a file is named")
    return dict(pairs)


def _password(request: Request) -> bytes | None:
    scheme, _, given = (request.first(b"authorization") or b"").partition(b" ")
    if scheme.lower() == b"bearer":
        return given.strip()
    if scheme.lower() != b"basic":
        return None
    try:
        return base64.b64decode(given).partition(b":")[2]
    except binascii.Error:
        return b""


def _name(host: bytes) -> str:
    match = _HOST.fullmatch(host.decode("latin-1").lower())
    return (match[1] or match[2]).rstrip(".") if match else ""


def _believed(request: Request) -> list[tuple[bytes, bytes]]:
    return [pair for pair in request.headers if pair[0] not in _UNBELIEVED]


def _too_large(most: int) -> Refusal:
    message = f"The request is larger than {most:,} bytes. Send a smaller one."
    return Refusal(413, message, [(b"connection", b"close")])


def _prefix(path: str) -> str:
    if not path.startswith("/"):
        raise ValueError(f"a path begins with /, {path!r} does not")
    return path.rstrip("/")


def _longest(values: Mapping[str, T], path: str) -> tuple[str, T] | None:
    matching = [prefix for prefix in values if f"{path}/".startswith(f"{prefix}/") or not prefix]
    if not matching:
        return None
    longest = max(matching, key=len)
    return longest, values[longest]

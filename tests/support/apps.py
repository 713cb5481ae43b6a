"""Small ASGI apps that stand behind the guard."""

from __future__ import annotations

from starlette.types import Receive, Scope, Send


async def hello(scope: Scope, receive: Receive, send: Send) -> None:
    """Read the request and respond with its path, size and X-Forwarded-Host, on every path."""
    size = 0
    while (message := await receive())["type"] == "http.request":
        size += len(message.get("body", b""))
        if not message.get("more_body"):
            break
    headers = [(b"content-type", b"text/plain"), (b"Server", b"old"), (b"x-frame-options", b"ALLOW")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    named = dict(scope["headers"]).get(b"x-forwarded-host", b"-").decode()
    await send({"type": "http.response.body", "body": f"{scope['path']} {size} {named}".encode()})


async def broken(scope: Scope, receive: Receive, send: Send) -> None:
    """Fail before the response, with a message that names a file."""
    raise RuntimeError("in /home/x.py")

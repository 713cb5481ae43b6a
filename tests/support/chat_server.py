"""A scripted server that speaks the OpenAI protocol: each request gets the next of its replies."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Literal

from rag.writing.settings import WritingSettings

Body = dict[str, Any]


@dataclass(frozen=True)
class Reply:
    """What the server does with a request.

    `pieces` are streamed, the first after `begin` seconds and each other after `delay`; a function
    makes them from the body of the request. `end` is the reason that the server gives at the end; "broken" cuts the connection,
    "silent" ends the stream without a reason. `raw` is sent in place of a stream, with `status`.
    """

    pieces: Sequence[str] | Callable[[Body], Sequence[str]] = ()
    end: Literal["stop", "length", "content_filter", "broken", "silent"] = "stop"
    begin: float = 0
    delay: float = 0
    status: int = 200
    raw: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


def refusal(status: int, headers: Mapping[str, str] | None = None, **error: object) -> Reply:
    """Return a reply that reports an error as the protocol prescribes."""
    raw = json.dumps({"error": {"message": "refused", "type": "x", **error}})
    return Reply(status=status, raw=raw, headers=headers or {})


class ChatServer:
    """A running server; `requests` are the bodies that it got, `headers` those of each request."""

    def __init__(self, replies: Sequence[Reply]) -> None:
        self._replies = list(replies)
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self.is_closing = threading.Event()
        self.requests: list[Body] = []
        self.headers: list[Mapping[str, str]] = []
        self.paths: list[str] = []
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}/v1"

    def settings(self, **fields: Any) -> WritingSettings:
        return WritingSettings(**{"url": self.url, "model": "scripted", "key": "s3cret", **fields})

    @property
    def prompt(self) -> str:
        """The text of all messages of the last request."""
        return "\n".join(message["content"] for message in self.requests[-1]["messages"])

    def close(self) -> None:
        self.is_closing.set()
        self._server.shutdown()
        self._server.server_close()

    def take(self, path: str, headers: Mapping[str, str], body: Body) -> Reply:
        self.requests.append(body)
        self.headers.append(headers)
        self.paths.append(path)
        return self._replies.pop(0) if len(self._replies) > 1 else self._replies[0]

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        owner = self

        class Handler(_Handler):
            server_of_chat = owner

        return Handler


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_of_chat: ChatServer

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        reply = self.server_of_chat.take(self.path, dict(self.headers), body)
        if reply.raw is not None:
            self._send_whole(reply)
            return
        self.send_response(reply.status)
        self.send_header("content-type", "text/event-stream")
        self.send_header("transfer-encoding", "chunked")
        self.end_headers()
        pieces = reply.pieces(body) if callable(reply.pieces) else reply.pieces
        for number, piece in enumerate(pieces):
            if self.server_of_chat.is_closing.wait(reply.delay if number else reply.begin):
                return
            self._send_event({"choices": [{"index": 0, "delta": {"content": piece}}]})
        if reply.end == "broken":
            self.close_connection = True
            return
        if reply.end != "silent":
            self._send_event({"choices": [{"index": 0, "delta": {}, "finish_reason": reply.end}]})
            self._send_chunk(b"data: [DONE]\n\n")
        self._send_chunk(b"")

    def _send_whole(self, reply: Reply) -> None:
        content = (reply.raw or "").encode()
        self.send_response(reply.status)
        for name, value in {"content-type": "application/json", **reply.headers}.items():
            self.send_header(name, value)
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def _send_event(self, event: Mapping[str, object]) -> None:
        event = {
            "id": "1",
            "object": "chat.completion.chunk",
            "created": 0,
            "model": "scripted",
            **event,
        }
        self._send_chunk(f"data: {json.dumps(event)}\n\n".encode())

    def _send_chunk(self, content: bytes) -> None:
        try:
            self.wfile.write(b"%x\r\n%b\r\n" % (len(content), content))
        except OSError:
            self.close_connection = True  # nobody reads any more

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def chat_server(*replies: Reply) -> Iterator[ChatServer]:
    """Run a server with these replies; the last one is repeated."""
    server = ChatServer(replies)
    try:
        yield server
    finally:
        server.close()

"""Checks the requests that start an event of Gradio: the endpoints, and the events of the page.

A malformed request is refused here with a message. Gradio would write the request into the log,
question included.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from rag.errors import TooManyQuestions
from rag.web.security.responses import Refusal

_NAMED = re.compile(r"/gradio_api/(run|call|call/v2)/([\w-]+)/?")
_BY_NUMBER = {"/gradio_api/queue/join", "/gradio_api/run/predict"}
_MCP = "/gradio_api/mcp"


@dataclass(frozen=True, slots=True)
class Event:
    """A function that a request can call: its number, its parameters, the defaults of the last ones.

    `endpoint` is the name by which programs call it, "" for an event of the page.
    """

    number: int
    parameters: tuple[str, ...]
    defaults: tuple[Any, ...] = ()
    endpoint: str = ""

    @property
    def required(self) -> tuple[str, ...]:
        """The parameters without a default."""
        return self.parameters[: len(self.parameters) - len(self.defaults)]


class GradioRoutes:
    """Finds the event that a request starts, and refuses malformed requests."""

    def __init__(self, events: Collection[Event]) -> None:
        self._by_number = {event.number: event for event in events}
        self._by_name = {event.endpoint: event for event in events if event.endpoint}

    def is_question(self, path: str, body: Any) -> bool:
        """Whether a request calls an endpoint: by name, by number or as an MCP tool."""
        if path.startswith(_MCP):
            return isinstance(body, dict) and body.get("method") == "tools/call"
        event = self._event(path, body)
        return event is not None and bool(event.endpoint)

    def refusal(self, path: str, body: Any) -> Refusal | None:
        """Return the reason for which a request is refused; None for one that starts no event."""
        if path.startswith(_MCP):
            return _mcp_refusal(body)
        named = _NAMED.fullmatch(path)
        if path not in _BY_NUMBER and not named:
            return None
        if (event := self._event(path, body)) is None:
            return Refusal(404, "endpoint-unknown", {"endpoints": ", ".join(self._by_name)})
        if named and named[1] == "call/v2":
            return _named_arguments_refusal(event, body)
        return _data_refusal(event, body.get("data"))

    def completed(self, path: str, content: bytes) -> bytes:
        """Return a call by position with the defaults of the last arguments, if it leaves them out.

        So a program still works when its endpoint has got more arguments.
        """
        if path not in _BY_NUMBER and not _NAMED.fullmatch(path):
            return content
        body = json.loads(content)
        event = self._event(path, body)
        data = body.get("data")
        if event is None or data is None or len(data) == len(event.parameters):
            return content
        defaults = event.defaults[len(data) - len(event.required) :]
        return json.dumps({**body, "data": [*data, *defaults]}).encode()

    def rate_limited(self, path: str, body: Any, error: TooManyQuestions, wait: int) -> Refusal:
        """Refuse a question beyond the rate limit, which the address may ask in `wait` seconds.

        An MCP client gets a tool error, because an HTTP status would end its session.
        """
        headers = {"retry-after": str(wait)}
        if not path.startswith(_MCP):
            return Refusal(429, error.code, error.parameters, headers, section="error")

        def to_tool_error(message: str) -> dict[str, Any]:
            result = {"content": [{"type": "text", "text": message}], "isError": True}
            return {"jsonrpc": "2.0", "id": body.get("id"), "result": result}

        return Refusal(200, error.code, error.parameters, headers, "error", to_tool_error)

    def _event(self, path: str, body: Any) -> Event | None:
        if not isinstance(body, dict):
            return None
        number = body.get("fn_index")
        if path in _BY_NUMBER:
            return self._by_number.get(number) if type(number) is int else None
        named = _NAMED.fullmatch(path)
        # Gradio takes the number if a request has a number and a name.
        if not named or (named[1] == "run" and number is not None):
            return None
        return self._by_name.get(named[2])


def _named_arguments_refusal(event: Event, body: dict[str, Any]) -> Refusal | None:
    values = {"endpoint": event.endpoint, "parameters": ", ".join(event.parameters)}
    if set(body) - set(event.parameters):
        return Refusal(400, "argument-unknown", values)
    for name in event.required:
        if name not in body:
            return Refusal(400, "argument-missing", {**values, "name": name})
    return None


def _data_refusal(event: Event, data: Any) -> Refusal | None:
    count = len(event.parameters)
    least = count - len(event.defaults)
    if isinstance(data, list) and least <= len(data) <= count:
        return None
    if not event.endpoint:
        return Refusal(400, "data-wrong", {"count": count})
    return Refusal(400, "arguments-wrong", {"count": count, "parameters": ", ".join(event.parameters)})


def _mcp_refusal(body: Any) -> Refusal | None:
    """Refuse what the package `mcp` would write into the log."""
    if not isinstance(body, dict):
        return Refusal(400, "mcp-not-an-object")
    if body.get("method") != "tools/call":
        return None
    params = body.get("params")
    if (
        isinstance(params, dict)
        and isinstance(params.get("name"), str)
        and isinstance(params.get("arguments", {}), dict)
        and isinstance(params.get("_meta", {}), dict)
    ):
        return None
    return Refusal(400, "mcp-call-malformed")

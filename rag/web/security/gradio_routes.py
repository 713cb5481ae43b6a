"""What may be asked of Gradio's API: the named endpoints, and what the page itself asks for.

What is neither is refused in a plain sentence. Gradio would write it into the log, question and all.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from rag.web.security.responses import Refusal

_NAMED = re.compile(r"/gradio_api/(run|call|call/v2)/([\w-]+)/?")
_BY_NUMBER = {"/gradio_api/queue/join", "/gradio_api/run/predict"}
_MCP = "/gradio_api/mcp"


@dataclass(frozen=True, slots=True)
class Event:
    """Something that a request can start: its number, its parameters, those of them that are `needed`.

    `endpoint` is the name by which programs ask for it, "" for what the page asks for itself.
    """

    number: int
    parameters: tuple[str, ...]
    needed: tuple[str, ...] = ()
    endpoint: str = ""


class Calls:
    """Tells the requests that start one of some events from those that start nothing."""

    def __init__(self, events: Collection[Event]) -> None:
        self._by_number = {event.number: event for event in events}
        self._by_name = {event.endpoint: event for event in events if event.endpoint}

    def is_question(self, path: str, body: Any) -> bool:
        """Whether a request asks at an endpoint for programs, in whatever way."""
        if path.startswith(_MCP):
            return isinstance(body, dict) and body.get("method") == "tools/call"
        event = self._event(path, body)
        return event is not None and bool(event.endpoint)

    def refusal(self, path: str, body: Any) -> Refusal | None:
        """Return why a request starts nothing, None if it does or does not mean to."""
        if path.startswith(_MCP):
            return _misshapen_tool_call(body)
        named = _NAMED.fullmatch(path)
        if path not in _BY_NUMBER and not named:
            return None
        if (event := self._event(path, body)) is None:
            names = ", ".join(self._by_name)
            return Refusal(404, f"There is no such endpoint. There are: {names}.")
        if named and named[1] == "call/v2":
            return _wrong_names(event, body)
        data, count = body.get("data"), len(event.parameters)
        if not isinstance(data, list) or len(data) != count:
            listed = f" ({', '.join(event.parameters)})" if event.endpoint else ""
            return Refusal(400, f"data must be a list of {count} values{listed}; null leaves one out.")
        return None

    def too_often(self, path: str, body: Any, message: str, wait: int) -> Refusal:
        """Refuse a question of someone who has asked too many, and may ask again in `wait` seconds.

        An agent is told as a tool tells it that it has failed: a status of HTTP would end its session.
        """
        headers = [(b"retry-after", str(wait).encode())]
        if not path.startswith(_MCP):
            return Refusal(429, message, headers)
        failed = {"content": [{"type": "text", "text": message}], "isError": True}
        answer = {"jsonrpc": "2.0", "id": body.get("id"), "result": failed}
        return Refusal(200, message, headers, answer)

    def _event(self, path: str, body: Any) -> Event | None:
        if not isinstance(body, dict):
            return None
        number = body.get("fn_index")
        if path in _BY_NUMBER:
            return self._by_number.get(number) if type(number) is int else None
        named = _NAMED.fullmatch(path)
        # Gradio goes by the number if one is given beside the name.
        if not named or (named[1] == "run" and number is not None):
            return None
        return self._by_name.get(named[2])


def _wrong_names(event: Event, body: dict[str, Any]) -> Refusal | None:
    parameters = ", ".join(event.parameters)
    if set(body) - set(event.parameters):
        return Refusal(400, f"{event.endpoint} takes nothing but {parameters}.")
    for name in event.needed:
        if name not in body:
            return Refusal(400, f"{event.endpoint} needs {name}. It takes {parameters}.")
    return None


def _misshapen_tool_call(body: Any) -> Refusal | None:
    """The package `mcp` logs what it cannot read of a call."""
    if not isinstance(body, dict):
        return Refusal(400, "One JSON object is taken here.")
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
    return Refusal(400, "A tool is called by its name, with its arguments by theirs.")

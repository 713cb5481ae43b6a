"""The paths that the server answers: those that the page, the admin page and the API need."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TypeVar

_NAME = r"[\w-]+"
_FILE = rf"(?: /{_NAME} (?: \.{_NAME} )* )+"
_READ = re.compile(
    rf"""(?ax)
    / (?: archive | articles | article/ (?s: .+ ) | programs
        | feed | feedback | export\. (?: bib | csv | json | ris )
        | page\. (?: js | css ) | dictionary (?: \. (?: css | html | js ) )?
        | config/? | theme\.css | favicon\.ico | manifest\.json
        | robots\.txt | pwa_icon (?: /192 | /512 )? | (?: assets | static ) {_FILE}
        | gradio_api/ (?: info/? | openapi\.json | theme\.css | app_id/? | queue/data
            | heartbeat/{_NAME} | call (?: /v2 )? /{_NAME}/{_NAME}
            | mcp (?: / | /http/? | /schema )? ) )?
    """
)
_POSTED = re.compile(
    rf"""(?ax)
    /feedback | /write | /translate | /rewrite
        | /gradio_api/ (?: queue/join | cancel | reset/? | mcp (?: / | /http/? )?
        | (?: run | call (?: /v2 )? ) /{_NAME}/? )
    """
)
_MCP_SESSION = re.compile(r"/gradio_api/mcp(?:/|/http/?)?")
_OPEN = {"GET": _READ, "HEAD": _READ, "POST": _POSTED, "DELETE": _MCP_SESSION}
_UPLOAD = {("POST", "/gradio_api/upload"), ("GET", "/gradio_api/upload_progress")}

PAGES = {"/"}

T = TypeVar("T")


def is_open(method: str, path: str, *, takes_uploads: bool = False) -> bool:
    """Whether the page or the API needs this request."""
    if takes_uploads and (method, path) in _UPLOAD:
        return True
    allowed = _OPEN.get(method)
    return allowed is not None and allowed.fullmatch(path) is not None


def prefix(path: str) -> str:
    """Return a path without its final slash. Raises `ValueError` for a path that is not absolute."""
    if not path.startswith("/"):
        raise ValueError(f"a path begins with /, {path!r} does not")
    return path.rstrip("/")


def longest_prefix(values: Mapping[str, T], path: str) -> tuple[str, T] | None:
    """Return the longest prefix of a path and its value, or None if none of the prefixes matches."""
    matching = [each for each in values if f"{path}/".startswith(f"{each}/") or not each]
    if not matching:
        return None
    longest = max(matching, key=len)
    return longest, values[longest]

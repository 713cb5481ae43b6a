"""The settings of a language model's server."""

from __future__ import annotations

import ipaddress
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.util import find_spec
from typing import Self
from urllib.parse import urlsplit

from rag.errors import WritingUnavailable

URL, MODEL, KEY = "RAG_LLM_URL", "RAG_LLM_MODEL", "RAG_LLM_KEY"
"""The environment variables."""
_ENDPOINT = "/chat/completions"
_USUAL_PATH = "/v1"


@dataclass(frozen=True)
class WritingSettings:
    """Where a language model is served and what may be asked of it.

    `url` is the base of an OpenAI-compatible API, such as http://localhost:11434/v1. `model` is the
    server's name of the model, "" where it serves only one. `key` is never shown. `context` is the
    number of tokens that prompt and answer may have together, `max_tokens` the most of an answer. Times
    are in seconds: to connect, to the first token, between tokens, and for a whole answer; `patience`
    is the longest wait that a busy server may ask for.

    Raises `WritingUnavailable` for an address that is none.
    """

    url: str
    model: str = ""
    key: str = field(default="", repr=False)
    context: int = 4096
    max_tokens: int = 700
    connect_seconds: float = 10
    first_seconds: float = 180
    gap_seconds: float = 60
    total_seconds: float = 420
    patience: float = 20

    def __post_init__(self) -> None:
        """Check the address."""
        try:
            parts = urlsplit(self.url)
            is_address = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
        except ValueError:
            is_address = False
        if not is_address or parts.username is not None or not self.url.isprintable():
            raise WritingUnavailable("llm-url-invalid", variable=URL)

    @classmethod
    def of_environment(cls, variables: Mapping[str, str] = os.environ) -> Self | None:
        """Return the settings of the environment, None if it names no server.

        Raises `WritingUnavailable` for an address that is none.
        """
        url, model, key = (variables.get(name, "").strip() for name in (URL, MODEL, KEY))
        return cls(_base(url), model, key) if url else None

    @property
    def host(self) -> str:
        """The host that questions and passages are sent to, with its port if one is given."""
        parts = urlsplit(self.url)
        host = parts.hostname or ""
        return f"{host}:{parts.port}" if parts.port else host

    @property
    def is_local(self) -> bool:
        """Whether the server is on this machine."""
        host = urlsplit(self.url).hostname or ""
        try:
            return ipaddress.ip_address(host).is_loopback
        except ValueError:
            return host == "localhost"

    def check(self) -> None:
        """Raise `WritingUnavailable` if the client for the server is not installed."""
        if find_spec("openai") is None:
            raise WritingUnavailable("llm-not-installed", package="openai")


def _base(url: str) -> str:
    """Return the base of the API for the forms of its address that people copy."""
    base = url.rstrip("/").removesuffix(_ENDPOINT)
    try:
        has_path = bool(urlsplit(base).path)
    except ValueError:
        return url
    return base if has_path else base + _USUAL_PATH

"""A server that speaks the OpenAI protocol: messages -> the text of a language model, as it arrives."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Generator, Iterator, Sequence
from typing import Any

import openai
from openai.types.chat import ChatCompletionChunk, ChatCompletionMessageParam

from rag.errors import WritingUnavailable
from rag.writing.prompts import Message
from rag.writing.settings import WritingSettings
from rag.writing.timed import timed

_ATTEMPTS = 3
_BUSY = frozenset([429, 503])
"""HTTP statuses of a server that may be asked again; 503 is llama.cpp's while it loads the model."""
_LONGEST_TOKEN = 20
"""Characters. A server that sends more per token than this does not keep to the limit of tokens."""
_LOGGERS = ("openai", "httpx2", "httpcore2")
_THOUGHTS = "<think>", "</think>"
_NO_KEY, _ONLY_MODEL = "none", "default"
"""Sent where there is no key, and no name of a model, because the protocol requires them."""
_REPLACEMENTS = {"max_tokens": "max_completion_tokens"}
"""Parameters that newer models know by another name."""


class _Server(openai.OpenAI):
    """Sends neither what the environment has for OpenAI itself nor anything about this machine."""

    @property
    def default_headers(self) -> dict[str, str | openai.Omit]:
        return {"Accept": "application/json", "Content-Type": "application/json", "User-Agent": "rag"}


class ChatClient:
    """Asks a language model. It gets no tools, and redirections and proxies are not followed.

    Nothing that is sent or received is logged. Safe to share between threads.
    """

    def __init__(self, settings: WritingSettings) -> None:
        self._settings = settings
        for name in _LOGGERS:  # at lower levels they log requests
            logging.getLogger(name).setLevel(logging.CRITICAL)
        patience = openai.Timeout(settings.first_seconds, connect=settings.connect_seconds)
        self._server = _Server(
            base_url=settings.url,
            api_key=settings.key or _NO_KEY,
            admin_api_key="",
            timeout=patience,
            max_retries=0,
            http_client=openai.DefaultHttpxClient(
                trust_env=False, follow_redirects=False, timeout=patience
            ),
        )

    @property
    def settings(self) -> WritingSettings:
        """The settings of the server."""
        return self._settings

    def complete(self, messages: Sequence[Message], max_tokens: int | None = None) -> str:
        """Return the whole text of the model. Raises what `stream` raises."""
        return "".join(self.stream(messages, max_tokens)).strip()

    def stream(self, messages: Sequence[Message], max_tokens: int | None = None) -> Iterator[str]:
        """Yield the text of the model in pieces, without what it thinks aloud before.

        Raises `WritingUnavailable`, also after some pieces: then the text is not complete.
        """
        most = max_tokens or self._settings.max_tokens
        return _without_thoughts(self._limited(messages, most))

    def _limited(self, messages: Sequence[Message], max_tokens: int) -> Iterator[str]:
        settings = self._settings
        limits = {
            "first": settings.first_seconds,
            "gap": settings.gap_seconds,
            "total": settings.total_seconds,
        }
        length = 0
        try:
            for piece in timed(self._pieces(messages, max_tokens), **limits):
                yield piece
                length += len(piece)
                if length > max_tokens * _LONGEST_TOKEN:
                    raise WritingUnavailable("llm-cut-off")
        except TimeoutError as error:
            raise WritingUnavailable("llm-timeout", host=settings.host) from error

    def _pieces(self, messages: Sequence[Message], max_tokens: int) -> Generator[str, None, None]:
        host = self._settings.host
        has_begun, reason = False, ""
        try:
            with self._open(messages, max_tokens) as stream:
                for chunk in stream:
                    has_begun = True
                    text, ended = _read(chunk)
                    reason = ended or reason
                    if text:
                        yield text
        except openai.OpenAIError as error:
            raise self._fault(error, has_begun) from error
        except (
            json.JSONDecodeError,
            UnicodeDecodeError,
            ValueError,
            TypeError,
            AttributeError,
        ) as error:
            raise WritingUnavailable("llm-malformed", host=host) from error
        if not has_begun:
            raise WritingUnavailable("llm-malformed", host=host)
        match reason:
            case "":
                raise WritingUnavailable("llm-interrupted", host=host)
            case "length":
                raise WritingUnavailable("llm-cut-off")
            case "content_filter":
                raise WritingUnavailable("llm-filtered", host=host)

    def _open(self, messages: Sequence[Message], max_tokens: int) -> openai.Stream[ChatCompletionChunk]:
        """Send the request, again where the server asks for patience or for other parameters."""
        options: dict[str, Any] = {"temperature": 0, "max_tokens": max_tokens}
        waits = 0
        while True:
            try:
                return self._server.chat.completions.create(
                    model=self._settings.model or _ONLY_MODEL,
                    messages=[_parameter(message) for message in messages],
                    stream=True,
                    extra_body=options,
                )
            except openai.BadRequestError as error:
                if not (accepted := _without_refused(options, error)):
                    raise
                options = accepted
            except openai.APIStatusError as error:
                seconds = _wait(error, waits)
                waits += 1
                if error.status_code not in _BUSY or waits == _ATTEMPTS:
                    raise
                if seconds > self._settings.patience:
                    raise
                time.sleep(seconds)

    def _fault(self, error: openai.OpenAIError, has_begun: bool) -> WritingUnavailable:
        host = self._settings.host
        match error:
            case openai.APITimeoutError():
                return WritingUnavailable("llm-timeout", host=host)
            case openai.AuthenticationError() | openai.PermissionDeniedError():
                return WritingUnavailable("llm-key-refused", host=host)
            case openai.NotFoundError():
                return WritingUnavailable("llm-not-found", host=host, model=self._settings.model)
            case openai.RateLimitError():
                return WritingUnavailable("llm-busy", host=host)
            case openai.APIStatusError() if _is_too_long(error):
                return WritingUnavailable("llm-too-long", host=host)
            case openai.APIStatusError(status_code=status) if status >= 500:
                return WritingUnavailable("llm-failed", host=host, status=status)
            case openai.APIStatusError(status_code=status):
                return WritingUnavailable("llm-rejected", host=host, status=status)
            case openai.APIConnectionError() if not has_begun:
                return WritingUnavailable("llm-unreachable", host=host)
        return WritingUnavailable("llm-interrupted", host=host)


def _parameter(message: Message) -> ChatCompletionMessageParam:
    if message.role == "system":
        return {"role": "system", "content": message.content}
    return {"role": "user", "content": message.content}


def _read(chunk: ChatCompletionChunk) -> tuple[str, str]:
    """Return the text of a chunk and the reason for which the text ends, "" if it goes on."""
    if not chunk.choices:
        return "", ""  # of the usage
    choice = chunk.choices[0]
    text, reason = choice.delta.content or "", choice.finish_reason or ""
    if not isinstance(text, str) or not isinstance(reason, str):
        raise TypeError("a chunk without text")
    return text, reason


def _wait(error: openai.APIStatusError, waits: int) -> float:
    """Return the seconds that a server asks to wait for, or some that double each time."""
    try:
        return max(0.0, float(error.response.headers["retry-after"]))
    except (KeyError, ValueError):
        return float(2**waits)


def _without_refused(options: dict[str, Any], error: openai.BadRequestError) -> dict[str, Any]:
    """Return the options without the one that an error names, or by its newer name; {} if none is."""
    for name, value in options.items():
        if error.param == name:
            kept = {key: each for key, each in options.items() if key != name}
            return {**kept, _REPLACEMENTS[name]: value} if name in _REPLACEMENTS else kept
    return {}


def _is_too_long(error: openai.APIStatusError) -> bool:
    """Whether the request exceeds the context, as OpenAI, llama.cpp and vLLM report it."""
    said = f"{error.code} {error.type} {error.message}".lower()
    return error.status_code in (400, 413) and "context" in said


def _without_thoughts(pieces: Iterator[str]) -> Iterator[str]:
    """Leave out what a model thinks aloud before its text, between marks."""
    begin, end = _THOUGHTS
    held = ""
    for piece in pieces:
        held += piece
        text = held.lstrip()
        if text.startswith(begin):
            if end not in text:
                continue
            text = text.partition(end)[2]
        elif begin.startswith(text):
            continue
        yield text
        yield from pieces
        return
    if held.strip() and not held.lstrip().startswith(begin):
        yield held

"""The client against a scripted server: streams, faults, patience, and what a request tells."""

from __future__ import annotations

from typing import Any

import pytest
from support.chat_server import ChatServer, Reply, chat_server, refusal

from rag.errors import WritingUnavailable
from rag.writing.client import ChatClient
from rag.writing.prompts import Message
from rag.writing.settings import WritingSettings

ASKED = [Message("system", "rules"), Message("user", "question")]
EVENTS = {"content-type": "text/event-stream"}


def said(server: ChatServer, **fields: Any) -> list[str]:
    return list(ChatClient(server.settings(**fields)).stream(ASKED, 20))


def test_stream_gives_the_pieces_as_they_arrive() -> None:
    with chat_server(Reply(["one ", "two"])) as server:
        assert said(server) == ["one ", "two"]
    (body,) = server.requests
    assert body["messages"] == [message._asdict() for message in ASKED]
    assert (body["model"], body["max_tokens"], body["stream"]) == ("scripted", 20, True)


def test_complete_gives_the_whole_text() -> None:
    with chat_server(Reply([" one ", "two\n"])) as server:
        assert ChatClient(server.settings()).complete(ASKED) == "one two"
        assert server.requests[0]["max_tokens"] == server.settings().max_tokens


@pytest.mark.parametrize(
    ("pieces", "text"),
    [
        (["<thi", "nk>hm [1].", "</th", "ink>\n\nyes", " no"], "yes no"),
        (["<think></think>yes"], "yes"),
        (["<", "b>yes"], "<b>yes"),
        (["<"], "<"),
        (["<think>for ever"], ""),
    ],
)
def test_stream_leaves_out_what_a_model_thinks_aloud(pieces: list[str], text: str) -> None:
    with chat_server(Reply(pieces)) as server:
        assert "".join(said(server)).strip() == text


@pytest.mark.parametrize(
    ("reply", "code"),
    [
        (Reply(["one"], "broken"), "llm-interrupted"),
        (Reply(["one"], "silent"), "llm-interrupted"),
        (Reply(["one"], "length"), "llm-cut-off"),
        (Reply(["one"], "content_filter"), "llm-filtered"),
        (Reply(["x" * 1000]), "llm-cut-off"),
        (refusal(401), "llm-key-refused"),
        (refusal(403), "llm-key-refused"),
        (refusal(404), "llm-not-found"),
        (refusal(400), "llm-rejected"),
        (refusal(400, code="context_length_exceeded"), "llm-too-long"),
        (refusal(400, type="exceed_context_size_error"), "llm-too-long"),
        (refusal(500), "llm-failed"),
        (Reply(raw="", status=307, headers={"location": "http://127.0.0.1:1/"}), "llm-rejected"),
        (Reply(raw="<html>Welcome</html>"), "llm-malformed"),
        (Reply(raw='{"choices": []}'), "llm-malformed"),
        (Reply(raw="data: nothing\n\n", headers=EVENTS), "llm-malformed"),
        (Reply(raw='data: {"choices": 5}\n\n', headers=EVENTS), "llm-malformed"),
        (
            Reply(raw='data: {"choices": [{"delta": {"content": 7}}]}\n\n', headers=EVENTS),
            "llm-malformed",
        ),
        (Reply(raw='data: {"choices": [{}]}\n\n', headers=EVENTS), "llm-malformed"),
        (Reply(raw='data: {"error": {"message": "x"}}\n\n', headers=EVENTS), "llm-interrupted"),
        (Reply(["one", "two"], begin=60), "llm-timeout"),
    ],
)
def test_stream_of_a_failing_server_raises_what_happened(reply: Reply, code: str) -> None:
    with chat_server(reply) as server, pytest.raises(WritingUnavailable) as caught:
        said(server, first_seconds=0.3 if reply.begin else 60)
    assert caught.value.code == code
    assert "refused" not in str(caught.value).replace("refuses", "")  # what the server has said


def test_stream_without_a_server_raises_unreachable() -> None:
    with pytest.raises(WritingUnavailable, match=r"127\.0\.0\.1:1 cannot be reached"):
        list(ChatClient(WritingSettings("http://127.0.0.1:1/v1")).stream(ASKED))


@pytest.mark.parametrize("status", [429, 503])
def test_stream_of_a_busy_server_waits_as_long_as_it_asks(status: int) -> None:
    busy = refusal(status, {"retry-after": "0.01"})
    with chat_server(busy, busy, Reply(["yes"])) as server:
        assert said(server) == ["yes"]
    assert len(server.requests) == 3


@pytest.mark.parametrize(("wait", "requests"), [("3600", 1), ("0", 3)])
def test_stream_of_a_server_that_stays_busy_gives_up(wait: str, requests: int) -> None:
    with (
        chat_server(refusal(429, {"retry-after": wait})) as server,
        pytest.raises(WritingUnavailable) as caught,
    ):
        said(server)
    assert caught.value.code == "llm-busy"
    assert len(server.requests) == requests


def test_stream_leaves_out_parameters_that_a_model_refuses() -> None:
    refusals = [refusal(400, param="max_tokens"), refusal(400, param="temperature")]
    with chat_server(*refusals, Reply(["yes"])) as server:
        assert said(server) == ["yes"]
    assert set(server.requests[-1]) == {"messages", "model", "stream", "max_completion_tokens"}


def test_request_tells_nothing_but_key_and_messages(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("OPENAI_API_KEY", "OPENAI_ADMIN_KEY", "OPENAI_ORG_ID", "OPENAI_PROJECT_ID"):
        monkeypatch.setenv(name, "leak")
    monkeypatch.setenv("OPENAI_CUSTOM_HEADERS", "X-Other: leak")
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:1/leak")
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    with chat_server(Reply(["yes"])) as server:
        said(server, key="")
        said(server, key="mine")
    headers = [{name.lower(): value for name, value in each.items()} for each in server.headers]
    assert "leak" not in str(server.headers)
    assert [each["authorization"] for each in headers] == ["Bearer none", "Bearer mine"]
    assert headers[0]["user-agent"] == "rag"
    assert not {"x-stainless-os", "x-stainless-arch", "x-stainless-runtime"} & set(headers[0])

"""Which requests start an event of Gradio, which ask a question, and which are malformed."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest
from support.clients import call_tool

from rag.errors import TooManyQuestions
from rag.i18n.translator import Translator
from rag.web.security.gradio_routes import Event, GradioRoutes

QUESTION = "集装箱的弹药 zq"
ROUTES = GradioRoutes([Event(4, ("question", "k"), (5,), "ask"), Event(3, ("view",))])

MALFORMED = [
    ("run/search", {"data": []}, 400, "arguments-wrong"),
    ("run/search", {"data": [QUESTION] * 9}, 400, "arguments-wrong"),
    ("run/search", {"data": QUESTION}, 400, "arguments-wrong"),
    ("run/search", {"question": QUESTION}, 400, "arguments-wrong"),
    ("run/search", [QUESTION], 404, "endpoint-unknown"),
    ("run/nothing", {"data": [QUESTION]}, 404, "endpoint-unknown"),
    ("run/respond", {"data": [QUESTION]}, 404, "endpoint-unknown"),
    ("run/search", {"data": [QUESTION], "fn_index": 0}, 404, "endpoint-unknown"),
    ("run/predict", {"data": [QUESTION], "fn_index": 99}, 404, "endpoint-unknown"),
    ("call/search", {"data": []}, 400, "arguments-wrong"),
    ("call/nothing", {"data": [QUESTION]}, 404, "endpoint-unknown"),
    ("call/v2/search", {"questions": QUESTION}, 400, "argument-unknown"),
    ("call/v2/search", {"k": 1}, 400, "argument-missing"),
    ("call/v2/nothing", {"question": QUESTION}, 404, "endpoint-unknown"),
    ("queue/join", {"data": [QUESTION], "fn_index": 99, "session_hash": "s"}, 404, "endpoint-unknown"),
    ("queue/join", {"data": [QUESTION], "fn_index": "3", "session_hash": "s"}, 404, "endpoint-unknown"),
    (
        "queue/join",
        {"data": [QUESTION], "fn_index": True, "session_hash": "s"},
        404,
        "endpoint-unknown",
    ),
    ("queue/join", {"data": [QUESTION], "fn_index": 3.0, "session_hash": "s"}, 404, "endpoint-unknown"),
    ("queue/join", {"data": [QUESTION], "session_hash": "s"}, 404, "endpoint-unknown"),
    (
        "queue/join",
        {"data": [QUESTION, QUESTION], "fn_index": 3, "session_hash": "s"},
        400,
        "data-wrong",
    ),
    ("queue/join", {"data": [], "fn_index": 5, "session_hash": "s"}, 400, "arguments-wrong"),
    ("mcp/", [{"method": "tools/call"}], 400, "mcp-not-an-object"),
    (
        "mcp/",
        {
            "jsonrpc": "2.0",
            "id": 1,
            "method": "tools/call",
            "params": {"name": "search", "arguments": QUESTION},
        },
        400,
        "mcp-call-malformed",
    ),
    (
        "mcp/",
        {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": QUESTION},
        400,
        "mcp-call-malformed",
    ),
]


def test_malformed_requests_are_refused_and_not_logged(
    site: str, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    """Gradio would print the request, and a traceback."""
    for path, body, status, code in MALFORMED:
        response = httpx.post(f"{site}gradio_api/{path}", json=body)
        assert (response.status_code, response.json()["code"]) == (status, code), f"{path} {body}"
        assert list(response.json()) == ["detail", "code"]
        assert QUESTION not in response.text
    call_tool(site, QUESTION, question=QUESTION)
    assert "".join(capfd.readouterr()) == ""
    assert QUESTION not in caplog.text


@pytest.mark.parametrize(
    ("path", "body", "is_question"),
    [
        ("queue/join", {"fn_index": 4}, True),
        ("run/predict", {"fn_index": 4}, True),
        ("run/ask", {}, True),
        ("call/ask/", {}, True),
        ("call/v2/ask", {"question": "x", "fn_index": 3}, True),
        ("mcp/http", {"method": "tools/call"}, True),
        ("queue/join", {"fn_index": 3}, False),
        ("mcp", {"method": "tools/list"}, False),
        ("reset", {"session_hash": "x"}, False),
    ],
)
def test_is_question_for_calls_of_endpoints_only(
    path: str, body: dict[str, Any], is_question: bool
) -> None:
    """The page counts its own questions."""
    assert ROUTES.is_question(f"/gradio_api/{path}", body) == is_question


@pytest.mark.parametrize(
    ("path", "body", "message"),
    [
        (
            "call/v2/ask",
            {"query": "x"},
            "ask takes only these arguments: question, k.",
        ),
        ("call/v2/ask", {"k": 1}, "ask needs question. Its arguments: question, k."),
        ("run/nothing", {}, "Unknown endpoint. Available endpoints: ask."),
        (
            "run/ask",
            {"data": []},
            "data must be a list of 2 values (question, k); use null to omit one.",
        ),
        ("queue/join", {"fn_index": 3, "data": []}, "data must be a list of 1 value."),
        ("mcp", [], "The request body must be one JSON object."),
        (
            "mcp",
            {"method": "tools/call"},
            "tools/call needs params.name (string) and params.arguments (object).",
        ),
    ],
)
def test_refusal_names_the_fault_and_the_cure(path: str, body: Any, message: str) -> None:
    refusal = ROUTES.refusal(f"/gradio_api/{path}", body)
    assert refusal
    assert Translator()(f"{refusal.section}.{refusal.code}", **refusal.parameters) == message


def test_completed_call_has_the_defaults_of_the_arguments_that_it_leaves_out() -> None:
    def completed(path: str, body: Any) -> Any:
        return json.loads(ROUTES.completed(f"/gradio_api/{path}", json.dumps(body).encode()))

    assert completed("run/ask", {"data": ["x"]}) == {"data": ["x", 5]}
    assert completed("queue/join", {"fn_index": 4, "data": ["x"]})["data"] == ["x", 5]
    for path, body in (
        ("run/ask", {"data": ["x", None]}),
        ("call/v2/ask", {"question": "x"}),
        ("queue/join", {"fn_index": 3, "data": ["view"]}),
        ("mcp", {"method": "tools/call"}),
    ):
        assert completed(path, body) == body


def test_search_by_position_works_with_the_arguments_of_the_first_version(site: str) -> None:
    body = {"data": ["平壤的集装箱", 1, None, None, None, None]}
    response = httpx.post(f"{site}gradio_api/run/search", json=body)
    assert len(response.json()["data"][0]) == 1


def test_rate_limited_mcp_call_is_a_tool_error() -> None:
    error = TooManyQuestions("too-many-questions", limit=1, seconds=60, count=9)
    refusal = ROUTES.rate_limited("/gradio_api/mcp/", {"id": 7}, error, 9)
    assert (refusal.status, refusal.headers) == (200, {"retry-after": "9"})
    assert refusal.to_json
    assert refusal.to_json("later") == {
        "jsonrpc": "2.0",
        "id": 7,
        "result": {"content": [{"type": "text", "text": "later"}], "isError": True},
    }
    assert ROUTES.rate_limited("/gradio_api/run/ask", {}, error, 9).status == 429

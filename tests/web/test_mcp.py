"""The MCP server: its tools, their results and errors."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from support.browser import served
from support.clients import call, call_tool, mcp_session

import rag


@pytest.fixture(scope="module")
def address(assistant: rag.Assistant) -> Iterator[str]:
    """The five seeds, without a password."""
    with served(assistant, mcp=True) as address:
        yield address


def test_without_the_option_there_is_no_mcp_server(small: rag.Assistant) -> None:
    with served(small) as address:
        for method in ("GET", "POST", "DELETE"):
            for path in ("mcp", "mcp/", "mcp/http/", "mcp/schema"):
                response = httpx.request(
                    method, f"{address}gradio_api/{path}", json={"method": "initialize"}
                )
                assert response.status_code == 404, f"{method} {path}"


@pytest.mark.model
def test_agent_finds_and_uses_the_tools(address: str) -> None:
    tools = mcp_session(address, lambda session: session.list_tools()).tools
    assert [tool.name for tool in tools] == ["search", "ask", "get_article"]
    for tool in tools:
        assert tool.description[0].isupper()
        assert tool.description.endswith(".")
        assert all("description" in of for of in tool.inputSchema["properties"].values())
    assert tools[0].inputSchema["required"] == ["question"]
    assert list(tools[0].inputSchema["properties"]) == [
        "question", "k", "source", "since", "until", "language", "phrases", "without",
    ]  # fmt: skip
    assert tools[0].inputSchema["properties"]["k"]["default"] == 5
    assert tools[2].inputSchema["required"] == ["article_id"]

    def result(name: str, **arguments: Any) -> Any:
        called = call_tool(address, name, **arguments)
        assert not called.isError
        return json.loads(called.content[0].text)

    (hit,) = result("search", question="朝鲜的弹药", k=1)
    assert set(hit) == {"passage", "score", "highlight", "reprints"}
    answer = result("ask", question="平壤运送了多少集装箱的弹药？", since="2024-01-01")
    assert answer["text"] == "约6700"
    article = result("get_article", article_id=hit["passage"]["article_id"])
    assert article == call(address, "get_article", hit["passage"]["article_id"]).json()["data"][0]


@pytest.mark.parametrize(
    ("name", "arguments", "message"),
    [
        ("search", {"question": "x", "k": 0}, "k must be at least 1, not 0"),
        ("search", {"question": "x", "since": "x"}, "since must be a day such as 2024-03-06, not 'x'"),
        ("ask", {"question": " "}, "Type a question"),
        ("ask", {}, "'question' is a required property"),
        ("get_article", {"article_id": "x"}, "There is no article 'x' in the archive."),
    ],
)
def test_wrong_arguments_are_tool_errors(
    site: str, name: str, arguments: dict[str, Any], message: str
) -> None:
    failed = call_tool(site, name, **arguments)
    assert failed.isError
    assert message in failed.content[0].text
    assert failed.content[0].text[0] not in "'\""


@pytest.mark.model
def test_eight_concurrent_calls_are_answered(address: str) -> None:
    async def search_eight_times(session: Any) -> list[Any]:
        calls = [session.call_tool("search", {"question": f"朝鲜 {n}", "k": n}) for n in range(1, 9)]
        return await asyncio.gather(*calls)

    results = mcp_session(address, search_eight_times)
    assert [len(json.loads(result.content[0].text)) for result in results] == list(range(1, 9))

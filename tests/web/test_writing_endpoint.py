"""The endpoint and the MCP tool `write`, with a scripted language model."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.browser import served
from support.chat_server import ChatServer, Reply, chat_server, refusal
from support.clients import call_tool, gradio_client
from support.doubles import HashEncoder, PatternReader

import rag

SAID = "平壤向俄罗斯运送了约6700个集装箱的弹药[1]。没有出处的一句。"
QUESTION = "集装箱的弹药"


@pytest.fixture
def server() -> Iterator[ChatServer]:
    with chat_server(Reply([SAID]), refusal(401)) as server:
        yield server


@pytest.fixture
def address(server: ChatServer, index: Path) -> Iterator[str]:
    assistant = rag.load(index, HashEncoder(), PatternReader(), server.settings())
    with served(assistant, mcp=True) as address:
        yield address


def test_write_returns_checked_sentences_and_explains_faults(address: str, server: ChatServer) -> None:
    client = gradio_client(address)
    written = client.predict(QUESTION, reader_language="zh-Hans", api_name="/write")
    assert [each["text"] for each in written["sentences"]] == [
        "平壤向俄罗斯运送了约6700个集装箱的弹药。",
        "没有出处的一句。",
    ]
    assert written["sentences"][0] == {**written["sentences"][0], "citations": [1], "faults": []}
    assert all(isinstance(fault, str) for fault in written["sentences"][1]["faults"])
    assert written["hits"][0]["passage"]["article_id"] == "a"
    refused = client.predict(QUESTION, api_name="/write")
    assert (refused["sentences"], "RAG_LLM_KEY" in refused["notice"]) == ([], True)
    api = client.view_api(return_format="dict", print_info=False)
    assert "Any" not in json.dumps(api)


def test_write_is_a_tool_of_the_mcp_server(address: str) -> None:
    result = call_tool(address, "write", question=QUESTION)
    assert json.loads(result.content[0].text)["sentences"][0]["citations"] == [1]

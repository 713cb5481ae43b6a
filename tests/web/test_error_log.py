"""Errors and logs: no question is logged, and no message discloses a detail of this machine."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import httpx
import pytest
from support.browser import served
from support.clients import MACHINE, call, call_tool, queue
from support.doubles import HashEncoder, PatternReader

import rag
from rag.types import Answer, Hit
from rag.web import error_log

QUESTION = "集装箱的弹药 zq"
UNAVAILABLE = "The archive cannot answer just now. Try again later."


class Broken:
    """An assistant that fails with messages that contain the question and a path."""

    def __init__(self, real: rag.Assistant) -> None:
        self._real = real

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)

    def search(self, question: str, *_: object, **__: object) -> Any:
        raise RuntimeError(f"{question} in {__file__}") from KeyError(question)

    ask = article = read = search


def test_failure_is_logged_without_the_question(
    small: rag.Assistant, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    broken: Any = Broken(small)
    with served(broken, mcp=True) as address:
        responses = [
            call(address, "search", QUESTION, *[None] * 5).text,
            call(address, "get_article", QUESTION).text,
        ]
        responses.append(json.dumps(queue(address, "ask", [QUESTION, *[None] * 4])[1]))
        failed = call_tool(address, "ask", question=QUESTION)
        assert (failed.isError, failed.content[0].text) == (True, UNAVAILABLE)
        assert all(UNAVAILABLE in text for text in responses)
        shown = queue(address, "respond", [f"?q={QUESTION}"])[1]["data"][0]
        assert "error" in shown
        assert not MACHINE.search("".join([*responses, shown]))
    logged = caplog.text + "".join(capfd.readouterr())
    assert logged.count("an endpoint failed: RuntimeError") == 4
    assert "a page could not be shown: RuntimeError" in logged
    assert Path(__file__).name in logged, "the place is logged"
    assert QUESTION not in logged
    assert "集装箱" not in logged


def test_failure_of_reading_stands_in_the_place_of_the_answer(
    small: rag.Assistant, caplog: pytest.LogCaptureFixture
) -> None:
    class BrokenReader(PatternReader):
        def read(self, question: str, hits: Sequence[Hit]) -> Answer:
            raise RuntimeError(question)

    with served(rag.load(str(small.store), HashEncoder(), BrokenReader())) as address:
        found, read = queue(address, "respond", [f"?q={QUESTION}#7"])[1]["data"]
    assert 'class="box hit"' in found
    assert read.startswith('<div data-stamp="7"><div id="answer">')
    assert 'class="box error"' in read
    assert "RuntimeError" in caplog.text
    assert QUESTION not in caplog.text


def test_questions_are_not_logged(
    small: rag.Assistant, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    with served(small, mcp=True, questions=4) as address:
        for _ in range(2):
            call(address, "ask", QUESTION, *[None] * 4)
            queue(address, "respond", [f"?q={QUESTION}"])
            call_tool(address, "search", question=QUESTION)
            httpx.get(f"{address}?q={QUESTION}")
    assert "".join(capfd.readouterr()) == ""
    assert [
        record for record in caplog.records if record.name.split(".")[0] not in ("httpx", "mcp")
    ] == []


def test_where_returns_places_without_messages() -> None:
    try:
        try:
            raise KeyError("question")
        except KeyError as error:
            raise RuntimeError("question") from error
    except RuntimeError as error:
        places = error_log.where(error)
    assert (
        re.sub(r'  File ".*\n    .*\n(?:    [ ~^]+\n)?', "", places).splitlines()[0] == "RuntimeError"
    )
    assert "because of KeyError" in places
    assert Path(__file__).name in places
    assert error_log.where(None) == ""

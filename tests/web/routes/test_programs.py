"""Tests of `rag.web.routes.programs`."""

from __future__ import annotations

import html
import inspect
import re

import httpx
import pytest
from fastapi import FastAPI
from support.clients import send

import rag
from rag.web.api import endpoints
from rag.web.routes import programs
from rag.web.site import Site


def shown(assistant: rag.Assistant, **options: bool) -> str:
    app = FastAPI()
    programs.register(app, Site(assistant, **options))
    return html.unescape(send(app, "/programs").text)


def test_programs_describes_each_parameter_of_each_endpoint(small: rag.Assistant) -> None:
    page = shown(small)
    for function in endpoints(small, ValueError):
        assert f'<h3 id="{function.__name__}">' in page
        after = page.partition(f'<h3 id="{function.__name__}">')[2].partition("</table>")[0]
        assert re.findall(r"<code>(\w+)</code></th><td[^>]*>\w", after) == list(
            inspect.signature(function).parameters
        )


def test_examples_of_curl_are_answered_at_their_address(small: rag.Assistant, site: str) -> None:
    commands = re.findall(r"curl (\S+) --json '(.*)'", shown(small))
    assert [address.rpartition("/")[2] for address, _ in commands] == ["search", "ask"]
    for address, body in commands:
        there = address.replace("http://localhost:7860/", site)
        answer = httpx.post(there, content=body, headers={"content-type": "application/json"})
        assert answer.status_code == 200
        assert answer.json()["data"]


@pytest.mark.parametrize("has_mcp", [True, False])
def test_programs_has_the_address_of_the_mcp_server_if_there_is_one(
    small: rag.Assistant, has_mcp: bool
) -> None:
    assert ("/gradio_api/mcp/" in shown(small, has_mcp=has_mcp)) is has_mcp

"""The page for programs: the endpoints with their parameters, and how to call them."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from fastapi import FastAPI
from fastapi.responses import HTMLResponse
from starlette.requests import Request

from rag.web.api import endpoints
from rag.web.rendering import render
from rag.web.request_language import translator_of
from rag.web.routes.html_page import html_page
from rag.web.site import Site

_PARAMETER = re.compile(r"^ {1,12}(\w{1,40}): (.{1,300})$", re.MULTILINE)
_QUESTION = "Who heads the WTO?"


@dataclass(frozen=True)
class Endpoint:
    """A function that programs call by name, as its docstring describes it."""

    name: str
    purpose: str
    parameters: dict[str, str]

    @classmethod
    def of(cls, function: Callable[..., Any]) -> Endpoint:
        """Describe a function whose docstring has a first line and a section `Args`."""
        text = inspect.getdoc(function) or ""
        purpose, _, arguments = text.partition("\n")
        return cls(function.__name__, purpose, dict(_PARAMETER.findall(arguments)))


def register(app: FastAPI, site: Site) -> None:
    """Add the page for programs."""
    described = [Endpoint.of(function) for function in endpoints(site.assistant, ValueError)]

    @app.get("/programs")
    def programs(request: Request) -> HTMLResponse:
        translate = translator_of(request)
        content = render(
            "programs.html",
            translate,
            address=str(request.base_url),
            question=_QUESTION,
            endpoints=described,
            has_mcp=site.has_mcp,
            host=site.writing.host if site.writing else "",
        )
        return html_page(site, request, content, title=translate("page.programs"))

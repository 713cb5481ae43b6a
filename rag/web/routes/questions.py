"""Answers questions that arrive as an address outside the question page."""

from __future__ import annotations

from collections.abc import Callable

from fastapi.responses import PlainTextResponse, Response
from starlette.requests import Request

from rag.errors import QuestionError, TooManyQuestions
from rag.web.request_language import translator_of
from rag.web.site import Site
from rag.web.views.query import Query


def respond(site: Site, request: Request, show: Callable[[Query], Response]) -> Response:
    """Count the question of a request and return the response to it, or why there is none."""
    try:
        site.limiter.ask(request.client.host if request.client else "")
        return show(Query.parse(request.url.query))
    except TooManyQuestions as error:
        headers = {"retry-after": str(error.parameters["count"])}
        return PlainTextResponse(translator_of(request).error(error), 429, headers)
    except QuestionError as error:
        return PlainTextResponse(translator_of(request).error(error), 400)

"""What visitors say about wrong answers: the form, and the address that it is sent to."""

from __future__ import annotations

import logging
import math

from fastapi import FastAPI
from fastapi.responses import HTMLResponse, JSONResponse, Response
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request

from rag import feedback
from rag.web.rendering import render
from rag.web.request_language import translator_of
from rag.web.security.rate_limit import RateLimiter
from rag.web.site import Site

_REPORTS, _SECONDS = 20, 600
"""Reports that a visitor may send at once, and the seconds in which as many become possible again."""
_log = logging.getLogger(__name__)


def register(app: FastAPI, site: Site) -> None:
    """Add the form, empty where no reports are stored, and the address that stores a report."""
    limiter = RateLimiter(_REPORTS, _SECONDS)

    @app.get("/feedback")
    def form(request: Request) -> Response:
        if site.feedback is None:
            return Response(status_code=204)
        return HTMLResponse(render("wrong_form.html", translator_of(request)))

    @app.post("/feedback")
    async def keep(request: Request) -> Response:
        translate = translator_of(request)
        if site.feedback is None:
            return _reply(404, translate("page.report-off"))
        try:
            report = feedback.Report.of(await request.body())
        except ValueError:
            return _reply(400, translate("page.report-invalid"))
        if wait := limiter.take(request.client.host if request.client else ""):
            return _reply(429, translate("page.report-often", count=math.ceil(wait)))
        try:
            is_kept = await run_in_threadpool(feedback.append, site.feedback, report)
        except OSError as error:
            _log.error("a report could not be kept: %s", error.strerror)
            return _reply(503, translate("page.report-failed"))
        if not is_kept:
            return _reply(507, translate("page.report-full"))
        return _reply(200, translate("page.report-thanks"))


def _reply(status: int, detail: str) -> JSONResponse:
    return JSONResponse({"detail": detail}, status)

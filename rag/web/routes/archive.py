"""The page about the archive: what it has, and what the last build reports."""

from __future__ import annotations

from fastapi import FastAPI
from fastapi.responses import HTMLResponse
from starlette.requests import Request

from rag.web.request_language import translator_of
from rag.web.routes.html_page import html_page
from rag.web.site import Site
from rag.web.views.articles.archive import show_archive


def register(app: FastAPI, site: Site) -> None:
    """Add the page about the archive."""

    @app.get("/archive")
    def archive(request: Request) -> HTMLResponse:
        translate = translator_of(request)
        content = show_archive(site.assistant, translate)
        return html_page(site, request, content, title=translate("page.archive"))

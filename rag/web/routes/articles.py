"""The list of articles, and the page of each article."""

from __future__ import annotations

from fastapi import FastAPI
from fastapi.responses import HTMLResponse
from starlette.requests import Request

from rag.errors import ArticleMissing
from rag.web.request_language import translator_of
from rag.web.routes.html_page import html_page
from rag.web.site import Site
from rag.web.views.articles.article import find_mark, show_article, show_missing, way_back
from rag.web.views.articles.article_list import show_articles
from rag.web.views.articles.list_query import ListQuery

_DESCRIPTION = 200
"""Characters of an article that describe its page."""


def register(app: FastAPI, site: Site) -> None:
    """Add the list of articles and their pages."""

    @app.get("/articles")
    def articles(request: Request) -> HTMLResponse:
        translate = translator_of(request)
        content = show_articles(site.assistant, ListQuery.parse(request.url.query), translate)
        return html_page(site, request, content, title=translate("page.articles"))

    @app.get("/article/{identifier:path}")
    def article(request: Request, identifier: str, mark: str = "", back: str = "") -> HTMLResponse:
        translate = translator_of(request)
        try:
            found = site.assistant.article(identifier)
        except ArticleMissing:
            title = translate("page.article-missing")
            return html_page(site, request, show_missing(translate), title=title, status=404)
        span = find_mark(mark, found)
        content = show_article(found, span, way_back(back), site.assistant, translate)
        description = " ".join(found.text[:_DESCRIPTION].split())
        title = found.title or found.id
        return html_page(site, request, content, title=title, description=description)

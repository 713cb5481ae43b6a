"""A feed of a question, in Atom 1.0: a feed reader shows new articles that match it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime
from email.utils import format_datetime

from fastapi import FastAPI
from fastapi.responses import Response
from starlette.requests import Request

from rag.index.manifest import Manifest
from rag.web.request_language import translator_of
from rag.web.routes.questions import respond
from rag.web.site import Site
from rag.web.views.query import Query
from rag.web.views.results.found import find
from rag.web.views.sharing.feed import show_feed


def register(app: FastAPI, site: Site) -> None:
    """Add the feed of a question."""

    @app.get("/feed")
    def feed(request: Request) -> Response:
        headers = _validators(request, site.assistant.manifest)
        if _is_known(request, headers):
            return Response(status_code=304, headers=headers)

        def show(query: Query) -> Response:
            translate = translator_of(request)
            answer, found = find(site.assistant, query)
            content = show_feed(
                query,
                answer,
                found,
                name=site.name(translate),
                site=str(request.base_url),
                built=_built(site.assistant.manifest),
                translate=translate,
            )
            return Response(content, headers=headers, media_type="application/atom+xml")

        return respond(site, request, show)


def _validators(request: Request, manifest: Manifest) -> dict[str, str]:
    """Return headers that stay the same as long as the feed does: a build or a language changes it."""
    state = (str(request.url), translator_of(request).locale, manifest.created, manifest.files)
    digest = hashlib.blake2b(repr(state).encode(), digest_size=16).hexdigest()
    return {
        "etag": f'W/"{digest}"',
        "last-modified": format_datetime(_built(manifest), usegmt=True),
        "cache-control": "no-cache",
        "vary": "Accept-Language, Cookie",
    }


def _is_known(request: Request, validators: Mapping[str, str]) -> bool:
    """Whether a reader has the feed as it is."""
    if tags := request.headers.get("if-none-match"):
        return validators["etag"].removeprefix("W/") in tags
    return request.headers.get("if-modified-since") == validators["last-modified"]


def _built(manifest: Manifest) -> datetime:
    return datetime.fromisoformat(manifest.created)

"""The icon and the name under which browsers keep the site."""

from __future__ import annotations

from fastapi import FastAPI
from fastapi.responses import JSONResponse, Response
from starlette.requests import Request

from rag.web.frame import ADMIN, STATIC
from rag.web.request_language import translator_of
from rag.web.site import Site

_SVG = "image/svg+xml"
_DAY = {"cache-control": "max-age=86400"}


def register(app: FastAPI, site: Site) -> None:
    """Add the icon and the manifest, for the admin page too: it may have another password."""
    icon = (STATIC / "icon.svg").read_bytes()

    def favicon() -> Response:
        return Response(icon, media_type=_SVG, headers=_DAY)

    def manifest(request: Request) -> JSONResponse:
        name = site.name(translator_of(request))
        icons = [{"src": "favicon.ico", "sizes": "any", "type": _SVG}]
        content = {"name": name, "start_url": "./", "display": "browser", "icons": icons}
        return JSONResponse(content, media_type="application/manifest+json")

    for root in ("", ADMIN):
        app.get(f"{root}/favicon.ico")(favicon)
        app.get(f"{root}/manifest.json")(manifest)

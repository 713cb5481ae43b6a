"""Pages without Gradio: the frame of the site around some content, complete without a script."""

from __future__ import annotations

from fastapi.responses import HTMLResponse
from markupsafe import Markup
from starlette.requests import Request

from rag.web.frame import show_footer, show_head, show_header
from rag.web.rendering import render
from rag.web.request_language import translator_of
from rag.web.site import Site


def html_page(
    site: Site,
    request: Request,
    content: Markup,
    *,
    title: str,
    description: str = "",
    status: int = 200,
) -> HTMLResponse:
    """Return a page with the header and the footer of the site; `title` is that of the content.

    `description` is what a link to the page shows in a message.
    """
    translate = translator_of(request)
    page = render(
        "layout.html",
        translate,
        head=show_head(site, translate, title, description),
        header=show_header(request.url.path, site, translate),
        content=content,
        footer=show_footer(site, translate),
    )
    return HTMLResponse(page, status)

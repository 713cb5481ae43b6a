"""Assembles everything that is served: the page, the admin page and the API, behind the guard."""

from __future__ import annotations

import json
import logging
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from inspect import Parameter, signature
from pathlib import Path
from typing import Any

import fastapi
import gradio as gr
from fastapi.responses import Response
from starlette.types import ASGIApp

from rag.assistant import Assistant
from rag.ingest import uploads
from rag.web.admin.page import build_admin
from rag.web.background_build import BackgroundBuild
from rag.web.frame import ADMIN, labels, script, styles
from rag.web.gradio_page import own_page
from rag.web.page import build_page
from rag.web.routes import (
    archive,
    articles,
    dictionary,
    exports,
    feed,
    feedback,
    identity,
    programs,
    writing,
)
from rag.web.security.gradio_routes import Event, GradioRoutes
from rag.web.security.guard import Guard
from rag.web.security.rate_limit import RateLimiter
from rag.web.site import Site


@dataclass(frozen=True)
class Service:
    """What is served besides the page, and to whom.

    `mcp` adds an MCP server. `admin_password` adds the admin page, which puts articles into `seeds`.
    `password` protects everything else. `questions` is the number of questions that an address may ask
    per minute, 0 for any number. `hosts` are the host names accepted besides loopback, None for any.
    `title` is the name of the archive, `contact` an address of mail or the web of its owner, and
    `feedback` the file that keeps what visitors say about wrong answers, None to keep nothing.
    """

    mcp: bool = False
    seeds: Path = Path("seeds")
    password: str = ""
    admin_password: str = ""
    questions: int = 60
    hosts: tuple[str, ...] | None = ()
    title: str = ""
    contact: str = ""
    feedback: Path | None = None


def application(
    assistant: Assistant, service: Service | None = None, rebuild: BackgroundBuild | None = None
) -> ASGIApp:
    """Return everything that is served, as one guarded ASGI application.

    The admin page runs `rebuild`: by default, a build of the index that `assistant` was loaded from.
    Nothing is fetched from or sent to another host, except to the assistant's language model.
    """
    service = service or Service()
    parent = fastapi.FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    site = Site(
        assistant,
        RateLimiter(service.questions, 60),
        title=service.title,
        contact=service.contact,
        has_admin=bool(service.admin_password),
        has_mcp=service.mcp,
        feedback=service.feedback,
    )
    has_writing = site.writing is not None
    page_script, page_styles = script(has_writing=has_writing), styles(has_writing=has_writing)
    for prefix in ("", ADMIN):
        parent.get(f"{prefix}/page.js")(lambda: Response(page_script, media_type="text/javascript"))
    parent.get("/page.css")(lambda: Response(page_styles, media_type="text/css"))
    pages = (archive, articles, exports, feed, feedback, identity, programs)
    for routes in (*pages, dictionary, writing):
        routes.register(parent, site)
    if site.has_admin:
        rebuild = rebuild or BackgroundBuild(service.seeds, str(assistant.store))
        admin = build_admin(site, service.seeds, rebuild)
        mount(parent, admin, ADMIN, page_styles, footer_links=[], max_file_size=uploads.MAX_BYTES)
    page = build_page(site)
    mount(parent, page, "/", page_styles, footer_links=[], max_file_size=1, mcp_server=service.mcp)
    if service.mcp:
        setattr(page.mcp_server_obj, "postprocess_output_data", _as_json)  # noqa: B010
        logging.getLogger("mcp").setLevel(logging.ERROR)  # its warnings quote the request
    passwords = {"/": service.password, ADMIN: service.admin_password}
    return Guard(
        parent,
        hosts=service.hosts,
        passwords={path: password for path, password in passwords.items() if password},
        uploads={ADMIN: uploads.MAX_BYTES} if site.has_admin else {},
        limiter=site.limiter,
        routes=GradioRoutes(list(events_of(page))),
        edit_page=partial(own_page, site),
        title=site.title,
    )


def mount(
    parent: fastapi.FastAPI, blocks: gr.Blocks, path: str, css: bytes = b"", **options: Any
) -> None:
    """Mount a page of Gradio: without server-side rendering, history, monitoring and error details."""
    # Gradio warns that server-side rendering is not supported although it is switched off.
    warnings.filterwarnings("ignore", "SSR mode is not supported")
    gr.mount_gradio_app(
        parent,
        blocks,
        path,
        theme=gr.themes.Default(
            font=["system-ui", "sans-serif"], font_mono=["ui-monospace", "monospace"]
        ),
        css=css.decode(),
        i18n=labels(),
        run_history=False,
        enable_monitoring=False,
        ssr_mode=False,
        show_error=False,  # an exception may name a file; a gr.Error is shown all the same
        **options,
    )
    # Only for a launched page does Gradio check that a file which a request names was uploaded.
    blocks.has_launched = True


def events_of(page: gr.Blocks) -> Iterator[Event]:
    """Yield the events that a request can start: the endpoints, and the events of the page itself."""
    for event in page.fns.values():
        if not event.fn:
            continue  # runs in the browser only
        if event.api_visibility == "public":
            parameters = signature(event.fn).parameters
            given = (parameter.default for parameter in parameters.values())
            defaults = tuple(default for default in given if default is not Parameter.empty)
            yield Event(event._id, tuple(parameters), defaults, str(event.api_name))
        else:
            yield Event(event._id, tuple(str(block._id) for block in event.inputs))


def _as_json(results: list[Any], _: str) -> list[Any]:
    """Return the results of an MCP tool as JSON text; Gradio would write Python literals."""
    from mcp.types import TextContent

    return [TextContent(type="text", text=json.dumps(result, ensure_ascii=False)) for result in results]

"""Everything that is served: the page, the admin page and the API, behind the guard."""

from __future__ import annotations

import json
import logging
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from inspect import Parameter, signature
from pathlib import Path
from typing import Any

import fastapi
import gradio as gr
from fastapi.responses import Response

from rag.assistant import Assistant
from rag.ingest import uploads
from rag.web.admin import build_admin
from rag.web.background_build import Rebuild
from rag.web.frame import ADMIN, STATIC, labels, script
from rag.web.page import build
from rag.web.security.gradio_routes import Calls, Event
from rag.web.security.guard import Guard
from rag.web.security.rate_limit import Rate
from rag.web.security.responses import App


@dataclass(frozen=True)
class Service:
    """What is served beside the page, and to whom.

    `mcp` adds an MCP server; `admin_password` the desk, whose articles go into `seeds`; `password` is
    needed for everything. `questions` are those that an address may ask in a minute, 0 for any number;
    `hosts` the names the server goes by besides those of this machine, None for any.
    """

    mcp: bool = False
    seeds: Path = Path("seeds")
    password: str = ""
    admin_password: str = ""
    questions: int = 60
    hosts: tuple[str, ...] | None = ()


def application(assistant: Assistant, service: Service | None = None) -> App:
    """Everything that is served, guarded; nothing is asked of, or told to, any other host.

    The desk rebuilds the index that `assistant` was loaded from.
    """
    service = service or Service()
    parent = fastapi.FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    rate = Rate(service.questions, 60)
    has_desk = bool(service.admin_password)
    page_script = script()
    for prefix in ("", ADMIN):
        parent.get(f"{prefix}/page.js")(lambda: Response(page_script, media_type="text/javascript"))
    if has_desk:
        rebuild = Rebuild(service.seeds, str(assistant.store))
        desk = build_admin(service.seeds, rebuild)
        _mount(parent, desk, ADMIN, footer_links=[], max_file_size=uploads.MAX_BYTES)
    page = build(assistant, rate, has_desk)
    _mount(parent, page, "/", footer_links=["api"], max_file_size=1, mcp_server=service.mcp)
    if service.mcp:
        setattr(page.mcp_server_obj, "postprocess_output_data", _as_json)  # noqa: B010
        logging.getLogger("mcp").setLevel(logging.ERROR)  # its warnings quote what was sent
    passwords = {"/": service.password, ADMIN: service.admin_password}
    return Guard(
        parent,
        hosts=service.hosts,
        passwords={path: password for path, password in passwords.items() if password},
        uploads={ADMIN: uploads.MAX_BYTES} if has_desk else {},
        rate=rate,
        calls=Calls(list(_events(page))),
    )


def _events(page: gr.Blocks) -> Iterator[Event]:
    """What can be asked of a page: its endpoints, and the events by which it is shown."""
    for event in page.fns.values():
        if not event.fn:
            continue  # what happens in the browser alone
        if event.api_visibility == "public":
            parameters = signature(event.fn).parameters
            needed = tuple(name for name, of in parameters.items() if of.default is Parameter.empty)
            yield Event(event._id, tuple(parameters), needed, str(event.api_name))
        else:
            yield Event(event._id, tuple(str(block._id) for block in event.inputs))


def _mount(parent: fastapi.FastAPI, blocks: gr.Blocks, path: str, **options: Any) -> None:
    # Gradio warns that it does not do what it was told not to do.
    warnings.filterwarnings("ignore", "SSR mode is not supported")
    gr.mount_gradio_app(
        parent,
        blocks,
        path,
        theme=gr.themes.Default(
            font=["system-ui", "sans-serif"], font_mono=["ui-monospace", "monospace"]
        ),
        css_paths=Path(str(STATIC / "page.css")),
        i18n=labels(),
        run_history=False,
        enable_monitoring=False,
        ssr_mode=False,
        show_error=False,  # what an exception says may name a file; a gr.Error is shown all the same
        **options,
    )
    # Only then does Gradio check that a file which a request names was uploaded.
    blocks.has_launched = True


def _as_json(results: list[Any], _: str) -> list[Any]:
    """The results of a tool as text: JSON, where Gradio would write them as Python does."""
    from mcp.types import TextContent

    return [TextContent(type="text", text=json.dumps(result, ensure_ascii=False)) for result in results]

"""`rag serve`: open or build the index, start the server, print its address."""

from __future__ import annotations

import os
import sys
import threading
import webbrowser
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from rag.assistant import Assistant
from rag.errors import SetupError
from rag.web.application import Service, application
from rag.web.frame import ADMIN
from rag.web.security.guard import is_loopback
from rag.web.server import listen, serving


def check(host: str, port: int | None, service: Service) -> None:
    """Raise what would keep the page from being served, before anything slow begins.

    That is `AddressUnavailable`, or `SetupError` where a package is missing.
    """
    listen(host, port).close()
    if service.mcp:
        _check_mcp()


def serve(assistant: Assistant, host: str, port: int | None, service: Service) -> None:
    """Serve the page until the process is interrupted; opens it in a browser on a desktop."""
    with serving(application(assistant, service), host, port) as address:
        if service.admin_password:
            print(f"Articles are added at {address}{ADMIN[1:]}/.", flush=True)
        if service.mcp:
            print(f"The MCP server is at {address}gradio_api/mcp/.", flush=True)
        print(f"The page is open at {address} (Ctrl-C ends it).", flush=True)
        if sys.platform in ("darwin", "win32") or {"DISPLAY", "WAYLAND_DISPLAY"} & set(os.environ):
            webbrowser.open(address)
        with suppress(KeyboardInterrupt):
            threading.Event().wait()


def _check_mcp() -> None:
    try:
        import mcp.types  # noqa: F401
    except ImportError as error:
        raise SetupError(
            "The MCP server needs a package. Run `pip install 'news-archive-rag[mcp]'`."
        ) from error


def service_of(
    host: str,
    *,
    seeds: str,
    mcp: bool,
    admin: bool,
    admin_anywhere: bool,
    questions: int,
    names: Sequence[str] = (),
) -> Service:
    """What is asked for on the command line, with the passwords that are in the environment.

    Raises `SetupError` for a desk without a password, or where others could reach it unasked.
    """
    admin_password = os.environ.get("RAG_ADMIN_PASSWORD", "")
    if admin and not admin_password:
        raise SetupError("--admin needs a password. Set RAG_ADMIN_PASSWORD to one and start again.")
    if admin and not (is_loopback(host) or admin_anywhere):
        raise SetupError(
            f"--admin is for this machine alone, not for all who reach {host}. Leave out --host, or "
            "say --admin-anywhere, and have something before it that speaks https."
        )
    return Service(
        mcp=mcp,
        seeds=Path(seeds),
        password=os.environ.get("RAG_PASSWORD", ""),
        admin_password=admin_password if admin else "",
        questions=questions,
        hosts=tuple(names) if names or is_loopback(host) else None,
    )

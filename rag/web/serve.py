"""`rag serve`: starts the server and prints its addresses."""

from __future__ import annotations

import os
import re
import sys
import threading
import webbrowser
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from rag.assistant import Assistant
from rag.errors import SetupError
from rag.feedback import check as check_feedback
from rag.i18n.translator import Translator
from rag.web.application import Service, application
from rag.web.frame import ADMIN
from rag.web.security.guard import is_loopback
from rag.web.server import listen, serving
from rag.web.views.sharing.citations import is_web
from rag.writing.settings import WritingSettings

_MAIL = re.compile(r"[\w.+-]{1,64}@[\w.-]{1,255}")


def check(host: str, port: int | None, service: Service) -> None:
    """Raise what would prevent the server from starting, before anything slow begins.

    That is `AddressUnavailable`, `SetupError` for a missing package, `WritingUnavailable` for a wrong
    address or a missing client of the language model, or `OSError` for a file of feedback that cannot
    be written.
    """
    listen(host, port).close()
    if service.feedback:
        check_feedback(service.feedback)
    if service.mcp:
        _check_mcp()
    if settings := WritingSettings.of_environment():
        settings.check()


def serve(
    assistant: Assistant,
    host: str,
    port: int | None,
    service: Service,
    translate: Translator | None = None,
    stop: threading.Event | None = None,
) -> None:
    """Serve the page until the process is interrupted, or `stop` is set.

    Prints the addresses, in the language of `translate`: English by default. On a desktop it opens the
    page in the browser.
    """
    translate = translate or Translator()
    with serving(application(assistant, service), host, port) as address:
        if service.admin_password:
            print(translate("cli.serve-admin", address=f"{address}{ADMIN[1:]}/"), flush=True)
        if service.mcp:
            print(translate("cli.serve-mcp", address=f"{address}gradio_api/mcp/"), flush=True)
        if assistant.language_model:
            print(translate("cli.serve-writing", host=assistant.language_model.host), flush=True)
        print(translate("cli.serve-page", address=address), flush=True)
        if sys.platform in ("darwin", "win32") or {"DISPLAY", "WAYLAND_DISPLAY"} & set(os.environ):
            webbrowser.open(address)
        with suppress(KeyboardInterrupt):
            (stop or threading.Event()).wait()


def service_of(
    host: str,
    *,
    seeds: str,
    mcp: bool,
    admin: bool,
    admin_anywhere: bool,
    questions: int,
    names: Sequence[str] = (),
    feedback: str = "",
) -> Service:
    """Return the service for these options, with the passwords, name and contact of the environment.

    Raises `SetupError` for an admin page without a password, or on another address than loopback
    without `admin_anywhere`, and for a contact that is no address.
    """
    admin_password = os.environ.get("RAG_ADMIN_PASSWORD", "")
    if admin and not admin_password:
        raise SetupError("admin-password-missing")
    if admin and not (is_loopback(host) or admin_anywhere):
        raise SetupError("admin-exposed", host=host)
    return Service(
        mcp=mcp,
        seeds=Path(seeds),
        password=os.environ.get("RAG_PASSWORD", ""),
        admin_password=admin_password if admin else "",
        questions=questions,
        title=" ".join(os.environ.get("RAG_TITLE", "").split()),
        contact=_contact(os.environ.get("RAG_CONTACT", "").strip()),
        hosts=tuple(names) if names or is_loopback(host) else None,
        feedback=Path(feedback) if feedback else None,
    )


def _contact(text: str) -> str:
    if text and not (_MAIL.fullmatch(text) or is_web(text)):
        raise SetupError("contact-invalid", contact=text)
    return text


def _check_mcp() -> None:
    try:
        import mcp.types  # noqa: F401
    except ImportError as error:
        raise SetupError("mcp-not-installed") from error

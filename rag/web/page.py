"""The question page, in Gradio."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from typing import Any

import gradio as gr
from markupsafe import Markup

from rag.errors import QuestionError
from rag.i18n.translator import Translator
from rag.web import error_log
from rag.web.api import endpoints
from rag.web.frame import TITLE, labels, show_header
from rag.web.rendering import render
from rag.web.request_language import translator_of
from rag.web.site import Site
from rag.web.views.boxes import show_error
from rag.web.views.examples import Examples
from rag.web.views.query import Query
from rag.web.views.results import pages as results

_AT_ONCE, _WAITING = 8, 200
"""Questions that are answered together, and that wait: more at once would make the last wait longer."""
_STATUS_SECONDS = 10
"""Seconds between two messages of the queue to all that wait; by default each question sends one."""
_SESSIONS = 500
"""Open pages of which Gradio keeps the state, which nothing reads."""
_log = logging.getLogger(__name__)


class _RequestError(gr.Error):
    """An error that is shown to the client and not logged."""

    def __init__(self, message: str) -> None:
        super().__init__(message, print_exception=False)

    def __str__(self) -> str:
        return str(self.message)  # Gradio's own would reach MCP clients in quotation marks


def build_page(site: Site) -> gr.Blocks:
    """Return the question page of a site, and the endpoints for programs."""
    assistant = site.assistant
    examples = Examples(assistant)

    def parts(address: str, request: gr.Request, translate: Translator) -> Iterator[Markup]:
        query = Query.parse(address)
        if query.question is None:
            yield results.show_home(assistant, examples.get(translate.locale), translate)
        elif wait := site.limiter.take(request.client.host):
            yield show_error(translate("page.rate", count=int(wait) + 1), translate)
        else:
            yield from results.show_results(assistant, query, translate)

    def respond(address: str, request: gr.Request) -> Iterator[tuple[object, object]]:
        """Yield what is found, then what is read, which the page's script puts into its place."""
        translate = translator_of(request)
        # The script drops what does not have the stamp of the last question.
        stamped = (
            render("result.html", translate, stamp=address.rpartition("#")[2], content=part)
            for part in _shown(parts(address, request, translate), translate)
        )
        yield next(stamped), gr.skip()
        # Gradio sends the last values once more at the end: it must not be the passages.
        yield gr.skip(), next(stamped, gr.skip())

    def show_question_frame(request: gr.Request) -> tuple[str, str]:
        translate = translator_of(request)
        return show_header("/", site, translate), render("history.html", translate)

    # Otherwise Gradio keeps 10,000 durations and computes statistics over them after each question.
    os.environ.setdefault("GRADIO_ANALYTICS_CACHE_FREQUENCY", str(1 << 31))
    os.environ.setdefault("GRADIO_ANALYTICS_MAX_EVENTS", "1")
    hidden: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}
    # gradio_client asks through the queue, where Gradio answers one call at a time by default.
    together: dict[str, Any] = {"concurrency_limit": _AT_ONCE, "concurrency_id": "questions"}
    with gr.Blocks(title=TITLE, analytics_enabled=False) as page:
        header = gr.HTML(elem_id="top", apply_default_css=False)
        question = _question_box()
        below = gr.HTML(elem_id="below", apply_default_css=False)
        address = gr.Textbox(visible="hidden", elem_id="view")
        result = gr.HTML(elem_id="results", apply_default_css=False)
        read = gr.Textbox(visible="hidden", elem_id="read")
        page.load(show_question_frame, None, [header, below], **hidden).then(
            None, None, address, js="() => archive.start()", **hidden
        )
        question.submit(None, question, address, js="(question) => archive.ask(question)", **hidden)
        # All ways of asking change the address, and only the last change counts.
        outputs = [result, read]
        address.change(respond, address, outputs, trigger_mode="always_last", **together, **hidden)
        read.change(None, read, None, js="(read) => archive.showRead(read)", **hidden)
        for endpoint in endpoints(assistant, _RequestError):
            gr.api(endpoint, api_name=endpoint.__name__, queue=False, **together)  # type: ignore[attr-defined]
    page.state_session_capacity = _SESSIONS
    queued: gr.Blocks = page.queue(
        status_update_rate=_STATUS_SECONDS, max_size=_WAITING, api_open=False
    )
    return queued


def _question_box() -> gr.Textbox:
    label = labels()
    return gr.Textbox(
        label=label("question"),
        placeholder=label("placeholder"),
        submit_btn=label("ask"),  # type: ignore[arg-type]
        autofocus=True,
        elem_id="question",
    )


def _shown(parts: Iterator[Markup], translate: Translator) -> Iterator[Markup]:
    """Yield the parts of a page; in place of one that raises, a message."""
    show = show_error
    try:
        for part in parts:
            yield part
            show = results.show_unread
    except QuestionError as error:
        yield show(translate.error(error), translate)
    except Exception as error:
        _log.error("a page could not be shown: %s", error_log.where(error))
        yield show(translate("page.failed"), translate)

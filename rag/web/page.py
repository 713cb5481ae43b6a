"""The question page, in Gradio."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
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

    def respond(address: str, request: gr.Request) -> str:
        translate, query = translator_of(request), Query.parse(address)
        if query.question is None:
            questions = examples.get(translate.locale)
            content = _shown(results.show_home, assistant, questions, translate=translate)
        elif wait := site.limiter.take(request.client.host):
            content = show_error(translate("page.rate", count=int(wait) + 1), translate)
        else:
            content = _shown(results.show_results, assistant, query, translate=translate)
        # The page's script drops a result whose stamp is not that of the last question.
        return render("result.html", translate, stamp=address.rpartition("#")[2], content=content)

    def show_question_frame(request: gr.Request) -> tuple[str, str]:
        translate = translator_of(request)
        return show_header("/", site, translate), render("history.html", translate)

    # Otherwise Gradio computes statistics over the last 10,000 durations after each question.
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
        page.load(show_question_frame, None, [header, below], **hidden).then(
            None, None, address, js="() => archive.start()", **hidden
        )
        question.submit(None, question, address, js="(question) => archive.ask(question)", **hidden)
        # All ways of asking change the address, and only the last change counts.
        address.change(respond, address, result, trigger_mode="always_last", **together, **hidden)
        for endpoint in endpoints(assistant, _RequestError):
            gr.api(endpoint, api_name=endpoint.__name__, queue=False, **together)  # type: ignore[attr-defined]
    page.state_session_capacity = _SESSIONS
    queued: gr.Blocks = page.queue(max_size=_WAITING, api_open=False)
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


def _shown(show: Callable[..., Markup], *values: object, translate: Translator) -> Markup:
    """Return what `show` returns, or a message in its place where it raises."""
    try:
        return show(*values, translate)
    except QuestionError as error:
        return show_error(translate.error(error), translate)
    except Exception as error:
        _log.error("a page could not be shown: %s", error_log.where(error))
        return show_error(translate("page.failed"), translate)

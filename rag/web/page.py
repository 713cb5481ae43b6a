"""The pages in Gradio: the one in which people ask, and the one about the archive."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from html import escape
from typing import Any

import gradio as gr

from rag.assistant import Assistant
from rag.i18n.translator import Translator, catalogue, locales, preferred
from rag.web import error_log
from rag.web.api import endpoints
from rag.web.security.rate_limit import RateLimiter
from rag.web.views import archive, passages, results
from rag.web.views.examples import Examples
from rag.web.views.query import View

I18N = gr.I18n(
    **{
        Translator(locale)("locale.gradio"): {
            key.removeprefix("page."): message
            for key, message in catalogue(locale).items()
            if key.startswith("page.") and isinstance(message, str)
        }
        for locale in locales()
    }
)
"""The labels that Gradio renders in the browser; it calls the languages by other names."""
ADMIN = "/admin"
_AT_ONCE, _WAITING = 8, 200
"""Questions that are answered together, and that wait: with more at once the last wait longer."""
_SESSIONS = 500
"""Open pages of which Gradio keeps the question and what is shown; it is never asked for them."""
_log = logging.getLogger(__name__)


class _Told(gr.Error):
    """An error whose message is for whoever asked, and is not logged."""

    def __init__(self, message: str) -> None:
        super().__init__(message, print_exception=False)

    def __str__(self) -> str:
        return str(self.message)  # Gradio's own would reach MCP clients in quotation marks


def build(assistant: Assistant, rate: RateLimiter, has_desk: bool = False) -> gr.Blocks:
    """Return the pages that ask `assistant` and tell about it, with the endpoints for programs."""
    examples = Examples(assistant)

    def respond(address: str, request: gr.Request) -> str:
        words, view = words_of(request), View.of(address)
        if view.question is None:
            shown = _shown(words, results.show_home, assistant, examples.get(words.locale))
        elif wait := rate.take(request.client.host):
            shown = passages.show_error(words("page.rate", seconds=words.number(int(wait) + 1)))
        else:
            shown = _shown(words, results.show_results, assistant, view)
        # By its stamp the page's script knows what was asked last.
        return f'<div data-stamp="{escape(address.rpartition("#")[2])}">{shown}</div>'

    def show_ask_frame(request: gr.Request) -> tuple[str, str]:
        words = words_of(request)
        return show_top("/", has_desk, words), _show_below(words)

    def show_archive(request: gr.Request) -> tuple[str, str]:
        words = words_of(request)
        top = show_top("/archive", has_desk, words)
        return top, _shown(words, archive.show_holdings, assistant)

    # Else Gradio sums up, after each question, how long the last 10,000 took.
    os.environ.setdefault("GRADIO_ANALYTICS_MAX_EVENTS", "1")
    hidden: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}
    # By the queue, where gradio_client asks too, Gradio would otherwise answer one at a time.
    turns: dict[str, Any] = {"concurrency_limit": _AT_ONCE, "concurrency_id": "questions"}
    with gr.Blocks(title="News archive", analytics_enabled=False) as page:
        top = gr.HTML(elem_id="top", apply_default_css=False)
        question = gr.Textbox(
            label=I18N("question"),
            placeholder=I18N("placeholder"),
            submit_btn=I18N("ask"),  # type: ignore[arg-type]
            autofocus=True,
            elem_id="question",
        )
        below = gr.HTML(elem_id="below", apply_default_css=False)
        looked_at = gr.Textbox(visible="hidden", elem_id="view")
        shown = gr.HTML(elem_id="results", apply_default_css=False)
        page.load(show_ask_frame, None, [top, below], **hidden).then(
            None, None, looked_at, js="() => archive.start()", **hidden
        )
        question.submit(None, question, looked_at, js="(asked) => archive.ask(asked)", **hidden)
        # One event asks, whatever started it, so that the last question is the one that is shown.
        looked_at.change(
            respond,
            looked_at,
            shown,
            trigger_mode="always_last",
            **turns,
            **hidden,
        )
        for endpoint in endpoints(assistant, _Told):
            gr.api(endpoint, api_name=endpoint.__name__, queue=False, **turns)  # type: ignore[attr-defined]
    with page.route("Archive", "/archive", show_in_navbar=False):
        top = gr.HTML(elem_id="top", apply_default_css=False)
        about = gr.HTML(elem_classes="text-page", apply_default_css=False)
        page.load(show_archive, None, [top, about], **hidden)
    page.state_session_capacity = _SESSIONS
    queued: gr.Blocks = page.queue(max_size=_WAITING, api_open=False)
    return queued


def show_top(here: str, has_desk: bool, words: Translator) -> str:
    """What is above every page: its name, the other pages, the languages."""
    paths = {"/": "ask", "/archive": "archive", **({f"{ADMIN}/": "admin"} if has_desk else {})}
    pages = "".join(
        f'<a href="{path}"{" aria-current=page" if path == here else ""}>{words(f"page.{key}")}</a>'
        for path, key in paths.items()
    )
    languages = "".join(
        f'<button type="button" data-lang="{locale}" lang="{locale}"'
        f"{' aria-current=true' if locale == words.locale else ''}>{name}</button>"
        for locale, name in (("zh-Hans", "简体"), ("zh-Hant", "繁體"), ("en", "English"))
    )
    said = {key: words(f"page.{key}") for key in ("searching", "lost", "copied", "name")}
    data = " ".join(f'data-{key}="{escape(text)}"' for key, text in said.items())
    return (
        f'<a class="skip" href="#results">{words("page.skip")}</a>'
        f'<div class="bar"><h1>{words("page.name")}</h1>'
        f'<nav aria-label="{words("page.pages-of-site")}">{pages}</nav>'
        f'<nav class="languages" aria-label="{words("page.interface")}">{languages}</nav></div>'
        f'<div id="words" {data} hidden></div>'
    )


def _show_below(words: Translator) -> str:
    """What is below the question: what is going on, and what was asked before in this browser."""
    return (
        '<p id="status" role="status"></p>'
        f'<details id="history" hidden><summary>{words("page.history")}</summary><ul></ul>'
        f'<p class="note">{words("page.history-note")} '
        f'<button type="button" data-clear>{words("page.clear-history")}</button></p></details>'
    )


def words_of(request: gr.Request) -> Translator:
    """In the language that the page's script has chosen, or else what the browser prefers."""
    if (chosen := request.cookies.get("lang")) in locales():
        return Translator(chosen)
    accepted = request.headers.get("accept-language", "")
    return Translator(preferred(part.partition(";")[0].strip() for part in accepted.split(",")))


def _shown(words: Translator, show: Callable[..., str], *what: object) -> str:
    try:
        return show(*what, words)
    except Exception as fault:
        _log.error("a page could not be shown: %s", error_log.where(fault))
        return passages.show_error(words("page.failed"))

"""The Gradio UI: the page in which people ask, the one about the archive, and the desk that runs it."""

from __future__ import annotations

import logging
import os
import sys
import threading
import webbrowser
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from html import escape
from pathlib import Path

import fastapi
import gradio as gr
from fastapi.responses import Response

import rag
from rag import cards, holdings, results, store, terminal, wording
from rag.endpoints import endpoints
from rag.errors import IndexMissing
from rag.examples import Examples
from rag.server import listen, serving
from rag.views import View
from rag.wording import Words

_WEB = Path(rag.__file__).parent / "web"
_LOCALES = {"en": "en", "zh-CN": "zh-Hans", "zh-TW": "zh-Hant"}
"""What Gradio calls the languages of the page."""
_AT_ONCE, _WAITING = 16, 200
_I18N = gr.I18n(**{name: dict(wording.table(locale)) for name, locale in _LOCALES.items()})
_log = logging.getLogger("rag.app")


def build(assistant: rag.Assistant) -> gr.Blocks:
    """Return the pages that ask `assistant` and tell about it, with the endpoints for programs."""
    examples = Examples(assistant)

    def respond(address: str, request: gr.Request) -> str:
        words, view = _words(request), View.of(address)
        if view.question is None:
            return _shown(words, results.show_home, assistant, examples.get(words.locale))
        return _shown(words, results.show_results, assistant, view)

    def show_archive(request: gr.Request) -> str:
        words = _words(request)
        return _shown(words, holdings.show_holdings, assistant)

    with gr.Blocks(title="News archive", analytics_enabled=False) as page:
        top = gr.HTML(elem_id="top", apply_default_css=False)
        question = gr.Textbox(
            label=_I18N("question"),
            placeholder=_I18N("placeholder"),
            submit_btn=_I18N("ask"),
            autofocus=True,
            elem_id="question",
        )
        below = gr.HTML(elem_id="below", apply_default_css=False)
        looked_at = gr.Textbox(visible="hidden", elem_id="view")
        shown = gr.HTML(elem_id="results", apply_default_css=False)
        page.load(_show_frame("/"), None, [top, below], api_visibility="private").then(
            None, None, looked_at, js="() => archive.start()", api_visibility="private"
        )
        question.submit(
            None, question, looked_at, js="(asked) => archive.ask(asked)", api_visibility="private"
        )
        # One event asks, whatever started it, so that the last question is the one that is shown.
        looked_at.change(
            respond,
            looked_at,
            shown,
            show_progress="hidden",
            trigger_mode="always_last",
            concurrency_limit=_AT_ONCE,
            api_visibility="private",
        )
        for endpoint in endpoints(assistant, partial(gr.Error, print_exception=False)):
            gr.api(endpoint, api_name=endpoint.__name__, queue=False)
    with page.route("Archive", "/archive", show_in_navbar=False):
        top = gr.HTML(elem_id="top", apply_default_css=False)
        about = gr.HTML(elem_classes="text-page", apply_default_css=False)
        page.load(
            _show_frame("/archive"), None, [top, gr.HTML(visible="hidden")], api_visibility="private"
        )
        page.load(show_archive, None, about, api_visibility="private")
    return page.queue(max_size=_WAITING)


def _show_frame(here: str) -> Callable[[gr.Request], tuple[str, str]]:
    """What is above and below the question on the page with this path."""

    def show(request: gr.Request) -> tuple[str, str]:
        words = _words(request)
        pages = "".join(
            f'<a href="{path}"{" aria-current=page" if path == here else ""}>{words(key)}</a>'
            for path, key in (("/", "ask"), ("/archive", "archive"))
        )
        languages = "".join(
            f'<button type="button" data-lang="{locale}" lang="{locale}"'
            f"{' aria-current=true' if locale == words.locale else ''}>{name}</button>"
            for locale, name in (("zh-Hans", "简体"), ("zh-Hant", "繁體"), ("en", "English"))
        )
        said = {key: words(key) for key in ("searching", "lost", "copied")}
        data = " ".join(f'data-{key}="{escape(text)}"' for key, text in said.items())
        top = (
            f'<a class="skip" href="#results">{words("skip")}</a>'
            f'<div class="bar"><h1>{words("name")}</h1>'
            f'<nav aria-label="{words("pages-of-site")}">{pages}</nav>'
            f'<nav class="languages" aria-label="{words("interface")}">{languages}</nav></div>'
            f'<div id="words" {data} hidden></div>'
        )
        below = (
            '<p id="status" role="status"></p>'
            f'<details id="history" hidden><summary>{words("history")}</summary><ul></ul>'
            f'<p class="note">{words("history-note")} '
            f'<button type="button" data-clear>{words("clear-history")}</button></p></details>'
        )
        return top, below

    return show


def _words(request: gr.Request) -> Words:
    """In the language that the page's script has chosen, or else what the browser prefers."""
    if (chosen := request.cookies.get("lang")) in wording.LOCALES:
        return Words(chosen)
    accepted = request.headers.get("accept-language", "")
    return Words(wording.preferred(part.partition(";")[0].strip() for part in accepted.split(",")))


def _shown(words: Words, show: Callable[..., str], *what: object) -> str:
    try:
        return show(*what, words)
    except Exception:
        _log.exception("a page could not be shown")
        return cards.show_error(words("failed"))


def application(page: gr.Blocks) -> fastapi.FastAPI:
    """Everything that the server answers with; nothing is asked of, or told to, any other host."""
    application = fastapi.FastAPI(docs_url=None, redoc_url=None, openapi_url=None)

    @application.get("/page.js")
    def script() -> Response:
        return Response((_WEB / "page.js").read_bytes(), media_type="text/javascript")

    fonts = ["system-ui", "sans-serif"]
    gr.mount_gradio_app(
        application,
        page,
        path="/",
        theme=gr.themes.Default(font=fonts, font_mono=["ui-monospace", "monospace"]),
        css_paths=_WEB / "page.css",
        i18n=_I18N,
        run_history=False,
        enable_monitoring=False,
        footer_links=["api"],
        ssr_mode=False,
        show_error=True,
        max_file_size=1,  # nothing is uploaded here
        mcp_server=False,
    )
    return application


def serve(index: str, seeds: str, host: str = "127.0.0.1", port: int | None = None) -> None:
    """Open the page and wait; builds the index from the seeds folder first if there is none."""
    listen(host, port).close()
    with terminal.progress() as progress:
        encoder, reader = rag.SentenceEncoder(progress=progress), rag.SpanReader(progress=progress)
        try:
            assistant = rag.load(index, encoder, reader)
        except IndexMissing:
            kept = str(store.at(index))
            print(f"There is no index in {kept} yet: building it from {seeds}.", flush=True)
            report = rag.build(rag.read_seeds(seeds), index, encoder, progress)
            terminal.show_report(report, kept)
            assistant = rag.load(index, encoder, reader)
        print("Loading the model.", flush=True)
        assistant.ask("warm up")
    with serving(application(build(assistant)), host, port) as address:
        print(f"The page is open at {address} (Ctrl-C ends it).", flush=True)
        if _has_desktop():
            webbrowser.open(address)
        with suppress(KeyboardInterrupt):
            threading.Event().wait()


def _has_desktop() -> bool:
    return sys.platform in ("darwin", "win32") or bool(
        os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    )


if __name__ == "__main__":
    from rag.__main__ import main

    sys.exit(main(["serve", *sys.argv[1:]]))

"""The Gradio UI: the page in which people ask, the one about the archive, and how they are served."""

from __future__ import annotations

import json
import logging
import os
import sys
import threading
import warnings
import webbrowser
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from html import escape
from inspect import Parameter, signature
from pathlib import Path
from typing import Any

import fastapi
import gradio as gr
from fastapi.responses import Response

import rag
from rag import cards, faults, holdings, intake, results, store, terminal, wording
from rag.asgi import App
from rag.calls import Calls, Event
from rag.desk import build_desk
from rag.endpoints import endpoints
from rag.errors import IndexMissing, SetupError
from rag.examples import Examples
from rag.guard import Guard, is_loopback
from rag.limits import Rate
from rag.rebuild import Rebuild
from rag.server import listen, serving
from rag.views import View
from rag.wording import Words

_WEB = Path(rag.__file__).parent / "web"
_LOCALES = {"en": "en", "zh-CN": "zh-Hans", "zh-TW": "zh-Hant"}
"""What Gradio calls the languages of the page."""
_I18N = gr.I18n(**{name: dict(wording.table(locale)) for name, locale in _LOCALES.items()})
_AT_ONCE, _WAITING = 8, 200
"""Questions that are answered together, and that wait: with more at once the last wait longer."""
_SESSIONS = 500
"""Open pages of which Gradio keeps the question and what is shown; it is never asked for them."""
_DESK = "/admin"
_log = logging.getLogger("rag.app")


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


class _Told(gr.Error):
    """An error whose message is for whoever asked, and is not logged."""

    def __init__(self, message: str) -> None:
        super().__init__(message, print_exception=False)

    def __str__(self) -> str:
        return str(self.message)  # Gradio's own would reach MCP clients in quotation marks


def build(assistant: rag.Assistant, rate: Rate, has_desk: bool = False) -> gr.Blocks:
    """Return the pages that ask `assistant` and tell about it, with the endpoints for programs."""
    examples = Examples(assistant)

    def respond(address: str, request: gr.Request) -> str:
        words, view = _words(request), View.of(address)
        if view.question is None:
            shown = _shown(words, results.show_home, assistant, examples.get(words.locale))
        elif wait := rate.take(request.client.host):
            shown = cards.show_error(words("rate", seconds=words.number(int(wait) + 1)))
        else:
            shown = _shown(words, results.show_results, assistant, view)
        # By its stamp the page's script knows what was asked last.
        return f'<div data-stamp="{escape(address.rpartition("#")[2])}">{shown}</div>'

    def show_ask_frame(request: gr.Request) -> tuple[str, str]:
        words = _words(request)
        return _show_top("/", has_desk, words), _show_below(words)

    def show_archive(request: gr.Request) -> tuple[str, str]:
        words = _words(request)
        top = _show_top("/archive", has_desk, words)
        return top, _shown(words, holdings.show_holdings, assistant)

    # Else Gradio sums up, after each question, how long the last 10,000 took.
    os.environ.setdefault("GRADIO_ANALYTICS_MAX_EVENTS", "1")
    hidden: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}
    # By the queue, where gradio_client asks too, Gradio would otherwise answer one at a time.
    turns: dict[str, Any] = {"concurrency_limit": _AT_ONCE, "concurrency_id": "questions"}
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
            gr.api(endpoint, api_name=endpoint.__name__, queue=False, **turns)
    with page.route("Archive", "/archive", show_in_navbar=False):
        top = gr.HTML(elem_id="top", apply_default_css=False)
        about = gr.HTML(elem_classes="text-page", apply_default_css=False)
        page.load(show_archive, None, [top, about], **hidden)
    page.state_session_capacity = _SESSIONS
    return page.queue(max_size=_WAITING, api_open=False)


def _show_top(here: str, has_desk: bool, words: Words) -> str:
    """What is above every page: its name, the other pages, the languages."""
    paths = {"/": "ask", "/archive": "archive", **({f"{_DESK}/": "admin"} if has_desk else {})}
    pages = "".join(
        f'<a href="{path}"{" aria-current=page" if path == here else ""}>{words(key)}</a>'
        for path, key in paths.items()
    )
    languages = "".join(
        f'<button type="button" data-lang="{locale}" lang="{locale}"'
        f"{' aria-current=true' if locale == words.locale else ''}>{name}</button>"
        for locale, name in (("zh-Hans", "简体"), ("zh-Hant", "繁體"), ("en", "English"))
    )
    said = {key: words(key) for key in ("searching", "lost", "copied", "name")}
    data = " ".join(f'data-{key}="{escape(text)}"' for key, text in said.items())
    return (
        f'<a class="skip" href="#results">{words("skip")}</a>'
        f'<div class="bar"><h1>{words("name")}</h1>'
        f'<nav aria-label="{words("pages-of-site")}">{pages}</nav>'
        f'<nav class="languages" aria-label="{words("interface")}">{languages}</nav></div>'
        f'<div id="words" {data} hidden></div>'
    )


def _show_below(words: Words) -> str:
    """What is below the question: what is going on, and what was asked before in this browser."""
    return (
        '<p id="status" role="status"></p>'
        f'<details id="history" hidden><summary>{words("history")}</summary><ul></ul>'
        f'<p class="note">{words("history-note")} '
        f'<button type="button" data-clear>{words("clear-history")}</button></p></details>'
    )


def _words(request: gr.Request) -> Words:
    """In the language that the page's script has chosen, or else what the browser prefers."""
    if (chosen := request.cookies.get("lang")) in wording.LOCALES:
        return Words(chosen)
    accepted = request.headers.get("accept-language", "")
    return Words(wording.preferred(part.partition(";")[0].strip() for part in accepted.split(",")))


def _shown(words: Words, show: Callable[..., str], *what: object) -> str:
    try:
        return show(*what, words)
    except Exception as fault:
        _log.error("a page could not be shown: %s", faults.where(fault))
        return cards.show_error(words("failed"))


def application(assistant: rag.Assistant, service: Service | None = None) -> App:
    """Everything that is served, guarded; nothing is asked of, or told to, any other host.

    The desk rebuilds the index that `assistant` was loaded from.
    """
    service = service or Service()
    parent = fastapi.FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    rate = Rate(service.questions, 60)
    has_desk = bool(service.admin_password)
    script = (_WEB / "page.js").read_bytes()
    for prefix in ("", _DESK):
        parent.get(f"{prefix}/page.js")(lambda: Response(script, media_type="text/javascript"))
    if has_desk:
        rebuild = Rebuild(service.seeds, str(assistant.store))
        desk = build_desk(
            service.seeds, rebuild, _I18N, _words, partial(_show_top, f"{_DESK}/", has_desk)
        )
        _mount(parent, desk, _DESK, footer_links=[], max_file_size=intake.MAX_BYTES)
    page = build(assistant, rate, has_desk)
    _mount(parent, page, "/", footer_links=["api"], max_file_size=1, mcp_server=service.mcp)
    if service.mcp:
        page.mcp_server_obj.postprocess_output_data = _as_json
        logging.getLogger("mcp").setLevel(logging.ERROR)  # its warnings quote what was sent
    passwords = {"/": service.password, _DESK: service.admin_password}
    return Guard(
        parent,
        hosts=service.hosts,
        passwords={path: password for path, password in passwords.items() if password},
        uploads={_DESK: intake.MAX_BYTES} if has_desk else {},
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
            yield Event(event._id, tuple(parameters), needed, event.api_name)
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
        css_paths=_WEB / "page.css",
        i18n=_I18N,
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


def serve(index: str, host: str, port: int | None, service: Service) -> None:
    """Open the page and wait; builds the index from the seeds folder first if there is none."""
    listen(host, port).close()
    if service.mcp:
        _check_mcp()
    with terminal.progress() as progress:
        encoder, reader = rag.SentenceEncoder(progress=progress), rag.SpanReader(progress=progress)
        try:
            assistant = rag.load(index, encoder, reader)
        except IndexMissing:
            kept = str(store.at(index))
            print(f"There is no index in {kept} yet: building it from {service.seeds}.", flush=True)
            report = rag.build(rag.read_seeds(service.seeds), index, encoder, progress)
            terminal.show_report(report, kept)
            assistant = rag.load(index, encoder, reader)
        print("Loading the model.", flush=True)
        assistant.ask("warm up")
    with serving(application(assistant, service), host, port) as address:
        if service.admin_password:
            print(f"Articles are added at {address}{_DESK[1:]}/.", flush=True)
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


if __name__ == "__main__":
    from rag.__main__ import main

    sys.exit(main(["serve", *sys.argv[1:]]))

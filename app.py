"""The page in which people ask: a question box, the answer and its passages, and nothing else."""

from __future__ import annotations

import json
import logging
import os
import socket
import sys
from collections.abc import Callable, Iterator
from typing import Any

import gradio as gr

import rag
from rag import cards, store, terminal
from rag.errors import AddressUnavailable, IndexMissing, RagError
from rag.retriever import MAX_QUESTION_CHARACTERS
from rag.types import to_json

EXAMPLES = {
    "en": "how many containers did Pyongyang ship?",
    "zh": "金正恩收到的汽车是什么牌子？",
    "fr": "Quel missile iranien a été montré à la délégation russe ?",
    "ja": "金正恩はどの戦闘機の飛行を見ましたか？",
}

_CSS = """
.gradio-container { max-width: 50rem !important; margin: 0 auto !important; }
#question textarea { unicode-bidi: plaintext; text-align: start; }
#examples { gap: .5rem; flex-wrap: wrap; }
#examples button { flex: 0 1 auto; min-width: 0; white-space: normal; text-align: start; }
#results > .html-container { padding: 0 !important; }
#results { overflow-wrap: anywhere; line-height: 1.7; font-size: 1rem; color: var(--body-text-color);
    --quiet: #575757; --link: #1a56b0; --shade: #f3efdc; }
.dark #results { --quiet: #b9b9c0; --link: #9cc2ff; --shade: #3b382b; }
#results h2 { font-size: 1.1rem; font-weight: 600; margin: 1.5rem 0 .5rem; }
#results h3 { font-size: 1.1rem; font-weight: 600; margin: 0; line-height: 1.4; }
#results a { color: var(--link); text-decoration: underline; text-underline-offset: .15em; }
#results a:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; }
#results .note { color: var(--quiet); font-size: .9rem; margin: .25rem 0 0; }
#results .box { border: 1px solid var(--border-color-primary); border-radius: .6rem;
    padding: 1rem 1.1rem; margin: .75rem 0; background: var(--block-background-fill); }
#results .answer { border-inline-start: 4px solid var(--color-accent); }
#results .answer blockquote { margin: 0 0 .6rem; font-size: 1.6rem; line-height: 1.4;
    font-weight: 600; }
#results .answer .absent { margin: 0; font-size: 1.2rem; }
#results .others { list-style: none; }
#results .others li + li { margin-top: .8rem; }
#results .others blockquote { margin: 0; font-weight: 600; }
#results .error { border-color: #c0392b; }
#results .text { unicode-bidi: isolate; white-space: pre-line; margin: .6rem 0; }
#results .sentence { background: var(--shade); }
#results mark { background: #ffe58a; color: #201a00; border-radius: .15rem; padding: 0 .1rem; }
"""


def build(assistant: rag.Assistant) -> gr.Blocks:
    """Return the page that asks `assistant`, with the endpoints /search and /ask for programs."""

    def respond(question: str) -> Iterator[str]:
        yield cards.show_status("Searching the archive…")
        try:
            result = cards.show_answer(assistant.ask(question))
        except RagError as error:
            result = cards.show_error(str(error))
        except Exception:
            logging.exception("a question could not be answered")
            result = cards.show_error(
                "Something went wrong while searching. Try again, or restart the program."
            )
        yield result

    def search(question: str, k: int = 5) -> list[dict[str, Any]]:
        """Return the k passages closest to a question, best first."""
        return _for_api(lambda: assistant.search(question, _whole(k)))

    def ask(question: str) -> dict[str, Any]:
        """Return the answer to a question and the passages it was read from."""
        return _for_api(lambda: assistant.ask(question))

    def heading() -> str:
        manifest = assistant.manifest
        return (
            f"# Ask the news archive\n{manifest.articles:,} articles, {manifest.passages:,} passages. "
            "Ask in any language; the passages are shown as they were published."
        )

    with gr.Blocks(title="News archive", analytics_enabled=False) as page:
        about = gr.Markdown(heading())
        page.load(heading, None, about, api_visibility="private")  # builds go on meanwhile
        question = gr.Textbox(
            label="Question",
            placeholder="how many containers did Pyongyang ship?",
            max_length=MAX_QUESTION_CHARACTERS,
            submit_btn="Ask",
            autofocus=True,
            elem_id="question",
        )
        with gr.Row(elem_id="examples"):
            buttons = [
                gr.Button(text, size="sm", elem_id=f"example-{language}")
                for language, text in EXAMPLES.items()
            ]
        results = gr.HTML(
            cards.show_status("Type a question, or choose one of the examples."),
            elem_id="results",
            apply_default_css=False,
        )
        # One event asks, whatever started it, so that the last question is the one that is shown: a
        # button only fills in the question and the time, in the browser.
        clicked = gr.Textbox(visible="hidden")
        for button in buttons:
            fill_in = f"() => [{json.dumps(button.value)}, String(Date.now())]"
            button.click(None, None, [question, clicked], js=fill_in, api_visibility="private")
        gr.on(
            [question.submit, clicked.change],
            respond,
            question,
            results,
            show_progress="hidden",
            trigger_mode="always_last",
            concurrency_limit=4,
            api_visibility="private",
        )
        gr.api(search, api_name="search", concurrency_limit=4)
        gr.api(ask, api_name="ask", concurrency_limit=4)
    return page


def serve(index: str, seeds: str, host: str = "127.0.0.1", port: int | None = None) -> None:
    """Open the page and wait; builds the index from the seeds folder first if there is none."""
    _check_address(host, port)
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
    page = build(assistant)
    _, address, _ = launch(page, host, port, inbrowser=_has_desktop())
    print(f"The page is open at {address} (Ctrl-C ends it).", flush=True)
    page.block_thread()


def launch(page: gr.Blocks, host: str, port: int | None, **options: Any) -> tuple[Any, str, str]:
    """Start the server and return; nothing is asked of, or told to, any other host."""
    fonts = ["system-ui", "sans-serif"]
    return page.launch(
        server_name=host,
        server_port=port,
        theme=gr.themes.Default(font=fonts, font_mono=["ui-monospace", "monospace"]),
        css=_CSS,
        prevent_thread_lock=True,
        quiet=True,
        share=False,
        run_history=False,
        enable_monitoring=False,
        footer_links=["api"],
        ssr_mode=False,
        max_file_size=1,  # nothing is uploaded here
        **options,
    )


def _check_address(host: str, port: int | None) -> None:
    try:
        socket.create_server((host, port or 0)).close()
    except OSError as error:
        raise AddressUnavailable(
            f"The page cannot listen on {host}:{port or 7860} ({error.strerror or error}). "
            "Name another address with --host and --port."
        ) from error


def _has_desktop() -> bool:
    return sys.platform in ("darwin", "win32") or bool(
        os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    )


def _for_api(call: Callable[[], object]) -> Any:
    try:
        return to_json(call())
    except (RagError, ValueError) as error:
        raise gr.Error(str(error), print_exception=False) from error


def _whole(k: Any) -> int:
    if isinstance(k, bool) or not isinstance(k, (int, float)) or k != k // 1:
        raise ValueError(f"k must be a whole number, not {k!r}")
    return int(k)


if __name__ == "__main__":
    from rag.__main__ import main

    sys.exit(main(["serve", *sys.argv[1:]]))

"""The page of those who run an archive: articles are added to its seeds, and its index is rebuilt."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

import gradio as gr

from rag.errors import RagError
from rag.i18n.translator import Translator
from rag.ingest import uploads as intake
from rag.ingest.uploads import UploadedFile
from rag.types import Stage
from rag.web.background_build import Rebuild
from rag.web.views import passages

if TYPE_CHECKING:
    from collections.abc import Mapping

_SHOWN_CHARACTERS = 300
_TICK_SECONDS = 1.0


def build_desk(
    seeds: Path,
    rebuild: Rebuild,
    i18n: gr.I18n,
    words_of: Callable[[gr.Request], Translator],
    show_top: Callable[[Translator], str],
) -> gr.Blocks:
    """Return the page that puts uploads into `seeds` and starts `rebuild`.

    `words_of` says in which language, `show_top` what is above it, as on the other pages.
    """

    def show_texts(request: gr.Request) -> tuple[str, str, str, str]:
        words = words_of(request)
        add = f'<h2>{words("page.add")}</h2><p class="note">{words("page.add-hint")}</p>'
        return show_top(words), add, f"<h2>{words('page.rebuild')}</h2>", show_state(request)

    def preview(uploads: list[str] | None, request: gr.Request) -> tuple[str, Any]:
        words = words_of(request)
        if not uploads:
            return "", gr.update(interactive=False)
        try:
            candidates = intake.examine([Path(upload) for upload in uploads], seeds)
        except RagError as error:
            return passages.show_error(str(error)), gr.update(interactive=False)
        return show_candidates(candidates, words), gr.update(
            interactive=any(not candidate.refusal for candidate in candidates)
        )

    def accept(uploads: list[str] | None, request: gr.Request) -> tuple[str, Any, Any]:
        words = words_of(request)
        try:
            candidates = intake.examine([Path(upload) for upload in uploads or ()], seeds)
            written = intake.accept(candidates, seeds)
        except RagError as error:
            return passages.show_error(str(error)), gr.update(), gr.update()
        told = passages.show_status(words("page.accepted", count=len(written)))
        return told, gr.update(value=None), gr.update(interactive=False)

    def start(request: gr.Request) -> str:
        words = words_of(request)
        return (
            show_state(request)
            if rebuild.start()
            else passages.show_status(words("page.rebuild-twice"))
        )

    def cancel(request: gr.Request) -> str:
        rebuild.cancel()
        return show_state(request)

    def show_state(request: gr.Request) -> str:
        return _state(rebuild, words_of(request))

    with gr.Blocks(title="News archive", analytics_enabled=False) as desk:
        top = gr.HTML(elem_id="top", apply_default_css=False)
        add = gr.HTML(elem_classes="text-page", apply_default_css=False)
        files = gr.File(file_count="multiple", label=i18n("upload"), elem_id="upload", height=140)
        shown = gr.HTML(elem_id="preview", elem_classes="text-page", apply_default_css=False)
        accepting = gr.Button(i18n("accept"), interactive=False)
        build = gr.HTML(elem_classes="text-page", apply_default_css=False)
        state = gr.HTML(elem_id="rebuild", elem_classes="text-page", apply_default_css=False)
        with gr.Row():
            starting = gr.Button(i18n("rebuild"))
            cancelling = gr.Button(i18n("cancel"))
        hidden: Mapping[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}
        desk.load(show_texts, None, [top, add, build, state], **hidden)
        gr.on([files.upload, files.delete, files.clear], preview, files, [shown, accepting], **hidden)
        accepting.click(accept, files, [shown, files, accepting], **hidden)
        starting.click(start, None, state, **hidden)
        cancelling.click(cancel, None, state, **hidden)
        gr.Timer(_TICK_SECONDS).tick(show_state, None, state, **hidden)
    made: gr.Blocks = desk
    return made


def show_candidates(candidates: Sequence[UploadedFile], words: Translator) -> str:
    """A table of what would be added, and of what is refused and why."""
    rows = "".join(_row(candidate, words) for candidate in candidates)
    return f"<h3>{words('page.preview')}</h3><table>{rows}</table>"


def _row(candidate: UploadedFile, words: Translator) -> str:
    article = candidate.article
    said = (
        f'<p class="refusal">{escape(words.error(candidate.refusal))}</p>' if candidate.refusal else ""
    )
    if article:
        date = article.published.strftime("%Y-%m-%d") if article.published else words("page.no-date")
        text = " ".join(article.text[:_SHOWN_CHARACTERS].split())
        said += (
            f"<p><strong><bdi>{escape(article.title)}</bdi></strong><br>{date} · "
            f"<bdi>{escape(words.language(article.language))}</bdi></p>"
            f'<p class="note" lang="{escape(article.language)}">{escape(text)}…</p>'
        )
    return f'<tr><th scope="row"><bdi>{escape(candidate.name)}</bdi></th><td>{said}</td></tr>'


def _stage(stage: str, words: Translator) -> str:
    return next((words(known.key) for known in Stage if known == stage), stage)


def _state(rebuild: Rebuild, words: Translator) -> str:
    state = rebuild.state
    if state.is_running:
        label = words("page.rebuild-running", stage=_stage(state.stage, words))
        bar = f'max="{state.total}" value="{state.done}"' if state.total else ""
        of = f"{words.number(state.done)} / {words.number(state.total)}" if state.total else ""
        return f'<p role="status">{label} {of}</p><progress aria-label="{label}" {bar}></progress>'
    if state.error:
        return passages.show_error(state.error)
    if state.is_cancelled:
        return passages.show_status(words("page.cancelled"))
    if report := state.report:
        counts = {
            name: words.number(getattr(report, name))
            for name in ("added", "updated", "removed", "unchanged")
        }
        failed = words.number(len(report.failed))
        return passages.show_status(words("page.rebuild-done", **counts, failed=failed))
    return f'<p class="note">{words("page.rebuild-idle")}</p>'

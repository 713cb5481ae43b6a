"""The admin page, in Gradio: it adds articles to the seeds folder and rebuilds the index."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gradio as gr
from markupsafe import Markup

from rag.errors import RagError
from rag.i18n.translator import Translator
from rag.ingest import uploads
from rag.ingest.regular_files import MEGABYTE
from rag.ingest.uploads import UploadedFile
from rag.types import Article, Stage
from rag.web.background_build import BackgroundBuild, State
from rag.web.frame import ADMIN, TITLE, labels, show_header
from rag.web.rendering import render
from rag.web.request_language import translator_of
from rag.web.site import Site
from rag.web.views.boxes import show_error, show_status

_BEGINNING_CHARACTERS = 300
_REFRESH_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class PreviewedFile:
    """An uploaded file: the article in it, the beginning of its text, and why it is refused."""

    name: str
    article: Article | None
    beginning: str
    refusal: str


def build_admin(site: Site, seeds: Path, rebuild: BackgroundBuild) -> gr.Blocks:
    """Return the page that adds uploaded articles to `seeds` and starts `rebuild`."""

    def show_texts(request: gr.Request) -> tuple[str, str, str, str]:
        translate = translator_of(request)
        header = show_header(f"{ADMIN}/", site, translate)
        headings = _show_adding(translate), _show_rebuilding(translate)
        return header, *headings, show_state(request)

    def preview(files: list[str] | None, request: gr.Request) -> tuple[str, Any]:
        translate = translator_of(request)
        if not files:
            return "", gr.update(interactive=False)
        try:
            examined = uploads.examine([Path(file) for file in files], seeds)
        except RagError as error:
            return show_error(translate.error(error), translate), gr.update(interactive=False)
        is_any_accepted = any(file.refusal is None for file in examined)
        return show_preview(examined, translate), gr.update(interactive=is_any_accepted)

    def accept(files: list[str] | None, request: gr.Request) -> tuple[str, Any, Any]:
        translate = translator_of(request)
        try:
            examined = uploads.examine([Path(file) for file in files or ()], seeds)
            added = uploads.accept(examined, seeds)
        except RagError as error:
            return show_error(translate.error(error), translate), gr.update(), gr.update()
        message = show_status(translate("page.accepted", count=len(added)), translate)
        return message, gr.update(value=None), gr.update(interactive=False)

    def start(request: gr.Request) -> str:
        if rebuild.start():
            return show_state(request)
        translate = translator_of(request)
        return show_status(translate("page.rebuild-twice"), translate)

    def cancel(request: gr.Request) -> str:
        rebuild.cancel()
        return show_state(request)

    def show_state(request: gr.Request) -> str:
        return show_build(rebuild.state, translator_of(request))

    label = labels()
    text: dict[str, Any] = {"elem_classes": "text-page", "apply_default_css": False}
    hidden: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}
    with gr.Blocks(title=TITLE, analytics_enabled=False) as page:
        header = gr.HTML(elem_id="top", apply_default_css=False)
        adding = gr.HTML(**text)
        files = gr.File(file_count="multiple", label=label("upload"), elem_id="upload", height=140)
        previewed = gr.HTML(elem_id="preview", **text)
        accepting = gr.Button(label("accept"), interactive=False)
        rebuilding = gr.HTML(**text)
        state = gr.HTML(elem_id="rebuild", **text)
        with gr.Row():
            starting = gr.Button(label("rebuild"))
            cancelling = gr.Button(label("cancel"))
        page.load(show_texts, None, [header, adding, rebuilding, state], **hidden)
        changes = [files.upload, files.delete, files.clear]
        gr.on(changes, preview, files, [previewed, accepting], **hidden)
        accepting.click(accept, files, [previewed, files, accepting], **hidden)
        starting.click(start, None, state, **hidden)
        cancelling.click(cancel, None, state, **hidden)
        gr.Timer(_REFRESH_SECONDS).tick(show_state, None, state, **hidden)
    built: gr.Blocks = page
    return built


def show_preview(uploaded: Sequence[UploadedFile], translate: Translator) -> Markup:
    """Return a table of the uploaded files: the articles in them, and why some are refused."""
    skipped = sum(file.refusal is not None for file in uploaded)
    heading = translate("page.preview", added=len(uploaded) - skipped, skipped=skipped)
    files = [_previewed(file, translate) for file in uploaded]
    return render("upload_preview.html", translate, heading=heading, files=files)


def _previewed(file: UploadedFile, translate: Translator) -> PreviewedFile:
    article = file.article
    beginning = " ".join(article.text[:_BEGINNING_CHARACTERS].split()) if article else ""
    refusal = translate.error(file.refusal) if file.refusal else ""
    return PreviewedFile(file.name, article, beginning, refusal)


def show_build(state: State, translate: Translator) -> Markup:
    """Return the progress of the build, or how the last one ended."""
    if state.is_running:
        label = translate("page.rebuild-running", stage=_stage(state.stage, translate))
        return render("build_progress.html", translate, label=label, done=state.done, total=state.total)
    if state.error:
        return show_error(translate.error(state.error), translate)
    if state.is_cancelled:
        return show_status(translate("page.cancelled"), translate)
    if report := state.report:
        summary = translate(
            "page.rebuild-done",
            added=report.added,
            updated=report.updated,
            removed=report.removed,
            unchanged=report.unchanged,
        )
        return render(
            "build_report.html",
            translate,
            summary=summary,
            model_changed=report.model_changed,
            failed=len(report.failed),
        )
    return render("note.html", translate, text=translate("page.rebuild-idle"))


def _stage(stage: str, translate: Translator) -> str:
    return next((translate(known.key) for known in Stage if known == stage), stage)


def _show_adding(translate: Translator) -> Markup:
    megabytes = uploads.MAX_BYTES // MEGABYTE
    note = translate("page.add-hint", files=uploads.MAX_FILES, megabytes=megabytes)
    return render("admin_heading.html", translate, heading=translate("page.add"), note=note)


def _show_rebuilding(translate: Translator) -> Markup:
    return render("admin_heading.html", translate, heading=translate("page.rebuild"), note="")

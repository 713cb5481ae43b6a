"""The admin page, in Gradio: its components and which event changes which of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import gradio as gr

from rag.web.admin.desk import AdminDesk
from rag.web.background_build import BackgroundBuild
from rag.web.frame import TITLE, labels
from rag.web.site import Site

_REFRESH_SECONDS = 1.0


def build_admin(site: Site, seeds: Path, rebuild: BackgroundBuild) -> gr.Blocks:
    """Return the page that changes the articles of `seeds` and starts `rebuild`."""
    desk, label = AdminDesk(site, seeds, rebuild), labels()
    text: dict[str, Any] = {"elem_classes": "text-page", "apply_default_css": False}
    hidden: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}
    with gr.Blocks(title=TITLE, analytics_enabled=False) as page:
        header = gr.HTML(elem_id="top", apply_default_css=False)
        adding = gr.HTML(elem_id="results", **text)  # the target of the header's skip link
        files = gr.File(file_count="multiple", label=label("upload"), elem_id="upload", height=140)
        previewed = gr.HTML(elem_id="preview", **text)
        accepting = gr.Button(label("accept"), visible=False, elem_id="accept")
        indexing = gr.HTML(elem_id="index", **text)
        state = gr.HTML(elem_id="rebuild", **text)
        with gr.Row():
            starting = gr.Button(label("rebuild"), elem_id="start")
            cancelling = gr.Button(label("cancel"), interactive=False)
        rollback = gr.HTML(elem_id="rollback", **text)
        articles = gr.HTML(elem_id="articles", **text)
        typed = gr.Textbox(visible="hidden")
        sending = gr.Button(visible="hidden", elem_id="send")
        generation = gr.Textbox(visible="hidden")
        is_adding = gr.State(False)

        index = [state, starting, cancelling, rollback, generation]
        page.load(desk.show, None, [header, adding, indexing, *index], **hidden)
        generation.change(desk.show_articles, typed, articles, js="() => desk.view()", **hidden)
        gr.on(
            [files.upload, files.delete, files.clear],
            desk.preview,
            files,
            [previewed, accepting, is_adding],
            **hidden,
        ).then(desk.show_index, is_adding, index, **hidden)
        accepting.click(
            desk.accept,
            [files, typed],
            [previewed, accepting, is_adding, files],
            js="(files) => [files, desk.details()]",
            **hidden,
        ).then(
            desk.show_index,
            is_adding,
            index,
            js="(adding) => desk.tell('#preview', adding)",
            **hidden,
        )
        sending.click(
            desk.run,
            [typed, is_adding],
            [articles, *index],
            js="(_, adding) => [desk.command(), adding]",
            **hidden,
        ).then(None, None, None, js="() => desk.tell()", **hidden)
        starting.click(desk.start, is_adding, [previewed, *index], **hidden)
        cancelling.click(desk.cancel, is_adding, index, **hidden)
        gr.Timer(_REFRESH_SECONDS).tick(desk.show_index, is_adding, index, **hidden)
    built: gr.Blocks = page
    return built

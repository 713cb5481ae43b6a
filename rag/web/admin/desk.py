"""What the admin page does at each event, and what it then shows."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeAlias

import gradio as gr
from markupsafe import Markup

from rag.errors import RagError
from rag.i18n.translator import Translator
from rag.index.manifest import Manifest
from rag.ingest import uploads
from rag.ingest.regular_files import MEGABYTE
from rag.web.admin.articles import ArticleDesk
from rag.web.admin.build import show_build, show_rollback
from rag.web.admin.fields import Typed
from rag.web.admin.uploads import InvalidDetails, add, show_outcome, show_preview
from rag.web.background_build import BackgroundBuild
from rag.web.frame import ADMIN, show_header
from rag.web.rendering import render
from rag.web.request_language import translator_of
from rag.web.site import Site
from rag.web.views.boxes import show_error

Index: TypeAlias = tuple[Markup, Any, Any, Markup, str]
"""The state of the index, the buttons to rebuild and to cancel, the way back, the time of the index."""
Adding: TypeAlias = tuple[Markup, Any, bool]
"""The preview, the button that adds, and whether there is something to add."""


class AdminDesk:
    """The events of the admin page of a site, which changes `seeds` and starts `rebuild`."""

    def __init__(self, site: Site, seeds: Path, rebuild: BackgroundBuild) -> None:
        self._site, self._seeds, self._rebuild = site, seeds, rebuild
        self._articles = ArticleDesk(site.assistant, seeds, rebuild)
        # The index before changes with the index only, and Milvus answers over the network.
        self._earlier = lru_cache(maxsize=1)(self._read_earlier)

    def show(self, request: gr.Request) -> tuple[Any, ...]:
        """Return the header, the headings and the index, whose articles follow."""
        translate = translator_of(request)
        header = show_header(f"{ADMIN}/", self._site, translate)
        headings = _show_adding(translate), _show_indexing(translate)
        return header, *headings, *self._show_index(False, translate)

    def show_articles(self, view: str, request: gr.Request) -> Markup:
        """Return the list of articles again, as it was."""
        fields = read_command(view)
        return self._articles.run({**fields, "action": ""}, translator_of(request))

    def preview(self, files: list[str] | None, request: gr.Request) -> Adding:
        """Return what the uploaded files would add."""
        translate = translator_of(request)
        if not files:
            return _nothing_to_add(Markup())
        try:
            examined = uploads.examine(_paths(files), self._seeds)
        except RagError as error:
            return _nothing_to_add(show_error(translate.error(error), translate))
        preview = show_preview(examined, translate)
        if all(file.refusal for file in examined):
            return _nothing_to_add(preview)
        return preview, gr.update(visible=True, variant="primary"), True

    def accept(
        self, files: list[str] | None, typed: str, request: gr.Request
    ) -> tuple[Markup, Any, bool, Any]:
        """Add the uploaded files with the details that were typed, and empty the form."""
        translate, details = translator_of(request), read_details(typed)
        try:
            examined = add(_paths(files), self._seeds, details)
        except InvalidDetails as error:
            examined = uploads.examine(_paths(files), self._seeds)
            preview = show_preview(examined, translate, details, error.reasons)
            return preview, gr.update(), True, gr.update()
        except RagError as error:
            return show_error(translate.error(error), translate), gr.update(), True, gr.update()
        self._rebuild.note_changes(file.name for file in examined if not file.refusal)
        return *_nothing_to_add(show_outcome(examined, translate)), gr.update(value=None)

    def run(self, command: str, is_adding: bool, request: gr.Request) -> tuple[Any, ...]:
        """Do what a form of the page asks for; return the articles and the index."""
        translate, fields = translator_of(request), read_command(command)
        if fields.get("action") == "roll_back":
            return gr.update(), *self._roll_back(is_adding, translate)
        return self._articles.run(fields, translate), *self._show_index(is_adding, translate)

    def start(self, is_adding: bool, request: gr.Request) -> tuple[Any, ...]:
        """Start a rebuild, unless one runs; forget what was added before it."""
        self._rebuild.start()
        preview = gr.update() if is_adding else Markup()
        return preview, *self.show_index(is_adding, request)

    def cancel(self, is_adding: bool, request: gr.Request) -> Index:
        """Cancel the rebuild, if one runs."""
        self._rebuild.cancel()
        return self.show_index(is_adding, request)

    def show_index(self, is_adding: bool, request: gr.Request) -> Index:
        """Return the state of the index; its button is the main one unless files can be added."""
        return self._show_index(is_adding, translator_of(request))

    def _show_index(self, is_adding: bool, translate: Translator) -> Index:
        state, changes = self._rebuild.state, self._rebuild.changes
        is_main = not is_adding and not state.is_running and changes > 0
        created = self._site.assistant.manifest.created
        earlier = None if state.is_running else self._earlier(created)
        return (
            show_build(state, changes, translate),
            gr.update(interactive=not state.is_running, variant="primary" if is_main else "secondary"),
            gr.update(interactive=state.is_running),
            show_rollback(earlier, translate),
            created,
        )

    def _roll_back(self, is_adding: bool, translate: Translator) -> Index:
        assistant = self._site.assistant
        try:
            self._rebuild.roll_back(assistant.store)
            assistant.refresh()
        except RagError as error:
            message = show_error(translate.error(error), translate)
            _, *others = self._show_index(is_adding, translate)
            return message, *others
        return self._show_index(is_adding, translate)

    def _read_earlier(self, _: str) -> Manifest | None:
        try:
            return self._site.assistant.store.earlier()
        except RagError:
            return None


def read_command(text: str) -> dict[str, str]:
    """Return the fields of a form that the page has sent as JSON; none if it is anything else."""
    try:
        fields = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return _strings(fields)


def read_details(text: str) -> dict[str, Typed]:
    """Return the typed details of uploaded files by file, from JSON; none if it is anything else."""
    try:
        files = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return {name: _strings(fields) for name, fields in files.items()} if isinstance(files, dict) else {}


def _strings(fields: object) -> dict[str, str]:
    pairs: Mapping[object, object] = fields if isinstance(fields, dict) else {}
    return {str(name): value for name, value in pairs.items() if isinstance(value, str)}


def _paths(files: Sequence[str] | None) -> list[Path]:
    return [Path(file) for file in files or ()]


def _nothing_to_add(shown: Markup) -> Adding:
    return shown, gr.update(visible=False), False


def _show_adding(translate: Translator) -> Markup:
    megabytes = uploads.MAX_BYTES // MEGABYTE
    note = translate("page.add-hint", files=uploads.MAX_FILES, megabytes=megabytes)
    return render("admin_heading.html", translate, heading=translate("page.add"), note=note)


def _show_indexing(translate: Translator) -> Markup:
    return render("admin_heading.html", translate, heading=translate("admin.index"), note="")

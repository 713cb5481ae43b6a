"""The part of the admin page that adds files: a preview with fields to complete, then the outcome."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from markupsafe import Markup

from rag.errors import SeedsError
from rag.i18n.translator import Translator
from rag.ingest import uploads
from rag.ingest.curation.corrections import Correction
from rag.ingest.uploads import UploadedFile
from rag.types import Article
from rag.web.admin.fields import Field, InvalidFields, Typed, read_correction, show_fields
from rag.web.rendering import render

_BEGINNING_CHARACTERS = 200
_WITH_FIELDS = 50
"""Files that have fields in the preview; the articles of others are corrected once they are indexed."""


@dataclass(frozen=True, slots=True)
class AddedFile:
    """A file that will be added: its first article, and fields for it if it is the only one."""

    name: str
    article: Article
    count: int
    beginning: str
    fields: Sequence[Field]


class InvalidDetails(Exception):
    """Some of the typed details of uploaded files are wrong; `reasons` are by file and field."""

    def __init__(self, reasons: Mapping[str, Mapping[str, SeedsError]]) -> None:
        super().__init__(", ".join(reasons))
        self.reasons = reasons


def add(files: Sequence[Path], seeds: Path, typed: Mapping[str, Typed]) -> list[UploadedFile]:
    """Add the files that are not refused, with the corrections that were typed; return all of them.

    Raises `InvalidDetails`, and adds nothing, for a typed value that is wrong; and what
    `uploads.examine` and `uploads.accept` raise.
    """
    examined = uploads.examine(files, seeds)
    uploads.accept(examined, seeds, _corrections(examined, typed))
    return examined


def _corrections(examined: Sequence[UploadedFile], typed: Mapping[str, Typed]) -> dict[str, Correction]:
    kept: dict[str, Correction] = {}
    reasons: dict[str, Mapping[str, SeedsError]] = {}
    for file in examined:
        if file.refusal or not file.article or file.name not in typed:
            continue
        try:
            correction = read_correction(file.article, typed[file.name])
        except InvalidFields as error:
            reasons[file.name] = error.reasons
        else:
            if correction != Correction():
                kept[file.name] = correction
    if reasons:
        raise InvalidDetails(reasons)
    return kept


def show_preview(
    examined: Sequence[UploadedFile],
    translate: Translator,
    typed: Mapping[str, Typed] | None = None,
    reasons: Mapping[str, Mapping[str, SeedsError]] | None = None,
) -> Markup:
    """Return the uploaded files: those that will be added, with fields, then the skipped ones."""
    added = _accepted(examined)
    skipped = _skipped(examined, translate)
    rows = []
    for number, file in enumerate(added):
        fields: Sequence[Field] = ()
        if file.article and len(file.ids) == 1 and number < _WITH_FIELDS:
            entered, wrong = (typed or {}).get(file.name), (reasons or {}).get(file.name)
            fields = show_fields(file.article, translate, entered, wrong, file.suggested)
        rows.append(_row(file, fields))
    return render(
        "upload_preview.html",
        translate,
        heading=translate("page.preview", added=len(added), skipped=len(skipped)),
        error=translate("admin.details-wrong") if reasons else "",
        files=rows,
        skipped=skipped,
    )


def show_outcome(examined: Sequence[UploadedFile], translate: Translator) -> Markup:
    """Return what was added, and which files were skipped."""
    articles = sum(len(file.ids) for file in _accepted(examined))
    return render(
        "upload_outcome.html",
        translate,
        message=translate("page.accepted", count=articles),
        skipped=_skipped(examined, translate),
    )


def _accepted(examined: Sequence[UploadedFile]) -> list[UploadedFile]:
    return [file for file in examined if not file.refusal]


def _skipped(examined: Sequence[UploadedFile], translate: Translator) -> list[tuple[str, str]]:
    return [(file.name, translate.error(file.refusal)) for file in examined if file.refusal]


def _row(file: UploadedFile, fields: Sequence[Field]) -> AddedFile:
    assert file.article
    beginning = " ".join(file.article.text[:_BEGINNING_CHARACTERS].split())
    return AddedFile(file.name, file.article, len(file.ids), beginning, fields)

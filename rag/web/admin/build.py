"""The part of the admin page about the index: its rebuild, and the way back to the index before."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from markupsafe import Markup

from rag.i18n.translator import Translator
from rag.index.manifest import Manifest
from rag.reports import BuildReport, Failure, Stage
from rag.web.background_build import State
from rag.web.rendering import render
from rag.web.views.boxes import show_error, show_status

_LISTED_FILES = 20


def show_build(state: State, changes: int, translate: Translator) -> Markup:
    """Return the progress of the build, or how the last one ended, and the changes since."""
    if state.is_running:
        return _show_progress(state, translate)
    if changes:
        note = show_status(translate("admin.changes", count=changes), translate)
    else:
        note = render("note.html", translate, text=translate("page.rebuild-idle"))
    outcome = _show_outcome(state, translate)
    return outcome + note if changes or not outcome else outcome


def _show_progress(state: State, translate: Translator) -> Markup:
    stage = next((translate(known.key) for known in Stage if known == state.stage), state.stage)
    label = translate("page.rebuild-running", stage=stage) if stage else translate("admin.begins")
    return render("build_progress.html", translate, label=label, done=state.done, total=state.total)


def _show_outcome(state: State, translate: Translator) -> Markup:
    if state.error:
        return show_error(translate.error(state.error), translate)
    if state.is_cancelled:
        return show_status(translate("page.cancelled"), translate)
    if state.restored:
        restored = _described(state.restored, translate)
        return show_status(translate("admin.rolled-back", index=restored), translate)
    return _show_report(state.report, translate) if state.report else Markup()


def _show_report(report: BuildReport, translate: Translator) -> Markup:
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
        refused=_refused(report.failed[:_LISTED_FILES], translate),
    )


def _refused(failures: Sequence[Failure], translate: Translator) -> list[tuple[str, str]]:
    return [(failure.path, translate.reason(failure)) for failure in failures]


def show_rollback(earlier: Manifest | None, translate: Translator) -> Markup:
    """Return what a rollback brings back, with the button for it; nothing without an earlier index."""
    if earlier is None:
        return Markup()
    return render("admin_rollback.html", translate, index=_described(earlier, translate))


def _described(manifest: Manifest, translate: Translator) -> str:
    created = translate.moment(datetime.fromisoformat(manifest.created))
    articles = translate("page.articles-count", count=manifest.articles)
    passages = translate("page.passages-count", count=manifest.passages)
    return translate("admin.index-of", created=created, articles=articles, passages=passages)

"""The part of the admin page with the articles of the index: to find, correct, remove and restore."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from markupsafe import Markup

from rag.assistant import Assistant
from rag.errors import ArticleMissing, RagError, SeedsError
from rag.i18n.translator import Translator
from rag.index.catalogue import Entry, Selection
from rag.ingest.curation import corrections, removals
from rag.ingest.curation.corrections import Correction
from rag.types import Article
from rag.web.admin.fields import Field, InvalidFields, Typed, read_correction, show_fields
from rag.web.background_build import BackgroundBuild
from rag.web.rendering import render
from rag.web.views.addresses import article_address
from rag.web.views.boxes import show_error, show_status

PER_PAGE = 20
_SHOWN_REMOVALS = 50
_MOST_DIGITS = 7


@dataclass(frozen=True, slots=True)
class Row:
    """An article of the list; its form is open where a correction could not be kept."""

    article: Article
    address: str
    fields: Sequence[Field]
    is_corrected: bool
    is_removed: bool
    is_open: bool


@dataclass(frozen=True, slots=True)
class _Rejected:
    """A form with values that are no correction."""

    id: str = ""
    typed: Typed = field(default_factory=dict)
    reasons: Mapping[str, SeedsError] = field(default_factory=dict)


class ArticleDesk:
    """The articles of an index, with what is corrected and removed since it was built."""

    def __init__(self, assistant: Assistant, seeds: Path, rebuild: BackgroundBuild) -> None:
        self._assistant, self._seeds, self._rebuild = assistant, seeds, rebuild
        self._actions = {"correct": self._correct, "remove": self._remove, "restore": self._restore}

    def run(self, command: Mapping[str, str], translate: Translator) -> Markup:
        """Do what a form of the list asks for, and return the list afterwards.

        `command` has the fields of the form, its "action", and the "words" and the "page" of the list.
        """
        message, rejected = Markup(), _Rejected()
        try:
            if action := self._actions.get(command.get("action", "")):
                message = show_status(action(command, translate), translate)
        except InvalidFields as error:
            message = show_error(translate("admin.correction-wrong"), translate)
            rejected = _Rejected(command["article"], command, error.reasons)
        except RagError as error:
            message = show_error(translate.error(error), translate)
        return self._show(command, message, rejected, translate)

    def _correct(self, command: Mapping[str, str], translate: Translator) -> str:
        identifier = command.get("article", "")
        before = corrections.load(self._seeds).get(identifier, Correction())
        article = corrections.apply(self._assistant.article(identifier), before)
        correction = read_correction(article, command, before)
        if correction == before:
            return translate("admin.correction-same")
        corrections.save(self._seeds, {identifier: correction})
        self._rebuild.note_changes([identifier])
        return translate("admin.correction-kept")

    def _remove(self, command: Mapping[str, str], translate: Translator) -> str:
        article = self._assistant.article(command.get("article", ""))
        removals.remove(self._seeds, [article.id])
        self._rebuild.note_changes([article.id])
        return translate("admin.removal-done", title=article.title or article.id)

    def _restore(self, command: Mapping[str, str], translate: Translator) -> str:
        restored = removals.undo(self._seeds, [command.get("key", "")])
        self._rebuild.note_changes(restored)
        return translate("admin.restored", name=", ".join(restored))

    def _show(
        self, command: Mapping[str, str], message: Markup, rejected: _Rejected, translate: Translator
    ) -> Markup:
        words = command.get("words", "").strip()
        page = _page(command.get("page", ""))
        entries, total = self._find(words, page)
        try:
            corrected = corrections.load(self._seeds)
            removed = removals.removed(self._seeds)
        except RagError as error:
            message, corrected, removed = show_error(translate.error(error), translate), {}, []
        gone = {removal.id for removal in removed}
        rows = [_row(entry, corrected.get(entry.id), gone, rejected, translate) for entry in entries]
        return render(
            "admin_articles.html",
            translate,
            message=message,
            words=words,
            rows=rows,
            total=total,
            page=page,
            pages=-(-total // PER_PAGE),
            removed=removed[:_SHOWN_REMOVALS],
            more_removed=len(removed[_SHOWN_REMOVALS:]),
        )

    def _find(self, words: str, page: int) -> tuple[list[Article], int]:
        """Return a page of the articles with these words in the title, or the one with this id."""
        try:
            return [self._assistant.article(words)], 1
        except ArticleMissing:
            start = (page - 1) * PER_PAGE
            found = self._assistant.catalogue.articles(
                Selection(title=words), start=start, count=PER_PAGE
            )
        return [_article(entry) for entry in found.articles], found.total


def _page(text: str) -> int:
    return max(1, int(text)) if text.isdecimal() and len(text) < _MOST_DIGITS else 1


def _article(entry: Entry) -> Article:
    return Article(
        id=entry.article_id,
        title=entry.title,
        url=entry.url,
        text="",
        published=entry.published,
        source=entry.source,
        language=entry.language,
    )


def _row(
    article: Article,
    correction: Correction | None,
    removed: set[str],
    rejected: _Rejected,
    translate: Translator,
) -> Row:
    is_open = article.id == rejected.id
    corrected = corrections.apply(article, correction or Correction())
    typed, reasons = (rejected.typed, rejected.reasons) if is_open else ({}, {})
    return Row(
        article=corrected,
        address=article_address(article.id),
        fields=show_fields(corrected, translate, typed, reasons),
        is_corrected=correction is not None and correction.changes_article,
        is_removed=article.id in removed,
        is_open=is_open,
    )

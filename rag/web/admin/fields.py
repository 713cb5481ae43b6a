"""The fields in which an administrator corrects an article."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time
from typing import TypeAlias

from rag.errors import SeedsError
from rag.i18n.translator import Translator
from rag.ingest.curation import corrections
from rag.ingest.curation.corrections import Correction
from rag.types import Article

NAMES = ("title", "published", "source", "url")
_EXAMPLES = {"published": "2024-03-06", "source": "www.rfi.fr", "url": "https://"}
Typed: TypeAlias = Mapping[str, str]
"""What a form sends: the texts of its fields by their names."""


@dataclass(frozen=True, slots=True)
class Field:
    """An input of a form.

    `error` says what is wrong with its value, `note` what its absence means; `suggested` is a value
    that the article itself offers.
    """

    name: str
    label: str
    value: str
    error: str = ""
    note: str = ""
    suggested: str = ""

    @property
    def example(self) -> str:
        """A value of the right form."""
        return _EXAMPLES.get(self.name, "")


class InvalidFields(Exception):
    """Some fields have values that are no correction; `reasons` are the errors by field."""

    def __init__(self, reasons: Mapping[str, SeedsError]) -> None:
        super().__init__(", ".join(reasons))
        self.reasons = reasons


def read_correction(article: Article, typed: Typed, before: Correction | None = None) -> Correction:
    """Return the correction that the typed texts are.

    A text that is what the article has corrects nothing new; an empty one takes its correction back.
    Raises `InvalidFields`.
    """
    known = texts(article)
    kept = before or Correction()
    correction, reasons = replace(kept, title=None, url=None, published=None, source=None), {}
    for name in NAMES:
        text = typed.get(name, known[name]).strip()
        try:
            value = getattr(kept if text == known[name] else corrections.parse({name: text}), name)
            correction = replace(correction, **{name: value})
        except SeedsError as error:
            reasons[name] = error
    if reasons:
        raise InvalidFields(reasons)
    return correction


def texts(article: Article) -> dict[str, str]:
    """Return the values of an article as an administrator reads and types them."""
    return {
        "title": article.title,
        "published": date_text(article.published),
        "source": article.source,
        "url": article.url,
    }


def date_text(moment: datetime | None) -> str:
    """Return a day, or a moment with its zone, as it is typed; "" for None."""
    if moment is None:
        return ""
    is_day = moment.time() == time.min and moment.tzinfo == UTC
    return moment.date().isoformat() if is_day else moment.isoformat(timespec="minutes")


def show_fields(
    article: Article,
    translate: Translator,
    typed: Typed | None = None,
    reasons: Mapping[str, SeedsError] | None = None,
    suggested: datetime | None = None,
) -> list[Field]:
    """Return the inputs for an article, with what was typed and the errors in it."""
    values = texts(article) | dict(typed or {})
    errors = {name: translate.error(reason) for name, reason in (reasons or {}).items()}
    labels = {
        "title": translate("admin.title"),
        "published": translate("admin.date"),
        "source": translate("page.site"),
        "url": translate("admin.address"),
    }
    fields = [Field(name, labels[name], values[name], errors.get(name, "")) for name in NAMES]
    return [_with_gap(field, suggested, translate) if _is_gap(field) else field for field in fields]


def _is_gap(field: Field) -> bool:
    return field.name == "published" and not field.value


def _with_gap(field: Field, suggested: datetime | None, translate: Translator) -> Field:
    """Return the field of a missing date: what its absence means, and a date that could be it."""
    return replace(field, note=translate("admin.date-missing"), suggested=date_text(suggested))

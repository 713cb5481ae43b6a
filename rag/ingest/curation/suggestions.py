"""Values that an article does not state, but that a person may confirm."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import PurePosixPath

from rag.ingest import dates
from rag.ingest.dates import forms
from rag.types import Article

_PARAGRAPHS, _CHARACTERS = 3, 160
"""Number and length of the beginnings of paragraphs that are searched."""


def suggest_date(article: Article) -> datetime | None:
    """Return the first day that an undated article names in its title, beginning or file name."""
    if article.published:
        return None
    return next((day for text in _places(article) if (day := _day(text))), None)


def _places(article: Article) -> Iterator[str]:
    yield article.title
    yield from article.text.split("\n\n", _PARAGRAPHS)[:_PARAGRAPHS]
    yield PurePosixPath(article.id).name


def _day(text: str) -> datetime | None:
    found = forms.find_day(forms.normalise(text[:_CHARACTERS]))
    return dates.read("{}-{:02}-{:02}".format(*found.day)) if found and found.day else None

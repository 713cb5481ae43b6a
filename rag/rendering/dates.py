"""Dates of a Chinese text in the reader's language, against the day of its article."""

from __future__ import annotations

from datetime import date

from rag.rendering.gloss import Gloss


def find_dates(text: str, language: str, day: date | None) -> list[Gloss]:
    """Return the dates of a Chinese text in a language (BCP 47), in their order.

    `day` is that of the article in the zone of the article; without it only dates with a year are found.
    """
    return []

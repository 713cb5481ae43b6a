"""Dates of sentences in any language, and what passages know of them."""

from __future__ import annotations

from datetime import date

import pytest

from rag.writing.checks.dates import Calendar, find_dates


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        ("on 5 July", "en", (0, 7, 5)),
        ("on July 5th", "en", (0, 7, 5)),
        ("they may leave", "en", None),
        ("am 10. Juli", "de", (0, 7, 10)),
        ("16 de julio", "es", (0, 7, 16)),
        ("12 февраля", "ru", (0, 2, 12)),
        ("в мае", "ru", (0, 5, 0)),
        ("8月4日", "ja", (0, 8, 4)),
        ("10월 10일", "ko", (0, 10, 10)),
        ("ngày 12 tháng 6", "vi", (0, 6, 12)),
        ("1 Şubat'ta", "tr", (0, 2, 1)),
        ("29 أبريل", "ar", (0, 4, 29)),
        ("in 2027", "en", (2027, 0, 0)),
    ],
)
def test_find_dates_parts(text: str, language: str, expected: tuple[int, int, int] | None) -> None:
    found = [(claim.year, claim.month, claim.day) for claim in find_dates(text, language)]
    assert (expected is None and not found) or expected in found


@pytest.mark.parametrize(
    ("sentence", "is_known"),
    [
        ("in September 2023", True),
        ("in October", False),
        ("on 5 March 2024", True),
        ("on 6 March", False),
        ("on Monday, 11 March", True),
        ("on Wednesday", False),
        ("in 2022", False),
    ],
)
def test_calendar_knows_days_of_the_passage_and_of_its_article(sentence: str, is_known: bool) -> None:
    calendar = Calendar()
    calendar.add("去年9月视察，3月5日再次提及。", "zh-Hans", date(2024, 3, 11))
    assert all(map(calendar.knows, find_dates(sentence, "en"))) is is_known

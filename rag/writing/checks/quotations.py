"""Quotations in a sentence."""

from __future__ import annotations

from typing import NamedTuple

import regex

_QUOTED = regex.compile(
    r"“(?P<text>[^“”]{2,})”|„(?P<text>[^„“”]{2,})[“”]|«\s?(?P<text>[^«»]{2,}?)\s?»|»(?P<text>[^«»]{2,})«"
    r"|「(?P<text>[^「」]{2,})」|『(?P<text>[^『』]{2,})』|\"(?P<text>[^\"]{2,})\"|‘(?P<text>[^‘’]{3,})’(?!\p{L})"
    r"|(?<!\p{L})'(?P<text>[^']{3,})'(?!\p{L})"
)


class Quotation(NamedTuple):
    """The text between quotation marks, and its range."""

    start: int
    end: int
    text: str


def find_quotations(sentence: str) -> list[Quotation]:
    """Return what a sentence puts between quotation marks of any kind; titles are quoted too."""
    return [
        Quotation(match.start("text"), match.end("text"), match["text"])
        for match in _QUOTED.finditer(sentence)
    ]


def is_long(quotation: Quotation) -> bool:
    """Whether a quotation is more than a name or a term, so that its meaning can be compared."""
    words = [word for word in quotation.text.split() if word[0].isalpha()]
    is_title = all(word[0].isupper() for word in words) and len(words) > 1
    return _letters(quotation.text) >= _LONG and not is_title


def quoted_clauses(quotation: str) -> list[str]:
    """Return the clauses of a quotation that are long enough to be compared, and the whole of it."""
    parts = (part.strip() for part in _BREAK.split(quotation))
    return [quotation, *(part for part in parts if _letters(part) >= _LONG)]


def _letters(text: str) -> float:
    return sum(_WEIGHT.get(kind, 1) * len(found.findall(text)) for kind, found in _LETTERS.items())


_BREAK = regex.compile(r"[,，、;；.。:：!！?？—–]+")
_LETTERS = {
    "han": regex.compile(r"[\p{Han}\p{Hiragana}\p{Katakana}]"),
    "hangul": regex.compile(r"\p{Hangul}"),
    "other": regex.compile(r"(?V1)[\p{L}--[\p{Han}\p{Hiragana}\p{Katakana}\p{Hangul}]]"),
}
_WEIGHT = {"han": 2.0, "hangul": 2.5}
_LONG = 20
"""Letters of a long quotation."""

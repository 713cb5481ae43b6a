"""Text -> terms for BM25: what a question and a passage have in common to the letter.

Chinese, Japanese and Korean are written without spaces, or with endings stuck to the words, so runs
of those scripts give single characters and pairs of neighbours; everything else gives whole words
and numbers. Terms are folded: traditional characters to simplified ones, full width to half width,
accents and case away. Only the index sees them.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING

import regex

if TYPE_CHECKING:
    from opencc import OpenCC

VERSION = 1
"""Raised whenever the terms of the same text change."""
_MARKS = re.compile(r"[\u0300-\u036f\u00ad\u200b-\u200d\u20e3\ufe00-\ufe0f\U000e0100-\U000e01ef]")
_THOUSANDS = re.compile(r"(?<=\d)[,，](?=\d{3}(?!\d))")
_UNSPACED = r"\p{Han}\p{Hiragana}\p{Katakana}\p{Hangul}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}ー々〇"
RUN = regex.compile(
    rf"(?V1)(?P<unspaced>[{_UNSPACED}]+)"
    rf"|(?P<word>[[\p{{L}}\p{{M}}\p{{N}}]--[{_UNSPACED}]]+(?:[-‐‑/&.'’][[\p{{L}}\p{{M}}\p{{N}}]--[{_UNSPACED}]]+)*)"
)
_JOINTS = re.compile(r"[-‐‑/&.'’]")


def terms(text: str) -> list[str]:
    """The terms of a passage, with repetitions: for 苏-35, 6,700 they are 苏, 35, 6700."""
    found = []
    for run, unspaced in _runs(text):
        if unspaced:
            found += [*run, *map("".join, pairwise(run))]
        else:
            found += _words(run)
    return found


def query_terms(question: str) -> list[str]:
    """The different terms of a question; a single character only where it stands alone."""
    found: dict[str, None] = {}
    for run, unspaced in _runs(question):
        if unspaced:
            found.update(dict.fromkeys(map("".join, pairwise(run)) if len(run) > 1 else run))
        else:
            found.update(dict.fromkeys(_words(run)))
    return list(found)


def fold(text: str) -> str:
    """Return the words of a text alone: one script, width and case, no accents, spaces or signs."""
    return "".join(run for run, _ in _runs(text))


def normal(text: str) -> str:
    """Bring a text to one script and width, without accents and thousands separators."""
    text = _MARKS.sub("", unicodedata.normalize("NFKD", text))
    text = _simplifier().convert(unicodedata.normalize("NFKC", text))
    return _THOUSANDS.sub("", text)


def _runs(text: str) -> list[tuple[str, bool]]:
    found = RUN.finditer(normal(text).casefold())
    return [(match.group(), match["unspaced"] is not None) for match in found]


def _words(run: str) -> list[str]:
    """BM-21 is found as bm21, as bm and as 21."""
    parts = _JOINTS.split(run)
    return [*parts, "".join(parts)] if len(parts) > 1 else parts


@cache
def _simplifier() -> OpenCC:
    from opencc import OpenCC

    return OpenCC("t2s")

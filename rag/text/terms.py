"""Text -> terms for keyword search (BM25).

Scripts without spaces between words, and Korean, whose endings join its words, give single characters
and bigrams. All others give whole words and numbers. Terms are folded: traditional characters become
simplified, full width becomes half width, accents and case are removed.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING

import regex

from rag.text.scripts import UNSPACED

if TYPE_CHECKING:
    from opencc import OpenCC

VERSION = 1
"""Raised with every change of the terms of the same text."""
_MARKS = re.compile(r"[\u0300-\u036f\u00ad\u200b-\u200d\u20e3\ufe00-\ufe0f\U000e0100-\U000e01ef]")
_THOUSANDS = re.compile(r"(?<=\d)[,，](?=\d{3}(?!\d))")
_BIGRAM_SCRIPTS = rf"{UNSPACED}\p{{Hangul}}\p{{Myanmar}}ー々〇"
"""Scripts that give bigrams, and signs that belong to them: prolonged sound, repetition, zero."""
_WORD_CHARACTER = rf"[[\p{{L}}\p{{M}}\p{{N}}]--[{_BIGRAM_SCRIPTS}]]"
_JOINT = r"[-‐‑/&.'’]"
RUN = regex.compile(
    rf"(?V1)(?P<unspaced>[{_BIGRAM_SCRIPTS}]+)"
    rf"|(?P<word>{_WORD_CHARACTER}+(?:{_JOINT}{_WORD_CHARACTER}+)*)"
)
_JOINTS = re.compile(_JOINT)


def terms(text: str) -> list[str]:
    """Return the terms of a passage, with repetitions: 苏, 35 and 6700 for "苏-35、6,700"."""
    result = []
    for run, is_unspaced in _runs(text):
        if is_unspaced:
            result += [*run, *map("".join, pairwise(run))]
        else:
            result += _words(run)
    return result


def query_terms(question: str) -> list[str]:
    """Return the terms of a question without repetitions.

    A single character is a term only if it has no neighbour; otherwise its bigrams are more selective.
    """
    result: dict[str, None] = {}
    for run, is_unspaced in _runs(question):
        if is_unspaced:
            result.update(dict.fromkeys(map("".join, pairwise(run)) if len(run) > 1 else run))
        else:
            result.update(dict.fromkeys(_words(run)))
    return list(result)


def fold(text: str) -> str:
    """Return the letters and digits of a text, folded, without accents, spaces and punctuation."""
    return "".join(run for run, _ in _runs(text))


def normal(text: str) -> str:
    """Fold the script and the width of a text, and remove accents and thousands separators."""
    text = _MARKS.sub("", unicodedata.normalize("NFKD", text))
    text = _simplifier().convert(unicodedata.normalize("NFKC", text))
    return _THOUSANDS.sub("", text)


def _runs(text: str) -> list[tuple[str, bool]]:
    """Return runs of letters and digits, and whether their script gives bigrams."""
    matches = RUN.finditer(normal(text).casefold())
    return [(match.group(), match["unspaced"] is not None) for match in matches]


def _words(run: str) -> list[str]:
    """Split a compound: BM-21 gives bm, 21 and bm21."""
    parts = _JOINTS.split(run)
    return [*parts, "".join(parts)] if len(parts) > 1 else parts


@cache
def _simplifier() -> OpenCC:
    from opencc import OpenCC

    return OpenCC("t2s")

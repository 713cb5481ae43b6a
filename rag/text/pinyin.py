"""Recognition of Chinese that is written in Latin letters."""

from __future__ import annotations

import re
import unicodedata

_SYLLABLE = (
    "(?:(?![gkhfw]i)(?:[zcs]h?|[bpmfdtnlgkhjqxryw])"
    "(?:iang|iong|uang|[aeio]ng|ian|iao|uai|uan|ai|an|ao|ei|en|ia|ie|in|iu|ou|u[aeino]|[aeiou])"
    "|[nl]ve?|ang|eng|ai|an|ao|ei|en|er|ou|[aeo])"
)
_WORD = re.compile(f"(?:{_SYLLABLE}'?){{1,8}}")
_LETTERS = 10
"""Shorter texts may be words of another language: "can he"."""


def is_pinyin(text: str) -> bool:
    """Whether a text is nothing but syllables of pinyin, with or without tones."""
    plain = unicodedata.normalize("NFD", text.lower().replace("ü", "v"))
    letters = "".join(c for c in plain if not unicodedata.combining(c))
    words = re.findall(r"[^\W\d_]+(?:'[^\W\d_]+)*", letters)
    return sum(map(len, words)) >= _LETTERS and all(map(_WORD.fullmatch, words))

"""Readings of Chinese characters in pinyin with tone marks.

Numbered syllables have the tone as a digit, 5 for the neutral one: "ni3 men5".
"""

from __future__ import annotations

from functools import cache
from typing import Any


def readings_in(text: str) -> list[str]:
    """Return the numbered syllable of each character as it is read in this text.

    A character without a reading stands for itself.
    """
    from pypinyin import Style, lazy_pinyin

    each: Any = list  # a list has one item for each character; the types know of a string only
    return lazy_pinyin(text, style=Style.TONE3, neutral_tone_with_five=True, errors=each)


def with_marks(syllables: str) -> str:
    """Return numbered syllables, separated by spaces, with tone marks: "Lü3 shun4" as "Lǚ shùn"."""
    return " ".join(map(_with_mark, syllables.split()))


@cache
def _with_mark(syllable: str) -> str:
    if not syllable[-1].isdigit():
        return syllable  # a Latin letter, or a point between names
    from pypinyin.contrib.tone_convert import to_tone

    marked = to_tone(syllable.lower().replace("u:", "v"))
    return marked.capitalize() if syllable[0].isupper() else marked

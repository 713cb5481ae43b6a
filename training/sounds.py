"""How alike names in different scripts sound."""

from __future__ import annotations

import unicodedata
from difflib import SequenceMatcher
from functools import cache

_CYRILLIC = dict(
    zip(
        "абвгдежзийклмнопрстуфхцчшщыэюя",
        "a b v g d e zh z i i k l m n o p r s t u f kh ts ch sh shch y e yu ya".split(),
        strict=True,
    )
) | {"ь": "", "ъ": ""}


def similarity(one: str, other: str) -> float:
    """Return how alike two names in any script sound, from 0 to 1."""
    return SequenceMatcher(None, roman(one), roman(other), autojunk=False).ratio()


@cache
def roman(name: str) -> str:
    """Return a rough transliteration into small Latin letters."""
    return "".join(map(_letter, unicodedata.normalize("NFC", name.lower())))


@cache
def _letter(character: str) -> str:
    base = unicodedata.normalize("NFD", character)[0]
    if base.isascii():
        return base if base.isalpha() else ""
    if base in _CYRILLIC:
        return _CYRILLIC[base]
    name = unicodedata.name(character, "").partition(" WITH ")[0]
    return name.rpartition(" ")[2].lower() if "LETTER" in name or "SYLLABLE" in name else ""

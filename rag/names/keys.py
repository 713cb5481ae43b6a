"""The forms in which names are compared, and the scripts that they are written in."""

from __future__ import annotations

from functools import cache, lru_cache

import regex

from rag.text.terms import fold

_SCRIPTS = {
    script: regex.compile(rf"\p{{{script}}}")
    for script in "Latin Cyrillic Greek Hangul Arabic Hebrew Thai Devanagari Armenian Georgian".split()
} | {"Kana": regex.compile(r"[\p{Hiragana}\p{Katakana}]")}
_HAN = regex.compile(r"\p{Han}")
_CLDR = {
    "Latn": "Latin",
    "Cyrl": "Cyrillic",
    "Grek": "Greek",
    "Kore": "Hangul",
    "Arab": "Arabic",
    "Hebr": "Hebrew",
    "Thai": "Thai",
    "Deva": "Devanagari",
    "Armn": "Armenian",
    "Geor": "Georgian",
    "Jpan": "Kana",
}


def chinese_key(name: str) -> str:
    """Return the letters of a Chinese name, in simplified characters, without dots.

    The key of a part of a name is a part of its key.
    """
    return "".join(map(_character, name))


def simplified(text: str) -> str:
    """Return a text with simplified Chinese characters, one for each of its characters."""
    simple: str = _HAN.sub(lambda match: _character(match[0]), text)
    return simple


def foreign_key(name: str) -> str:
    """Return the letters of a name in another script, without case, accents, width, spaces and dots."""
    return fold(name)


@lru_cache(maxsize=1 << 14)
def _character(character: str) -> str:
    return fold(character)


def script(name: str) -> str | None:
    """Return the one script other than Chinese in which a name is written; None if there is none."""
    found = [name_of for name_of, letters in _SCRIPTS.items() if letters.search(name)]
    return found[0] if len(found) == 1 else None


def fits(name: str, language: str) -> bool:
    """Whether a name is in the script of a language, a BCP 47 tag."""
    return script(name) == _script_of(language)


@cache
def _script_of(language: str) -> str | None:
    from babel.core import get_global

    likely = get_global("likely_subtags")
    base, _, rest = language.replace("_", "-").partition("-")
    parts = [*rest.split("-"), *likely.get(base.lower(), "").split("_")]
    return next((_CLDR.get(part) for part in parts if len(part) == 4 and part.isalpha()), None)

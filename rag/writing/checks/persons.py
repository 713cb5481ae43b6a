"""Which words are likely the name of a person, that Chinese can only write by its sound."""

from __future__ import annotations

from collections.abc import Sequence

import regex

from rag.names import sound
from rag.names.foreign_words import KINDS, PARTICLES, TITLES
from rag.writing.checks.lexicon import Lexicon

_SYLLABLE = regex.compile(r"[^aeiouy]{0,3}[aeiouyw]+(?:ng|[nmlktphwr])?")
"""A syllable of Korean, Cantonese or Vietnamese, or of Chinese in an older spelling."""
_KANA = regex.compile(r"(?:(?:[kgsztdnhbpmyrwj]|[kgnhbpmr]y|sh|ch|ts|kk|ss|tt|pp|tch)?[aeiou]{1,2}|n)+")
"""Syllables of Japanese."""
_LEAST_LETTERS = 3
_LEAST_ALONE = 5
"""Letters of a name that is judged without a first name."""
_TITLES = TITLES | frozenset("prime minister chancellor secretary vice deputy premier chairman".split())
_KINDS = KINDS | frozenset(
    "zeitung nachrichten allgemeine partei gericht agence université institut tribunal agencia "
    "universidad instituto tribunale agenzia università istituto partito corte liga ligue league cup "
    "games department dipartimento".split()
)
"""The same in further languages."""
_KIND_STEM = regex.compile(
    r"куб[ко]|университет|институт|департамент|парти|лиг|агентств|комитет|штат|центр|республик|демократ|сенат"
    r"|конгресс|парламент|министр|президент|федерал|консерват|либерал|социал|коммун|верховн|народн|конституц"
    r"|re[sp]ubli[ck]|repubbl|républi|demo[ck]rat|démocrat|demócrat|senat|sénat|senad|congre|kongre|parlam|parlem"
    r"|parliam|bundes|minist|präsid|pr[eé]sid|govern|gouvern|gobern|conserv|konserv|liberal|libéral|so[cz]ial"
    r"|[ck]omm?uni|labou?r|suprem|suprê|supérieu|treasur|ambassad|botschaft|embaj|federa|fédéra|nation|nacion"
    r"|internation|commiss|kommiss|comis|constitu|costitu|verfassung|kremlin|pentagon|olymp|europ"
)
"""How words for institutions, parties and offices begin, folded to small letters."""
_ADJECTIVE = regex.compile(
    r"\p{Cyrillic}(?:[оы]й|ий|[ая]я|[ое]е|[ыи]е|[ыи]х|[ыи]ми|[ую]ю|[ое]го|[ое]му)$"
)
""""Northern" or "General" in a name that is translated."""


def are_of_person(words: Sequence[str], lexicon: Lexicon) -> bool:
    """Whether words with capitals are likely the name of a person, as none is common.

    They are two or more, or one after a title. Names of Korean, Japanese and the like are not: Chinese
    writes them in characters of their own.
    """
    named = [word for word in words if word.lower() not in PARTICLES | _TITLES]
    has_title = bool(named) and words[0].lower() in _TITLES and len(named[0]) >= _LEAST_ALONE
    return (
        lexicon.tells_words
        and (len(named) > 1 or has_title)
        and not is_syllable(named[-1])
        and not all(map(is_east_asian, named))
        and all(is_proper(word, lexicon) for word in named)
        and not _ADJECTIVE.search(named[0])
    )


def is_proper(word: str, lexicon: Lexicon) -> bool:
    """Whether a word is likely one of a name, as it is no common one."""
    letters = sound.letters(word)
    is_kind = word.lower() in _KINDS or _KIND_STEM.match(word.lower())
    return len(letters) >= _LEAST_LETTERS and not is_kind and not lexicon.is_common(word)


def is_east_asian(word: str) -> bool:
    """Whether the letters of a word may spell Korean, Japanese, Vietnamese or Chinese syllables."""
    parts = [sound.letters(part) for part in regex.split(r"[-'’]", word)]
    return all(_SYLLABLE.fullmatch(part) for part in parts) or all(
        _KANA.fullmatch(part) for part in parts
    )


def is_syllable(word: str) -> bool:
    """Whether a word is one syllable that may be a surname of Korea or China: Moon, Leung."""
    return bool(_SYLLABLE.fullmatch(sound.letters(word)))


def without_opening(words: list[str], lexicon: Lexicon) -> list[str]:
    """Return the words of a name that a sentence begins with, without a common first one."""
    is_opening = len(words) > 1 and words[0].lower() not in _TITLES and lexicon.is_common(words[0])
    return words[1:] if is_opening else words


def without_titles(words: Sequence[str]) -> Sequence[str]:
    """Return the words of a name without titles before it."""
    start = 0
    while start < len(words) - 1 and words[start].lower() in _TITLES:
        start += 1
    return words[start:]

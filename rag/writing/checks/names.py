"""Names of a sentence, and whether its passages have them, in whatever script."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple, Protocol

import regex

from rag.names import sound
from rag.names.keys import chinese_key
from rag.types import Span
from rag.writing.checks.countries import find_countries, is_named, seat_of
from rag.writing.checks.dates import find_dates
from rag.writing.checks.evidence import Evidence
from rag.writing.checks.lexicon import Lexicon
from rag.writing.checks.persons import are_of_person, is_syllable, without_opening, without_titles
from rag.writing.checks.quotations import find_quotations
from rag.writing.checks.spelling import is_pinyin, sounds_like

_PARTICLE = frozenset(
    "de del della di da do dos das du des van von der den ter bin ibn al el la le of".split()
)
_CAPITAL = r"\p{Lu}[\p{L}\p{M}'’.\-]*[\p{L}\p{M}]|\p{Lu}"
_JOINED = rf"(?:(?:{'|'.join(sorted(_PARTICLE))})[ \u00a0])?(?:{_CAPITAL})"
_SEQUENCE = regex.compile(rf"(?<![\p{{L}}\p{{M}}\d])(?:{_CAPITAL})(?:[ \u00a0]{_JOINED})*")
_LETTER = regex.compile(r"\p{L}")
_WORDS = regex.compile(r"[^\s\u00a0]+")
_POSSESSIVE = regex.compile(r"['’](?:s|\p{Ll}{1,4})?$")
_KATAKANA = regex.compile(r"[ァ-ヺー][ァ-ヺー・=＝]{2,}[ァ-ヺー]")
_HAN = regex.compile(r"\p{Han}{2,}")
_HANGUL = regex.compile(r"\p{Hangul}{3,}")
_ARABIC = regex.compile(r"\p{Arabic}{4,}")
_ARABIC_PREFIX = regex.compile(r"^[وفبلك](?=\p{Arabic}{4})")
_CAPITAL_NOUNS = ("de",)
_NAMES_ONLY = frozenset("en fr es it pt ru uk nl".split())
"""Languages in which words with capitals, none of them common, are likely a name; in others a name is
judged only if its first part is known."""
_LEAST_LAST = 4
"""Letters of a last name that is known by itself: shorter ones have many readings."""
_LONGEST = 4
"""Words of the longest name that is looked up."""


class Names(Protocol):
    """What is known of names in two languages: `rag.names.known.KnownNames`."""

    def chinese(self, foreign: str) -> Sequence[str]:
        """Return the Chinese forms of a name of another language."""

    def find(self, text: str) -> Sequence[Span]:
        """Return the ranges of the known Chinese names in a text."""


class _Part(NamedTuple):
    """Some words of a name: whether the passages have them, or None if nothing is known of them."""

    text: str
    is_there: bool | None
    is_known: bool = False


def absent_names(
    sentence: str, language: str, evidence: Evidence, names: Names, lexicon: Lexicon
) -> list[str]:
    """Return the names and countries of a sentence that its passages do not have."""
    countries = [
        sentence[country.start : country.end]
        for country in find_countries(sentence, language)
        if not is_named(country.codes, evidence.key)
        and not evidence.prints(sentence[country.start : country.end])
        and not evidence.is_transcribed(sentence[country.start : country.end])
    ]
    base = language.partition("-")[0]
    finders = {"zh": _han, "ja": _japanese, "ko": _korean, "ar": _arabic}
    found = finders.get(base, _capitalised)(sentence, evidence, names, lexicon, base)
    return list(dict.fromkeys([*countries, *found]))


def _capitalised(
    sentence: str, evidence: Evidence, names: Names, lexicon: Lexicon, language: str
) -> Iterator[str]:
    for words, begins in _names(sentence, language):
        is_usual = begins or language in _CAPITAL_NOUNS
        if len(words) > 1 or not is_usual or lexicon.is_name(words[0]):
            has_names_only = language in _NAMES_ONLY
            named = without_opening(words, lexicon) if begins else words
            yield from _absent(named, evidence, names, lexicon, has_names_only)


def _names(sentence: str, language: str) -> Iterator[tuple[list[str], bool]]:
    """Yield the words of names, without dates, countries, quotations; and whether they come first."""
    known: list[Span] = [
        *((country.start, country.end) for country in find_countries(sentence, language)),
        *((date.start, date.end) for date in find_dates(sentence, language)),
        *((quoted.start, quoted.end) for quoted in find_quotations(sentence)),
    ]
    for match in _SEQUENCE.finditer(sentence):
        words: list[str] = []
        begins = not _LETTER.search(sentence, 0, match.start())
        for part in _WORDS.finditer(sentence, *match.span()):
            word = _POSSESSIVE.sub("", part[0])
            is_known = any(start <= part.start() < end for start, end in known)
            if is_known or len(word) < 2 or word.isupper():
                if words:
                    yield words, begins
                words, begins = [], False
            else:
                words.append(word)
        if words:
            yield words, begins


def _absent(
    segment: Sequence[str],
    evidence: Evidence,
    names: Names,
    lexicon: Lexicon,
    has_names_only: bool,
) -> Iterator[str]:
    """Yield the words of a name of which the passages have no part, if one is sure to be absent.

    `has_names_only` tells whether only names have capitals in the language.
    """
    while segment and segment[0] in _PARTICLE:
        segment = segment[1:]
    while segment and segment[-1] in _PARTICLE:
        segment = segment[:-1]
    if not segment or all(map(evidence.prints, segment)) or evidence.reads(segment):
        return
    parts = list(_parts(without_titles(segment), evidence, names, lexicon))
    if not any(part.is_there for part in parts):
        wrong = [part.text for part in parts if part.is_there is False]
        is_person = are_of_person(segment, lexicon) and (has_names_only or parts[0].is_known)
        if wrong or is_pinyin(segment) or is_person:
            yield " ".join(wrong or segment)


def _parts(words: Sequence[str], evidence: Evidence, names: Names, lexicon: Lexicon) -> Iterator[_Part]:
    """Yield the longest known names among the words of a name, and the words between them."""
    at, follows_known = 0, False
    while at < len(words):
        for end in range(min(len(words), at + _LONGEST), at, -1):
            if forms := names.chinese(" ".join(words[at:end])):
                alone = [form for word in words[at:end] for form in names.chinese(word)]
                is_there = _has(evidence, [*forms, *alone], words[at:end])
                is_last = end == len(words) and len(words[at]) >= _LEAST_LAST
                is_part = is_last and (follows_known or len(words) == 1 or lexicon.is_name(words[at]))
                is_whole = end - at > 1 or (
                    is_part and not lexicon.is_common(words[at]) and not is_syllable(words[at])
                )
                is_sure = is_whole and _are_transcribed(words[at:end], forms)
                yield _Part(" ".join(words[at:end]), is_there or (False if is_sure else None), True)
                follows_known = True
                break
        else:
            end, follows_known = at + 1, False
            if words[at] not in _PARTICLE:
                yield _Part(words[at], _unknown(words[at], evidence, names))
        at = end


def _are_transcribed(words: Sequence[str], forms: Sequence[str]) -> bool:
    """Whether Chinese writes a name by its sound: then it does so in a passage, if it is there."""
    return any(sounds_like(word, sound.syllables(form)) for word in words for form in forms)


def _has(evidence: Evidence, forms: Sequence[str], words: Sequence[str]) -> bool:
    return (
        any(evidence.holds(form) or evidence.reads_as(form) for form in forms)
        or all(map(evidence.prints, words))
        or any(evidence.is_transcribed(word) or evidence.spells(word) for word in words)
        or any(is_named(code, evidence.key) for form in forms for code in [seat_of(form)] if code)
    )


def _unknown(word: str, evidence: Evidence, names: Names) -> bool | None:
    """True if the passages have a word that no table knows, by its letters or by its sound.

    It may also be translated there, or written by its characters: so it is never sure to be absent.
    """
    parts = [part for part in regex.split(r"[-.’']", word) if part[:1].isupper()]
    is_there = any(map(evidence.prints, [word, *parts])) or evidence.spells(word)
    forms = (form for part in parts if part != word for form in names.chinese(part))
    return (
        is_there
        or any(map(evidence.sounds_like, {word, *parts}))
        or any(map(evidence.holds, forms))
        or None
    )


def _han(
    sentence: str, evidence: Evidence, names: Names, lexicon: Lexicon, language: str
) -> Iterator[str]:
    known = {country.start for country in find_countries(sentence, language)}
    for start, end in names.find(sentence):
        if start not in known and chinese_key(sentence[start:end]) not in evidence.key:
            yield sentence[start:end]


def _japanese(
    sentence: str, evidence: Evidence, names: Names, lexicon: Lexicon, language: str
) -> Iterator[str]:
    for match in _KATAKANA.finditer(sentence):
        parts = regex.split("[・=＝]", match[0])
        forms = [form for text in (match[0], *parts) for form in names.chinese(text)]
        if _are_transcribed(parts, forms) and not _has(evidence, forms, parts):
            yield match[0]
    known = {country.start for country in find_countries(sentence, language)}
    for run in _HAN.finditer(sentence):
        for start, end in names.find(run[0]):
            name, is_known = run[0][start:end], run.start() + start in known
            if end - start > 2 and not is_known and chinese_key(name) not in evidence.key:
                yield name


def _korean(
    sentence: str, evidence: Evidence, names: Names, lexicon: Lexicon, language: str
) -> Iterator[str]:
    yield from _prefixed(_HANGUL, sentence, evidence, names)


def _arabic(
    sentence: str, evidence: Evidence, names: Names, lexicon: Lexicon, language: str
) -> Iterator[str]:
    yield from _prefixed(_ARABIC, sentence, evidence, names)


def _prefixed(
    pattern: regex.Pattern[str], sentence: str, evidence: Evidence, names: Names
) -> Iterator[str]:
    """Yield absent names that words begin with: particles follow in Korean."""
    for match in pattern.finditer(sentence):
        word = _ARABIC_PREFIX.sub("", match[0])
        for end in range(len(word), 2 + (pattern is _ARABIC), -1):
            if forms := names.chinese(word[:end]):
                if not _has(evidence, forms, [word[:end]]):
                    yield word[:end]
                break

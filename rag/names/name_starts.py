"""Where a Chinese name begins in the text before its gloss in brackets.

The sound of the letters tells it, or a title before a surname, or the word for an organisation after
punctuation. Where nothing does, the functions return None. The text is in simplified characters.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import regex

from rag.names import sound
from rag.names.chinese_words import (
    ADDITIONS,
    BEFORE_NAMES,
    COMPOUND_SURNAMES,
    NO_NAME,
    NOT_SOUNDS,
    OPENINGS,
    ORGANISATIONS,
    SURNAMES,
    TITLES,
    VERBS,
    WORDS_OF_PEOPLE,
)
from rag.names.foreign_words import KINDS, PARTICLES, Foreign
from rag.types import Span

DOTS = "·・•‧．﹒∙⋅.‐-"
"""Between the parts of a name; the hyphen is last, as in a set of characters."""
PART = rf"(?:\p{{Han}}+|[A-Z]{{1,2}}\.?(?=[{DOTS}]))"
_RUN = regex.compile(rf"{PART}(?:[{DOTS}]{PART})*$")
_SYLLABLES = 16
"""Characters before a gloss in which its name is looked for."""
_BOUNDARY_GAIN = 4.0
"""What a boundary before a name is worth, in the unit of `sound.Match.gain`."""
_LEAST_GAIN, _LEAST_MEAN_GAIN = 6.0, 1.6
_LEAST_GAIN_AT_BOUNDARY, _LEAST_MEAN_GAIN_AT_BOUNDARY = 3.5, 0.8
"""Gain of a name, and of each of its syllables."""
_PER_LETTER, _PER_WORD = (1.3, 3.0), (1.3, 2.8)
"""Chinese characters for a letter of an acronym, and for a word of a name: least and most."""
_LETTERS_OF_A_NAME = 5
"""Capitals that may be a name as well as an acronym."""
_LONGEST_ORGANISATION = 20
_SURNAMED = (3, 2)
"""Characters of a name that begins with a surname, the usual number first."""
_LONGEST_TITLE = max(map(len, TITLES))
_LONGEST_ADDITION = max(map(len, ADDITIONS))


def find_start(before: str, foreign: Foreign) -> Span | None:
    """Return the range of the Chinese name with which the text before a gloss ends."""
    match = _RUN.search(before)
    if not match:
        return None
    run = _Run(match[0], match.start())
    span = _by_meaning(run, foreign)
    if not span and (not foreign.is_acronym or len(foreign.text) >= _LETTERS_OF_A_NAME):
        span = _by_sound(run, foreign) or _by_surname(run, foreign)
    return (run.offset + span[0], run.offset + span[1]) if span else None


class _Run(NamedTuple):
    """Chinese characters up to a gloss, with dots and initials of names; `offset` is their place."""

    text: str
    offset: int

    @property
    def is_dotted(self) -> bool:
        return any(dot in self.text for dot in DOTS)

    def is_boundary(self, place: int) -> bool:
        """Whether a name may begin here: at punctuation, a title or a preposition."""
        before = self.text[:place]
        if before[-1:] in BEFORE_NAMES and self.text[place - 1 : place + 1] not in WORDS_OF_PEOPLE:
            return True
        return not before or bool(title_at_end(before))

    def name_limit(self) -> int:
        """Return the end of the last title, or of the last character that transcribes nothing."""
        for start in reversed(range(len(self.text))):
            if length := int(self.text[start] in NOT_SOUNDS) or _title_at(self.text, start):
                return start + length
        return 0


def title_at_end(text: str) -> str:
    """Return the longest title with which a text ends, empty if it ends with none."""
    ends = (text[-n:] for n in range(min(_LONGEST_TITLE, len(text)), 0, -1))
    return next((end for end in ends if end in TITLES), "")


def _title_at(text: str, start: int) -> int:
    """Return the length of the longest title at a place, 0 if there is none: 学生会 is not one."""
    lengths = range(min(_LONGEST_TITLE, len(text) - start), 0, -1)
    ends = (start + length for length in lengths)
    found = (end for end in ends if text[start:end] in TITLES and text[end : end + 1] != "会")
    return next(found, start) - start


def _by_sound(run: _Run, foreign: Foreign) -> Span | None:
    """Return the part of a run that sounds like the name, with an addition such as 大学 or 市."""
    words = [part for word in foreign.spoken for part in word.split("-") if sound.letters(part)]
    name = run._replace(text=run.text.removesuffix(title_at_end(run.text)))
    if (start := _sounding_start(name, words)) is not None:
        return start, len(name.text)
    for length in range(_LONGEST_ADDITION, 0, -1):
        addition = run.text[-length:]
        if translations := ADDITIONS.get(addition):
            others = [word for word in words if word.lower().strip(".") not in translations]
            shorter = run._replace(text=run.text.removesuffix(addition))
            if (start := _sounding_start(shorter, others)) is not None:
                return start, len(run.text)
    return None


def _sounding_start(run: _Run, words: Sequence[str]) -> int | None:
    places = [place for place, character in enumerate(run.text) if regex.match(r"\p{Han}", character)]
    places = [place for place in places[-_SYLLABLES:] if place >= run.name_limit()]
    syllables = sound.syllables("".join(run.text[place] for place in places))
    matches = sound.load().matches(syllables, [sound.letters(word) for word in words])
    if run.is_dotted:
        last = max(run.text.rfind(dot) for dot in DOTS)
        matches = [
            match
            for match in matches
            if places[match.start] < last
            and run.text[places[match.start] - 1 : places[match.start]] not in [*DOTS]
            and match.end_word - match.first_word == len(words)
        ]
    gains = {
        match: match.gain + _BOUNDARY_GAIN * run.is_boundary(places[match.start]) for match in matches
    }
    if not gains:
        return None
    best = max(gains, key=gains.__getitem__)
    start = places[best.start]
    return start if _is_likely(best, len(places) - best.start, words, run, start) else None


def _is_likely(match: sound.Match, count: int, words: Sequence[str], run: _Run, start: int) -> bool:
    """Whether the last `count` syllables of a run are the whole name, or the last one of a person."""
    is_boundary = run.is_boundary(start)
    others = [*words[: match.first_word], *words[match.end_word :]]
    if others and (
        not is_boundary
        or (match.first_word and match.end_word < len(words))
        or any(word.lower() in KINDS for word in words)
    ):
        return False
    if is_boundary or run.is_dotted:
        least, mean = _LEAST_GAIN_AT_BOUNDARY, _LEAST_MEAN_GAIN_AT_BOUNDARY
    else:
        least, mean = _LEAST_GAIN, _LEAST_MEAN_GAIN
    return count > 1 and match.gain >= max(least, mean * count)


def _by_surname(run: _Run, foreign: Foreign) -> Span | None:
    """Return a name of two or three characters after a boundary, if it begins with a surname."""
    end = len(run.text) - len(title_at_end(run.text))
    for length in _SURNAMED:
        start = end - length
        name = run.text[max(start, 0) : end]
        if (
            start >= max(run.name_limit() if end == len(run.text) else 0, 0)
            and run.is_boundary(start)
            and is_surnamed(name, foreign)
        ):
            return start, end
    return None


def is_surnamed(name: str, foreign: Foreign) -> bool:
    """Whether two or three characters begin with a surname and the other name may be a person's."""
    return (
        2 <= len(foreign.words) <= 4
        and not any(word.lower() in KINDS for word in foreign.words)
        and len(name) in _SURNAMED
        and (name[0] in SURNAMES or name[:2] in COMPOUND_SURNAMES)
        and NO_NAME.isdisjoint(name)
        and name not in TITLES
        and not any(len(end) > 1 and name.endswith(end) for end in ORGANISATIONS)
        and regex.fullmatch(r"\p{Han}+", name) is not None
    )


def _by_meaning(run: _Run, foreign: Foreign) -> Span | None:
    """Return the name of an organisation after punctuation, if it is about as long as the other."""
    start = run.text.rfind("的") + 1
    start += run.text[start : start + 1] in ("据", "在")
    name = run.text[start:]
    words = [word for word in foreign.words if word.lower() not in PARTICLES]
    if foreign.is_acronym:
        units, (least, most) = len(sound.letters(foreign.text)), _PER_LETTER
    else:
        units, (least, most) = len(words), _PER_WORD
    if (
        units >= 2
        and least * units <= len(name) <= min(most * units, _LONGEST_ORGANISATION)
        and name.endswith(ORGANISATIONS)
        and (foreign.is_acronym or any(word.lower() in KINDS for word in words))
        and NO_NAME.isdisjoint(name)
        and run.name_limit() == 0
        and not run.is_dotted
        and name.startswith(OPENINGS)
        and not any(verb in name[2:] for verb in VERBS)
    ):
        return start, len(run.text)
    return None

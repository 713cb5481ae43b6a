"""The words of a Chinese text with their readings, their senses, and the names of people and places."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from rag.names.keys import simplified
from rag.names.known import KnownNames
from rag.rendering.readings.dictionary import Dictionary, Reading
from rag.rendering.readings.pinyin import readings_in, with_marks
from rag.rendering.readings.segmentation import Word, plain, runs

_FORMS = 3
"""Forms of a name that are shown."""


@dataclass(frozen=True, slots=True)
class AidedWord:
    """A word as it is read in a text, the likeliest reading first.

    `names` are its forms in the language of the reader, if it is a known name.
    """

    text: str
    readings: tuple[Reading, ...]
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class AidedText:
    """The different words of a text, and where they are in each run, in order.

    A run is a stretch of Chinese characters. Its words are pairs of a position in the run and an index
    of `words`: `run[start:].startswith(words[index].text)`.
    """

    words: Sequence[AidedWord]
    runs: Mapping[str, Sequence[tuple[int, int]]]


def aid(
    text: str,
    dictionary: Dictionary,
    names: KnownNames | None = None,
    language: str = "en",
    *,
    traditional: bool = False,
) -> AidedText:
    """Return the words of a Chinese text, with names for a reader of `language`, a BCP 47 tag.

    `traditional` is the script of the text.
    """
    spans = names.find(text) if names else []
    known = {text[start:end] for start, end in spans}
    forms = {name: _forms(name, names, language) for name in known} if names else {}
    numbers: dict[AidedWord, int] = {}
    found: dict[str, list[tuple[int, int]]] = {}
    for run, words in _by_run(text, dictionary.segment(text, spans)):
        if run.text in found:
            continue
        found[run.text] = []
        for word, syllables in _heard(run, words):
            readings = _readings(plain(word.text), dictionary, syllables, traditional)
            aided = AidedWord(word.text, readings, forms.get(word.text, ()))
            number = numbers.setdefault(aided, len(numbers))
            found[run.text].append((word.start - run.start, number))
    return AidedText(list(numbers), found)


def _forms(name: str, names: KnownNames, language: str) -> tuple[str, ...]:
    """Return a name in a language, or in English, as it usually is and as the archive prints it."""
    found = names.foreign(name, language) or names.foreign(name, "en")
    printed = [known for known in found[1:] if known.origin == "archive"]
    return tuple(known.text for known in [*found[:1], *printed][:_FORMS])


def _by_run(text: str, words: Sequence[Word]) -> Iterator[tuple[Word, list[Word]]]:
    at = 0
    for run in runs(text):
        first = at
        while at < len(words) and words[at].end <= run.end:
            at += 1
        yield run, list(words[first:at])


def _heard(run: Word, words: Sequence[Word]) -> Iterator[tuple[Word, list[str]]]:
    """Yield words of a run with their numbered pinyin, of which more is known in simplified Chinese."""
    syllables = iter(readings_in(simplified(plain(run.text))))
    at = run.start
    for word in words:
        between = plain(run.text[at - run.start : word.start - run.start])
        list(islice(syllables, len(between)))
        yield word, list(islice(syllables, len(plain(word.text))))
        at = word.end


def _readings(
    word: str, dictionary: Dictionary, syllables: Sequence[str], traditional: bool
) -> tuple[Reading, ...]:
    if readings := dictionary.look_up(word, syllables, traditional=traditional):
        return readings
    if "".join(syllables) == word:
        return ()  # without a reading, characters stand for themselves
    return (Reading(word, word, with_marks(" ".join(syllables)), ()),)

"""The foreign names of a question, and what articles in Chinese call them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import regex

from rag.names import sound
from rag.names.keys import chinese_key, script
from rag.names.known import KnownNames
from rag.text.terms import query_terms

_WORD = regex.compile(
    r"(?V1)[[\p{L}\p{M}]--[\p{Han}\p{Hiragana}\p{Katakana}]]+"
    r"(?:[-‐’'.][[\p{L}\p{M}]--[\p{Han}\p{Hiragana}\p{Katakana}]]+)*|[ァ-ヺー]+(?:[・＝=][ァ-ヺー]+)*"
)
_CASED = regex.compile(r"[\p{Latin}\p{Cyrillic}\p{Greek}\p{Armenian}]")
SENTENCE_START = regex.compile(r"(?:^|[.?!:…。？！：])[\s\"'“«„¿¡(]*$")
LIST_WORDS = 3
"""Words up to which a question is a list of names, so that its first capital marks a name."""
_PARTICLES = frozenset(
    "de del della di da do dos das du des la le el al van von der den ter bin ibn of the".split()
)
_ENDINGS = regex.compile(
    r"(?<=\p{L}{2})['’].*$"
    r"|(?<=\p{Hangul}{2})(?:은|는|이|가|을|를|의|에|에서|와|과|도|로|으로|에게|께서|만|부터|까지|이라는|라는)$"
    r"|(?<=\p{Latin}{4})s$"
)
_PREFIXES = regex.compile(r"^[وفبلك](?=\p{Arabic}{3})")
_CASES = regex.compile(r"(?<=\p{Cyrillic}{3})(?:ого|ому|ым|им|ом|ем|ой|ей|ою|ею|а|я|у|ю|е|ы|и)$")
_NOMINATIVES = ("", "а", "я", "й", "ь", "ий", "ия")
"""Endings of the Russian names whose other cases have the endings `_CASES`."""
_LEAST = {"Latin": 2, "Cyrillic": 3, "Hangul": 2, "Kana": 2}
"""Letters of the shortest name, by script."""
_NO_NAME = regex.compile(r"[语文]$|^[一二三四五六七八九十]+月$")
_LONGEST = 4
"""Words of the longest name that is looked up."""
_FORMS = 4
"""Chinese forms of a name that are searched for."""


class Mention(NamedTuple):
    """A foreign name in a question: its terms, and the Chinese names that may stand for it."""

    terms: tuple[str, ...]
    chinese: tuple[str, ...]


def find_mentions(question: str, names: KnownNames, language: str | None = None) -> list[Mention]:
    """Return the longest known foreign names of a question, a text in this language if that is sure."""
    words = list(_WORD.finditer(question))
    is_list = len(words) <= LIST_WORDS
    spans = [
        (start, end)
        for length in range(min(_LONGEST, len(words)), 0, -1)
        for start in range(len(words) - length + 1)
        if _may_be_name(question, words[start : (end := start + length)], is_list)
    ]
    texts = {span: question[words[span[0]].start() : words[span[1] - 1].end()] for span in spans}
    variants = {span: list(_variants(text)) for span, text in texts.items()}
    known = names.chinese_of([name for some in variants.values() for name in some], language)
    mentions: list[Mention] = []
    taken = set[int]()
    for span in spans:
        forms = next((found for name in variants[span] if (found := _named(name, known[name]))), [])
        if forms and taken.isdisjoint(range(*span)):
            taken.update(range(*span))
            mentions.append(Mention(tuple(query_terms(texts[span])), _shortest(forms)))
    return mentions


def _may_be_name(question: str, words: Sequence[regex.Match[str]], is_list: bool) -> bool:
    """Whether consecutive words may be a name: in scripts with capitals, they begin with some.

    A sentence begins with a capital whether its first word is a name or not, a list of names does not.
    """
    between = question[words[0].start() : words[-1].end()]
    if regex.search(r"[^\p{L}\p{M}\s.'’‐・=＝-]", between):
        return False
    first, last = words[0][0], words[-1][0]
    if not _CASED.match(first):
        return True
    if not (first[0].isupper() and last[0].isupper()):
        return False
    if any(not word[0][0].isupper() and word[0] not in _PARTICLES for word in words):
        return False
    return len(words) > 1 or is_list or not SENTENCE_START.search(question[: words[0].start()])


def _variants(name: str) -> Iterator[str]:
    """Yield a name as it is typed, then without endings that its language may add."""
    yield name
    if (bare := _PREFIXES.sub("", _ENDINGS.sub("", name))) != name:
        yield bare
    if match := _CASES.search(bare):
        yield from (bare[: match.start()] + ending for ending in _NOMINATIVES)
    if script(name) == "Cyrillic":
        yield sound.letters(name).title()


def _named(name: str, forms: Sequence[str]) -> list[str]:
    """Return the forms that a name stands for, not those of a language or a month, or of a letter."""
    if len(name) < _LEAST.get(script(name) or "", 1):
        return []
    return [form for form in forms if not _NO_NAME.search(form)] if " " not in name else [*forms]


def _shortest(forms: Sequence[str]) -> tuple[str, ...]:
    """Return the usual forms without those that contain another: a text with these has that too."""
    keys = [chinese_key(form.rpartition("·")[2] or form) for form in forms]
    kept = [key for key in dict.fromkeys(keys) if len(key) > 1]
    return tuple(key for key in kept if not any(other != key and other in key for other in kept))[
        :_FORMS
    ]

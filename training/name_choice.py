"""The usual one of several names; see `name_table.py`.

A name is usual if texts use it, if it is the label that another list gives, if other languages spell it
alike, and if it has as many words as the Chinese name has parts.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Mapping, Sequence
from difflib import SequenceMatcher
from types import MappingProxyType
from typing import NamedTuple

from rag.names.table import key
from rag.text.terms import fold
from training.name_sources import Entity
from training.sounds import similarity

LATIN = "en fr es nl tr vi hu".split()
_SCRIPTS = {"ru": "CYRILLIC", "ko": "HANGUL", "he": "HEBREW", "el": "GREEK"}
_ACRONYM = re.compile(r"[\W\d]*[A-ZА-ЯΑ-Ω]{2,}[\W\d]*(?:\.?[A-Z]\.)*")
_INITIAL = re.compile(r"(?:^|\s)\w\.")
_MOST = 20
"""Uses of a name in the texts that count."""


class Usage(NamedTuple):
    """What the texts of a language show: the uses of names, all words, and those without capitals.

    `labels` are the names that another list gives by Chinese name, `persons` full names of persons.
    """

    counts: Mapping[str, int]
    words: Collection[str]
    ordinary: Collection[str]
    labels: Mapping[str, str] = MappingProxyType({})
    persons: Collection[str] = ()


def usual(
    entity: Entity, tag: str, usage: Usage, english: str = "", *, is_translated: bool = False
) -> list[str]:
    """Return the names of an entity in a language, the usual one first.

    `is_translated` says that the English name has a meaning, so that other languages translate it.
    """
    dotted = [form.count("·") for form in entity.zh if "·" in form]
    parts = min(dotted, default=0) + 1

    labels = {usage.labels.get(form) for form in entity.zh}

    def is_generic(name: str) -> bool:
        longer = any(f"{name} " in other for other in entity.names[tag])
        return longer and all(word.lower() in usage.ordinary for word in name.split())

    def score(name: str) -> tuple[float, ...]:
        words = name.split()
        return (
            not _ACRONYM.fullmatch(name),
            bool(_INITIAL.search(name)) <= bool(_INITIAL.search(english)) if english else True,
            parts == 1 or len(re.split(r"[\s・·]", name)) == parts,
            (0 if is_generic(name) else min(usage.counts.get(name, 0), _MOST))
            + 12 * (name in usage.persons if parts > 1 else name in labels)
            - 6 * _strange(words, usage.words)
            - 3 * any(word.isupper() for word in words)
            + (0 if is_translated and name == english else _agreement(entity, tag, name, english)),
            sum(map(str.isascii, name)) / len(name),
            -len(name),
        )

    return sorted(dict.fromkeys(entity.names[tag]), key=score, reverse=True)


def _strange(words: Sequence[str], known: Collection[str]) -> float:
    """Return the share of the long words of a name that texts of its language do not have."""
    long = [word for word in words if len(word) > 3]
    return sum(word not in known for word in long) / len(long) if len(words) > 1 and long else 0.0


def _agreement(entity: Entity, tag: str, name: str, english: str) -> float:
    """Return how well a name fits those in other languages."""
    if tag in LATIN:
        return 2.0 * sum(name in entity.names.get(other, ()) for other in LATIN if other != tag)
    sound = similarity(name, english)
    if tag == "ja":
        plain = key(name)
        return 8 * max(sound, *(_likeness(plain, key(form)) for form in entity.zh))
    return 5 * sound + 5 * (_SCRIPTS[tag] in unicodedata.name(name[0], ""))


def _likeness(one: str, other: str) -> float:
    return SequenceMatcher(None, one, other, autojunk=False).ratio()


def merge(preferred: Sequence[str], others: Sequence[str]) -> list[str]:
    """Return two lists as one without names that are the same by `fold`."""
    found: dict[str, str] = {}
    for name in [*preferred, *others]:
        found.setdefault(fold(name), name)
    return list(found.values())

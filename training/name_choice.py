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

from rag.names.columns import ENGLISH
from rag.names.table import key
from rag.text.terms import fold
from training.name_agreement import agrees, sound
from training.name_sources import Entity
from training.sounds import similarity

LATIN = "en fr es nl tr vi hu".split()
_SCRIPTS = {"ru": "CYRILLIC", "ko": "HANGUL", "he": "HEBREW", "el": "GREEK"}
_ACRONYM = re.compile(r"[\W\d]*[A-ZА-ЯΑ-Ω]{2,}[\W\d]*(?:\.?[A-Z]\.)*")
_INITIAL = re.compile(r"(?:^|\s)\w\.")
_HEARD = ("ru", "ko", "ja", "he", "el")
_COMPARED = 3
"""Names of a language whose sounds are compared."""
_USES, _ALIKE_NAMES, _SIMILAR = 2, 2, 0.6
"""Uses in the texts, languages with the same spelling, and similarity, that make a name sure."""
_MOST = 20
"""Uses of a name in the texts that count."""


class Usage(NamedTuple):
    """What the texts of a language show: the uses of names, all words, and those without capitals.

    `labels` are the names that another list gives by Chinese name, `persons` full names of persons,
    `shared` the words of many names.
    """

    counts: Mapping[str, int]
    words: Collection[str]
    ordinary: Collection[str]
    labels: Mapping[str, Collection[str]] = MappingProxyType({})
    persons: Collection[str] = ()
    shared: Collection[str] = ()


def usual(
    entity: Entity, tag: str, usage: Usage, english: str = "", *, is_translated: bool = False
) -> list[str]:
    """Return the names of an entity in a language, the usual one first.

    `is_translated` says that the English name has a meaning, so that other languages translate it.
    """
    dotted = [form.count("·") for form in entity.zh if "·" in form]
    parts = min(dotted, default=0) + 1

    labels = {name for form in entity.zh for name in usage.labels.get(form, ())}
    names = [
        name for name in dict.fromkeys(entity.names[tag]) if not _is_generic(name, entity, tag, usage)
    ]

    def score(name: str) -> tuple[float, ...]:
        words = name.split()
        return (
            not _ACRONYM.fullmatch(name) or name in labels or bool(_ACRONYM.fullmatch(english)),
            bool(_INITIAL.search(name)) <= bool(_INITIAL.search(english)) if english else True,
            parts == 1 or len(re.split(r"[\s・·]", name)) == parts,
            min(usage.counts.get(name, 0), _MOST)
            + 12 * (name in usage.persons if parts > 1 else name in labels)
            - 6 * _strange(words, usage.words)
            - 3 * any(word.isupper() for word in words)
            + (0 if is_translated and name == english else _agreement(entity, tag, name, english))
            + (10 * heard(entity, name) if tag == ENGLISH and len(names) > 1 else 0),
            sum(map(str.isascii, name)) / len(name),
            -len(name),
        )

    return sorted(names or entity.names[tag], key=score, reverse=True)


def _is_generic(name: str, entity: Entity, tag: str, usage: Usage) -> bool:
    """Whether a name has only words that many things share, and nothing says that it is one."""
    words = name.split()
    labels = {each for form in entity.zh for each in usage.labels.get(form, ())}
    if name in labels or agrees(entity.zh, name):
        return False
    if len(words) == 1 and name in usage.shared and name.lower() in usage.words:
        return True
    longer = any(name != other and set(words) < set(other.split()) for other in entity.names[tag])
    return longer and all(word.lower() in usage.ordinary or word in usage.shared for word in words)


def heard(entity: Entity, name: str) -> float:
    """Return how well a name sounds like those in Chinese and in other scripts, from 0 to 1."""
    chinese = max(sound(form, name) for form in entity.zh[:_COMPARED])
    others = (entity.names.get(tag, [])[:_COMPARED] for tag in _HEARD)
    found = [max(similarity(name, other) for other in names) for names in others if names]
    return sum([min(max(chinese, 0.0), 1.0), *found]) / (len(found) + 1)


def is_trusted(entity: Entity, tag: str, name: str, usage: Usage, english: str) -> bool:
    """Whether anything says that a name is usual: no other, a use, a list, the sound, or a spelling."""
    names = {fold(each) for each in entity.names[tag]}
    labels = {fold(each) for form in entity.zh for each in usage.labels.get(form, ())}
    if len(names) == 1 or usage.counts.get(name, 0) >= _USES or name in usage.persons:
        return True
    alike = sum(name in entity.names.get(other, ()) for other in LATIN)
    if tag == ENGLISH:
        listed = any(f"{label} ".startswith(f"{fold(name)} ") for label in labels)
        return listed or alike > _ALIKE_NAMES or agrees(entity.zh, name)
    if tag == "ja" and max(_likeness(key(name), key(form)) for form in entity.zh) >= _SIMILAR:
        return True
    if (tag in LATIN and alike > 1) or (_ACRONYM.fullmatch(name) and _ACRONYM.fullmatch(english)):
        return True
    return any(similarity(name, other) >= _SIMILAR for other in (english, *entity.names[ENGLISH]))


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

"""Which Chinese names can stand for an entity; see `name_table.py`."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence

from rag.names.columns import ENGLISH
from rag.names.table import key
from rag.text.terms import fold
from training.name_agreement import agrees, is_last
from training.name_sources import Entity, Row

_SHORT = 3
"""Characters of a name that may well be something else."""
_SHARED = 20
"""Entities with a word in their names, if the word alone names none of them: University."""
_BODIES = 2
"""Countries with a body of a name, if the name alone says nothing."""


def fits(form: str, row: Mapping[str, Sequence[str]], characters: Collection[str]) -> bool:
    """Whether a Chinese name is long, or sounds like the others, and not like the last word alone.

    `row` has the names by language, the usual one first.
    """
    if "·" in form:
        return True
    english = row[ENGLISH][0]
    if is_last(form, english) and 2 * len(set(form).intersection(characters)) >= len(set(form)):
        return False
    japanese = map(key, row.get("ja", ()))
    is_sound = any(agrees([form], name) for name in row[ENGLISH])
    return len(form) > _SHORT or is_sound or any(form in name for name in japanese)


class Countries:
    """Finds names that begin with the name of a country."""

    def __init__(self, rows: Iterable[Row], entities: Iterable[Entity]) -> None:
        self._names = {form for row in rows if row.cldr.startswith("territory") for form in row.zh}
        self._bodies: dict[str, dict[str, list[str]]] = defaultdict(dict)
        for entity in entities:
            for form in entity.zh:
                for country, rest in self._parts(form):
                    self._bodies[rest].setdefault(country, []).extend(entity.names[ENGLISH])

    def _parts(self, form: str) -> list[tuple[str, str]]:
        ends = range(2, len(form) - 1)
        return [(form[:end], form[end:]) for end in ends if form[:end] in self._names]

    def is_pair(self, form: str) -> bool:
        """Whether a name is put together out of two countries: 中国台湾."""
        return any(rest in self._names for _, rest in self._parts(form))

    def is_body(self, form: str, english: str) -> bool:
        """Whether several countries have a body of a Chinese name with other English names: 众议院."""
        name = fold(english)
        others = self._bodies.get(form, {}).values()
        return sum(all(name not in fold(other) for other in names) for names in others) >= _BODIES

    def is_common(self, form: str, english: str, own: Collection[str] = ()) -> bool:
        """Whether a body, or a part of one, may be that of several countries: 民主党, 众议院议员.

        `own` are the Chinese names of the one that is meant.
        """
        others = [each for each in self._bodies.get(form, ()) if each + form not in own]
        begins = (self._bodies.get(form[:end], ()) for end in range(2, len(form)))
        if any(len(countries) > _BODIES for countries in begins):
            return True
        is_shared = " " in english and len(others) >= _BODIES
        return is_shared or self.is_body(form, english)


def shared_words(entities: Sequence[Entity]) -> frozenset[str]:
    """Return the words that the names of many entities have beside others."""
    counts: Counter[str] = Counter()
    for entity in entities:
        names = [name.split() for found in entity.names.values() for name in found]
        counts.update({word for words in names if len(words) > 1 for word in words})
    return frozenset(word for word, count in counts.items() if count >= _SHARED)

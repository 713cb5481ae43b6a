"""Last names alone, as articles repeat them, with their spellings; see `name_table.py`.

Persons of X-FACTR show which part of a Chinese name is which word, NETransliteration lists parts alone.
A part with several spellings has no usual one.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path

from rag.names.columns import ENGLISH, SAME
from rag.text.terms import fold
from training.name_agreement import agrees
from training.name_sources import Row, is_chinese_name, name_parts
from training.sounds import similarity

_SHARE, _SURE = 0.9, 10
"""Of the evidence for the spellings of a part, if one of them is to be usual, and how much it takes."""
_USED = 3
"""Uses of a part in texts, below which it is found by its more frequent spellings alone."""
_RARE = 0.1
"""Of the evidence for the usual part of a spelling, below which a part is not found by it."""
_ALIKE = 0.45
"""Similarity of sound below which a part and a spelling do not belong together."""
_LEAST = 0.34
"""Of the evidence for the usual part of a spelling, if another part is to have it as usual."""
_SHORT, _SUFFICIENT = 2, 5
"""Characters of a part that may well be something else, and the evidence that it needs."""
_SPELLINGS = 4
_OTHERS = {
    "ru": "russian",
    "ja": "katakana",
    "ko": "korean",
    "ar": "arabic",
    "he": "hebrew",
}


class Parts:
    """Evidence for the spellings of the parts of names, by Chinese part and folded spelling."""

    def __init__(self) -> None:
        self._weights: dict[str, Counter[str]] = defaultdict(Counter)
        self._names: dict[tuple[str, str], dict[str, Counter[str]]] = defaultdict(
            lambda: defaultdict(Counter)
        )
        self._best: dict[str, int] = {}

    def add_person(self, row: Row, weight: int) -> None:
        """Add the last part of the names of a person, if the names have as many words as parts."""
        english = row.names[ENGLISH][0].split()
        for form in row.zh:
            chinese = form.split("·")
            if len(chinese) == len(english) > 1 and _sounds_like(chinese[-1], english[-1]):
                found = self._names[chinese[-1], fold(english[-1])]
                self._weights[chinese[-1]][fold(english[-1])] += weight
                for tag, names in row.names.items():
                    words = re.split(r"[\s・]", names[0])
                    if len(words) == len(english):
                        found[tag][words[-1]] += weight

    def add_list(self, data: Path, characters: frozenset[str]) -> None:
        """Add the parts of NETransliteration that sound like their spelling."""
        others = {tag: name_parts(data, name) for tag, name in _OTHERS.items()}
        for english, spellings in name_parts(data, "chinese").items():
            for chinese, count in spellings.items():
                if _is_part(chinese, english, characters):
                    folded = fold(english)
                    self._weights[chinese][folded] += count
                    found = self._names[chinese, folded]
                    found[ENGLISH].update({_capitalized(english): count} if not found[ENGLISH] else {})
                    for tag, parts in others.items():
                        if not found[tag] and english in parts:
                            found[tag].update(_likely(parts[english], english))

    @property
    def parts(self) -> Collection[str]:
        """The Chinese parts."""
        return self._weights.keys()

    def rows(
        self, others: Mapping[str, str], words: Collection[str], uses: Mapping[str, int]
    ) -> list[Row]:
        """Return a row for each part, those with most evidence first, those without usual name last.

        `uses` counts the parts in texts.
        `others` are Chinese names that have another meaning if their English name is another, `words`
        spellings of something else, which are no rare last names.
        """
        for part, name in others.items():
            if part in self._weights and fold(name.split()[-1]) in self._weights[part]:
                self._weights[part][fold(name.split()[-1])] += _SURE
        parts = [part for part in self._weights if self._is_sure(part, others.get(part))]
        parts.sort(key=lambda part: (-self._weights[part].total(), part))
        rows = [row for part in parts if (row := self._row(part, words, uses.get(part, 0)))]
        rows.sort(key=lambda row: (not row.names[ENGLISH][0], -len(row.names)))
        return rows

    def _is_sure(self, part: str, other: str | None) -> bool:
        weights = self._weights[part]
        is_name = not other or fold(other.split()[-1]) == weights.most_common(1)[0][0]
        return is_name and (len(part) > _SHORT or weights.total() >= _SUFFICIENT)

    def fits(self, part: str, english: str) -> bool:
        """Whether the evidence does not speak against a name for a part."""
        weights = self._weights.get(part, Counter())
        return weights[fold(english.split()[-1])] >= _SHARE * weights.total()

    def _usual(self, spelling: str) -> int:
        """Return the evidence for the part that a spelling usually has."""
        if not self._best:
            for counts in self._weights.values():
                for each, weight in counts.items():
                    self._best[each] = max(self._best.get(each, 0), weight)
        return self._best[spelling]

    def _row(self, part: str, words: Collection[str], uses: int) -> Row | None:
        ranked = [
            (each, weight)
            for each, weight in self._weights[part].most_common()
            if weight
            >= (_SUFFICIENT if each in words else 1 if uses >= _USED else _RARE * self._usual(each))
        ]
        if not ranked:
            return None
        spelling, weight = ranked[0]
        total = self._weights[part].total()
        is_clear = weight >= max(_SHARE * total, _SURE) and (weight >= _LEAST * self._usual(spelling))
        names: dict[str, list[str]] = {}
        alike = [each for each, _ in ranked if similarity(each, spelling) >= _ALIKE or not is_clear]
        for spelling in alike[:_SPELLINGS]:
            found = self._names[part, spelling]
            for tag, counts in found.items():
                if counts and (tag == ENGLISH or is_clear or len(alike) == 1):
                    names.setdefault(tag, []).append(counts.most_common(1)[0][0])
        if is_clear:
            names = {tag: found[: _SPELLINGS if tag == ENGLISH else 1] for tag, found in names.items()}
        return Row([part], names if is_clear else {tag: ["", *found] for tag, found in names.items()})


def transliterating(forms: Iterable[str], text: str) -> frozenset[str]:
    """Return the characters that are more frequent in foreign names as in a text."""
    names = Counter("".join(form for form in forms if "·" in form))
    del names["·"]
    words = Counter(text)
    ratio = sum(names.values()) / len(text)
    return frozenset(c for c, count in names.items() if count >= 20 and count > ratio * words[c])


def _sounds_like(chinese: str, english: str) -> bool:
    return is_chinese_name(chinese) and agrees([chinese], english)


def _is_part(chinese: str, english: str, characters: frozenset[str]) -> bool:
    return (
        _sounds_like(chinese, english)
        and 2 * len(characters.intersection(chinese)) >= len(set(chinese))
        and len(english) > 2
    )


def _likely(spellings: Mapping[str, int], english: str) -> dict[str, int]:
    best = max(spellings, key=lambda name: (spellings[name], similarity(name, english), name))
    return {best.title(): spellings[best]} if similarity(best, english) >= _ALIKE else {}


def _capitalized(name: str) -> str:
    return re.sub(r"^(Mc)(\w)", lambda match: match[1] + match[2].upper(), name.title())


def without_parts(row: Row) -> Row:
    """Leave out of the names of a person the last name alone."""
    last = {form.rpartition("·")[2] for form in row.zh if "·" in form}
    forms = [form for form in row.zh if form not in last]
    words = {tag: fold(names[0].split()[-1]) for tag, names in row.names.items() if names[0] != SAME}
    names = {
        tag: [names[0], *(n for n in names[1:] if fold(n) != words.get(tag))] if last else list(names)
        for tag, names in row.names.items()
    }
    return row._replace(zh=forms, names=names)

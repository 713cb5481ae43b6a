"""The rows of the table of names; see `name_table.py`."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from pathlib import Path

from rag.names.columns import ENGLISH, SAME
from rag.names.table import key
from rag.text.terms import fold
from training import name_texts
from training.name_agreement import is_last
from training.name_choice import Usage, is_trusted, merge, usual
from training.name_forms import Countries, fits, shared_words
from training.name_parts import Parts, transliterating, without_parts
from training.name_sources import (
    LANGUAGES,
    Entity,
    Row,
    cedict,
    cldr,
    entities,
    full_names,
    glosses,
    is_acronym,
    ordinary_words,
    proper_words,
)

_UNSPACED = ("ja",)
_LONG = 6
"""Characters of a Chinese name that names one thing, though its words are ordinary."""
_SHORTEST_TRANSLATED = 4
"""Characters of a Chinese name whose English one has a meaning: 再来, "More", is hardly a name."""
_FORMS = 4
"""Chinese names of a row."""


class Maker:
    """Makes the rows out of the sources; texts show which names are used."""

    def __init__(self, data: Path) -> None:
        self._data = data
        self.entities = sorted(entities(data), key=lambda each: (-each.prominence, each.id))
        self._news = news = name_texts.news(data)
        forms = {form for each in self.entities for form in each.zh}
        self.english = dict(cedict())
        self.countries = Countries(cldr(data), self.entities)
        self.chinese = name_texts.count_words({*forms, *self.english, *_words()}, news)
        self.characters = transliterating(forms, news)
        labels = glosses()
        shared = shared_words(self.entities)
        persons = full_names(data)
        texts = {tag: name_texts.text(data, tag) for tag in LANGUAGES}
        self._ordinary = {tag: name_texts.ordinary_words(text) for tag, text in texts.items()}
        self._usages = {
            tag: Usage(
                self._count(tag, text),
                set(text.split()),
                self._ordinary[tag],
                *((labels, persons) if tag == ENGLISH else ({}, ())),
                shared,
            )
            for tag, text in texts.items()
        }

    def _count(self, tag: str, text: str) -> Counter[str]:
        names = {name for each in self.entities for name in each.names.get(tag, ())}
        return name_texts.count_names(names, text, is_spaced=tag not in _UNSPACED)

    def rows(self, limit: int, parts: int, aliases: int) -> list[Row]:
        """Return the rows: those of CLDR, of the most prominent entities, of last names."""
        rows = list(cldr(self._data))
        places = {key(form): row for row in reversed(rows) for form in row.zh}
        listed = {fold(row.names[ENGLISH][0]) for row in rows}
        self._evidence = evidence = Parts()
        for at, entity in enumerate(self.entities):
            row = self._row(entity)
            evidence.add_person(row, 1 + entity.prominence // 10)
            row = without_parts(row)
            same = next((places[key(form)] for form in row.zh if key(form) in places), None)
            if same and fold(same.names[ENGLISH][0]) in map(fold, entity.names[ENGLISH]):
                _unite(same, row._replace(zh=[form for form in row.zh if self.chinese[form]]))
            elif self._is_sure(entity, row) and (
                any(self.chinese[form] for form in row.zh)
                or (at < limit and fold(row.names[ENGLISH][0]) not in listed)
            ):
                rows.append(row)
        evidence.add_list(self._data, self.characters)
        rows = [kept for row in rows if (kept := _fitting(row, evidence)).zh]
        rows = _unambiguous(rows)
        rows = [self._shortened(row, aliases) for row in self._without_borrowed(rows)]
        taken = {form for row in rows for form in row.zh}
        things = {fold(row.names[ENGLISH][0]) for row in rows if "·" not in "".join(row.zh)}
        uses = name_texts.count_words({*self.chinese, *evidence.parts}, self._news)
        last = evidence.rows(self.english, things | self._ordinary[ENGLISH], uses)
        last = [row for row in last if taken.isdisjoint(row.zh)]
        return rows + last[:parts]

    def _row(self, entity: Entity) -> Row:
        english = usual(entity, ENGLISH, self._usages[ENGLISH])
        is_translated = self._ordinary[ENGLISH].issuperset(english[0].lower().split())
        names = {ENGLISH: english}
        for tag in entity.names.keys() - {ENGLISH}:
            usage = self._usages[tag]
            found = usual(entity, tag, usage, english[0], is_translated=is_translated)
            if is_trusted(entity, tag, found[0], usage, english[0]):
                names[tag] = found
        shortest = _SHORTEST_TRANSLATED if is_translated else 0
        forms = [
            form
            for form in entity.zh
            if self._is_of(form, entity)
            and (form in self.english or len(form) >= shortest)
            and (self._is_listed(form, english) or fits(form, names, self.characters))
            and not self.countries.is_pair(form)
            and not self.countries.is_common(form, english[0], entity.zh)
        ]
        forms.sort(key=lambda form: (-self.chinese[form], -form.count("·"), len(form), form))
        used = [form for form in forms if self.chinese[form] or "·" in form]
        return Row(used or forms, names)

    def is_only(self, form: str, english: str) -> bool:
        """Whether a name that CC-CEDICT lists is no body of several countries and no last name."""
        several = len(self._usages[ENGLISH].labels.get(form, ())) > 1
        is_unclear = self.countries.is_common if several else self.countries.is_body
        is_part = self.characters.issuperset(form) and is_last(form, english)
        return self._evidence.fits(form, english) and not is_part and not is_unclear(form, english)

    def _is_sure(self, entity: Entity, row: Row) -> bool:
        english = row.names[ENGLISH][0]
        return is_trusted(entity, ENGLISH, english, self._usages[ENGLISH], english)

    def _is_listed(self, form: str, english: Sequence[str]) -> bool:
        """Whether CC-CEDICT gives one of the names for a Chinese one."""
        labels = self._usages[ENGLISH].labels.get(form, ())
        return not {fold(name) for name in labels}.isdisjoint(map(fold, english))

    def _is_of(self, form: str, entity: Entity) -> bool:
        """Whether a Chinese name is not a given name alone, not generic and not another name."""
        is_given = any(form == other[1:] for other in entity.zh if len(other) == 3)
        is_short = len(form) < _LONG or any(form in other for other in entity.zh if other != form)
        if is_given or (is_short and self._is_generic(form)):
            return False
        english = fold(self.english.get(form, ""))
        names = list(map(fold, entity.names[ENGLISH]))
        return not english or any(english in name or name in english for name in names)

    def _is_generic(self, form: str) -> bool:
        """Whether a Chinese name is put together out of ordinary words."""
        ordinary = ordinary_words()
        ends = {0}
        for end in range(2, len(form) + 1):
            if any(form[start:end] in ordinary for start in ends if start <= end - 2):
                ends.add(end)
        return form not in self.english and len(form) in ends

    def _without_borrowed(self, rows: Sequence[Row]) -> list[Row]:
        """Leave out aliases that are ordinary words, or the usual name of a more prominent row."""
        owners: dict[str, dict[str, int]] = defaultdict(dict)
        for at, row in enumerate(rows):
            for tag, names in row.names.items():
                owners[tag].setdefault(fold(names[0]), at)
        kept = []
        for at, row in enumerate(rows):
            names = {
                tag: [
                    name
                    for number, name in enumerate(found)
                    if not number
                    or (
                        owners[tag].get(fold(name), at) == at
                        and (is_acronym(name, found) or not self._is_ordinary(name, tag))
                    )
                ]
                for tag, found in row.names.items()
            }
            kept.append(row._replace(names=names))
        return kept

    def _is_ordinary(self, name: str, tag: str) -> bool:
        return any(
            name.lower() in self._ordinary[each] for each in (ENGLISH, tag) if each in self._ordinary
        )

    def _shortened(self, row: Row, aliases: int) -> Row:
        """Leave out all but a few aliases, and write English names in other languages as `=`."""
        english = {fold(name) for name in row.names[ENGLISH]}
        names = {}
        for tag, found in row.names.items():
            acronyms = [name for name in found if is_acronym(name, found)]
            few = merge(found[:1], [*acronyms[:1], *found[1:]])
            few = few[: 1 + aliases + (tag == ENGLISH)]
            if tag != ENGLISH:
                first = SAME if found[0] == row.names[ENGLISH][0] else found[0]
                few = [first, *(name for name in few[1:] if fold(name) not in english)]
            names[tag] = few
        return Row(row.zh[:_FORMS], names, row.cldr)


def _words() -> frozenset[str]:
    return ordinary_words() | proper_words()


def _fitting(row: Row, evidence: Parts) -> Row:
    """Leave out Chinese names that, as last names, are spelt otherwise."""
    english = row.names[ENGLISH][0]
    return (
        row if row.cldr else row._replace(zh=[form for form in row.zh if evidence.fits(form, english)])
    )


def _unite(row: Row, other: Row) -> None:
    row.zh[:] = merge(row.zh, other.zh)
    for tag, names in other.names.items():
        row.names[tag] = merge(row.names.get(tag, []), names)


def _unambiguous(rows: Sequence[Row]) -> list[Row]:
    """Leave out Chinese names that several entities of similar prominence have."""
    owners: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        for form in row.zh:
            owners[key(form)].append(row)
    kept = []
    for row in rows:
        forms = [form for form in row.zh if _owns(row, owners[key(form)])]
        if forms:
            kept.append(row._replace(zh=forms))
    return kept


def _owns(row: Row, owners: Sequence[Row]) -> bool:
    english = fold(row.names[ENGLISH][0])
    rivals = [each for each in owners[1:] if fold(each.names[ENGLISH][0]) != english]
    clear = bool(row.cldr) or all(2 * _size(rival) <= _size(row) for rival in rivals)
    return row is owners[0] and clear


def _size(row: Row) -> int:
    return 3 * len(row.names) + sum(map(len, row.names.values()))

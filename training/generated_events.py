"""Made-up news of an event at a place, often of a second one elsewhere, with questions and twins."""

from __future__ import annotations

import random
from typing import NamedTuple

from rag.types import Passage
from training import generated_questions as questions
from training import generated_words as words
from training.fact import Fact
from training.generated_draft import Draft
from training.generated_words import Name, part, read_once

_SECOND_SHARE, _REASON_SHARE, _ANNOUNCED_SHARE, _TIMED_SHARE = 0.4, 0.45, 0.3, 0.85
_BUILDING_SHARE, _YEAR_SHARE, _WEIGHTS = 0.6, 0.1, {"when": 3, "why": 2}
_NAMED_BUILDINGS, _BUILDINGS = 10, 20
_CAUSED_SHARE, _HARM_SHARE = 0.25, 0.5
_ALWAYS = ("when", "why", "announced")
"""What can be asked about every event."""
_SAME_EVENT = ("disaster", "illness")
"""Groups whose predicates all mean the same."""

_HARM = ("disaster", "illness", "homes", "theft")
"""Groups whose figures are a harm."""


class Subject(NamedTuple):
    """A place: a town (-1), or a building by its number."""

    name: Name
    building: int


def kinds(held_back: bool) -> list[str]:
    """Return the kinds of events to train on, or those held back."""
    events = read_once("events")
    return [name for name, event in events.items() if event.get("held", False) is held_back]


class EventNews:
    """One news item."""

    def __init__(self, rng: random.Random, held_back: bool) -> None:
        self._rng, self._held_back = rng, held_back
        self._event = rng.choice(kinds(held_back))
        self._kind = read_once("events")[self._event]
        self._predicates = self._kind["p"].split("|")
        self._predicate = rng.choice(self._predicates)
        self._group = read_once("news")["groups"][self._kind["g"]]
        self._draft = Draft(rng, held_back)
        can_be_inside = not self._kind.get("towns") and rng.random() < _BUILDING_SHARE
        building = rng.randrange(_BUILDINGS) if can_be_inside else -1
        self._subjects: list[Subject] = []
        self._subjects.append(self._subject(building))

    def facts(self) -> list[Fact]:
        """Return a fact on the item, or none."""
        rng, draft = self._rng, self._draft
        values = {"x": self._subjects[0].name.chinese, "p": self._predicate}
        is_timed = rng.random() < _TIMED_SHARE
        if is_timed:
            values["t"] = words.moment(rng)
        draft.filler(0.2)
        reason = rng.choice(self._kind["r"].split("|"))
        is_caused = is_timed and bool(reason) and rng.random() < _CAUSED_SHARE
        lead = "caused" if is_caused else "lead" if is_timed else "untimed"
        draft.add(self._sentence(lead), values | {"why": reason}, 0)
        slots = rng.sample(self._group, min(rng.randint(0, 3), len(self._group)))
        if slots:
            is_harm = self._kind["g"] in _HARM and not is_caused and rng.random() < _HARM_SHARE
            self._tell("harm" if is_harm else "figures", slots, values, 0)
        draft.filler(0.25)
        if rng.random() < _SECOND_SHARE:
            self._tell_second(slots or self._group[:1])
        elif reason and not is_caused and rng.random() < _REASON_SHARE:
            self._continue("reason", {"u": self._sentence("source"), "why": reason})
        if len(self._subjects) == 1 and rng.random() < _ANNOUNCED_SHARE:
            self._continue("announced", {"r": self._sentence("role"), "announced": words.person(rng)})
        draft.filler(0.5)
        return self._asked(draft.passage(values | {"n": self._kind["n"].split("|")[0]}))

    def _asked(self, passage: Passage) -> list[Fact]:
        rng = self._rng
        found = [key for key in self._draft.spans if key[1] != "where" or len(self._subjects) == 1]
        weights = [_WEIGHTS.get(slot, 1) for _, slot in found]
        ((owner, slot),) = rng.choices(found, weights)
        subject = self._subjects[owner]
        asked = self._ask(slot, subject, self._event, slot != "where" and self._means_the_same())
        twins = self._twins(slot, subject)
        if slot != "where" and passage.published and "年" not in passage.text:
            year = passage.published.year
            twins.append(questions.in_year(asked, year - rng.randint(1, 6)))
            if rng.random() < _YEAR_SHARE:
                asked = questions.in_year(asked, year)
        return self._draft.fact(passage, (owner, slot), asked, rng.choice(twins))

    def _twins(self, slot: str, subject: Subject) -> list[dict[str, str]]:
        """Ask for another event, for the same at another place, and for what is not told."""
        rng = self._rng
        twins = self._other_event(slot, subject)
        if slot != "where":
            twins += 2 * [self._ask(slot, self._subject(subject.building), self._event)]
            missing = {*self._group, *_ALWAYS} - {name for _, name in self._draft.spans}
            if missing:
                twins += 2 * [self._ask(rng.choice(sorted(missing)), subject, self._event)]
        return twins or [self._ask("why", self._subject(subject.building), self._event)]

    def _other_event(self, slot: str, subject: Subject) -> list[dict[str, str]]:
        events, groups = read_once("events"), read_once("news")["groups"]
        fit = [
            name
            for name in kinds(self._held_back)
            if {events[name]["g"], self._kind["g"]} not in ({self._kind["g"]}, {"rescue", "disaster"})
            and (slot in _ALWAYS or slot == "where" or slot in groups[events[name]["g"]])
        ]
        return [self._ask(slot, subject, self._rng.choice(fit), True)] if fit else []

    def _ask(self, slot: str, subject: Subject, event: str, is_free: bool = False) -> dict[str, str]:
        predicates = read_once("events")[event]["p"].split("|")
        predicate = self._rng.choice(predicates) if is_free else self._predicate
        is_building = subject.building >= 0
        return questions.about_event(self._rng, slot, event, subject.name, predicate, is_building)

    def _means_the_same(self) -> bool:
        return self._kind["g"] in _SAME_EVENT or bool(self._kind["v"])

    def _tell_second(self, slots: list[str]) -> None:
        self._subjects.append(self._subject(self._subjects[0].building))
        predicate = self._rng.choice(self._predicates) if self._means_the_same() else self._predicate
        values = {"x": self._subjects[1].name.chinese, "p": predicate, "t": words.moment(self._rng)}
        self._draft.text = self._draft.text.removesuffix("。")
        self._tell("second", slots, values, 1)

    def _tell(self, kind: str, slots: list[str], values: dict[str, str], subject: int) -> None:
        rng, told = self._rng, read_once("news")["figure"]
        joined = rng.choice(read_once("news")["join"]).join(rng.choice(told[slot]) for slot in slots)
        can_be_harm = joined.startswith("{")
        template = self._sentence(kind if can_be_harm or kind != "harm" else "figures")
        figures = {slot: self._figure(slot) for slot in slots}
        self._draft.add(template.replace("{f}", joined), values | figures, subject)

    def _figure(self, slot: str) -> str:
        if slot == "winner":
            return words.person(self._rng)
        return words.amount(self._rng, slot)

    def _continue(self, kind: str, values: dict[str, str]) -> None:
        self._draft.text = self._draft.text.removesuffix("。")
        self._draft.add(self._sentence(kind), values, 0)

    def _sentence(self, kind: str) -> str:
        return str(self._rng.choice(part(read_once("news")[kind], self._held_back)))

    def _subject(self, building: int) -> Subject:
        """Return a place of which nothing is told yet."""
        while True:
            town = words.town(self._rng, self._held_back)
            if building >= _NAMED_BUILDINGS:
                building = self._rng.randrange(_NAMED_BUILDINGS, _BUILDINGS)
            name = questions.facility(town, building) if building >= 0 else town
            known = name.chinese if building >= _NAMED_BUILDINGS else town.chinese[:2]
            if known not in self._draft.text and all(
                known not in s.name.chinese for s in self._subjects
            ):
                return Subject(name, building)

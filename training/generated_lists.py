"""Made-up news of what countries, parties or goods have, and of mayors, with questions and twins."""

from __future__ import annotations

import random

from training import generated_questions as questions
from training import generated_words as words
from training.fact import Fact
from training.generated_draft import Draft
from training.generated_words import Name, part, read_once

_CARGO = ("containers", "shells", "grain")
_TIMED_SHARE, _MIXED_SHARE, _PARTIAL_SHARE, _SECOND_SHARE, _WHEN_SHARE = 0.7, 0.4, 0.5, 0.4, 0.4


def kinds(held_back: bool) -> list[str]:
    """Return the kinds of lists to train on, or those held back."""
    lists = read_once("news")["lists"]
    return [name for name, kind in lists.items() if kind.get("held", False) is held_back]


def list_facts(rng: random.Random, held_back: bool) -> list[Fact]:
    """Return a fact on what one of up to four actors has; the twin asks of another or another thing."""
    kind, draft = rng.choice(kinds(held_back)), Draft(rng, held_back)
    actors = _actors(kind)
    count = rng.randint(1, min(4, len(actors) - 2))
    chosen = rng.sample(actors, count + 2)
    told, absent, receiver = chosen[:count], chosen[count], chosen[count + 1]
    names = [rng.choice(forms) for forms in told]
    draft.filler(0.2)
    is_timed = rng.random() < _TIMED_SHARE
    if is_timed:
        draft.add("{t}，", {"t": words.moment(rng)}, 0)
    slots = [kind] * count
    if kind in _CARGO and count > 1 and rng.random() < _MIXED_SHARE:
        slots[1:] = (count - 1) * [rng.choice([each for each in _CARGO if each != kind])]
    for at, (name, slot) in enumerate(zip(names, slots, strict=True)):
        is_first = not at or slot != slots[at - 1]
        value = ("每吨" if slot == "goods" else "") + words.amount(rng, slot)
        values = {"a": name.chinese, "v": value, "b": rng.choice(receiver).chinese}
        values |= {"to": "", "cargo": rng.choice(read_once("news")["cargo"])}
        template = str(rng.choice(read_once("news")["lists"][slot]["first" if is_first else "next"]))
        template = template.replace("{to}", rng.choice(read_once("news")["to"]))
        draft.add(("，" if at else "") + template, values, at, slot)
    draft.filler(0.5)
    passage = draft.passage({})
    owner = rng.randrange(count)
    can_ask_when = is_timed and kind in _CARGO and count == 1
    slot = "ship_when" if can_ask_when and rng.random() < _WHEN_SHARE else slots[owner]
    if slot == "ship_when":
        draft.spans[owner, slot] = draft.spans[0, "when"]
    asked = questions.about_actor(rng, slot, told[owner], _letter(kind))
    twins = [questions.about_actor(rng, slot, absent, _letter(kind))]
    if kind in _CARGO:
        unsaid = [each for each in _CARGO if each not in slots] + ["ship_when"] * (not is_timed)
        if unsaid:
            twins.append(questions.about_actor(rng, rng.choice(unsaid), told[owner]))
    return draft.fact(passage, (owner, slot), asked, rng.choice(twins))


def mayor_facts(rng: random.Random, held_back: bool) -> list[Fact]:
    """Return a fact on who resigned or follows; the twin asks of another town or what is untold."""
    draft, towns, sentences = Draft(rng, held_back), list[Name](), read_once("news")["mayor"]
    is_partial = rng.random() < _PARTIAL_SHARE
    draft.filler(0.2)
    while len(towns) < 3:
        town = words.town(rng, held_back)
        if all(town.chinese[:2] != each.chinese[:2] for each in towns):
            towns.append(town)
    told = 2 if rng.random() < _SECOND_SHARE else 1
    template = rng.choice(
        sentences["partial"] if is_partial else part(sentences["sentences"], held_back)
    )
    for at in range(told):
        values = {"x": towns[at].chinese, "mayor_when": words.moment(rng)}
        values |= {"mayor_old": words.person(rng), "mayor_new": words.person(rng)}
        draft.add(("。" if at else "") + template, values, at)
    draft.filler(0.5)
    passage = draft.passage({"x": towns[0].chinese})
    found = [key for key in draft.spans if key[1] != "where"]
    owner, slot = rng.choice(found)
    asked = questions.about_actor(rng, slot, [towns[owner]], "x")
    twins = [questions.about_actor(rng, slot, [towns[2]], "x")]
    missing = {"mayor_old", "mayor_new", "mayor_when"} - {name for _, name in found}
    if missing:
        twins.append(questions.about_actor(rng, rng.choice(sorted(missing)), [towns[owner]], "x"))
    return draft.fact(passage, (owner, slot), asked, rng.choice(twins))


def _actors(kind: str) -> list[tuple[Name, ...]]:
    """Return those that a list may be about; countries have the name of their capital too."""
    if kind in ("seats", "goods"):
        return [(name,) for name in words.translated("parties" if kind == "seats" else "goods")]
    names = [words.known(name) for name in read_once("names")["governments"].split()]
    return list(zip(names[::2], names[1::2], strict=True))


def _letter(kind: str) -> str:
    return {"seats": "p", "goods": "g"}.get(kind, "a")

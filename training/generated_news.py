"""Short Chinese news items that are made up, with questions and twins: facts to train the reader on.

Twins ask for what is not stated: another place or country, another figure, another event, another year.
Kinds of events, names and sentences are held back for a curve.
"""

from __future__ import annotations

import random

from training import generated_events, generated_lists
from training.fact import Fact

COUNT, HELD_BACK_COUNT = 12000, 400
_EVENT_SHARE, _LIST_SHARE = 0.66, 0.24


def facts(count: int = COUNT, seed: int = 0, held_back: bool = False) -> list[Fact]:
    """Return facts on as many items; those held back are of other kinds of events."""
    rng = random.Random(f"{seed} {held_back}")
    found: list[Fact] = []
    while len(found) < count:
        kind = rng.random()
        if kind < _EVENT_SHARE or (held_back and kind >= _EVENT_SHARE + _LIST_SHARE):
            found += generated_events.EventNews(rng, held_back).facts()
        elif kind < _EVENT_SHARE + _LIST_SHARE:
            found += generated_lists.list_facts(rng, held_back)
        else:
            found += generated_lists.mayor_facts(rng, held_back)
    return found


def held_back_facts(count: int = HELD_BACK_COUNT) -> list[Fact]:
    """Return facts on kinds of events, names and sentences that are never trained on."""
    return facts(count, held_back=True)


def kinds(held_back: bool) -> list[str]:
    """Return the kinds of events and lists to train on, or those held back."""
    return generated_events.kinds(held_back) + generated_lists.kinds(held_back)

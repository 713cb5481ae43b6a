"""Whether a Chinese name transcribes a name in Latin letters; see `name_table.py`."""

from __future__ import annotations

from collections.abc import Collection
from functools import cache

from rag.names.sound import letters, load, syllables

_AGREES = 0.3
"""Sound from which a Chinese name transcribes another one."""
_NO_SOUND = -20.0


def agrees(chinese: Collection[str], name: str) -> bool:
    """Whether one of some Chinese names transcribes a name."""
    return any(sound(form, name) >= _AGREES for form in chinese)


def is_last(chinese: str, name: str) -> bool:
    """Whether a Chinese name transcribes the last word of a name alone: 马克龙, "Emmanuel Macron"."""
    last = name.split()[-1]
    return last != name and agrees([chinese], last) and sound(chinese, last) > 2 * sound(chinese, name)


@cache
def sound(chinese: str, name: str) -> float:
    """Return how much likelier each letter is as a transcription than by itself, as a logarithm."""
    plain = letters(name)
    matches = load().matches(syllables(chinese), [plain]) if plain else []
    gain = max((match.gain for match in matches if match.start == 0), default=_NO_SOUND)
    return gain / max(len(plain), len(chinese), 1)

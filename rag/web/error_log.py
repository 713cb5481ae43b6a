"""An error -> where it came from, for the log."""

from __future__ import annotations

import traceback

_LONGEST_CHAIN = 5


def where(error: BaseException | None) -> str:
    """Return the types and the places of an error and of those that led to it, the last one first.

    What they say is left out: it may hold what was asked, which is logged nowhere.
    """
    told: list[str] = []
    while error and len(told) < _LONGEST_CHAIN:
        told.append(f"{type(error).__name__}\n{''.join(traceback.format_tb(error.__traceback__))}")
        error = error.__cause__ or error.__context__
    return "because of ".join(told).rstrip()

"""Error -> its type and place, for the log."""

from __future__ import annotations

import traceback

_MAX_CHAIN = 5


def where(error: BaseException | None) -> str:
    """Return the types and tracebacks of an error and of its causes, the error itself first.

    Messages are left out: they may contain a question, and questions are not logged.
    """
    parts: list[str] = []
    while error and len(parts) < _MAX_CHAIN:
        parts.append(f"{type(error).__name__}\n{''.join(traceback.format_tb(error.__traceback__))}")
        error = error.__cause__ or error.__context__
    return "because of ".join(parts).rstrip()

"""Filters as conditions for Milvus, which contain numbers only, no text of a user."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time

from rag.index.base import microseconds
from rag.index.milvus.manifest import NO_DAY, NO_TIME, Contents
from rag.types import Filter

_NONE = -1
"""A number that no source, language or passage has."""


def conditions(only: Filter, contents: Contents) -> list[str]:
    """Return the conditions of a filter, except its phrases, on passages and on their rows."""
    found = []
    if only.sources:
        known = contents.numbers("sources")
        found.append(among("source", [known.get(source.lower(), _NONE) for source in only.sources]))
    for comparison, limit in ((">=", only.since), ("<=", only.until)):
        if limit is not None:
            found.append(_of_time(comparison, limit, contents.layout))
    if only.language is not None:
        start, tags = f"{only.language.lower()}-", contents.numbers("languages")
        numbers = [number for tag, number in tags.items() if f"{tag}-".startswith(start)]
        found.append(among("language", numbers))
    return found


def among(field: str, numbers: Sequence[int], *, is_inside: bool = True) -> str:
    """Return the condition that a field has one of these numbers, or none of them."""
    return f"{field} {'in' if is_inside else 'not in'} {list(numbers) or [_NONE]}"


def _of_time(comparison: str, limit: date, layout: int) -> str:
    if isinstance(limit, datetime):
        return f"moment > {NO_TIME} and moment {comparison} {microseconds(limit)}"
    if layout > 1:
        return f"day > {NO_DAY} and day {comparison} {limit.toordinal()}"
    clock = time.min if comparison == ">=" else time.max
    return _of_time(comparison, datetime.combine(limit, clock, UTC), layout)

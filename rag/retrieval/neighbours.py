"""The passages beside a passage in its article."""

from __future__ import annotations

from collections.abc import Sequence

from rag.index.base import SearchIndex
from rag.types import Passage


def neighbours(
    index: SearchIndex, passages: Sequence[Passage]
) -> list[tuple[Passage | None, Passage | None]]:
    """Return the passages before and after each passage in its article, None where there is none."""
    numbers = index.corpus.passage_numbers(passages)
    beside = {number + step for number in numbers.values() for step in (-1, 1)}
    wanted = sorted(beside.intersection(range(index.manifest.passages)))
    by_number = dict(zip(wanted, index.corpus.passages(wanted), strict=True))

    def beside_of(passage: Passage, step: int) -> Passage | None:
        other = by_number.get(numbers[passage.id] + step) if passage.id in numbers else None
        return other if other and other.article_id == passage.article_id else None

    return [(beside_of(passage, -1), beside_of(passage, 1)) for passage in passages]

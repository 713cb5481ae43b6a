"""Runs of consecutive articles that a build copies together."""

from __future__ import annotations

from typing import NamedTuple

from rag.index.base import StoredArticle


class Run(NamedTuple):
    """Consecutive articles of the previous file, and the new numbers of the first.

    `article`, `passage` and `row` are the numbers that the first article, its first passage and its
    first row get in the new file.
    """

    first: StoredArticle
    last: StoredArticle
    article: int
    passage: int
    row: int

    def goes_on_with(self, stored: StoredArticle) -> bool:
        """Whether an article follows the last one in the previous file."""
        return stored.number == self.last.number + 1

    def values(self) -> dict[str, int]:
        """Return the parameters of `statements.COPIES`."""
        first, last = self.first, self.last
        return {
            "articles": self.article - first.number,
            "passages": self.passage - first.first_passage,
            "rows": self.row - first.first_row,
            "first": first.number,
            "last": last.number,
            "first_passage": first.first_passage,
            "end_passage": last.end_passage,
            "first_row": first.first_row,
            "end_row": last.end_row,
        }

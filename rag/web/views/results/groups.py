"""The hits of a search as articles: grouped, page by page."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from rag.types import Hit, Passage
from rag.web.views.query import PAGE_ARTICLES


@dataclass(frozen=True, slots=True)
class FoundArticle:
    """An article of a result, by those of its passages that were found, best first."""

    hits: Sequence[Hit]

    @property
    def passage(self) -> Passage:
        """Its best passage."""
        return self.hits[0].passage

    @property
    def day(self) -> date | None:
        """The day of publication in the zone of the article."""
        published = self.passage.published
        return published.date() if published else None


def group_by_article(hits: Iterable[Hit]) -> list[FoundArticle]:
    """Return the articles of these hits, in the order of their first hits."""
    groups: dict[str, list[Hit]] = {}
    for hit in hits:
        groups.setdefault(hit.passage.article_id, []).append(hit)
    return [FoundArticle(group) for group in groups.values()]


def page_of(found: Sequence[FoundArticle], number: int) -> list[FoundArticle]:
    """Return the articles of a page; a page beyond the last one is the first."""
    start = PAGE_ARTICLES * (number - 1)
    return list(found[start : start + PAGE_ARTICLES] or found[:PAGE_ARTICLES])

"""Hits, passages and reprints for the tests of the views."""

from __future__ import annotations

from typing import Any

from rag.types import Article, Hit, Passage, Reprint
from support.doubles import make_article


def make_passage(article: Article) -> Passage:
    """Return the whole text of an article as one passage."""
    return Passage(
        id=f"{article.id}#1",
        article_id=article.id,
        title=article.title,
        url=article.url,
        text=article.text,
        start=0,
        end=len(article.text),
        published=article.published,
        source=article.source,
        language=article.language,
    )


def make_hit(text: str, *, name: str = "x", reprints: tuple[Reprint, ...] = (), **fields: Any) -> Hit:
    """Return a hit of an article with this text, all of it highlighted."""
    passage = make_passage(make_article(name, text, **fields))
    return Hit(passage, 0.5, (0, len(text)), reprints)


def make_reprint(name: str, **fields: Any) -> Reprint:
    """Return an article with this name as a reprint."""
    article = make_article(name, "正文", **fields)
    return Reprint(
        article_id=article.id,
        title=article.title,
        url=article.url,
        published=article.published,
        source=article.source,
        language=article.language,
    )

"""Tests of `rag.web.views.results.groups`."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

from support.hits import make_hit

from rag.web.views.results.found import in_order
from rag.web.views.results.groups import FoundArticle, group_by_article, page_of


def names(found: list[FoundArticle]) -> list[str]:
    return [article.passage.article_id for article in found]


def test_group_by_article_keeps_the_order_of_the_best_passages() -> None:
    hits = [make_hit(text, name=name) for text, name in ("一x", "二y", "三x", "四z")]
    found = group_by_article(hits)
    assert names(found) == ["x", "y", "z"]
    assert [hit.passage.text for hit in found[0].hits] == ["一", "三"]


def test_in_order_puts_the_newest_first_and_undated_last() -> None:
    noon = datetime(2024, 3, 6, 12, tzinfo=UTC)
    east = noon.astimezone(timezone(timedelta(hours=9))) - timedelta(hours=1)
    times = {"undated": None, "old": east, "new": noon, "same": noon}
    found = group_by_article(make_hit("文", name=name, published=at) for name, at in times.items())
    newest = in_order(found, "newest", lambda article: article.passage)
    assert names(newest) == ["new", "same", "old", "undated"]
    assert in_order(found, "", lambda article: article.passage) == found


def test_page_of_has_five_articles_and_begins_again_after_the_last() -> None:
    found = group_by_article(make_hit("文", name=str(number)) for number in range(7))
    assert names(page_of(found, 1)) == list("01234")
    assert names(page_of(found, 2)) == ["5", "6"]
    assert names(page_of(found, 3)) == list("01234")

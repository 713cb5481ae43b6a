"""Questions that name a time prefer the articles published then."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from support.doubles import HashEncoder, make_article

import rag


def test_search_with_a_date_prefers_articles_of_that_time(location: str) -> None:
    text = "澳门特区政府宣布驻台办事处暂停运作，当局没有说明何时恢复。"
    articles = [
        make_article(name, text + more, published=published, title="")
        for name, more, published in (
            ("a", "一月的寒流来得早，渔民提前收网。" * 9, datetime(2021, 1, 5, tzinfo=UTC)),
            ("b", "六月的台风来得晚，果农加固了大棚。" * 9, datetime(2021, 6, 16, tzinfo=UTC)),
            ("c", "日期不详的来信谈到一家书店的搬迁。" * 9, None),
        )
    ]
    rag.build(articles, location, HashEncoder())
    assistant = rag.load(location, HashEncoder())

    def scores(question: str) -> dict[str, float]:
        return {hit.passage.article_id: hit.score for hit in assistant.search(question, 9)}

    june, january = scores("2021年6月澳门驻台办事处"), scores("2021年1月澳门驻台办事处")
    assert max(june, key=june.__getitem__) == "b"
    assert max(january, key=january.__getitem__) == "a"
    assert (june["b"] - june["a"]) - (january["b"] - january["a"]) == pytest.approx(0.1, abs=0.02)
    assert june["c"] == pytest.approx(january["c"], abs=0.02)

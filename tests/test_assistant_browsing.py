"""What an assistant shows of an archive without a question, in each of the stores."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from support.doubles import STORES, HashEncoder, PatternReader, make_article

import rag
from rag.errors import ArticleMissing
from rag.text import passages
from rag.types import Article, Passage

DAY = datetime(2024, 3, 6, 22, 20, tzinfo=UTC)


def paragraph(subject: str) -> str:
    return "".join(f"第{number}天，{subject}在第{number * 7}号码头装船。" for number in range(12))


def archive_of_stories() -> list[Article]:
    """Two stories told three times and twice, two told once, one of them without a time."""
    container, cherry = paragraph("集装箱的弹药"), paragraph("东京的樱花")
    return [
        make_article("a", container, published=DAY, source="one.example", title="集装箱"),
        make_article("b", cherry, published=DAY + timedelta(days=1), title="樱花"),
        make_article("c", container, published=DAY + timedelta(days=2), title="集装箱"),
        make_article("d", paragraph("巴黎的运动员"), published=None, language="en", title="奥运"),
        make_article("e", cherry, published=None, title="樱花"),
        make_article("f", container, published=DAY - timedelta(days=2), title="集装箱"),
        make_article(
            "g",
            *map(paragraph, ("海冰", "冰山", "企鹅", "海豹", "冰川")),
            published=DAY - timedelta(days=90),
            title="冰",
        ),
    ]


@pytest.fixture(scope="module", params=STORES)
def browsed(request: pytest.FixtureRequest, new_location: Callable[[str], str]) -> rag.Assistant:
    place = new_location(request.param)
    rag.build(archive_of_stories(), place, HashEncoder())
    return rag.load(place, HashEncoder(), PatternReader("第[0-9]+天"))


def test_an_answer_is_read_from_articles_that_pass_the_filters(browsed: rag.Assistant) -> None:
    question = "集装箱的弹药在几号码头装船？"
    assert browsed.ask(question, since=date(2024, 3, 7)).hits[0].passage.article_id == "c"
    assert browsed.ask(question, until=date(2024, 3, 5)).hits[0].passage.article_id == "f"
    assert browsed.ask(question, source="one.example").hits[0].passage.article_id == "a"
    assert browsed.ask(question, language="en").hits[0].passage.article_id == "d"
    assert browsed.ask(question, language="fr").text == ""


def test_to_ask_is_to_read_what_a_search_finds(browsed: rag.Assistant) -> None:
    question = "樱花在几号码头装船？"
    hits = browsed.search(question, 5)
    assert browsed.read(question, hits) == browsed.ask(question)
    assert browsed.read(question, hits[1:]).hits == tuple(hits[1:])
    assert browsed.read(question, []).text == ""


@pytest.mark.parametrize("article", archive_of_stories(), ids=lambda article: article.id)
def test_an_article_is_given_as_it_was_built(browsed: rag.Assistant, article: Article) -> None:
    found = browsed.article(article.id)
    assert found == article
    for passage in passages.split(article):
        assert found.text[passage.start : passage.end] == passage.text


@pytest.mark.parametrize("name", ["", "x", 'a" or id != "', "a' OR 1=1 --", "\\", "文" * 9999])
def test_an_article_that_is_not_there_is_named(browsed: rag.Assistant, name: str) -> None:
    with pytest.raises(ArticleMissing, match=r"There is no article .* Take the article_id") as raised:
        browsed.article(name)
    assert len(str(raised.value)) < 400


def test_every_passage_has_those_before_and_after_it_in_its_article(browsed: rag.Assistant) -> None:
    for article in archive_of_stories():
        own = passages.split(article)
        expected = list(zip([None, *own], [*own[1:], None], strict=False))
        assert browsed.neighbours(own) == expected
    assert len(own) > 2
    assert browsed.neighbours([own[1], own[0], own[1]]) == [expected[n] for n in (1, 0, 1)]
    assert browsed.neighbours([]) == []


def test_a_passage_that_is_not_there_any_more_has_no_neighbours(browsed: rag.Assistant) -> None:
    passage = passages.split(archive_of_stories()[-1])[1]
    gone: list[Passage] = [
        replace(passage, id="g#99"),
        replace(passage, id="x#1", article_id="x"),
        replace(passage, start=passage.start + 1),
    ]
    assert browsed.neighbours(gone) == [(None, None)] * 3


def test_the_counts_are_those_of_the_archive(browsed: rag.Assistant) -> None:
    counts = browsed.counts()
    assert counts["sources"] == {"news.example": 6, "one.example": 1}
    assert counts["languages"] == {"zh-Hans": 6, "en": 1}
    assert counts["months"] == {"": 2, "2023-12": 1, "2024-03": 4}
    assert browsed.counts() is counts


def test_the_newest_articles_come_first_one_for_each_story(browsed: rag.Assistant) -> None:
    assert [passage.article_id for passage in browsed.newest(10)] == ["c", "b", "g", "d"]
    assert [passage.article_id for passage in browsed.newest(2)] == ["c", "b"]
    articles = {article.id: article for article in archive_of_stories()}
    for passage in browsed.newest(10):
        assert passage == passages.split(articles[passage.article_id])[0]


def test_stories_told_by_several_articles_are_listed(browsed: rag.Assistant) -> None:
    stories = [[told.article_id for told in story] for story in browsed.duplicates(10)]
    assert stories == [["a", "c", "f"], ["b", "e"]]
    (largest,) = browsed.duplicates(1)
    assert largest == browsed.duplicates(10)[0]
    assert (largest[0].source, largest[0].published) == ("one.example", DAY)


def test_what_is_asked_of_a_replaced_generation_is_answered_by_the_live_one(location: str) -> None:
    articles = archive_of_stories()
    rag.build(articles, location, HashEncoder())
    assistant = rag.Assistant.load(location, HashEncoder(), PatternReader())
    own = passages.split(articles[-1])
    for count in (1, 2, 3):  # in Milvus the generation that is open has gone then
        rag.build([*articles[-2:], *articles[:count]], location, HashEncoder())
    assert assistant.article("g") == articles[-1]
    assert assistant.neighbours(own)[0] == (None, own[1])
    assert assistant.newest(1)[0].article_id == "c"
    assert assistant.duplicates(1)
    assistant.refresh()
    assert sum(assistant.counts()["sources"].values()) == 5


def test_an_empty_archive_has_nothing_to_show(location: str) -> None:
    rag.store.at(location).build([], HashEncoder(), None, True)
    assistant = rag.load(location, HashEncoder(), PatternReader())
    assert assistant.newest(5) == []
    assert assistant.duplicates(5) == []
    assert not any(assistant.counts().values())

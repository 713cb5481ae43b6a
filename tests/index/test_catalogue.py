"""The list of articles in each of the stores."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest
from support.doubles import STORES, HashEncoder, make_article

import rag
from rag.index.catalogue import Beside, Catalogue, Order, Selection
from rag.types import Article


def of_day(name: str, day: int | None, title: str, **fields: object) -> Article:
    published = day and datetime(2024, 3, day, 12, tzinfo=UTC)
    text = f"第{name}篇关于{title}的报道，内容各不相同。" * 9
    return make_article(name, text, title=title, published=published, **fields)


STORY = "平壤向俄罗斯运送了集装箱，首尔的国防部长在记者会上这样说，东京没有评论。" * 9
ARTICLES = [
    of_day("a", 3, "東京的櫻花", language="zh-Hant"),
    of_day("b", None, "Ｋｉｍ Jong-un's new work", language="en", source=""),
    of_day("c", 5, "樱花节 in Tokyo", language="zh-Hans", source="www.rfi.fr"),
    of_day("d", 3, "", source="www.rfi.fr"),
    of_day("e", 31, "Elections", language="en", source="WWW.BBC.com"),
    make_article("f", STORY, title="集装箱", published=datetime(2023, 1, 1, tzinfo=UTC)),
    make_article("g", STORY, title="集裝箱", published=datetime(2023, 2, 1, tzinfo=UTC)),
]


@pytest.fixture(scope="module", params=STORES)
def catalogue(request: pytest.FixtureRequest, new_location: Callable[[str], str]) -> Catalogue:
    place = new_location(request.param)
    rag.build(ARTICLES, place, HashEncoder())
    return rag.load(place, HashEncoder()).catalogue


def names(catalogue: Catalogue, order: Order = Order.NEWEST, **values: object) -> str:
    found = catalogue.articles(Selection(**values), order)  # type: ignore[arg-type]
    assert found.total == len(found.articles)
    return "".join(article.article_id for article in found.articles)


def test_articles_are_listed_in_each_order(catalogue: Catalogue) -> None:
    assert names(catalogue, Order.NEWEST) == "ecadgfb"
    assert names(catalogue, Order.OLDEST) == "fgadceb"
    # "d" has no title, so its id counts.
    assert names(catalogue, Order.TITLE) == "debacfg"


def test_articles_equal_what_was_indexed(catalogue: Catalogue) -> None:
    found = {article.article_id: article for article in catalogue.articles().articles}
    for article in ARTICLES:
        for field in ("title", "url", "published", "source", "language"):
            assert getattr(found[article.id], field) == getattr(article, field)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"sources": ("www.rfi.fr",)}, "cd"),
        ({"sources": ("www.bbc.com", "www.rfi.fr")}, "ecd"),
        ({"sources": ("",)}, "b"),
        ({"language": "zh"}, "cadgf"),
        ({"language": "zh-Hant"}, "a"),
        ({"since": date(2024, 3, 3), "until": date(2024, 3, 5)}, "cad"),
        ({"undated": True}, "b"),
        ({"undated": True, "language": "zh"}, ""),
        ({"title": "樱花"}, "ca"),
        ({"title": "tokyo 櫻花"}, "c"),
        ({"title": "KIM"}, "b"),
        ({"title": "neww"}, ""),
        ({"title": "d"}, "d"),
        ({"title": "100%_'"}, ""),
    ],
)
def test_articles_of_a_selection_are_those_that_pass(
    catalogue: Catalogue, values: dict[str, object], expected: str
) -> None:
    assert names(catalogue, **values) == expected


def test_articles_of_a_part_come_with_the_number_of_all(catalogue: Catalogue) -> None:
    found = catalogue.articles(start=2, count=3)
    assert ([article.article_id for article in found.articles], found.total) == (["a", "d", "g"], 7)
    assert catalogue.articles(start=50) == ([], 7)


def test_beside_gives_the_articles_before_and_after_in_time(catalogue: Catalogue) -> None:
    def ids(beside: Beside) -> list[str | None]:
        return [each and each.article_id for each in beside]

    assert ids(catalogue.beside("a")) == ["g", "d"]
    assert ids(catalogue.beside("d")) == ["a", "c"]
    assert ids(catalogue.beside("e")) == ["c", None]
    assert ids(catalogue.beside("f")) == [None, "g"]
    assert ids(catalogue.beside("b")) == [None, None]
    assert ids(catalogue.beside("unknown")) == [None, None]


def test_reprints_are_the_other_articles_of_the_story(catalogue: Catalogue) -> None:
    assert [article.article_id for article in catalogue.reprints("f")] == ["g"]
    assert catalogue.reprints("a") == []
    assert catalogue.reprints("unknown") == []


def test_newest_takes_one_article_of_each_story(catalogue: Catalogue) -> None:
    assert [ARTICLES[number].id for number in catalogue.newest(5)] == list("ecadg")

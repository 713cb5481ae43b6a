"""Filters in each of the stores."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone
from itertools import product
from pathlib import Path

import numpy as np
import pytest
from support.doubles import STORES, HashEncoder, make_article

import rag
from rag.index.faiss_index import Index
from rag.retrieval.keywords import Keywords
from rag.retrieval.ranking import Query, Weights, rank
from rag.types import Article, Filter, Filters

SOURCES = ["www.rfi.fr", "www.bbc.com", ""]
LANGUAGES = ["zh-Hans", "zh-Hant", "zh", "en"]
DAYS = [None, *(datetime(2024, 1, day, 23, 59, 59, 999_999, UTC) for day in (1, 2, 3))]


@pytest.fixture(scope="module")
def articles() -> list[Article]:
    return [
        make_article(
            f"{number:03}",
            f"第{number}艘船在{source}{language}运走了集装箱，码头上的人数了{number * 7}遍。" * 3,
            source=source,
            language=language,
            published=published,
        )
        for number, (source, language, published) in enumerate(product(SOURCES, LANGUAGES, DAYS))
    ]


@pytest.fixture(scope="module", params=STORES)
def assistant(
    request: pytest.FixtureRequest, new_location: Callable[[str], str], articles: list[Article]
) -> rag.Assistant:
    place = new_location(request.param)
    rag.build(articles, place, HashEncoder())
    return rag.load(place, HashEncoder())


@pytest.mark.parametrize("source", [None, "www.rfi.fr", "WWW.BBC.com", "nobody.example"])
@pytest.mark.parametrize("language", [None, "zh", "zh-hant", "en", "z"])
@pytest.mark.parametrize(
    ("since", "until"), [(None, None), (date(2024, 1, 2), None), (None, date(2024, 1, 2))]
)
def test_search_with_filters_returns_exactly_the_articles_that_pass(
    assistant: rag.Assistant,
    articles: list[Article],
    source: str | None,
    language: str | None,
    since: date | None,
    until: date | None,
) -> None:
    expected = {
        article.id
        for article in articles
        if (source is None or article.source == source.lower())
        and (language is None or f"{article.language}-".lower().startswith(f"{language}-"))
        and (since is None or (article.published is not None and article.published.date() >= since))
        and (until is None or (article.published is not None and article.published.date() <= until))
    }
    hits = assistant.search(
        "第7艘船运走了集装箱", 100, source=source, language=language, since=since, until=until
    )
    assert {hit.passage.article_id for hit in hits} == expected


def test_search_with_a_filter_keeps_scores_and_order(
    assistant: rag.Assistant, articles: list[Article]
) -> None:
    question = "第7艘船在www.rfi.fr运走了集装箱"
    everything = assistant.search(question, 1000)
    of_source = [hit for hit in everything if hit.passage.source == "www.rfi.fr"]
    filtered = assistant.search(question, len(of_source), source="www.rfi.fr")
    assert [hit.passage.id for hit in filtered] == [hit.passage.id for hit in of_source]
    assert np.allclose([hit.score for hit in filtered], [hit.score for hit in of_source])
    assert assistant.search(question, 3, source="www.rfi.fr") == filtered[:3]


def test_search_with_a_time_in_another_zone_is_exact(assistant: rag.Assistant) -> None:
    moment = datetime(2024, 1, 3, 7, 59, 59, 999_999, timezone(timedelta(hours=8)))
    found = {
        hit.passage.published for hit in assistant.search("集装箱", 100, since=moment, until=moment)
    }
    assert found == {moment}
    assert assistant.search("集装箱", 100, since=moment + timedelta(seconds=1), until=moment) == []


@pytest.mark.parametrize("store", STORES)
def test_search_by_day_uses_the_day_at_the_site(new_location: Callable[[str], str], store: str) -> None:
    """Half past midnight in Beijing is still the day before in UTC."""
    published = datetime(2024, 1, 3, 0, 30, tzinfo=timezone(timedelta(hours=8)))
    place = new_location(store)
    night = make_article("night", "集装箱在午夜运走了。" * 9, published=published)
    rag.build([night], place, HashEncoder())
    loaded = rag.load(place, HashEncoder())
    found = {
        day: bool(loaded.search("集装箱", since=date(2024, 1, day), until=date(2024, 1, day)))
        for day in (2, 3, 4)
    }
    assert found == {2: False, 3: True, 4: False}
    assert loaded.search("集装箱")[0].passage.published == published
    assert f"{loaded.search('集装箱')[0].passage.published:%d %z}" == "03 +0800"


@pytest.mark.parametrize(
    "filters",
    [
        Filters(phrases=["rfi"]),
        Filters(phrases=["HANT运走", "www.rfi"]),
        Filters(phrases=["集装箱"], without=["rfi", "bbc"]),
        Filters(without=["hans运走了集装箱"], source=["rfi.fr", "www.bbc.com"]),
        Filters(phrases=["第7艘船"], source="www.bbc.com"),
        Filters(without=["rfi"], language="zh", since=date(2024, 1, 2)),
        Filters(phrases=["!!"], without=["…"]),
    ],
)
def test_search_with_phrases_returns_exactly_the_articles_that_pass(
    assistant: rag.Assistant, articles: list[Article], filters: Filters
) -> None:
    def passes(article: Article) -> bool:
        text, sources = article.text.lower(), str(filters.get("source", article.source))
        since, tag = filters.get("since"), filters.get("language") or ""
        return (
            all(phrase.lower().strip("!") in text for phrase in filters.get("phrases", ()))
            and not any(phrase in text for phrase in filters.get("without", ()))
            and (article.source.removeprefix("www.") in sources if filters.get("source") else True)
            and (not filters.get("source") or article.source != "")
            and article.language.startswith(tag)
            and (not since or (article.published is not None and article.published.date() >= since))
        )

    everything = assistant.search("第7艘船运走了集装箱", 1000)
    allowed = {article.id for article in articles if passes(article)}
    expected = [hit for hit in everything if hit.passage.article_id in allowed]
    found = assistant.search("第7艘船运走了集装箱", 1000, **filters)
    assert [hit.passage.id for hit in found] == [hit.passage.id for hit in expected]
    assert np.allclose([hit.score for hit in found], [hit.score for hit in expected])
    assert assistant.search("第7艘船运走了集装箱", 3, **filters) == found[:3]


def test_search_with_a_single_text_as_phrases_takes_it_as_one(assistant: rag.Assistant) -> None:
    found = assistant.search("集装箱", 100, phrases="rfi运走")
    assert found == []
    assert assistant.search("集装箱", 3, phrases="集装箱") == assistant.search("集装箱", 3)


def test_search_with_hostile_phrases_returns_nothing(assistant: rag.Assistant) -> None:
    for value in ('a" OR "集装箱', "集装箱*", "text:x", "^x", "x" * 9999, "[x](y", "\\d+ x"):
        expected = {"集装箱*": 3}.get(value, 0)
        assert len(assistant.search("集装箱", 3, phrases=[value])) == expected
        assert bool(assistant.search("集装箱", 3, without=[value])) == (not expected)


def test_search_with_hostile_filter_values_returns_nothing(assistant: rag.Assistant) -> None:
    hostile = (
        "' OR 1=1 --",
        "%",
        "_",
        "zh%",
        '" or true or source == "',
        "\\",
        "\\' or row >= 0",
        "{x}",
        "x" * 9999,
    )
    for value in hostile:
        assert assistant.search("集装箱", 5, source=value) == []
        assert assistant.search("集装箱", 5, language=value) == []


def test_search_batch_applies_the_filters(assistant: rag.Assistant) -> None:
    for hits in assistant.search_batch(["集装箱", "第9艘船"], 4, language="en"):
        assert len(hits) == 4
        assert {hit.passage.language for hit in hits} == {"en"}


def test_rank_with_a_filter_equals_brute_force(
    tmp_path: Path, assistant: rag.Assistant, articles: list[Article]
) -> None:
    """Every passage scored one by one, against a search of the nearest."""
    rag.build(articles, tmp_path, HashEncoder())
    index = Index.open(tmp_path)
    rng = np.random.default_rng(0)
    (vector,) = HashEncoder().encode_queries(["第7艘船运走了集装箱"])
    chosen = rng.choice(index.manifest.passages, 40, replace=False)
    bonus = {int(passage): float(rng.random()) for passage in chosen}
    only = Filter(language="zh")
    allowed = {row for start, end in index.corpus.row_ranges(only) for row in range(start, end)}
    rows = index.corpus.rows(near=sorted(allowed)).each()
    bonus = {row.passage: bonus[row.passage] for row in rows if row.passage in bonus}
    expected = []
    for row in rows:
        own, *windows = (index.vectors(range(row.first, row.end)) @ vector).tolist()
        title = windows.pop() if row.titled else -1.0
        score = max((own + max(windows)) / 2, title) + bonus.get(row.passage, 0.0)
        expected.append((-score, row.passage))
    query, weights = Query(vector, Keywords(bonus, 1.0)), Weights(keyword=1.0)
    for k in (1, 4, 30):
        found = rank(assistant.store.open(), query, k, only=only, weights=weights)
        assert [match.passage for match in found] == [passage for _, passage in sorted(expected)[:k]]
        assert np.allclose(
            [-match.score for match in found], [score for score, _ in sorted(expected)[:k]]
        )


def test_search_with_an_unknown_filter_is_a_mistake(assistant: rag.Assistant) -> None:
    with pytest.raises(TypeError, match="colour"):
        assistant.search("集装箱", colour="red")  # type: ignore[call-arg]


@pytest.mark.parametrize("site", ["rfi.fr", "RFI.fr", "https://www.rfi.fr/cn/1?x", "www.rfi.fr:443"])
def test_search_understands_a_site_without_www_and_as_an_address(
    assistant: rag.Assistant, site: str
) -> None:
    found = assistant.search("第7艘船", 100, source=site)
    assert {hit.passage.source for hit in found} == {"www.rfi.fr"}
    assert assistant.hints("第7艘船", source=site) == []


@pytest.mark.parametrize(("name", "tags"), [("zh-TW", {"zh-Hant"}), ("English", {"en"})])
def test_search_understands_the_name_of_a_language(
    assistant: rag.Assistant, name: str, tags: set[str]
) -> None:
    found = assistant.search("第7艘船", 100, language=name)
    assert {hit.passage.language for hit in found} == tags


def test_hints_of_wrong_filters_name_what_the_archive_has(assistant: rag.Assistant) -> None:
    limits = Filters(
        source="nobody.example", language="fr", since=date(2024, 2, 1), until=date(2024, 1, 1)
    )
    source, language, dates = map(str, assistant.hints("第7艘船", **limits))
    assert "nobody.example" in source and "www.rfi.fr" in source and "www.bbc.com" in source
    assert "fr" in language and "zh-Hans" in language
    assert "2024-02-01" in dates and "2024-01-01" in dates


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        (
            Filters(phrases=["集装箱", "没有这句话"]),
            ["No article contains “没有这句话” in these words."],
        ),
        (Filters(phrases=["第7艘船", "第8艘船"]), ["No article contains all of these phrases."]),
        (Filters(without=["箱", "rfi"]), ["words that you excluded: 箱 and rfi."]),
        (Filters(phrases=["rfi"], without=["www"], source="rfi.fr"), ["excluded: www."]),
        (Filters(phrases=["rfi"], source="www.bbc.com"), []),
        (Filters(phrases=["rfi"], without=["bbc"]), []),
        (Filters(source=["rfi.fr", "nobody.example"]), ["no articles of the site nobody.example"]),
    ],
)
def test_hints_of_phrases_say_why_nothing_passes(
    assistant: rag.Assistant, filters: Filters, expected: list[str]
) -> None:
    hints = assistant.hints("第7艘船", **filters)
    assert len(hints) == len(expected)
    assert all(part in str(hint) for part, hint in zip(expected, hints, strict=True)), hints


def test_hints_of_an_empty_archive_with_phrases_find_nothing_in_it(
    new_location: Callable[[str], str],
) -> None:
    place = new_location("folder")
    rag.build([], place, HashEncoder(), allow_empty=True)
    (hint,) = rag.load(place, HashEncoder()).hints("x", phrases=["x"])
    assert hint.code == "hint-phrase"
    assert rag.load(place, HashEncoder()).hints("x", without=["x"]) == []


def test_hints_of_an_operator_that_is_none_name_those_that_are(assistant: rag.Assistant) -> None:
    (hint,) = assistant.hints("集装箱 -site:rfi.fr")
    assert "“-site:rfi.fr”" in str(hint) and "since:2024-03" in str(hint)


def test_hints_of_a_question_in_pinyin_ask_for_characters(assistant: rag.Assistant) -> None:
    (hint,) = assistant.hints("chaoxian yunsong le duoshao jizhuangxiang")
    assert "pinyin" in str(hint)
    assert assistant.hints("朝鲜运送了多少集装箱？") == []


@pytest.mark.parametrize("store", STORES)
@pytest.mark.parametrize(
    "question", ["https://news.example/2", "news.example/2/#top", "http://news.example/2?from=feed"]
)
def test_search_for_an_address_finds_its_article(
    new_location: Callable[[str], str], store: str, question: str
) -> None:
    place = new_location(store)
    given = [
        make_article(str(n), f"第{n}艘船运走了集装箱。" * 9, url=f"https://news.example/{n}")
        for n in range(4)
    ]
    rag.build(given, place, HashEncoder())
    found = rag.load(place, HashEncoder()).search(question)
    assert [hit.passage.article_id for hit in found] == ["2"]

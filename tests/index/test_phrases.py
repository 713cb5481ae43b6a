"""Phrases of a filter in each of the stores."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from support.doubles import STORES, HashEncoder, make_article

import rag
from rag.index import phrases
from rag.index.base import Corpus
from rag.index.faiss_index import Index
from rag.text.passages import split
from rag.types import Article, Filter

FILLER = "码头上的人数了一遍又一遍，谁也没有说话。" * 12
LONG = f"{FILLER}他低声说完。然后走了。{FILLER}"
TEXTS = {
    "cats": "The cat sat on Thérèse’s mat. “Free\ntrade”, she said — and more.\n\nThe last word",
    "lists": "We concatenate lists. Trade is free, and free of trade. U.S. law.\n\nword of honour",
    "jets": "The F-16 jets cost 6,700 dollars, or 3.5 percent; they know their rapists.",
    "zh": "美国总统习近平会见普京，中国、美国在iPhone 15上。",
    "tw": "美國總統拜登與普丁會面，臺灣軍購飛彈。",
    "wide": "ＮＡＴＯ 与北约，３５人；naïve façade 的 über-Größe。",
    "korean": "대통령이 서울에서 NATO를 만났다.",
    "long": LONG,
}


def made() -> list[Article]:
    titles = {"cats": "Macron in Paris", "tw": "頭條", "zh": ""}
    return [
        make_article(name, text, title=titles.get(name, f"Report {name}"))
        for name, text in TEXTS.items()
    ]


@pytest.fixture(scope="module", params=STORES)
def corpus(request: pytest.FixtureRequest, new_location: Callable[[str], str]) -> Corpus:
    place = new_location(request.param)
    rag.build(made(), place, HashEncoder())
    return rag.load(place, HashEncoder()).store.open().corpus


def names(numbers: Iterable[int]) -> set[str]:
    return {list(TEXTS)[number] for number in numbers}


FOUND = [
    ("cat", "cats"),
    ("CAT sat", "cats"),
    ("therese's mat", "cats"),
    ("free trade", "cats"),
    ("trade she said and", "cats"),
    ("said - AND more", "cats"),
    ("more the last", ""),
    ("macron", "cats"),
    ("macron in paris", "cats"),
    ("paris the cat", ""),
    ("report", "jets korean lists long wide"),
    ("word", "cats lists"),
    ("concat", ""),
    ("trade", "cats lists"),
    ("free of trade", "lists"),
    ("u.s. law", "lists"),
    ("f-16", "jets"),
    ("F 16", "jets"),
    ("free-trade", "cats"),
    ("cat.sat", "cats"),
    ("6700 dollars", "jets"),
    ("6,700", "jets"),
    ("700", ""),
    ("3.5", "jets"),
    ("35", "wide"),
    ("the rapists", ""),
    ("习", "zh"),
    ("总统", "tw zh"),
    ("總統", "tw zh"),
    ("美国总统", "tw zh"),
    ("美國總統拜登", "tw"),
    ("台湾", "tw"),
    ("臺灣軍購", "tw"),
    ("习近平 会见，普京", "zh"),
    ("中国美国", ""),
    ("中国 美国", "zh"),
    ("在 iphone 15 上", "zh"),
    ("在iPhone", "zh"),
    ("iphone 1", ""),
    ("nato", "korean wide"),
    ("nato 与", "wide"),
    ("３５", "wide"),
    ("naive facade", "wide"),
    ("über-grösse", "wide"),
    ("서울", "korean"),
    ("头条", "tw"),
    ("他低声说完。然后走了", "long"),
    ("他低声说完然后", ""),
    ("nothing", ""),
    ("cat nothing", ""),
    ('" OR 1', ""),
    ("NEAR(cat sat)", ""),
    ("!!", ""),
    ("", ""),
]


def test_articles_with_a_phrase_are_those_that_contain_it(corpus: Corpus) -> None:
    found = {phrase: names(phrases.articles_with(corpus, phrase)) for phrase, _ in FOUND}
    assert found == {phrase: set(expected.split()) for phrase, expected in FOUND}


def test_articles_with_a_phrase_across_passages_are_found(corpus: Corpus) -> None:
    first, second = split(made()[list(TEXTS).index("long")])[:2]
    phrase = first.text[-9:] + second.text[:9]
    assert names(phrases.articles_with(corpus, phrase)) == {"long"}


def test_articles_with_a_phrase_of_frequent_terms_are_compared_by_text(
    corpus: Corpus, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The rarest term alone gives candidates; Milvus returns the passages with it in parts."""
    monkeypatch.setattr(phrases, "_POSTINGS_PER_TEXT", 0)
    monkeypatch.setattr(phrases, "_BATCH", 1)
    monkeypatch.setattr("rag.index.milvus.terms.MAX_HITS", 1)
    phrases._articles_with.cache_clear()
    test_articles_with_a_phrase_are_those_that_contain_it(corpus)


@pytest.mark.parametrize(
    ("only", "expected"),
    [
        (Filter(), None),
        (Filter(sources=("x",)), None),
        (Filter(phrases=("trade",)), (set("cats lists".split()), True)),
        (Filter(phrases=("trade", "cat")), (set("cats".split()), True)),
        (Filter(phrases=("trade",), without=("cat",)), (set("lists".split()), True)),
        (Filter(without=("trade", "nato")), (set("cats korean lists wide".split()), False)),
        (Filter(without=("nothing",)), (set("".split()), False)),
        (Filter(phrases=("nothing",)), (set("".split()), True)),
    ],
)
def test_choose_combines_the_phrases(
    corpus: Corpus, only: Filter, expected: tuple[set[str], bool] | None
) -> None:
    chosen = phrases.choose(corpus, only)
    assert (chosen and (names(chosen.articles), chosen.is_inside)) == expected


def test_phrases_are_remembered_for_their_generation_only(tmp_path: Path) -> None:
    rag.build(made(), tmp_path, HashEncoder())
    before = Index.open(tmp_path).corpus
    assert len(phrases.articles_with(before, "cat")) == 1
    rag.build(made()[1:], tmp_path, HashEncoder())
    after = Index.open(tmp_path).corpus
    assert len(phrases.articles_with(after, "cat")) == 0
    assert len(phrases.articles_with(before, "cat")) == 1
    closed = weakref.ref(before)
    del before
    gc.collect()
    assert closed() is None


def test_phrases_found_by_many_threads_are_the_same(tmp_path: Path) -> None:
    rag.build(made(), tmp_path, HashEncoder())
    corpus = Index.open(tmp_path).corpus
    with ThreadPoolExecutor(8) as threads:
        found = threads.map(lambda phrase: phrases.articles_with(corpus, phrase).size, ["trade"] * 64)
        assert set(found) == {2}

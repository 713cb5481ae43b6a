"""Signatures and groups of near-duplicates; the hits that they give are in tests/retrieval."""

from __future__ import annotations

import random

import pytest
from support.doubles import make_article
from support.reprints import OTHER, TEXT, twin

from rag.text.near_duplicates import NearDuplicateIndex, signature
from rag.types import Article


def groups(*articles: Article) -> list[int]:
    known = NearDuplicateIndex()
    return [known.add(signature(article)) for article in articles]


def test_groups_of_copies_in_both_scripts_are_one() -> None:
    first = make_article("a", TEXT, title="代表团参观训练场")
    edited = make_article("c", TEXT.replace("第3天", "第三天"), title="代表团参观了训练场")
    assert groups(first, make_article("x", OTHER), twin(first, "b"), edited) == [0, 1, 0, 0]


def test_groups_of_different_texts_are_different() -> None:
    half = TEXT[: len(TEXT) // 2] + OTHER[len(OTHER) // 2 :]
    assert groups(make_article("a", TEXT), make_article("b", OTHER), make_article("c", half)) == [
        0,
        1,
        2,
    ]


def test_groups_of_a_stock_phrase_under_different_titles_are_different() -> None:
    phrase = "视频请看原网站。"
    articles = [
        make_article("a", phrase, title="五月三日直播：代表团会见记者"),
        make_article("b", phrase, title="五月九日直播：台风过后的城市"),
        make_article("c", "", title=""),
    ]
    assert groups(*articles) == [0, 1, 2]


@pytest.mark.parametrize("seed", range(20))
def test_groups_of_articles_with_nine_tenths_in_common_are_one(seed: int) -> None:
    rng = random.Random(seed)
    words = [chr(0x4E00 + rng.randrange(3000)) for _ in range(1500)]
    changed = words.copy()
    for at in rng.sample(range(0, 1500, 10), 15):  # J is about 0.9: each change affects five shingles
        changed[at] = "甲"
    first, second = (make_article(name, "".join(text)) for name, text in (("a", words), ("b", changed)))
    assert groups(first, second) == [0, 0]


def test_add_of_many_copies_takes_bounded_time() -> None:
    known, one = NearDuplicateIndex(), signature(make_article("a", TEXT))
    assert {known.add(one) for _ in range(20_000)} == {0}


@pytest.mark.parametrize(
    ("other", "is_same"),
    [
        ("http://news.example/bridge/", True),
        ("https://www.news.example/bridge?utm_source=rss&fbclid=x#top", True),
        ("https://news.example/bridge?page=2", False),
        ("https://news.example/bridges", False),
        ("https://m.news.example/bridge", False),
    ],
)
def test_versions_at_one_address_however_it_is_written_are_one_group(other: str, is_same: bool) -> None:
    first = make_article(
        "a", "河口大桥周三发生货车追尾事故，警方说造成三人死亡，十一人受伤。桥面封闭。"
    )
    later = make_article(
        "b", "河口大桥周三发生货车追尾事故，警方说造成五人死亡，九人受伤。桥面恢复通车。"
    )
    known = NearDuplicateIndex()
    known.add(signature(first), "https://news.example/bridge")
    assert (known.add(signature(later), other) == 0) is is_same

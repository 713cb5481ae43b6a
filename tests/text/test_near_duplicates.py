"""Signatures and groups of near-duplicates; the hits that they give are in tests/retrieval."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from datasketch import MinHash, MinHashLSH
from support.doubles import SEEDS, make_article
from support.reprints import OTHER, TEXT, twin

import rag
from rag.text.near_duplicates import find, signature
from rag.types import Article


def groups(*articles: Article) -> list[int]:
    return find_groups([(signature(article), "") for article in articles])


def find_groups(articles: Sequence[tuple[bytes, str]]) -> list[int]:
    found = find(lambda: articles)
    return [found.get(number, number) for number in range(len(articles))]


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


def test_find_among_many_copies_takes_bounded_time() -> None:
    one = signature(make_article("a", TEXT))
    assert set(find_groups([(one, "")] * 20_000)) == {0}


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
    versions = [(signature(first), "https://news.example/bridge"), (signature(later), other)]
    assert (find_groups(versions) == [0, 0]) is is_same


def groups_one_by_one(articles: Sequence[tuple[bytes, str]]) -> list[int]:
    """The groups by their definition: each article is compared with those before it that share a band."""
    lsh = MinHashLSH(num_perm=64, params=(12, 5))
    known: dict[bytes, int] = {}
    at_address: dict[str, bytes] = {}
    for number, (one, url) in enumerate(articles):
        values = np.frombuffer(one, np.uint32)
        minhash = MinHash(hashvalues=values, scheme="affine32")
        if one not in known:
            near = [other for other in lsh.query(minhash) if similarity(other, values) >= 0.8]
            earlier = at_address.get(url)
            if earlier and similarity(earlier, values) >= 0.1:
                near.append(earlier)
            known[one] = min((known[other] for other in near), default=number)
            lsh.insert(one, minhash)
        if url:
            at_address.setdefault(url, one)
    return [known[one] for one, _ in articles]


def similarity(one: bytes, values: np.ndarray[tuple[int], np.dtype[np.uint32]]) -> float:
    return float(np.mean(np.frombuffer(one, np.uint32) == values))


def random_articles(seed: int) -> list[tuple[bytes, str]]:
    """Signatures that differ in up to `most` of 64 values from one of a few, some of them copies."""
    rng = np.random.default_rng(seed)
    count, families, most = (int(rng.integers(1, limit)) for limit in (300, 40, 64))
    first = rng.integers(0, 1 << 32, (families, 64), np.uint32)
    articles: list[tuple[bytes, str]] = []
    for _ in range(count):
        values, places = (
            first[rng.integers(families)].copy(),
            rng.permutation(64)[: rng.integers(most + 1)],
        )
        values[places] = first[rng.integers(families), places] if rng.random() < 0.5 else 0
        copied = articles and rng.random() < 0.1
        one = articles[rng.integers(len(articles))][0] if copied else values.tobytes()
        address = f"news.example/{rng.integers(count)}" if rng.random() < 0.8 else ""
        articles.append((one, address))
    return articles


@pytest.mark.parametrize("seed", range(20))
def test_find_in_random_signatures_equals_groups_made_one_by_one(seed: int) -> None:
    articles = random_articles(seed)
    assert find_groups(articles) == groups_one_by_one(articles)


def test_find_in_real_articles_equals_groups_made_one_by_one() -> None:
    articles = list(rag.read_seeds(SEEDS))
    rng = random.Random(0)
    cut = [
        replace(article, text=article.text[: rng.randrange(len(article.text))], url=url)
        for article in articles
        for url in (article.url, "")
    ]
    known = [(signature(article), article.url) for article in [*articles, *cut]]
    assert find_groups(known) == groups_one_by_one(known)
    assert len(articles) < len(set(find_groups(known))) < len(known)


def test_find_reads_no_signatures_again_where_nothing_is_shared() -> None:
    reads: list[int] = []

    def read() -> list[tuple[bytes, str]]:
        reads.append(1)
        return [(signature(make_article("a", TEXT)), ""), (signature(make_article("b", OTHER)), "")]

    assert find(read) == {}
    assert len(reads) == 1

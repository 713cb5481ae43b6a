from __future__ import annotations

import random
from pathlib import Path

import pytest
from opencc import OpenCC
from support.doubles import HashEncoder, make_article

import rag
from rag.cli import render
from rag.i18n.translator import Translator
from rag.text.near_duplicates import NearDuplicateIndex, signature
from rag.types import Article
from rag.web.views import passages

TEXT = "".join(
    f"第{n}天，代表团在{place}参观了训练场，听取了汇报。"
    for n, place in enumerate("东南西北中上下左右前后" * 3)
)
OTHER = "".join(
    f"今年第{n}场台风在{place}登陆，学校停课，航班取消。"
    for n, place in enumerate("闽粤琼桂浙沪苏鲁辽冀津")
)


def groups(*articles: Article) -> list[int]:
    known = NearDuplicateIndex()
    return [known.add(signature(article)) for article in articles]


def twin(article: Article, name: str) -> Article:
    convert = OpenCC("s2t").convert
    return make_article(
        name,
        convert(article.text),
        title=convert(article.title),
        language="zh-Hant",
        source="b.example",
    )


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


def test_build_groups_similar_versions_at_one_address(location: str) -> None:
    half = TEXT[: len(TEXT) // 2] + OTHER[len(OTHER) // 2 :]
    address = "https://news.example/1"
    versions = [make_article("a", TEXT, url=address), make_article("b", half, url=address)]
    report = rag.build([*versions, make_article("c", OTHER, url=address)], location, HashEncoder())
    assert report.duplicates == 1
    (hit,) = rag.load(location, HashEncoder()).search(TEXT[-60:], 1)
    assert hit.passage.article_id == "a"
    assert [reprint.article_id for reprint in hit.reprints] == ["b"]


def test_groups_of_a_stock_phrase_under_different_titles_are_different() -> None:
    phrase = "视频请看原网站。"
    articles = [
        make_article("a", phrase, title="五月三日直播：代表团会见记者"),
        make_article("b", phrase, title="五月九日直播：台风过后的城市"),
        make_article("c", "", title=""),
    ]
    assert groups(*articles) == [0, 1, 2]


def test_search_returns_one_hit_per_group_with_its_reprints(location: str) -> None:
    first = make_article("a", TEXT, title="代表团参观训练场")
    articles = [
        first,
        twin(first, "b"),
        make_article("c", TEXT, title=first.title),
        make_article("x", OTHER),
    ]
    rag.build(articles, location, HashEncoder())
    hits = rag.load(location, HashEncoder()).search("代表团参观了训练场", 10)
    assert {hit.passage.article_id for hit in hits} == {"a", "x"}
    for hit in hits:
        others = [(reprint.article_id, reprint.source) for reprint in hit.reprints]
        expected = [("b", "b.example"), ("c", "news.example")]
        assert others == (expected if hit.passage.article_id == "a" else [])


def test_search_prefers_the_near_duplicate_in_the_script_of_the_question(location: str) -> None:
    first = make_article("a", TEXT, title="代表团参观训练场")
    rag.build([first, twin(first, "b")], location, HashEncoder())
    assistant = rag.load(location, HashEncoder())
    for question, name in (("代表团参观训练场，听取汇报", "a"), ("代表團參觀訓練場，聽取匯報", "b")):
        assert assistant.search(question, 1)[0].passage.article_id == name


@pytest.mark.parametrize("k", [1, 2, 5])
def test_search_among_many_copies_returns_k_hits(location: str, k: int) -> None:
    copies = [make_article(f"copy{n:03}", TEXT, title="代表团参观训练场") for n in range(60)]
    others = [make_article(f"other{n}", OTHER[n * 40 :][:40] * 2) for n in range(5)]
    rag.build([*copies, *others], location, HashEncoder())
    hits = rag.load(location, HashEncoder()).search("代表团参观了训练场", k)
    assert len(hits) == k
    assert len({hit.passage.id for hit in hits}) == k


def test_build_of_a_near_duplicate_finds_its_group_in_the_earlier_index(location: str) -> None:
    first = make_article("a", TEXT, title="代表团参观训练场")
    rag.build([first], location, HashEncoder())
    rag.build([first, twin(first, "b")], location, HashEncoder())
    (hit, *_) = rag.load(location, HashEncoder()).search("代表团参观训练场")
    assert [reprint.article_id for reprint in hit.reprints] == ["b"]


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


def test_reprints_are_shown_as_text_up_to_a_limit(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    copies = [
        make_article(f"copy{n:02}", TEXT, title="<b>代表团</b>", source=f"{n:02}.example", url=url)
        for n, url in enumerate(["https://a.example/?q=<i>", *["javascript:alert(1)"] * 23])
    ]
    rag.build(copies, tmp_path, HashEncoder())
    hits = rag.load(tmp_path, HashEncoder()).search("代表团参观了训练场", 1)
    assert len(hits[0].reprints) == 23
    card = passages.show_card(hits[0], Translator("en"))
    assert "<b>" not in card
    assert "javascript:" not in card
    assert "20.example" in card
    assert "21.example" not in card
    assert "and 3 more" in card
    render.show_hits(hits, Translator("en"))
    out = capsys.readouterr().out
    assert "also: 05.example · <b>代表团</b>" in out
    assert "and 18 more near-duplicates" in out

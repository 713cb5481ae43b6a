from __future__ import annotations

import random
import time
from itertools import pairwise

import pytest
from support.doubles import SEEDS, make_article

import rag
from rag.text import passages

LONGEST = passages.PASSAGE_CHARACTERS + passages.SCRAP_CHARACTERS


def texts(*paragraphs: str) -> list[str]:
    return [passage.text for passage in passages.split(make_article("x", *paragraphs))]


def test_split_of_the_seeds_covers_their_text() -> None:
    for article in rag.read_seeds(SEEDS):
        cut = passages.split(article)
        assert all(article.text[p.start : p.end] == p.text for p in cut)
        assert "".join("".join(p.text for p in cut).split()) == "".join(article.text.split())
        assert all(passages.SCRAP_CHARACTERS <= len(p.text) < LONGEST for p in cut)
        assert [p.id for p in cut] == [f"{article.id}#{n}" for n in range(1, len(cut) + 1)]
        assert {p.article_id for p in cut} == {article.id}


def test_split_joins_paragraphs_up_to_the_limit() -> None:
    one, two, three = "一" * 149 + "。", "二" * 149 + "。", "三" * 149 + "。"
    assert texts(one, two, three) == [f"{one}\n\n{two}", three]


def test_split_joins_a_scrap_with_its_neighbour() -> None:
    assert texts("一" * 390 + "。", "二。") == ["一" * 390 + "。\n\n二。"]
    assert texts("短。") == ["短。"]


def test_split_keeps_a_heading_with_the_next_paragraph() -> None:
    first, heading, second = "一" * 397 + "。", "小标题", "二" * 397 + "。"
    assert texts(first, heading, second) == [first, f"{heading}\n\n{second}"]
    first, heading, second = "一" * 299 + "。", "小标题", "二" * 299 + "。"
    assert texts(first, heading, second) == [first, f"{heading}\n\n{second}"]


def test_split_of_a_long_paragraph_is_even_at_sentence_ends() -> None:
    cut = texts("这是一个句子，它有二十个字左右长。" * 50)
    assert all(text.endswith("。") for text in cut)
    assert max(map(len, cut)) <= passages.PASSAGE_CHARACTERS
    assert max(map(len, cut)) - min(map(len, cut)) <= 20


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("他来了。她走了！谁？好；完…", ["他来了。", "她走了！", "谁？", "好；", "完…"]),
        ("他说：“来吧。”她走了。", ["他说：“来吧。”", "她走了。"]),
        ("“来吧。”，他说。好。", ["“来吧。”，他说。", "好。"]),
        ("增长3.5%。价格是1,000.50元。", ["增长3.5%。", "价格是1,000.50元。"]),
        ("It ended. He left! Why? Yes.", ["It ended.", "He left!", "Why?", "Yes."]),
        (
            "John F. Kennedy met Dr. Smith. They spoke.",
            ["John F. Kennedy met Dr. Smith.", "They spoke."],
        ),
        (
            "美国国防情报局（U.S. Defense. Agency）说。好。",
            ["美国国防情报局（U.S. Defense. Agency）说。", "好。"],
        ),
        ("见 https://x.org/a?b=c&d=1;e 。好。", ["见 https://x.org/a?b=c&d=1;e 。", "好。"]),
        ("会见了J. Smith先生。好。", ["会见了J. Smith先生。", "好。"]),
        (
            "读《“一带一路”！新闻（二）。好》一书。好。",
            ["读《“一带一路”！新闻（二）。好》一书。", "好。"],
        ),
        ("无标点", ["无标点"]),
    ],
)
def test_sentences_end_at_their_punctuation_only(text: str, expected: list[str]) -> None:
    assert [text[a:b] for a, b in passages.sentences(text, (0, len(text)))] == expected


def test_split_never_cuts_a_number_a_name_or_a_grapheme() -> None:
    atoms = ["1,234,567.89", "（Michael O'Hanlon）", "《新闻（二）》", "👩\u200d🚀", "e\u0301", "F-35"]
    atoms += ["🇨🇳", "किसी", "Müller", "Путин", "６７００"]
    for seed in range(30):
        rng = random.Random(seed)
        text = "".join(rng.choice([*atoms, *"朝鲜向俄罗斯运送"]) for _ in range(900))
        cut = texts(text)
        assert "".join(cut) == text
        assert max(map(len, cut)) < LONGEST
        for left, right in pairwise(cut):
            seam = len(left)
            for atom in atoms:
                for at in range(max(0, seam - len(atom) + 1), seam):
                    assert (left + right)[at : at + len(atom)] != atom


def test_split_of_a_wall_of_text_takes_bounded_time() -> None:
    walls = ["a" * 200_000, "（" * 100_000, "汉。" * 100_000, "1," * 100_000, "a-" * 100_000]
    walls += [mark * 200_000 + after for mark, after in ("!a", "?=", "。，", ".a", "…：")]
    for text in walls:
        started = time.monotonic()
        assert max(map(len, texts(text))) < LONGEST
        assert time.monotonic() - started < 10, text[:2]


def test_windows_of_the_seeds_cover_each_passage_by_paragraph() -> None:
    for article in rag.read_seeds(SEEDS):
        for passage in passages.split(article):
            spans = passages.windows(passage.text)
            joined = "".join(passage.text[a:b] for a, b in spans)
            assert "".join(joined.split()) == "".join(passage.text.split())
            assert all(b - a >= passages.WINDOW_SCRAP_CHARACTERS for a, b in spans)
            for start, end in spans:
                parts = sorted(passage.text[start:end].split("\n\n"), key=len)
                assert all(len(part) < passages.WINDOW_SCRAP_CHARACTERS for part in parts[:-1])

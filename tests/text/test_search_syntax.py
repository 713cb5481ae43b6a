"""Search operators in a text."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.text.search_syntax import not_understood, parse, remove

PIECES = [
    *('"', "＂", "“", "”", "„", "-", "－", "−", ":", "：", " ", "\n", ".", "，", "?", "/"),
    *("site", "since", "until", "lang", "2024", "-13", "-03", "rfi.fr", "cat", "集装箱", "5", "é"),
]


@pytest.mark.parametrize(
    ("text", "question", "filters"),
    [
        ("朝鲜的集装箱", "朝鲜的集装箱", {}),
        ('"free trade" talks', "free trade talks", {"phrases": ["free trade"]}),
        ("“free trade” talks", "free trade talks", {"phrases": ["free trade"]}),
        ("„Freihandel“ ?", "Freihandel ?", {"phrases": ["Freihandel"]}),
        ("＂一带一路＂ 会议", "一带一路 会议", {"phrases": ["一带一路"]}),
        ('Who said "never again"?', "Who said never again?", {"phrases": ["never again"]}),
        ('"a" "b" "a"', "a b a", {"phrases": ["a", "b"]}),
        ("talks -trade", "talks", {"without": ["trade"]}),
        ("谈判 －贸易 −台湾", "谈判", {"without": ["贸易", "台湾"]}),
        ("talks -trade?", "talks ?", {"without": ["trade"]}),
        ('talks -"free trade"', "talks", {"without": ["free trade"]}),
        ("talks -U.S. -F-16", "talks .", {"without": ["U.S", "F-16"]}),
        ("talks site:rfi.fr", "talks", {"source": ["rfi.fr"]}),
        ("SITE：rfi.fr site:bbc.com, talks", ", talks", {"source": ["rfi.fr", "bbc.com"]}),
        ("talks lang:zh-Hant", "talks", {"language": "zh-Hant"}),
        ("language:en lang:zh talks", "talks", {"language": "zh"}),
        ("talks since:2024", "talks", {"since": date(2024, 1, 1)}),
        ("talks until:2024", "talks", {"until": date(2024, 12, 31)}),
        ("talks until:2024-02", "talks", {"until": date(2024, 2, 29)}),
        ("talks since:2024/3/6 until:2024.3.7", "talks", None),
        ("x since:2023 since:2024-02", "x", {"since": date(2024, 2, 1)}),
        ("x until:2023 until:2024-02", "x", {"until": date(2023, 12, 31)}),
        ("site:rfi.fr, -trade.", "", {"source": ["rfi.fr"], "without": ["trade"]}),
    ],
)
def test_parse_of_operators_returns_question_and_filters(
    text: str, question: str, filters: dict[str, Any] | None
) -> None:
    search = parse(text)
    assert search.question == question
    expected = {"since": date(2024, 3, 6), "until": date(2024, 3, 7)} if filters is None else filters
    assert search.filters == expected


@pytest.mark.parametrize(
    "text",
    [
        "美国所谓“自由航行”是什么？",
        "“自由航行”是什么？",
        "「自由航行」是什么？",
        "-5",
        "-20度",
        "-20C",
        "it is -5 today",
        "Sars-CoV-2",
        "well - known",
        "--help",
        "— dash",
        '"',
        '""',
        '"!!"',
        '-"!!"',
        "“",
        'the 5" gun and 8" gun',
        '"unclosed phrase',
        "since:yesterday",
        "since:2024-13",
        "until:2023-02-29",
        "since:",
        "site: rfi.fr",
        "-site:rfi.fr",
        "https://rfi.fr/site:x",
        "website:rfi.fr",
        f'"{"long " * 41}"',
        "???",
    ],
)
def test_parse_of_what_is_no_operator_keeps_the_text(text: str) -> None:
    search = parse(text)
    assert (search.question, search.filters, search.operators) == (text, {}, ())


def test_parse_of_too_many_operators_keeps_the_last_as_text() -> None:
    search = parse("talks " + " ".join(f"-word{'x' * n}" for n in range(25)))
    assert len(search.operators) == len(search.filters["without"]) == 20
    assert search.question.startswith("talks -wordxxx")


def test_remove_takes_one_operator_away_and_keeps_the_words_of_a_phrase() -> None:
    text = 'talks  "free trade" -china site:rfi.fr'
    phrase, without, site = parse(text).operators
    assert remove(text, phrase) == "talks free trade -china site:rfi.fr"
    assert remove(text, without) == 'talks "free trade" site:rfi.fr'
    assert remove(text, site) == 'talks "free trade" -china'


def test_not_understood_names_what_only_looks_like_an_operator() -> None:
    text = "x -site:rfi.fr site:bbc.com since:yesterday before:2024 lang:zh intitle:x http://a.b"
    assert not_understood(text) == ["-site:rfi.fr", "since:yesterday", "before:2024", "intitle:x"]


@given(st.lists(st.sampled_from(PIECES), max_size=30).map("".join) | st.text())
def test_parse_of_any_text_loses_nothing_but_operators(text: str) -> None:
    search = parse(text)
    kept, last = "", 0
    for operator in search.operators:
        start, end = operator.span
        assert last <= start < end <= len(text)
        assert operator.value in text[start:end]
        assert start == 0 or text[start - 1].isspace()
        kept += text[last:start] + (operator.value if operator.kind == "phrase" else "")
        last = end
    words = (kept + text[last:]).split()
    is_left = not search.operators or any(map(str.isalnum, "".join(words)))
    assert search.question.split() == (words if is_left else [])
    assert bool(search.filters) == bool(search.operators)


@given(st.lists(st.sampled_from(PIECES), max_size=30).map("".join))
def test_remove_of_any_operator_leaves_fewer_characters(text: str) -> None:
    for operator in parse(text).operators:
        assert len(remove(text, operator)) < len(text)

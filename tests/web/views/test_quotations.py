"""Tests of `rag.web.views.results.quotations`."""

from __future__ import annotations

from dataclasses import replace

import pytest
from support.hits import make_hit

from rag.web.views.query import Query
from rag.web.views.results.quotations import excerpt, quote, quote_sentence

LONG = "".join(f"第{n}句说的是港口的集装箱和船。" for n in range(40))


@pytest.mark.parametrize("place", [0, 300, len(LONG) - 5])
def test_excerpt_holds_whole_sentences_around_one(place: int) -> None:
    sentence = (place, place + 5)
    start, end = excerpt(LONG, sentence)
    assert start <= place < place + 5 <= end
    assert 100 < end - start <= 140
    assert LONG[start] == "第"
    assert LONG[end - 1] == "。"


def test_excerpt_of_a_long_sentence_is_that_sentence() -> None:
    text = f"前。{'长' * 300}。后。"
    assert text[slice(*excerpt(text, (2, 303)))] == f"{'长' * 300}。"


def test_excerpt_of_a_short_text_is_all_of_it() -> None:
    assert excerpt("一。二。", (0, 2)) == (0, 4)
    assert excerpt("", (0, 0)) == (0, 0)


def test_quote_shades_the_sentence_and_marks_the_answer_within_the_shown_part() -> None:
    hit = replace(make_hit("前文。第一句 7 个。后文。"), highlight=(3, 11))
    pieces = quote(hit, (3, 14), (7, 8), Query("q")).pieces
    assert [tuple(piece) for piece in pieces] == [
        ("第一句 ", "sentence"),
        ("7", "answer"),
        (" 个。", "sentence"),
        ("后文。", ""),
    ]


def test_quote_leads_to_the_range_in_the_article_and_back() -> None:
    hit = make_hit("有 7 个。")
    later = replace(hit, passage=replace(hit.passage, start=100))
    quotation = quote_sentence(later, (0, 6), (2, 3), Query("谁", page=2, sites=("a.example",)))
    assert quotation.read == (
        "/article/x?mark=102-103&back=%3Fq%3D%25E8%25B0%2581%26site%3Da.example%26p%3D2#mark"
    )
    assert "back" not in quote_sentence(hit, (0, 6), (2, 3), Query("长" * 999)).read
    assert quotation.hit.highlight == (0, 6)
    assert quotation.original.startswith("https://news.example/x#:~:text=")
    unlinked = replace(hit, passage=replace(hit.passage, url="javascript:alert(1)"))
    assert quote_sentence(unlinked, (0, 6), (2, 3), Query("q")).original == ""

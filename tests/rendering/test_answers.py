"""Tests of `rag.rendering.answers`."""

from __future__ import annotations

from dataclasses import replace

import pytest
from support.hits import make_hit
from support.names import FewNames, FewPairs

from rag.names.known import KnownNames
from rag.rendering.answers import explained, with_renderings
from rag.types import Alternative, Answer, Gloss, Hit

NAMES = KnownNames(FewNames({("平壤", "en"): ("Pyongyang",)}), FewPairs([]))
ENGLISH = "How many containers did they ship?"


def answered(hit: Hit, text: str, question: str = ENGLISH, **fields: object) -> Answer:
    start = hit.passage.text.index(text)
    span = start, start + len(text)
    sentence = 0, len(hit.passage.text)
    return Answer(question, text, hit, *span, 0.9, (hit,), sentence=sentence, focus=span, **fields)


def test_with_renderings_renders_the_answer_its_alternatives_and_its_sentence() -> None:
    other = make_hit("华盛顿说有1000多个。", name="b")
    answer = answered(
        make_hit("平壤运送了约6700个。"),
        "约6700个",
        alternatives=(Alternative("1000多个", other, 5, 11),),
    )
    rendered = with_renderings(answer, NAMES)
    assert rendered.rendering == Gloss(5, 11, "about 6,700", "amount")
    assert [gloss.text for gloss in rendered.glosses] == ["Pyongyang", "about 6,700"]
    assert [each.rendering.text for each in rendered.alternatives if each.rendering] == [
        "more than 1,000"
    ]
    assert rendered.reader_language == "en"
    kept = replace(rendered, rendering=None, glosses=(), reader_language="")
    assert replace(kept, alternatives=answer.alternatives) == answer


@pytest.mark.parametrize("question", ["平壤运送了多少个？", "平壤運送了多少個？"])
def test_with_renderings_leaves_answers_for_readers_of_chinese(question: str) -> None:
    answer = answered(make_hit("平壤运送了约6700个。"), "约6700个", question)
    assert with_renderings(answer, NAMES) is answer


def test_with_renderings_leaves_a_refusal() -> None:
    refusal = Answer(ENGLISH, "", None, 0, 0, 0.1, ())
    assert with_renderings(refusal, NAMES) is refusal


def test_with_renderings_takes_the_day_and_the_currency_of_the_article() -> None:
    hit = make_hit("去年9月涨到2万元。", source="www.cna.com.tw")
    rendered = with_renderings(answered(hit, "去年9月"), NAMES)
    assert [gloss.text for gloss in rendered.glosses] == [
        "September 2023",
        "20,000 New Taiwan dollars",
    ]
    elsewhere = make_hit("涨到2万元。", source="www.rfi.fr")
    (gloss,) = with_renderings(answered(elsewhere, "2万元"), NAMES).glosses
    assert gloss.text == "20,000", "of which country is unsure"


def test_with_renderings_leaves_articles_in_other_languages() -> None:
    rendered = with_renderings(answered(make_hit("約6700個だ。", language="ja"), "約6700個"), NAMES)
    assert (rendered.rendering, rendered.glosses) == (None, ())


def test_with_renderings_of_a_sentence_renders_its_words_alone() -> None:
    answer = answered(make_hit("平壤运送了约6700个。"), "平壤运送了约6700个。", kind="sentence")
    rendered = with_renderings(answer, NAMES)
    assert rendered.rendering is None
    assert explained(rendered) == [("平壤", "Pyongyang"), ("约6700个", "about 6,700")]


def test_explained_leaves_out_the_answer_and_what_shows_by_itself() -> None:
    answer = answered(make_hit("平壤在2024年运送了约6700个，用了16艘船。"), "6700")
    rendered = with_renderings(answer, NAMES)
    assert [gloss.text for gloss in rendered.glosses][1:] == ["2024", "about 6,700", "16"]
    assert explained(rendered) == [("平壤", "Pyongyang")]

"""A question in its usual form."""

import pytest

from rag.text.questions import normalize

ENGLISH, CHINESE = "How many ships sank off Crete", "有多少艘船在克里特岛附近沉没"


@pytest.mark.parametrize(
    "variant",
    [
        "How many ships sank off Crete?",
        "  How  many ships sank off Crete ?? ",
        '"How many ships sank off Crete?"',
        "«How many ships sank off Crete»",
        "Please: How many ships sank off Crete?",
        "How many ships sank off Crete, please?",
        "How many ships sank off Crete? Thank you!",
        "Ｈｏｗ　many ships sank off Crete？",
    ],
)
def test_variants_of_an_english_question_are_the_same(variant: str) -> None:
    assert normalize(variant) == ENGLISH


@pytest.mark.parametrize(
    "variant",
    [f"{CHINESE}？", f"请问{CHINESE}", f"請問，{CHINESE}？", f"“{CHINESE}？”", f"{CHINESE}？谢谢！"],
)
def test_variants_of_a_chinese_question_are_the_same(variant: str) -> None:
    assert normalize(variant) == CHINESE


@pytest.mark.parametrize(
    "text",
    ["“Mars”和“Venus”", "谢谢是谁", "Xin Zhang founded what", "Bittersweet is what", "7", "(a) or (b)"],
)
def test_what_belongs_to_a_question_stays(text: str) -> None:
    assert normalize(text) == text


@pytest.mark.parametrize("text", ["???", "please", "谢谢"])
def test_a_text_of_nothing_else_stays(text: str) -> None:
    assert normalize(text) == text

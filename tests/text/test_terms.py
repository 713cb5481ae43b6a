from __future__ import annotations

import pytest

from rag.text import terms as lexical


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("集装箱", ["集", "装", "箱", "集装", "装箱"]),
        ("集裝箱", ["集", "装", "箱", "集装", "装箱"]),
        ("约6,700个", ["约", "6700", "个"]),
        ("Ａｕｒｕｓ AURUS", ["aurus", "aurus"]),
        ("BM-21", ["bm", "21", "bm21"]),
        ("苏-35、Su-35", ["苏", "35", "su", "35", "su35"]),
        ("naïve café", ["naive", "cafe"]),
        ("평양은", ["평", "양", "은", "평양", "양은"]),
        ("コンテナ", ["コ", "ン", "テ", "ナ", "コン", "ンテ", "テナ"]),
        ("й", ["и"]),
        ("集\u200b装❤\ufe0f", ["集", "装", "集装"]),
        ("。！ …", []),
    ],
)
def test_terms(text: str, terms: list[str]) -> None:
    assert lexical.terms(text) == terms


def test_a_question_is_pairs_and_words_without_repetition() -> None:
    assert lexical.query_terms("朝鲜朝鲜 苏 BM-21 bm-21") == ["朝鲜", "鲜朝", "苏", "bm", "21", "bm21"]
    assert lexical.query_terms("。？") == []


def test_every_term_of_a_question_is_a_term_of_the_same_text() -> None:
    for text in (
        "朝鲜运送了6,700个集装箱",
        "Kim Jong-un's 152 mm U.S. shells",
        "평양은 컨테이너를",
        "苏-35",
    ):
        assert set(lexical.query_terms(text)) <= set(lexical.terms(text))

"""Tests of `rag.rendering.readings.segmentation`."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import pytest

from rag.rendering.readings.segmentation import plain, runs, words


def lexicon(*known: str) -> Callable[[str], Iterable[int]]:
    return lambda text: [len(word) for word in known if text.startswith(word)]


def cut(text: str, *known: str) -> list[str]:
    found = words(text, lexicon(*known))
    assert all(text[word.start : word.end] == word.text for word in found)
    return [word.text for word in found]


@pytest.mark.parametrize(
    ("text", "known", "expected"),
    [
        ("中国人民", ("中国", "国人", "人民", "中国人民"), ["中国人民"]),
        ("研究生命", ("研究", "研究生", "生命"), ["研究", "生命"]),
        ("着重要", ("着重", "重要"), ["着", "重要"]),
        ("约6700个, abc个。", ("个个",), ["约", "个", "个"]),
        ("カナ漢字", (), ["漢", "字"]),
        ("北京-上海", ("北京", "上海"), ["北京", "上海"]),
    ],
)
def test_words_are_few_and_even(text: str, known: tuple[str, ...], expected: list[str]) -> None:
    assert cut(text, *known) == expected


def test_words_that_occur_often_in_the_text_are_preferred() -> None:
    known = ("和美", "国都", "美国")
    assert cut("和美国都", *known) == ["和美", "国都"]
    assert cut(f"{'美国。和。都。' * 5}和美国都", *known)[-3:] == ["和", "美国", "都"]


def test_words_keep_the_marks_of_their_characters() -> None:
    text = "\u845b\U000e0100城，葛城"  # with a variation selector
    assert cut(text, "葛城") == ["葛\U000e0100城", "葛城"]


def test_words_find_a_compatibility_ideograph_in_its_usual_form() -> None:
    assert cut("\uf9ba上", "了上") == ["\uf9ba上"]


@pytest.mark.parametrize("point", "·・‧•")
def test_words_are_names_with_any_point(point: str) -> None:
    assert cut(f"见亚当{point}斯密说", "亚当·斯密") == ["见", f"亚当{point}斯密", "说"]


def test_words_can_be_names_of_the_text() -> None:
    text = "見申源湜说，申源湜"
    found = words(text, lexicon("源湜"), [(1, 4), (6, 9)])
    assert [word.text for word in found] == ["見", "申源湜", "说", "申源湜"]


def test_words_ignore_a_name_that_cuts_a_character() -> None:
    text = "葛\U000e0100城"
    assert [word.text for word in words(text, lexicon(), [(0, 1)])] == ["葛\U000e0100", "城"]


def test_runs_are_chinese_with_points_inside() -> None:
    assert [run.text for run in runs("A亚当·斯密·，1平壤-")] == ["亚当·斯密", "平壤"]


def test_plain_has_one_code_point_a_character() -> None:
    assert plain("葛\U000e0100‧城") == "葛·城"

"""Tests of `rag.rendering.readings.dictionary`, with some lines of its own and with CC-CEDICT."""

from __future__ import annotations

import pytest

from rag.errors import DictionaryMissing
from rag.rendering.readings.dictionary import Dictionary, Reading

LINES = """# a comment 着 [zhao1]
傳統 传统 [chuan2 tong3] /tradition/traditional; conventional/CL:個|个[ge4],種|种[zhong3]/
后 后 [Hou4] /surname Hou/
后 后 [hou4] /empress/
後 后 [hou4] /after/
呂 吕 [Lu:3] /surname Lü/
還 还 [Huan2] /surname Huan/
還 还 [hai2] /still/
還 还 [huan2] /to pay back/
據 据 [ju4] /according to/
㨿 据 [ju4] /variant of 據|据[ju4]/
傳 传 [chuan2] /to pass on; see 傳統|传统[chuan2 tong3]/Taiwan pr. [zhuan4]/
"""


@pytest.fixture(scope="module")
def small() -> Dictionary:
    return Dictionary.of(LINES.encode())


@pytest.fixture(scope="module")
def cedict() -> Dictionary:
    return Dictionary.load()


def pinyin(readings: tuple[Reading, ...]) -> list[str]:
    return [reading.pinyin for reading in readings]


@pytest.mark.parametrize("word", ["传统", "傳統"])
def test_look_up_finds_both_forms(small: Dictionary, word: str) -> None:
    (reading,) = small.look_up(word)
    assert (reading.simplified, reading.traditional) == ("传统", "傳統")
    assert reading.pinyin == "chuán tǒng"
    assert reading.senses == ("tradition", "traditional; conventional")
    assert reading.counters == ("个[gè]", "种[zhǒng]")


def test_look_up_writes_references_in_the_script_of_the_text(small: Dictionary) -> None:
    (simplified,) = small.look_up("传")
    assert simplified.senses == ("to pass on; see 传统[chuán tǒng]", "Taiwan pr. [zhuàn]")
    (traditional,) = small.look_up("傳", traditional=True)
    assert traditional.senses[0] == "to pass on; see 傳統[chuán tǒng]"


@pytest.mark.parametrize(
    ("heard", "expected"),
    [((), ["hái", "huán", "Huán"]), (["huan2"], ["huán", "Huán", "hái"])],
)
def test_look_up_begins_with_the_reading_that_is_heard(
    small: Dictionary, heard: list[str], expected: list[str]
) -> None:
    assert pinyin(small.look_up("还", heard)) == expected


def test_look_up_begins_with_the_script_of_the_text(small: Dictionary) -> None:
    assert small.look_up("后", traditional=True)[-1].senses == ("after",)


def test_look_up_drops_variants_of_the_word_itself(small: Dictionary) -> None:
    assert [reading.senses for reading in small.look_up("据")] == [("according to",)]


@pytest.mark.parametrize("word", ["", "传统的", "統", "#", "surname", "着"])
def test_look_up_of_an_unknown_word_has_no_readings(small: Dictionary, word: str) -> None:
    assert small.look_up(word) == ()


def test_look_up_marks_the_tone_on_a_letter_with_two_dots(small: Dictionary) -> None:
    assert pinyin(small.look_up("吕")) == ["Lǚ"]


def test_segment_finds_the_longest_words(small: Dictionary) -> None:
    assert [word.text for word in small.segment("2传统传后")] == ["传统", "传", "后"]


def test_load_without_its_package_names_the_extra() -> None:
    with pytest.raises(DictionaryMissing, match=r"news-archive-rag\[dictionary\]"):
        Dictionary.load("no_such_package")


def test_load_reads_the_dictionary_once(cedict: Dictionary) -> None:
    assert Dictionary.load() is cedict
    assert len(cedict.text) + len(cedict.headwords) * cedict.headwords.itemsize < 12_000_000


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("平壤已向俄罗斯运送了集装箱的弹药", "平壤|已|向|俄罗斯|运送|了|集装箱|的|弹药"),
        ("韓國國防部長在新聞發布會上說", "韓國|國防部長|在|新聞發布會|上|說"),
        ("中国人民银行行长研究生命起源", "中国人民银行|行长|研究|生命|起源"),
    ],
)
def test_segment_cuts_news(cedict: Dictionary, text: str, expected: str) -> None:
    assert "|".join(word.text for word in cedict.segment(text)) == expected


def test_every_line_has_words_that_are_found(cedict: Dictionary) -> None:
    lines = cedict.text.decode().splitlines()
    sample = [line.split() for line in lines if not line.startswith("#")][::997]
    assert len(sample) > 100
    for traditional, simplified, *_ in sample:
        for word in (traditional, simplified):
            assert len(word) in cedict.lengths(f"{word}好")
            readings = cedict.look_up(word)
            assert readings
            assert all(word in (each.simplified, each.traditional) for each in readings)

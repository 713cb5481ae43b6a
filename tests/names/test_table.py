"""The table of names that ships with the package."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from rag.names.columns import folded_names
from rag.names.name_index import NameIndex, foreign_names
from rag.names.table import PATHS, NameTable

TABLE = NameTable.load()


@pytest.mark.parametrize(
    ("chinese", "language", "name"),
    [
        ("乌克兰", "en", "Ukraine"),
        ("烏克蘭", "ru", "Украина"),
        ("乌克兰", "de-AT", "Ukraine"),
        ("莫斯科", "fr", "Moscou"),
        ("联合国", "ko", "유엔"),
        ("哈尔科夫", "en", "Kharkiv"),
    ],
)
def test_names_of_known_name_are_found(chinese: str, language: str, name: str) -> None:
    assert name in TABLE.names(chinese, language)


def test_usual_name_is_first() -> None:
    assert TABLE.names("安格拉·默克尔", "en")[0] == "Angela Merkel"
    assert TABLE.names("安格拉·默克尔", "ru")[0] == "Ангела Меркель"


@pytest.mark.parametrize(
    ("chinese", "language", "name"),
    [
        ("首尔", "en", "Seoul"),
        ("平壤", "ko", "평양"),
        ("那不勒斯", "en", "Naples"),
        ("北约", "en", "NATO"),
        ("北約", "fr", "OTAN"),
        ("马克龙", "en", "Macron"),
    ],
)
def test_usual_name_is_that_of_most_languages_and_lists(chinese: str, language: str, name: str) -> None:
    assert TABLE.names(chinese, language)[0] == name


@pytest.mark.parametrize("word", ["众议院", "国会", "国防部", "蜜月期", "贝莱德", "埃里克"])
def test_name_of_several_things_has_no_usual_one(word: str) -> None:
    assert TABLE.names(word, "en") == ()


@pytest.mark.parametrize("name", ["United", "Party", "Bank", "I", "!"])
def test_chinese_of_a_word_that_many_names_have_is_empty(name: str) -> None:
    assert TABLE.chinese(name) == ()


def test_names_in_language_of_cldr_without_column_are_found() -> None:
    assert TABLE.names("乌克兰", "sr") == ("Украјина",)


def test_name_spelt_alike_is_given_in_languages_that_keep_the_spelling() -> None:
    assert TABLE.names("安格拉·默克尔", "it") == ("Angela Merkel",)
    assert TABLE.names("安格拉·默克尔", "ar") == ()


@pytest.mark.parametrize("name", ["Moscow", "moscow", "Moscou", "МОСКВА", "モスクワ", "모스크바"])
def test_chinese_of_name_in_any_language_is_found(name: str) -> None:
    assert TABLE.chinese(name)[0] == "莫斯科"


def test_acronym_is_found_by_capitals_alone() -> None:
    assert "世界卫生组织" in TABLE.chinese("WHO")
    assert "世界卫生组织" not in TABLE.chinese("who")


def test_chinese_of_unknown_name_is_empty() -> None:
    assert TABLE.chinese("Xqzwv Pltrk") == ()
    assert TABLE.names("甚么", "en") == ()


@pytest.mark.parametrize("word", ["人", "主席", "经济", "世界", "编辑", "总统"])
def test_ordinary_word_is_no_name(word: str) -> None:
    assert TABLE.names(word, "en") == ()


def test_find_returns_longest_names_in_both_scripts() -> None:
    text = "俄罗斯代表在聯合國說，世界卫生组织"
    assert [text[slice(*span)] for span in TABLE.find(text)] == ["俄罗斯", "聯合國", "世界卫生组织"]


def test_find_leaves_out_part_of_longer_name() -> None:
    assert TABLE.find("谢尔盖·莫斯科") == []


def test_find_leaves_out_name_that_a_more_common_word_crosses() -> None:
    text = "有关中国的文件"
    assert [text[slice(*span)] for span in TABLE.find(text)] == ["中国"]


def test_find_leaves_out_beginning_of_longer_transliteration() -> None:
    assert TABLE.find("赫尔松") == [(0, 3)]
    assert TABLE.find("赫尔松斯基") == []


@pytest.mark.parametrize("name", ["Shoygu", "ショイグ", "쇼이구"])
def test_last_name_alone_is_found(name: str) -> None:
    assert "绍伊古" in TABLE.chinese(name)


def test_last_name_of_several_spellings_has_no_usual_one() -> None:
    table = NameTable(*PATHS)
    both = set(table.chinese("Petersen")) & set(table.chinese("Peterson"))
    assert all(table.names(form, "en") == () for form in both)


@pytest.mark.parametrize(
    ("typed", "listed"),
    [
        ("O’Brien", "O'Brien"),
        ("shin wonsik", "Shin Won-sik"),
        ("ﾌﾟｰﾁﾝ", "プーチン"),
        ("elysee", "Élysée"),
    ],
)
def test_index_finds_names_in_other_spellings(typed: str, listed: str) -> None:
    index = NameIndex.of(foreign_names(f"Other\n{listed}\tAlias\n"))
    assert index.rows(folded_names(typed)) == [1]


def test_cached_indexes_are_those_of_the_rules() -> None:
    """If this fails, increase `name_index.LAYOUT`."""
    fresh = NameTable(*PATHS)
    for names in ("联合国", "安格拉·默克尔", "關島", "UN", "Петров", "プーチン", "Élysée"):
        assert TABLE.names(names, "en") == fresh.names(names, "en")
        assert TABLE.chinese(names) == fresh.chinese(names)
    text = "朝鲜向俄罗斯运送了约6700集装箱的弹药，联合国安理会的马克龙"
    assert TABLE.find(text) == fresh.find(text)


def test_index_is_made_in_memory_where_the_cache_cannot_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "rag").touch()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    index = NameIndex.cached("names", lambda: [("paris", 2), ("par", 1), ("paris", 0)])
    assert index.rows("paris") == [0, 2]
    assert index.longest("parison") == 5
    assert "pari" not in index


def test_index_is_made_in_memory_where_the_cache_is_damaged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    for name in ("names.marisa", "rows.npy"):
        assert NameIndex.cached("names", lambda: [("paris", 2)]).rows("paris") == [2]
        (tmp_path / "rag/names" / name).write_bytes(b"no such file" * 9)
        assert NameIndex.cached("names", lambda: [("rome", 3)]).rows("rome") == [3]
        shutil.rmtree(tmp_path / "rag/names")

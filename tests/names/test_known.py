"""The union of the names that an archive prints and those of a table."""

from __future__ import annotations

from support.names import FewNames, FewPairs

from rag.names.known import CountedPair, KnownName, KnownNames, longest

TABLE = FewNames(
    {("绍伊古", "en"): ("Sergei Shoigu", "Shoigu"), ("绍伊古", "fr"): ("Sergueï Choïgou",)}
)
PAIRS = [
    CountedPair("贝克托尔", "Bechtol", 5),
    CountedPair("贝克托尔", "Bectol", 1),
    CountedPair("布鲁斯·贝克托尔", "Bruce Bechtol", 5),
    CountedPair("绍伊古", "Sergey Shoygu", 2),
    CountedPair("绍伊古", "Шойгу", 1),
]
NAMES = KnownNames(TABLE, FewPairs(PAIRS))


def test_foreign_with_two_spellings_keeps_both_most_frequent_first():
    assert NAMES.foreign("貝克托爾", "en") == [
        KnownName("Bechtol", 5, "archive"),
        KnownName("Bectol", 1, "archive"),
    ]


def test_foreign_in_english_has_the_archive_before_the_table():
    assert [name.text for name in NAMES.foreign("绍伊古", "en")] == [
        "Sergey Shoygu",
        "Sergei Shoigu",
        "Shoigu",
    ]


def test_foreign_in_another_language_has_the_table_before_the_archive():
    assert [(n.text, n.origin) for n in NAMES.foreign("绍伊古", "fr")] == [
        ("Sergueï Choïgou", "table"),
        ("Sergey Shoygu", "archive"),
    ]


def test_foreign_has_only_names_in_the_script_of_the_language():
    assert [name.text for name in NAMES.foreign("绍伊古", "ru")] == ["Шойгу"]
    assert NAMES.foreign("绍伊古", "ko") == []


def test_chinese_of_a_name_in_another_case_is_found():
    assert NAMES.chinese("BECHTOL") == ["贝克托尔"]
    assert NAMES.chinese("шойгу") == ["绍伊古"]
    assert NAMES.chinese("Nobody") == []


def test_find_returns_the_longest_names():
    text = "研究員布魯斯·貝克托爾和貝克托爾的同事說，绍伊古也在。"
    assert [text[slice(*span)] for span in NAMES.find(text)] == [
        "布魯斯·貝克托爾",
        "貝克托爾",
        "绍伊古",
    ]


def test_find_leaves_a_common_word_and_a_part_of_a_longer_name():
    pairs = [CountedPair("马斯", "Maas", 3), CountedPair("本周", "This Week", 1)]
    names = KnownNames(TABLE, FewPairs(pairs))
    text = "本周马斯对约翰·马斯和托马斯说，马斯克没有来。1.马斯回答"
    assert names.find(text) == [(2, 4), (25, 27)]


def test_longest_of_overlapping_spans_wins():
    assert longest([(4, 6), (0, 2), (1, 5), (6, 8)]) == [(1, 5), (6, 8)]

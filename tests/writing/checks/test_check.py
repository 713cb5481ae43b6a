"""Checks of sentences that a language model has written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

import pytest
from support.doubles import HashEncoder
from support.hits import make_hit

from rag.embedding.encoder import SentenceEncoder
from rag.names.known import CountedPair, KnownNames
from rag.names.table import NameTable
from rag.types import Answer, Span
from rag.writing.checks.check import check

SHIPPED = make_hit(
    "韩国国防部长申源湜说，平壤向俄罗斯运送了约6700个集装箱，价值5亿美元。韩国没有证实这批武器的数量。",
    published=datetime(2024, 3, 6, tzinfo=UTC),
)
HITS = [SHIPPED, make_hit("东京的樱花今年开得早，气象厅说这与冬天的高温有关。", name="y")]
TRUE = "Pyongyang has shipped about 6,700 containers to Russia, Shin Won-sik said in March 2024."


class FewNames:
    """Knows the names that a test needs."""

    def __init__(self, **chinese: str) -> None:
        self._chinese = chinese

    def chinese(self, foreign: str) -> Sequence[str]:
        found = self._chinese.get(foreign.replace(" ", "_"))
        return [found] if found else []

    def find(self, text: str) -> Sequence[Span]:
        return []


NAMES = FewNames(Putin="普京", Moon_Jae_in="文在寅")


def codes(sentence: str, citations: Sequence[int] = (1,), language: str = "en") -> list[str]:
    """Return the codes of the faults but for those of meaning, which need the real encoder."""
    faults = check(
        sentence, citations, HITS, language=language, answer=None, encoder=HashEncoder(), names=NAMES
    )
    return [fault.code for fault in faults if fault.code not in ("written-meaning", "written-opposite")]


def test_check_sentence_that_stands_in_its_passage_is_sound() -> None:
    assert codes(TRUE) == []


@pytest.mark.parametrize(
    ("citations", "message"),
    [
        ([], "The sentence cites no passage."),
        ([3], "There is no passage [3]: the last one is [2]."),
        ([1, 3], "There is no passage [3]: the last one is [2]."),
    ],
)
def test_check_citation_that_does_not_exist_is_the_only_fault(
    citations: list[int], message: str
) -> None:
    faults = check(
        TRUE, citations, HITS, language="en", answer=None, encoder=HashEncoder(), names=NAMES
    )
    assert list(map(str, faults)) == [message]


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("6,700", "6,900", "written-number"),
        ("6,700", "67,000", "written-number"),
        ("March", "May", "written-date"),
        ("2024", "2021", "written-date"),
        ("Russia", "Iran", "written-name"),
        ("Russia", "Russia and Turkey", "written-name"),
        ("Shin Won-sik", "Vladimir Putin", "written-name"),
    ],
)
def test_check_detail_that_is_not_in_the_passage_is_a_fault(old: str, new: str, code: str) -> None:
    assert codes(TRUE.replace(old, new)) == [code]


def test_check_names_what_is_not_in_which_passages() -> None:
    (fault, *_) = check(
        TRUE.replace("6,700", "6,900"),
        [1, 2],
        HITS,
        language="en",
        answer=None,
        encoder=HashEncoder(),
        names=NAMES,
    )
    assert str(fault) == "The number “6,900” is not in [1] and [2]."


def test_check_every_cited_passage_counts() -> None:
    assert codes("平壤运送了6700个集装箱，东京的樱花开得早。", [1, 2], "zh") == []


@pytest.mark.parametrize(
    ("sentence", "language", "is_sound"),
    [
        ("Плата составила 500 миллионов долларов.", "ru", True),
        ("Плата составила 500 миллиардов долларов.", "ru", False),
        ("La valeur est de 500 millions de dollars.", "fr", True),
        ("La valeur est de 500 millions d'euros.", "fr", False),
        ("5억 달러어치의 컨테이너 6천700개.", "ko", True),
        ("50억 달러어치의 컨테이너.", "ko", False),
        ("حوالي ٦٧٠٠ حاوية", "ar", True),
        ("حوالي ٦٩٠٠ حاوية", "ar", False),
    ],
)
def test_check_numbers_of_any_language_are_compared_with_chinese_ones(
    sentence: str, language: str, is_sound: bool
) -> None:
    assert ("written-number" in codes(sentence, language=language)) is not is_sound


@pytest.fixture(scope="module")
def encoder() -> SentenceEncoder:
    return SentenceEncoder()


class NoPairs:
    """An archive that prints no names in two scripts."""

    def pairs_of_chinese(self, names: Sequence[str]) -> list[CountedPair]:
        return []

    def pairs_of_foreign(self, names: Sequence[str]) -> list[CountedPair]:
        return []


MEANT: Mapping[str, list[str]] = {
    TRUE: [],
    "South Korea has not confirmed the number of weapons.": [],
    "South Korea has confirmed the number of weapons.": ["written-opposite"],
    "Shin Won-sik, not Christine Lagarde, said that Pyongyang shipped containers to Russia.": [
        "written-name"
    ],
    "Yahya Sinwar said that Pyongyang shipped 6,700 containers to Russia.": ["written-name"],
    "Prime Minister Castex said that Pyongyang shipped 6,700 containers to Russia.": ["written-name"],
    "According to the Ministry of National Defence, it shipped 6,700 containers to Russia.": [],
    "A new conductor opened the opera season with a long symphony.": ["written-meaning"],
    "Pyongyang sent weapons to Russia, “a fraction of what we had asked for last summer”.": [
        "written-quotation"
    ],
}


@pytest.mark.model
@pytest.mark.parametrize(("sentence", "expected"), MEANT.items())
def test_check_compares_the_meaning(
    sentence: str, expected: list[str], encoder: SentenceEncoder
) -> None:
    names = KnownNames(NameTable.load(), NoPairs())
    faults = check(sentence, [1], HITS, language="en", answer=None, encoder=encoder, names=names)
    assert [fault.code for fault in faults] == expected


@pytest.mark.parametrize(("confidence", "is_struck"), [(0.95, True), (0.5, False)])
def test_check_other_number_than_a_sure_answer_is_a_fault(confidence: float, is_struck: bool) -> None:
    hit = make_hit("赎金是5亿美元。去年的赎金是3亿美元。", title="赎金是5亿美元。")
    answer = Answer("?", "5亿美元", hit, 3, 7, confidence, [hit], sentence=(0, 8), focus=(3, 7))
    faults = check(
        "The ransom is 300 million dollars.",
        [1],
        [hit],
        language="en",
        answer=answer,
        encoder=NearestFirst(),
        names=NAMES,
    )
    assert ("written-answer" in [fault.code for fault in faults]) is is_struck


class NearestFirst(HashEncoder):
    """An encoder to which all texts are alike."""

    def vector(self, text: str):  # type: ignore[no-untyped-def]
        return super().vector("x")

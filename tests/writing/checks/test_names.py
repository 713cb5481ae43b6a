"""Which names of a sentence its passages have."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from support.doubles import HashEncoder
from support.hits import make_hit

from rag.types import Span
from rag.writing.checks.countries import find_countries
from rag.writing.checks.evidence import Evidence
from rag.writing.checks.lexicon import Lexicon
from rag.writing.checks.names import absent_names


class Vocabulary(HashEncoder):
    """An encoder that knows some common words."""

    def has_word(self, word: str) -> bool:
        return word in "the supreme court board selon prime minister".split()


class NoNames:
    """Knows no name."""

    def chinese(self, foreign: str) -> Sequence[str]:
        return []

    def find(self, text: str) -> Sequence[Span]:
        return []


class BremenOnly(NoNames):
    """Knows one name."""

    def chinese(self, foreign: str) -> Sequence[str]:
        return ["不来梅"] if foreign == "Bremen" else []


PASSAGE = "哈马斯指挥官易卜拉欣·比亚里丧生，米歇尔 (Charles Michel) 和刘慧卿在不莱梅出席会议。"


def absent(sentence: str, language: str = "en", names: NoNames | None = None) -> list[str]:
    encoder = Vocabulary()
    evidence = Evidence([make_hit(PASSAGE)], encoder)
    return absent_names(sentence, language, evidence, names or NoNames(), Lexicon(encoder))


@pytest.mark.parametrize(
    ("sentence", "language", "expected"),
    [
        ("They killed Ibrahim Biari.", "en", []),
        ("They killed Yahya Sinwar.", "en", ["Yahya Sinwar"]),
        ("Selon Charles Michel, c'est fini.", "fr", []),
        ("Selon Christine Lagarde, c'est fini.", "fr", ["Christine Lagarde"]),
        ("Об этом сказал Шарль Мишель.", "ru", []),
        ("Об этом сказали Эндрю Робертсоном.", "ru", ["Эндрю Робертсоном"]),
        ("It met Prime Minister Castex.", "en", ["Prime Minister Castex"]),
        ("It went to the Supreme Court Board.", "en", []),
        ("They met Emily Lau.", "en", []),
        ("Senate Republicans left.", "en", []),
        ("Il a vu la Commission Nationale.", "fr", []),
        ("Это решил Верховный Совет.", "ru", []),
    ],
)
def test_absent_names_judges_names_of_persons_by_their_sound(
    sentence: str, language: str, expected: list[str]
) -> None:
    assert absent(sentence, language) == expected


def test_absent_names_takes_other_characters_of_the_same_sound_for_a_known_name() -> None:
    assert absent("They met in Bremen.", names=BremenOnly()) == []


@pytest.mark.parametrize(
    ("sentence", "language", "code"),
    [
        ("После того, что было.", "ru", None),
        ("Она была в Того.", "ru", "TG"),
        ("Muchas reuniones.", "es", None),
        ("La Guerra di Corea.", "it", "KP"),
    ],
)
def test_find_countries_of_a_word_in_small_letters(
    sentence: str, language: str, code: str | None
) -> None:
    found = {code for country in find_countries(sentence, language) for code in country.codes}
    assert (code in found) if code else not found

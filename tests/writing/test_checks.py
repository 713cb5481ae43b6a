"""Checks of sentences that a language model has written."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from support.doubles import HashEncoder
from support.hits import make_hit

from rag.errors import Notice
from rag.writing.checks import check


class NoNames:
    """Knows no name."""

    def chinese(self, foreign: str) -> Sequence[str]:
        return ()


HITS = [make_hit("平壤向俄罗斯运送了约6700个集装箱。"), make_hit("东京的樱花今年开得早。")]


def faults(sentence: str, citations: Sequence[int], language: str = "en") -> list[Notice]:
    return check(
        sentence,
        citations,
        HITS,
        language=language,
        answer=None,
        encoder=HashEncoder(),
        names=NoNames(),
    )


@pytest.mark.parametrize(
    ("citations", "sentences"),
    [
        ([], ["The sentence cites no passage."]),
        ([3], ["There is no passage 3: the passages are numbered from 1 to 2."]),
    ],
)
def test_check_citation_that_does_not_exist_is_a_fault(
    citations: list[int], sentences: list[str]
) -> None:
    assert list(map(str, faults("Pyongyang has shipped containers.", citations))) == sentences

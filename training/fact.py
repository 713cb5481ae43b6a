"""A question with the passage that answers it: what the reader is trained on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from rag.types import Passage


class Fact(NamedTuple):
    """A question in one or more languages, the passage and the characters of its answer.

    `end` is 0 if the passage does not answer it. `twins` are questions that it does not answer.
    `kind` is what the questions ask for, where that is known.
    """

    questions: Mapping[str, str]
    passage: Passage
    start: int = 0
    end: int = 0
    twins: Mapping[str, str] = {}
    kind: str = ""

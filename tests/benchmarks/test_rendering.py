"""Tests of `benchmarks.rendering`."""

from __future__ import annotations

import pytest
from support.hits import make_hit

from benchmarks.rendering import Asked, answers, glosses
from rag.types import Answer, Gloss

QUESTION = {"id": "q1", "lang": "en", "question": "How many?"}


def asked(text: str, rendering: Gloss | None = None, found: tuple[Gloss, ...] = ()) -> Asked:
    hit = make_hit(f"共{text}个\n")
    span = 1, 1 + len(text)
    return Asked(
        QUESTION, Answer("How many?", text, hit, *span, 0.9, (hit,), rendering=rendering, glosses=found)
    )


@pytest.mark.parametrize(
    ("each", "kind"),
    [
        (asked("约7", Gloss(1, 3, "about 7", "amount")), "amount"),
        (asked("刘忆佳", Gloss(1, 4, "Liu Yijia", "name", True)), "transliterated"),
        (asked("F-35"), "same"),
        (asked("很多"), "none"),
    ],
)
def test_kind_is_what_became_of_an_answer(each: Asked, kind: str) -> None:
    assert each.kind == kind


def test_tables_have_what_is_judged_in_its_context() -> None:
    gloss = Gloss(1, 3, "about 7", "amount")
    (row,) = answers([asked("约7", gloss), asked("很多")])
    assert row[3:] == ["2024-03-06", "amount", "约7", "about 7", "共[约7]个 "]
    assert [row[4:7] for row in glosses([asked("约7", found=(gloss,))])] == [
        ["amount", "约7", "about 7"]
    ]

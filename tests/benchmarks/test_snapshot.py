"""The comparison of hits and answers before and after a change."""

from __future__ import annotations

import copy
import json
import sys
from pathlib import Path
from typing import Any

import pytest
from support.doubles import HashEncoder, PatternReader

import rag
from benchmarks import snapshot

EXPECTED: dict[str, Any] = {
    "多少集装箱？": {
        "hits": [
            {"passage": {"id": "a#1"}, "score": 0.8125, "highlight": [0, 10]},
            {"passage": {"id": "b#1"}, "score": 0.5, "highlight": [0, 4]},
        ],
        "answer": {"text": "6700", "confidence": 0.75},
    },
    "谁？": {"hits": [], "answer": {"text": "", "confidence": 0.0}},
}


def test_equal_results_have_no_differences() -> None:
    assert snapshot.differences(EXPECTED, copy.deepcopy(EXPECTED)) == []
    assert snapshot.differences({}, {}) == []


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("hits", 0, "score"), 0.8125000001),
        (("hits", 0, "highlight"), [0, 11]),
        (("hits", 1, "passage", "id"), "b#2"),
        (("answer", "text"), "6,700"),
        (("answer", "confidence"), 0.7500000001),
    ],
)
def test_a_changed_value_is_a_difference(path: tuple[Any, ...], value: object) -> None:
    found = copy.deepcopy(EXPECTED)
    place = found["多少集装箱？"]
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    assert snapshot.differences(EXPECTED, found) == ["多少集装箱？"]


def test_another_order_of_hits_is_a_difference() -> None:
    found = copy.deepcopy(EXPECTED)
    found["多少集装箱？"]["hits"].reverse()
    assert snapshot.differences(EXPECTED, found) == ["多少集装箱？"]


def test_a_question_on_one_side_only_is_a_difference() -> None:
    found = {"新的？": EXPECTED["谁？"], "谁？": EXPECTED["谁？"]}
    assert snapshot.differences(EXPECTED, found) == ["多少集装箱？", "新的？"]


def test_main_compares_with_an_earlier_file(
    tmp_path: Path, index: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    questions = tmp_path / "data" / snapshot.QUESTIONS
    questions.parent.mkdir(parents=True)
    lines = [json.dumps({"question": text}) for text in ("平壤运送了多少集装箱？", "东京的樱花")]
    questions.write_text("\n".join(lines), encoding="utf-8")
    load = rag.load
    monkeypatch.setattr(rag, "load", lambda path: load(path, HashEncoder(), PatternReader()))

    def run(out: str, *options: str) -> int:
        arguments = ["snapshot", str(index), str(tmp_path / out), "--data", str(tmp_path / "data")]
        monkeypatch.setattr(sys, "argv", [*arguments, *options])
        return snapshot.main()

    before = str(tmp_path / "before.json")
    assert run("before.json") == 0
    assert run("after.json", "--expected", before) == 0
    assert "2 of 2 questions have identical hits and answers" in capsys.readouterr().out
    assert run("after.json", "--expected", before, "-k", "1") == 1
    assert "differs: 平壤运送了多少集装箱？" in capsys.readouterr().out

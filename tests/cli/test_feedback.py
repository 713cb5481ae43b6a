"""`rag feedback`: what visitors have reported, as a table and as questions."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from support.cli import RunCommand

from rag import feedback

ANSWERED = {
    "question": "多少集装箱？",
    "problem": "answer",
    "right": "约6700",
    "answer": "6700",
    "confidence": 0.83,
    "article": "a.txt",
    "title": "标题\x1b[31m",
}
REFUSED = {"question": "Who won?", "problem": "refusal"}
WRONG_PASSAGE = {"question": "Who lost?", "problem": "passage", "answer": "x", "article": "b.txt"}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "feedback.jsonl"
    for complaint in (ANSWERED, REFUSED, WRONG_PASSAGE):
        feedback.append(path, feedback.Report.of(json.dumps(complaint).encode()))
    return path


def test_feedback_shows_a_table(run: RunCommand, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "160")
    status, out, err = run("feedback", str(file))
    assert (status, err) == (0, "")
    heading, first, second, _ = out.splitlines()
    assert heading.split()[:2] == ["Time", "(UTC)"]
    for part in ("wrong answer", "多少集装箱？", "6700 (0.83)", "约6700", "标题"):
        assert part in first
    assert "\x1b" not in first
    assert "not answered" in second


def test_feedback_as_json_has_the_form_of_a_question_set(run: RunCommand, file: Path) -> None:
    status, out, _ = run("feedback", str(file), "--json")
    assert status == 0
    answered, refused, passage = map(json.loads, out.splitlines())
    reported = answered.pop("reported")
    assert answered == {
        "id": "f0001",
        "lang": "zh-Hans",
        "question": "多少集装箱？",
        "answerable": True,
        "file": "a.txt",
        "answers": ["约6700"],
        "type": "",
    }
    assert (reported["answer"], reported["confidence"]) == ("6700", 0.83)
    assert (refused["answerable"], refused["file"], refused["answers"]) == (True, None, [])
    assert (passage["answerable"], passage["file"], passage["answers"]) == (False, None, [])


def test_feedback_tells_damaged_lines_and_shows_the_others(run: RunCommand, file: Path) -> None:
    lines = file.read_bytes().splitlines(keepends=True)
    file.write_bytes(b"{\n" + lines[0] + b"\xff\n" + lines[1])
    status, out, err = run("feedback", str(file), "--json")
    assert status == 0
    assert [json.loads(line)["id"] for line in out.splitlines()] == ["f0002", "f0004"]
    assert "2 damaged lines left out (lines 1, 3)" in err


def test_feedback_of_an_empty_file_says_so(run: RunCommand, tmp_path: Path) -> None:
    (tmp_path / "empty").touch()
    assert run("feedback", str(tmp_path / "empty"))[:2] == (0, f"No reports in {tmp_path / 'empty'}.\n")


def test_feedback_of_a_missing_file_names_it(run: RunCommand, tmp_path: Path) -> None:
    status, _, err = run("feedback", str(tmp_path / "none"))
    assert status == 1
    assert str(tmp_path / "none") in err


def test_serve_with_a_file_that_cannot_be_written_stops_before_the_model(
    run: RunCommand, tmp_path: Path
) -> None:
    status, _, err = run("serve", "--feedback", str(tmp_path / "missing" / "file"), "--port", "7942")
    assert status == 1
    assert "missing" in err

"""Tests of `rag.web.views.examples`."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from support.doubles import ROOT
from support.hits import make_hit

import rag
from rag.answering.no_answer import is_unsure
from rag.assistant import Assistant
from rag.errors import ModelError, QuestionError
from rag.index.stores import FolderStore
from rag.types import Answer
from rag.web.views.examples import Examples

SURE = 0.9


class Archive:
    """The parts of an assistant that examples use; answers wait until `release` is set."""

    def __init__(self, folder: Path, **confidence: float) -> None:
        self.store = FolderStore(folder)
        self.manifest = SimpleNamespace(created="1")
        self.release = threading.Event()
        self.asked: list[str] = []
        self.error: Exception | None = None
        self.filters: list[Mapping[str, Any]] = []
        self._confidence = confidence

    def ask(self, question: str, **filters: Any) -> Answer:
        assert self.release.wait(30)
        if self.error:
            raise self.error
        self.asked.append(question)
        self.filters.append(filters)
        hit = make_hit("正文") if "?" in question or "？" in question else None
        confidence = self._confidence.get(question.strip("?？"), SURE)
        return Answer(question, "正文" if hit else "", hit, 0, 2, confidence, ())


def examples_of(archive: Any) -> Examples:
    return Examples(cast(Assistant, archive))


def finish(archive: Archive) -> None:
    """Let the thread that asks the examples end."""
    archive.release.set()
    for thread in threading.enumerate():
        if thread is not threading.current_thread() and "_ask" in thread.name:
            thread.join(30)


def write(folder: Path, *lines: str) -> None:
    (folder / "examples.txt").write_text("\n".join(lines), encoding="utf-8")


def found(archive: Archive, locale: str = "en") -> list[str]:
    examples = examples_of(archive)
    examples.get(locale)
    finish(archive)
    return examples.get(locale)


def test_get_returns_nothing_until_the_lines_were_asked(tmp_path: Path) -> None:
    write(tmp_path, "Who heads it?")
    archive = Archive(tmp_path)
    examples = examples_of(archive)
    assert examples.get("en") == []
    finish(archive)
    assert examples.get("en") == ["Who heads it?"]


def test_get_leaves_out_comments_blank_lines_refusals_and_unsure_answers(tmp_path: Path) -> None:
    write(tmp_path, "\ufeff# Who commented?", "", "Who?", "  Why? ", "Who?", "no question", "When?")
    assert found(Archive(tmp_path, When=0.5)) == ["Who?", "Why?"]


def test_get_puts_the_language_of_the_page_first_and_its_other_script_second(tmp_path: Path) -> None:
    write(tmp_path, "Who heads the organisation?", "俄罗斯赚了多少钱？", "俄羅斯賺了多少錢？")
    english, simplified, traditional = (
        "Who heads the organisation?",
        "俄罗斯赚了多少钱？",
        "俄羅斯賺了多少錢？",
    )
    archive = Archive(tmp_path)
    assert found(archive) == [english, simplified, traditional]
    assert found(archive, "zh-Hant") == [traditional, simplified, english]


def test_get_asks_at_most_twelve_lines_and_shows_six(tmp_path: Path) -> None:
    write(tmp_path, *(f"Who is number {number}?" for number in range(30)))
    archive = Archive(tmp_path)
    assert len(found(archive)) == 6
    assert len(archive.asked) == 12


def test_get_asks_again_in_a_new_generation_or_for_a_new_file_only(tmp_path: Path) -> None:
    write(tmp_path, "Who?")
    archive = Archive(tmp_path)
    examples = examples_of(archive)
    for _ in range(2):
        examples.get("en")
        finish(archive)
    assert archive.asked == ["Who?"]
    archive.manifest.created = "2"
    assert examples.get("en") == []
    finish(archive)
    assert archive.asked == ["Who?"] * 2
    write(tmp_path, "When?")
    assert examples.get("en") == []
    finish(archive)
    assert examples.get("en") == ["When?"]


def test_get_asks_a_line_with_operators_as_the_page_would(tmp_path: Path) -> None:
    write(tmp_path, "Who? site:news.example")
    archive = Archive(tmp_path)
    assert found(archive) == ["Who? site:news.example"]
    assert archive.asked == ["Who?"]
    assert list(archive.filters[0]["source"]) == ["news.example"]


def test_get_leaves_out_a_line_that_is_no_valid_question(tmp_path: Path) -> None:
    write(tmp_path, "Who?")
    archive = Archive(tmp_path)
    archive.error = QuestionError("question-empty")
    assert found(archive) == []


def test_get_tries_again_after_the_archive_failed(tmp_path: Path) -> None:
    write(tmp_path, "Who?")
    archive = Archive(tmp_path)
    archive.error = ModelError("The model cannot be loaded.")
    examples = examples_of(archive)
    examples.get("en")
    finish(archive)
    archive.error = None
    examples.get("en")
    finish(archive)
    assert examples.get("en") == ["Who?"]


def test_get_without_a_file_asks_nothing(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    assert found(archive) == []
    assert archive.asked == []


def test_get_reads_the_file_that_the_environment_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, "Who?")
    monkeypatch.setenv("RAG_EXAMPLES", str(tmp_path / "examples.txt"))
    archive = Archive(tmp_path / "elsewhere")
    assert found(archive) == ["Who?"]


SHIPPED = {
    "How much money did Russia earn from fossil fuel exports in six months?": "1580亿欧元",
    "When did North Korea and Ukraine establish diplomatic relations?": "1992年",
    "平壤已向俄罗斯运送了多少集装箱的弹药？": "约6700",
    "普京和金正恩在哪里举行峰会？": "俄远东地区阿穆尔州的东方航天发射场",
    "俄羅斯六個月內靠化石燃料賺了多少歐元？": "1580亿欧元",
    "朝鮮哪一年與烏克蘭建立外交關係？": "1992年",
}


def test_shipped_examples_are_answered_rightly_and_surely(assistant: rag.Assistant) -> None:
    file = ROOT / "index/examples.txt"
    lines = [line for line in file.read_text(encoding="utf-8").splitlines() if line[:1] != "#"]
    assert lines == list(SHIPPED)
    answers = [assistant.ask(question) for question in lines]
    assert {answer.question: answer.text for answer in answers} == SHIPPED
    assert [answer.question for answer in answers if is_unsure(answer.confidence)] == []

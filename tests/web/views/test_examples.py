"""Tests of `rag.web.views.examples`."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any, cast

import pytest
from support.doubles import make_article
from support.hits import make_passage

from rag.assistant import Assistant
from rag.errors import ModelError
from rag.types import Answer, Passage
from rag.web.views.examples import Examples

ARTICLES = [
    make_article("a", "外长德尔卡奇（Andriy Derkach）发表讲话。", title="谁在运送集装箱？"),
    make_article("b", "女孩刘忆佳（Eva Liu）遇害。", title="一个普通的标题"),
]
TITLES = ["谁在运送集装箱？", "一个普通的标题"]


class Archive:
    """The parts of an assistant that examples use; answers wait until `release` is set."""

    def __init__(self, unanswered: Sequence[str] = (), error: Exception | None = None) -> None:
        self.manifest = SimpleNamespace(created="1")
        self.release = threading.Event()
        self.asked: list[str] = []
        self._unanswered, self._error = unanswered, error

    def newest(self, count: int) -> list[Passage]:
        return [make_passage(article) for article in ARTICLES][:count]

    def ask(self, question: str) -> Answer:
        assert self.release.wait(30)
        if self._error:
            raise self._error
        self.asked.append(question)
        text = "" if question in self._unanswered else "x"
        return Answer(question, text, None, 0, 0, 0.5, ())


def examples_of(archive: Any) -> Examples:
    return Examples(cast(Assistant, archive))


def finish(archive: Archive) -> None:
    """Let the thread that looks for examples end."""
    archive.release.set()
    for thread in threading.enumerate():
        if thread is not threading.current_thread() and "_find" in thread.name:
            thread.join(30)


def test_get_returns_titles_until_examples_have_answers() -> None:
    archive = Archive()
    examples = examples_of(archive)
    assert examples.get("en") == TITLES
    finish(archive)
    assert examples.get("en") == ["Who is Andriy Derkach?", "Who is Eva Liu?"]
    assert examples.get("zh-Hans") == ["谁在运送集装箱？", "Andriy Derkach 是谁？", "Eva Liu 是谁？"]


def test_get_leaves_out_questions_without_an_answer() -> None:
    archive = Archive(unanswered=["Who is Andriy Derkach?", "Who is Eva Liu?", "Eva Liu 是誰？"])
    examples = examples_of(archive)
    examples.get("en")
    finish(archive)
    assert examples.get("en") == TITLES
    assert examples.get("zh-Hant") == ["谁在运送集装箱？", "Andriy Derkach 是誰？"]


def test_get_looks_for_examples_again_in_a_new_generation() -> None:
    archive = Archive()
    examples = examples_of(archive)
    examples.get("en")
    finish(archive)
    asked = len(archive.asked)
    examples.get("en")
    finish(archive)
    assert len(archive.asked) == asked
    archive.manifest.created = "2"
    assert examples.get("en") == TITLES
    finish(archive)
    assert len(archive.asked) == 2 * asked


@pytest.mark.parametrize("locale", ["en", "zh-Hans"])
def test_get_returns_titles_where_asking_fails(locale: str) -> None:
    archive = Archive(error=ModelError("The model cannot be loaded."))
    examples = examples_of(archive)
    examples.get(locale)
    finish(archive)
    assert examples.get(locale) == TITLES

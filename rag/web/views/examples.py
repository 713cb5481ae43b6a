"""Example questions, which whoever runs the archive has written into a file."""

from __future__ import annotations

import os
import threading
from collections.abc import Hashable, Iterator
from pathlib import Path

from rag.answering.no_answer import is_unsure
from rag.assistant import Assistant
from rag.errors import QuestionError, RagError
from rag.index.stores import FolderStore, Store
from rag.text.language import detect
from rag.web.views.query import Query

FILE = "examples.txt"
"""The file in the index folder; for an archive elsewhere, RAG_EXAMPLES names one."""
_SHOWN, _ASKED = 6, 12
_MOST_BYTES = 100_000


class Examples:
    """Example questions from a file, as far as the archive answers them.

    A thread asks them once for each generation of the index and each version of the file.
    """

    def __init__(self, assistant: Assistant) -> None:
        self._assistant = assistant
        self._file = _file(assistant.store)
        self._lock = threading.Lock()
        self._version: Hashable = None
        self._answered: dict[str, str] = {}
        self._refresh()

    def get(self, locale: str) -> list[str]:
        """Return the examples, those in the language of a page first; none until they were asked."""
        answered = self._refresh()
        return sorted(answered, key=lambda question: _distance(answered[question], locale))[:_SHOWN]

    def _refresh(self) -> dict[str, str]:
        """Return the answered questions with their languages; start to ask those of a new version."""
        version = self._assistant.manifest.created, _written(self._file)
        with self._lock:
            if self._version != version:
                self._version, self._answered = version, {}
                if version[1]:
                    threading.Thread(target=self._ask, args=[version], daemon=True).start()
            return self._answered

    def _ask(self, version: Hashable) -> None:
        questions = list(dict.fromkeys(_lines(self._file)))[:_ASKED]
        try:
            answered = {question: detect(question) for question in questions if self._is_sure(question)}
        except (RagError, OSError):
            version, answered = None, {}  # the next visitor starts it again
        with self._lock:
            if version in (self._version, None):
                self._version, self._answered = version, answered

    def _is_sure(self, question: str) -> bool:
        query = Query(question)
        try:
            answer = self._assistant.ask(query.asked, **query.filters)
        except QuestionError:
            return False
        return answer.hit is not None and not is_unsure(answer.confidence)


def _file(store: Store) -> Path | None:
    if named := os.environ.get("RAG_EXAMPLES"):
        return Path(named)
    return store.folder / FILE if isinstance(store, FolderStore) else None


def _written(file: Path | None) -> int:
    """Return when a file was written, 0 if there is none."""
    try:
        return file.stat().st_mtime_ns if file else 0
    except OSError:
        return 0


def _lines(file: Path | None) -> Iterator[str]:
    """Yield the questions in a file, one on each line that is no comment."""
    if file is None:
        return
    with file.open("rb") as content:
        text = content.read(_MOST_BYTES).decode("utf-8-sig", errors="replace")
    for line in map(str.strip, text.splitlines()):
        if line and not line.startswith("#"):
            yield line


def _distance(language: str, locale: str) -> int:
    """Return 0 for the language of a page, 1 for its other script, 2 for another language."""
    if language == locale:
        return 0
    return 1 if language.partition("-")[0] == locale.partition("-")[0] else 2

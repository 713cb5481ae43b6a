"""Builds the index in another process, so that the server goes on answering questions.

The process is a fresh interpreter that runs `rag.web.build_worker`. `multiprocessing` would import the
main program again, and send pickles.
"""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from rag.embedding.encoder import SentenceEncoder
from rag.errors import BuildFailed
from rag.index.generations import report_from_json
from rag.index.manifest import Manifest
from rag.index.stores import Store
from rag.protocols import Encoder
from rag.reports import BuildReport

GRACE_SECONDS = 10.0
"""Time that a cancelled build has before it is killed; a killed build loses nothing either."""
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class State:
    """The progress of a build, or its outcome: a report, an error, or cancelled.

    After a rollback it is the manifest of the index that was restored.

    `stage` is a `Stage`, in which `done` of `total` steps are done; `total` is 0 if it is unknown.
    """

    is_running: bool = False
    stage: str = ""
    done: int = 0
    total: int = 0
    report: BuildReport | None = None
    error: BuildFailed | None = None
    is_cancelled: bool = False
    restored: Manifest | None = None


class BackgroundBuild:
    """Builds the index of a seeds folder in the background, one build at a time.

    `encoder` is called in the other process to make the encoder, so it must be importable by name.
    Instances may be shared between threads. If this process ends, the build ends too and the next one
    resumes it.
    """

    def __init__(
        self,
        seeds: str | os.PathLike[str],
        index: str | os.PathLike[str],
        encoder: Callable[[], Encoder] = SentenceEncoder,
        *,
        grace_seconds: float = GRACE_SECONDS,
    ) -> None:
        self._task = {
            "seeds": os.fspath(seeds),
            "index": os.fspath(index),
            "encoder": _importable(encoder),
            "grace_seconds": grace_seconds,
        }
        self._grace_seconds = grace_seconds
        self._lock = threading.Lock()
        self._state = State()
        self._changes: set[str] = set()
        self._changes_in_build: set[str] = set()
        self._is_cancelled = False
        self._process: subprocess.Popen[bytes] | None = None
        self._follower: threading.Thread | None = None

    @property
    def state(self) -> State:
        """The progress of the current build, or the outcome of the last one."""
        return self._state

    @property
    def changes(self) -> int:
        """The number of files and articles with noted changes that no build has applied."""
        return len(self._changes | self._changes_in_build)

    def note_changes(self, names: Iterable[str]) -> None:
        """Remember changed files or articles, until a build that starts later has applied them."""
        with self._lock:
            self._changes.update(names)

    def start(self) -> bool:
        """Start a build and return at once. Returns False, and starts nothing, during a build.

        Raises `OSError` if the system cannot start another process.
        """
        with self._lock:
            if self._state.is_running:
                return False
            self._process = _start(self._task)
            self._is_cancelled = False
            self._changes_in_build, self._changes = self._changes, set()
            self._state = State(is_running=True)
            self._follower = threading.Thread(target=self._follow, args=(self._process,), daemon=True)
            self._follower.start()
            return True

    def cancel(self) -> None:
        """Interrupt the current build, if any; it ends within seconds and the next one resumes it."""
        with self._lock:
            if not (self._process and self._state.is_running) or self._is_cancelled:
                return
            self._is_cancelled = True
            assert self._process.stdin
            self._process.stdin.close()
            threading.Thread(target=self._end, args=(self._process,), daemon=True).start()

    def roll_back(self, store: Store) -> None:
        """Make the index before the live one live again; its manifest becomes the outcome.

        Raises `IndexMissing` if there is none, `IndexDamaged` if it is damaged, and `IndexBusy` while
        it is built.
        """
        restored = store.roll_back()
        with self._lock:
            if not self._state.is_running:
                self._state = State(restored=restored)

    def wait(self, timeout: float | None = None) -> State:
        """Wait up to `timeout` seconds for the end of the build, and return the state."""
        if self._follower:
            self._follower.join(timeout)
        return self._state

    def _follow(self, process: subprocess.Popen[bytes]) -> None:
        message: dict[str, Any] = {}
        assert process.stdout
        with process, os.fdopen(process.stdout.fileno(), "rb", closefd=False) as lines:
            for line in lines:
                if line.endswith(b"\n"):  # else the worker was killed during a write
                    message = json.loads(line)
                    if "stage" in message:
                        self._state = replace(self._state, **message)
        outcome = self._outcome(message, process.returncode)
        with self._lock:
            if not outcome.report:
                self._changes |= self._changes_in_build
            self._changes_in_build = set()
            self._state = outcome

    def _outcome(self, message: dict[str, Any], status: int) -> State:
        if report := message.get("report"):
            return State(report=report_from_json(report))
        if error := message.get("error"):
            if trace := message.get("trace"):
                _log.error("the index could not be built\n%s", trace)
            return State(error=_build_failed(error))
        if self._is_cancelled or "interrupted" in message:
            return State(is_cancelled=True)
        _log.error("the build process ended with status %s", status)
        return State(error=BuildFailed("build-ended"))

    def _end(self, process: subprocess.Popen[bytes]) -> None:
        try:
            process.wait(self._grace_seconds)
        except subprocess.TimeoutExpired:
            process.kill()


def _start(task: Mapping[str, object]) -> subprocess.Popen[bytes]:
    process = subprocess.Popen(
        [sys.executable, "-P", "-m", "rag.web.build_worker"],
        bufsize=0,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        # The encoder may be importable here only; -P keeps the working directory out of the path.
        env=os.environ | {"PYTHONPATH": os.pathsep.join(path or str(Path.cwd()) for path in sys.path)},
        process_group=0,  # Ctrl-C in the terminal is for the server; the build ends with the server
    )
    assert process.stdin
    with suppress(BrokenPipeError):  # the follower sees that the worker has ended
        process.stdin.write(json.dumps(task).encode() + b"\n")
    return process


def _build_failed(error: Mapping[str, Any]) -> BuildFailed:
    """Make an error of the JSON that the worker sends; its parameters may be errors too."""
    parameters = {
        name: _build_failed(value) if isinstance(value, dict) else value
        for name, value in error["parameters"].items()
    }
    return BuildFailed(error["code"], **parameters)


def _importable(factory: Callable[[], Encoder]) -> str:
    module, name = factory.__module__, getattr(factory, "__qualname__", "<none>")
    if module == "__main__" or "<" in name:
        raise ValueError(f"{factory!r} cannot be imported by another process")
    return f"{module}:{name}"

"""A build in a process of its own, so that questions go on being answered meanwhile.

The process is told on the first line of its standard input what to build, and goes on for as long as
that stays open: when it is closed, or whoever opened it has ended, the build is interrupted as by
Ctrl-C. On its standard output it writes lines of JSON. It is a fresh interpreter, not one that
`multiprocessing` has spawned, for that would run the main program again, page and all, and would send
pickles.
"""

from __future__ import annotations

import importlib
import json
import logging
import os
import subprocess
import sys
import threading
import time
import traceback
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from operator import attrgetter
from pathlib import Path
from typing import Any

from rag.embedding.encoder import SentenceEncoder
from rag.errors import RagError
from rag.index import build_report
from rag.index.stores import build
from rag.ingest.seeds import read_seeds
from rag.types import BuildReport, Encoder, to_json

_PATIENCE = 10.0
"""Seconds that a build may take to end when it is to; nothing is lost either when it is killed."""
_REPORT_SECONDS = 0.1
_NICE = 10
_KEPT = "The index is as it was, and what was encoded is kept. Build again once the cause is mended."
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class State:
    """How far a build is or how it ended: with a report, with an error, or cancelled.

    `done` of `total` things are done in this stage; `total` is 0 where it is not known. `error` is a
    sentence for the user, "" where there is none.
    """

    is_running: bool = False
    stage: str = ""
    done: int = 0
    total: int = 0
    report: BuildReport | None = None
    error: str = ""
    is_cancelled: bool = False


class Rebuild:
    """Builds the index of a seeds folder in the background, one build at a time.

    `encoder` makes the encoder there; it must be importable by name. May be shared between threads.
    When this process ends, so does the build, and nothing is lost.
    """

    def __init__(
        self,
        seeds: str | os.PathLike[str],
        index: str | os.PathLike[str],
        encoder: Callable[[], Encoder] = SentenceEncoder,
    ) -> None:
        self._task = {
            "seeds": os.fspath(seeds),
            "index": os.fspath(index),
            "encoder": _importable(encoder),
        }
        self._lock = threading.Lock()
        self._state = State()
        self._is_cancelled = False
        self._process: subprocess.Popen[bytes] | None = None
        self._follower: threading.Thread | None = None

    @property
    def state(self) -> State:
        """How far the build is, or how the last one ended."""
        return self._state

    def start(self) -> bool:
        """Begin a build and return at once; False, and nothing is begun, while one goes on.

        Raises `OSError` where the system does not start another process.
        """
        with self._lock:
            if self._state.is_running:
                return False
            self._process = _start(self._task)
            self._is_cancelled = False
            self._state = State(is_running=True)
            self._follower = threading.Thread(target=self._follow, args=(self._process,), daemon=True)
            self._follower.start()
            return True

    def cancel(self) -> None:
        """Interrupt the build, if one goes on; it ends within seconds and nothing is lost."""
        with self._lock:
            if not (self._process and self._state.is_running) or self._is_cancelled:
                return
            self._is_cancelled = True
            assert self._process.stdin
            self._process.stdin.close()
            threading.Thread(target=_end, args=(self._process,), daemon=True).start()

    def wait(self, timeout: float | None = None) -> State:
        """Wait, for so many seconds at most, until no build goes on, and return the state."""
        if self._follower:
            self._follower.join(timeout)
        return self._state

    def _follow(self, process: subprocess.Popen[bytes]) -> None:
        told: dict[str, Any] = {}
        assert process.stdout
        with process, os.fdopen(process.stdout.fileno(), "rb", closefd=False) as lines:
            for line in lines:
                if line.endswith(b"\n"):  # else it was killed while it wrote
                    told = json.loads(line)
                    if "stage" in told:
                        self._state = replace(self._state, **told)
        self._state = self._outcome(told, process.returncode)

    def _outcome(self, told: dict[str, Any], status: int) -> State:
        if report := told.get("report"):
            return State(report=build_report.from_json(report))
        if error := told.get("error"):
            if "trace" in told:
                _log.error("the index could not be built\n%s", told["trace"])
            return State(error=error)
        if self._is_cancelled or "interrupted" in told:
            return State(is_cancelled=True)
        _log.error("the process that built the index ended with status %s", status)
        return State(
            error="The build was ended from outside, or by a lack of memory. "
            "The index is as it was, and what was encoded is kept. Build again."
        )


def work() -> None:
    """Do in this process, which is there for nothing else, what `Rebuild` asks for."""
    if hasattr(os, "nice"):
        os.nice(_NICE)
    with os.fdopen(os.dup(1), "wb", buffering=0) as output:
        os.dup2(2, 1)  # what a library prints is no message
        task = json.loads(sys.stdin.buffer.readline())
        is_closed = threading.Event()
        threading.Thread(target=_watch, args=(is_closed, task["patience"]), daemon=True).start()
        reported = "", 0.0

        def tell(message: dict[str, object]) -> None:
            with suppress(BrokenPipeError):  # nobody listens: `is_closed` is set too, or soon
                output.write(json.dumps(message).encode() + b"\n")

        def progress(stage: str, done: int, total: int) -> None:
            nonlocal reported
            if is_closed.is_set():
                raise KeyboardInterrupt
            now = time.monotonic()
            if stage != reported[0] or done == total or now - reported[1] >= _REPORT_SECONDS:
                reported = stage, now
                tell({"stage": stage, "done": done, "total": total})

        tell(_built(task, progress))


def _built(task: dict[str, str], progress: Callable[[str, int, int], None]) -> dict[str, object]:
    """Build, and say how it went."""
    try:
        module, _, name = task["encoder"].partition(":")
        encoder: Encoder = attrgetter(name)(importlib.import_module(module))()
        report = build(read_seeds(Path(task["seeds"])), task["index"], encoder, progress)
    except KeyboardInterrupt:
        return {"interrupted": True}
    except RagError as error:
        return {"error": str(error)}
    except OSError as error:
        why = f"The index could not be built: {error.strerror or type(error).__name__}. {_KEPT}"
        return {"error": why, "trace": traceback.format_exc()}
    except Exception:
        why = f"The index could not be built; the log of the program says why. {_KEPT}"
        return {"error": why, "trace": traceback.format_exc()}
    return {"report": to_json(report)}


def _start(task: dict[str, str]) -> subprocess.Popen[bytes]:
    process = subprocess.Popen(
        [
            sys.executable,
            "-c",
            f"import sys; sys.path[:] = {sys.path}; from rag.web.background_build import work; work()",
        ],
        bufsize=0,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        process_group=0,  # Ctrl-C in the terminal is for us, and it ends with us
    )
    assert process.stdin
    with suppress(BrokenPipeError):  # that it has ended is seen when it is followed
        process.stdin.write(json.dumps(task | {"patience": _PATIENCE}).encode() + b"\n")
    return process


def _end(process: subprocess.Popen[bytes]) -> None:
    try:
        process.wait(_PATIENCE)
    except subprocess.TimeoutExpired:
        process.kill()


def _watch(is_closed: threading.Event, patience: float) -> None:
    """Set the event when standard input is closed; what does not heed it ends all the same."""
    while os.read(0, 1):
        pass
    is_closed.set()
    time.sleep(patience)
    os._exit(1)


def _importable(factory: Callable[[], Encoder]) -> str:
    module, name = factory.__module__, getattr(factory, "__qualname__", "<none>")
    if module == "__main__" or "<" in name:
        raise ValueError(f"{factory!r} cannot be imported by another process")
    return f"{module}:{name}"

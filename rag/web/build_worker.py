"""The process of a background build: `python -m rag.web.build_worker`.

The first line of standard input is the task, as JSON. The build runs for as long as standard input
stays open: when it is closed, or the process at its other end has ended, the build is interrupted as by
Ctrl-C. Standard output carries progress and the outcome, one JSON object per line.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
import threading
import time
import traceback
from collections.abc import Mapping
from contextlib import suppress
from operator import attrgetter
from pathlib import Path

from rag.errors import BuildFailed, RagError
from rag.i18n.translator import Coded
from rag.index.stores import build
from rag.ingest.seeds import read_seeds
from rag.protocols import Encoder
from rag.reports import Progress
from rag.serialization import to_json

_REPORT_SECONDS = 0.1
_NICE = 10


def work() -> None:
    """Read the task from standard input, build, and write progress and outcome to standard output."""
    if hasattr(os, "nice"):
        os.nice(_NICE)
    with os.fdopen(os.dup(1), "wb", buffering=0) as output:
        os.dup2(2, 1)  # what a library prints is no message
        task = json.loads(sys.stdin.buffer.readline())
        is_closed = threading.Event()
        threading.Thread(target=_watch, args=(is_closed, task["grace_seconds"]), daemon=True).start()
        last_stage, last_time = "", 0.0

        def send(message: Mapping[str, object]) -> None:
            with suppress(BrokenPipeError):  # the server has ended: `is_closed` is set too, or soon
                output.write(json.dumps(message, default=str).encode() + b"\n")

        def progress(stage: str, done: int, total: int) -> None:
            nonlocal last_stage, last_time
            if is_closed.is_set():
                raise KeyboardInterrupt
            now = time.monotonic()
            if stage != last_stage or done == total or now - last_time >= _REPORT_SECONDS:
                last_stage, last_time = stage, now
                send({"stage": stage, "done": done, "total": total})

        send(_build(task, progress))


def _build(task: Mapping[str, str], progress: Progress) -> Mapping[str, object]:
    """Build, and return the outcome as a message."""
    try:
        module, _, name = task["encoder"].partition(":")
        encoder: Encoder = attrgetter(name)(importlib.import_module(module))()
        report = build(read_seeds(Path(task["seeds"])), task["index"], encoder, progress)
    except KeyboardInterrupt:
        return {"interrupted": True}
    except RagError as error:
        return {"error": _coded(error)}
    except Exception as error:
        return {"error": _coded(_failure(error)), "trace": traceback.format_exc()}
    return {"report": to_json(report)}


def _failure(error: Exception) -> BuildFailed:
    if isinstance(error, OSError):
        return BuildFailed("build-failed-by-system", reason=error.strerror or type(error).__name__)
    return BuildFailed("build-failed")


def _coded(error: Coded) -> dict[str, object]:
    parameters = {
        name: _coded(value) if isinstance(value, Coded) else value
        for name, value in error.parameters.items()
    }
    return {"code": error.code, "parameters": parameters}


def _watch(is_closed: threading.Event, grace_seconds: float) -> None:
    """Set the event when standard input is closed; end the process if it ignores that."""
    while os.read(0, 1):
        pass
    is_closed.set()
    time.sleep(grace_seconds)
    os._exit(1)


if __name__ == "__main__":
    work()

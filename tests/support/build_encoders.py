"""Encoders for a build in another process, which imports them from here; each makes the same vectors."""

from __future__ import annotations

import errno
import os
import signal
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from rag.errors import ModelError, SetupError
from rag.index.vectors import plan as vector_plan
from rag.reports import Progress
from rag.types import Vectors
from support.doubles import HashEncoder

RECORD = "RAG_TEST_RECORD"
"""The environment variable with the file that `Recording` writes."""


class Slow(HashEncoder):
    """Takes 10 ms per text, and reports each."""

    def __init__(self) -> None:
        super().__init__()
        vector_plan.CHECKPOINT_TEXTS = 50

    def encode_passages(self, texts: Sequence[str], progress: Progress | None = None) -> Vectors:
        for number, _ in enumerate(texts, start=1):
            time.sleep(0.01)
            assert progress
            progress("Encoding", number, len(texts))
        return super().encode_passages(texts)


class Endless(HashEncoder):
    """Reports the same progress until the build is cancelled."""

    def encode_passages(self, texts: Sequence[str], progress: Progress | None = None) -> Vectors:
        assert progress
        while texts:
            progress("Encoding", 1, len(texts))
            time.sleep(0.01)
        return super().encode_passages(texts)


class Stuck(HashEncoder):
    """Never returns and never reports."""

    def encode_passages(self, texts: Sequence[str], progress: Progress | None = None) -> Vectors:
        assert progress
        progress("Encoding", 0, len(texts))
        time.sleep(600)
        raise AssertionError


class Stopped(HashEncoder):
    """Stops its process."""

    def encode_passages(self, texts: Sequence[str], progress: Progress | None = None) -> Vectors:
        assert progress
        progress("Encoding", 0, len(texts))
        os.kill(os.getpid(), signal.SIGSTOP)
        raise AssertionError


class Recording(HashEncoder):
    """Prints, and records the niceness, the process group and the modules of its process."""

    def encode_passages(self, texts: Sequence[str], progress: Progress | None = None) -> Vectors:
        print("as a library may")
        os.write(1, b"as a library in C may\n")
        lines = [str(os.nice(0)), str(os.getpgrp()), *sys.modules]
        Path(os.environ[RECORD]).write_text("\n".join(lines), encoding="utf-8")
        return super().encode_passages(texts, progress)


class Killed(HashEncoder):
    def encode_passages(self, texts: Sequence[str], progress: Progress | None = None) -> Vectors:
        os.kill(os.getpid(), signal.SIGKILL)
        raise AssertionError


class Full(HashEncoder):
    def encode_passages(self, texts: Sequence[str], progress: Progress | None = None) -> Vectors:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "/secret/place")


class Broken(HashEncoder):
    def encode_passages(self, texts: Sequence[str], progress: Progress | None = None) -> Vectors:
        raise RuntimeError("in /secret/place")


def no_model() -> HashEncoder:
    raise ModelError("build-failed-by-system", reason=SetupError("mcp-not-installed"))

"""Encoders for a build in another process, which imports them from here; each makes the same vectors."""

from __future__ import annotations

import errno
import os
import signal
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from rag.errors import ModelError
from rag.index import vector_plan
from rag.types import Progress, Vectors
from support.doubles import HashEncoder

TOLD = "RAG_TEST_TOLD"
"""The variable with the file that `Telling` writes."""


class Slow(HashEncoder):
    """Takes a hundredth of a second a text, and says so."""

    def __init__(self) -> None:
        super().__init__()
        vector_plan.CHECKPOINT_TEXTS = 50

    def encode_passages(self, texts: Sequence[str], progress: Progress | None = None) -> Vectors:
        for number, _ in enumerate(texts, start=1):
            time.sleep(0.01)
            assert progress
            progress("Encoding", number, len(texts))
        return super().encode_passages(texts)


class Stuck(HashEncoder):
    """Never comes back, and never reports."""

    def encode_passages(self, texts: Sequence[str], progress: Progress | None = None) -> Vectors:
        assert progress
        progress("Encoding", 0, len(texts))
        time.sleep(600)
        raise AssertionError


class Telling(HashEncoder):
    """Writes down in what process it runs."""

    def encode_passages(self, texts: Sequence[str], progress: Progress | None = None) -> Vectors:
        print("as a library may")
        os.write(1, b"as a library in C may\n")
        lines = [str(os.nice(0)), *sys.modules]
        Path(os.environ[TOLD]).write_text("\n".join(lines), encoding="utf-8")
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
    raise ModelError("The model is not to be had. Name another.")

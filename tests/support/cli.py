"""Running the command line: in this process, and as a process that can be interrupted."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from typing import TypeAlias

from support.doubles import ROOT

RunCommand: TypeAlias = Callable[..., tuple[int, str, str]]
"""Runs a command; returns its status, output and errors."""

ENVIRONMENT = {
    **os.environ,
    "HF_HUB_OFFLINE": "1",
    "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "tests")]),
}

_MAIN = """
import signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)
{setup}
from rag.cli import main
sys.exit(main())
"""


def interruptible(*arguments: str, setup: str = "") -> list[str]:
    """Return a process's command line that runs `rag` and ends at SIGINT.

    Python ignores SIGINT if its parent does, as for a background job of a shell. `setup` is code that
    runs first.
    """
    return [sys.executable, "-c", _MAIN.format(setup=setup), *arguments]

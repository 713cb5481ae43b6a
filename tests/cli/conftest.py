"""The command line on a small index, with doubles of the models."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.cli import RunCommand
from support.doubles import HashEncoder, PatternReader

import rag
from rag.cli import main


@pytest.fixture
def run(index: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> RunCommand:
    """Run a command on the index of three articles; returns status, output and errors."""
    monkeypatch.setattr(rag, "SentenceEncoder", lambda **_: HashEncoder())
    monkeypatch.setattr(rag, "SpanReader", lambda **_: PatternReader())
    monkeypatch.setenv("RAG_INDEX", str(index))

    def run(*arguments: str) -> tuple[int, str, str]:
        try:
            status = main(arguments)
        except SystemExit as stop:
            status = int(stop.code or 0)
        return (status, *capsys.readouterr())

    return run

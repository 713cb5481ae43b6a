"""The command line as a process of its own, with the real model."""

from __future__ import annotations

import os
import pty
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from support.cli import ENVIRONMENT, interruptible
from support.doubles import SEEDS

import rag


@pytest.mark.model
def test_readme_commands_build_reuse_and_answer(tmp_path: Path) -> None:
    def run(*arguments: str) -> str:
        command = [sys.executable, "-m", "rag", *arguments, "--index", str(tmp_path / "index")]
        done = subprocess.run(command, capture_output=True, text=True, env=ENVIRONMENT, cwd=tmp_path)
        assert (done.returncode, done.stderr) == (0, "")
        return " ".join(done.stdout.split())

    assert "5 articles (5 added" in run("build", "--seeds", str(SEEDS))
    again = run("build", "--seeds", str(SEEDS))
    assert "5 unchanged" in again
    assert "0 texts encoded" in again
    assert "约6700集装箱" in run("ask", "how many containers did Pyongyang ship?")


@pytest.mark.model
def test_build_on_a_terminal_shows_progress_and_can_be_interrupted(tmp_path: Path) -> None:
    seeds = tmp_path / "seeds"
    seeds.mkdir()
    seed = next(SEEDS.glob("002*")).read_text()
    (seeds / "0.txt").write_text(seed)
    index = tmp_path / "index"
    rag.build(rag.read_seeds(seeds), index)
    for copy in range(1, 80):
        (seeds / f"{copy}.txt").write_text(seed.replace("莫斯科", f"第{copy}座城市"))
    leader, follower = pty.openpty()
    process = subprocess.Popen(
        interruptible("build", "--seeds", str(seeds), "--index", str(index)),
        stdin=follower,
        stdout=follower,
        stderr=follower,
        env=ENVIRONMENT,
        start_new_session=True,
    )
    os.close(follower)
    shown = b""
    deadline = time.monotonic() + 120
    while b"Encoding" not in shown and time.monotonic() < deadline:
        shown += os.read(leader, 4096)
    process.send_signal(signal.SIGINT)
    while True:
        try:
            part = os.read(leader, 4096)
        except OSError:
            break
        if not part:
            break
        shown += part
    assert process.wait(60) == 130
    assert b"Interrupted. The index is unchanged" in shown
    assert b"Traceback" not in shown
    assert rag.load(index).manifest.articles == 1
    assert sorted(path.name for path in index.iterdir() if path.is_dir()) == ["000001"]

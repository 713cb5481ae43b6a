"""The command `watch` in a process of its own."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from pathlib import Path

from support.archives import wait_until, write_seeds
from support.cli import ENVIRONMENT, interruptible
from support.doubles import HashEncoder

import rag

SETUP = """
import time
from pathlib import Path
import rag
import rag.index.builder
from support.doubles import HashEncoder
folder = Path(sys.argv[-1])
class Waiting(HashEncoder):
    def encode_passages(self, *values):
        (folder / "is encoding").touch()
        while not (folder / "may go on").exists():
            time.sleep(0.01)
        return super().encode_passages(*values)
rag.SentenceEncoder = rag.index.builder.SentenceEncoder = lambda **_: Waiting()
del sys.argv[-1]
"""


def test_watch_indexes_changed_files_once_they_are_quiet(tmp_path: Path) -> None:
    seeds = write_seeds(tmp_path / "seeds", {"a.txt": 1})
    index = tmp_path / "index"
    watcher = subprocess.Popen(
        interruptible(
            "watch", "--seeds", str(seeds), "--index", str(index), str(tmp_path), setup=SETUP
        ),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env=ENVIRONMENT,
    )
    assert watcher.stdout
    try:
        wait_until(lambda: (tmp_path / "is encoding").exists(), seconds=60)
        write_seeds(seeds, {"a.txt": 1, "c.txt": 3})  # during the first build
        (tmp_path / "may go on").touch()
        assert "1 article (1 added" in watcher.stdout.readline()
        assert "Watching" in watcher.stdout.readline()
        assert "2 articles (1 added" in watcher.stdout.readline()
        content = (seeds / "a.txt").read_text(encoding="utf-8").replace("第1号", "第8号")
        with (seeds / "b.txt").open("w", encoding="utf-8") as file:
            for start in range(0, len(content), 200):  # written slowly
                file.write(content[start : start + 200])
                file.flush()
                time.sleep(0.4)
        assert "3 articles (1 added" in watcher.stdout.readline()
        assert rag.load(index, HashEncoder()).search("第8号集装箱", 1)[0].passage.article_id == "b.txt"
        (seeds / os.fsdecode(b"\xb1\xa8.txt")).write_text("东京的樱花开了。", encoding="utf-8")
        assert any(r"\xb1\xa8.txt" in line for line in watcher.stdout), "refused by name"
        # The library's watcher has ended; the command goes on with another.
        (seeds / "d.txt").write_text(content.replace("第8号", "第9号"), encoding="utf-8")
        assert any("4 articles (1 added" in line for line in watcher.stdout)
        watcher.send_signal(signal.SIGINT)
        assert watcher.wait(20) == 130
    finally:
        watcher.kill()
        watcher.stdout.close()

"""Archives of many articles, what they answer, and searches by brute force."""

from __future__ import annotations

import random
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

import faiss
import numpy as np

import rag
from rag.index.vectors import quantizer
from rag.ingest.article_source import ArticleItem
from rag.reports import Failure, Remark
from rag.types import Article, Hit, Vectors
from support.doubles import ROOT, HashEncoder, make_article

WORDS = [f"{a}{b}" for a in "春夏秋冬东南西北江河湖海" for b in "山水云风雷电雨雪"]
QUESTIONS = ["春山秋水的集装箱", "北海雷电与江风", "第3篇报道的标题"]


def write_seeds(folder: Path, articles: dict[str, int]) -> Path:
    """Write feed dumps by name, each with the words that a random seed chooses; remove all others."""
    folder.mkdir(exist_ok=True)
    for path in folder.iterdir():
        if path.name not in articles:
            path.unlink()
    for name, seed in articles.items():
        rng = random.Random(seed)
        body = "".join(
            f"<p>{'，'.join(rng.choices(WORDS, k=12))}，第{seed}号集装箱。</p>" for _ in range(4)
        )
        content = f"<!--{1700000000000 + seed}-->\n[第{seed}篇报道的标题](https://a.example/{name})\n---\n\n{body}"
        path = folder / name
        if not path.exists() or path.read_text(encoding="utf-8") != content:
            path.write_text(content, encoding="utf-8")
    return folder


def answers(index: Path) -> list[list[Hit]]:
    return rag.load(index, HashEncoder()).search_batch(QUESTIONS, 5)


class Versions(NamedTuple):
    """Two versions of an archive, and the hits of a fresh index of each."""

    one: Path
    other: Path
    before: list[list[Hit]]
    after: list[list[Hit]]


class RecordingSource:
    """A seeds folder that records which of its files are read."""

    def __init__(self, folder: Path) -> None:
        self._seeds = rag.read_seeds(folder)
        self.description = str(folder)
        self.read: list[str] = []

    @property
    def failed(self) -> list[Failure]:
        return self._seeds.failed

    @property
    def remarks(self) -> list[Remark]:
        return self._seeds.remarks

    def items(self) -> Iterator[ArticleItem]:
        for item in self._seeds.items():
            yield item._replace(read=lambda item=item: self._record(item))

    def _record(self, item: ArticleItem) -> Article | None:
        self.read.append(item.name)
        return item.read()


_BUILDER = """
import sys
sys.path.insert(0, "tests")
import rag
from support.doubles import HashEncoder
encoder = HashEncoder()
print("ready", flush=True)
for seeds in sys.stdin:
    rag.build(rag.read_seeds(seeds.strip()), sys.argv[1], encoder)
    print("built", flush=True)
"""


class Builder:
    """A process that builds an index again and again."""

    def __init__(self, index: Path) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-c", _BUILDER, str(index)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
        )
        self._wait()

    def _wait(self) -> None:
        assert self._process.stdout
        assert self._process.stdout.readline()

    def start(self, seeds: Path) -> None:
        assert self._process.stdin
        self._process.stdin.write(f"{seeds}\n")
        self._process.stdin.flush()

    def build(self, seeds: Path) -> None:
        self.start(seeds)
        self._wait()

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            assert pipe
            with suppress(BrokenPipeError):
                pipe.close()


@contextmanager
def builder_of(index: Path) -> Iterator[Builder]:
    builder = Builder(index)
    try:
        yield builder
    finally:
        builder.kill()


def wait_until(condition: Callable[[], bool], seconds: float = 20.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def many_articles(count: int) -> list[Article]:
    rng = np.random.default_rng(0)
    letters = [chr(0x4E00 + i) for i in range(300)]

    def paragraph() -> str:
        return "。".join("".join(rng.choice(letters, 20)) for _ in range(rng.integers(1, 9))) + "。"

    return [
        make_article(f"{n:03}", *(paragraph() for _ in range(rng.integers(1, 9)))) for n in range(count)
    ]


def brute_force(index: Path, query: Vectors, k: int) -> list[tuple[int, float]]:
    """Score every passage with numpy alone, from the files themselves."""
    generation = index / (index / "CURRENT").read_text().strip()
    vectors = faiss.read_index(str(generation / "vectors.faiss"))
    matrix = np.stack([vectors.reconstruct(row) for row in range(vectors.ntotal)])
    assert np.allclose(np.linalg.norm(matrix, axis=1), 1, atol=0.02)
    similarity = np.einsum("ij,j->i", matrix, quantizer.rotate(query)).astype(float)
    rows: dict[int, list[int]] = {}
    titles: dict[int, list[int]] = {}
    with sqlite3.connect(generation / "corpus.sqlite") as connection:
        for row, passage, end in connection.execute(
            "SELECT row, passage, end FROM vectors ORDER BY row"
        ):
            (rows if end else titles).setdefault(passage, []).append(row)
    scores = [
        (
            passage,
            max(
                (similarity[own] + max(similarity[windows])) / 2,
                *similarity[titles.get(passage, [])],
                -1.0,
            ),
        )
        for passage, (own, *windows) in rows.items()
    ]
    return sorted(scores, key=lambda item: (-item[1], item[0]))[:k]

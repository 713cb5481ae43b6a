"""What an archive of any size costs, from constants that are measured: costs.json.

Each constant has its unit, the command that measures it and the day. `benchmarks.scale`,
`benchmarks.speed` and `benchmarks.load` record those that they measure.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import NamedTuple

from rag.index.faiss_index import Index
from rag.index.vectors.writer import EXACT, ONE_LIST

PATH = Path(__file__).with_name("costs.json")
_FLOAT, _LINKS = 4, 200
"""Bytes of a number and of the links of a vector (M = 24) in HNSW of Milvus."""
_DISK_CODES, _DISK_CACHED = 0.125, 0.1
"""Shares of the vectors that DISKANN of Milvus keeps in memory by default."""


class Costs(NamedTuple):
    """The constants; costs.json says what each of them is."""

    measured_passages: float
    vectors: float
    searched: float
    vector_bytes: float
    text_bytes: float
    code_bytes: float
    encode_ms: float
    rest_ms: float
    build_base_mb: float
    build_bytes: float
    page_base_mb: float
    answer_ms: float
    search_ms: float
    exact_ns: float
    code_ns: float
    list_ns: float
    lists_searched: float
    dim: float

    @classmethod
    def load(cls, path: Path = PATH) -> Costs:
        """Read the values of a file."""
        return cls(**{name: float(each["value"]) for name, each in read(path).items()})

    def lists(self, passages: int) -> int:
        """Return the number of lists of the ANN index, 0 without one, as a build chooses it."""
        leads = self.searched * passages
        if leads <= EXACT:
            return 0
        return 1 if leads <= ONE_LIST else 2 ** round(math.log2(math.sqrt(leads)))

    def disk(self, passages: int) -> float:
        """Return the bytes of one generation in a folder."""
        codes = self.code_bytes if self.lists(passages) else 0
        return passages * (self.vector_bytes + self.text_bytes + codes)

    def page(self, passages: int) -> float:
        """Return the bytes of memory of a page that has answered, with all that a search reads."""
        read = self.code_bytes if self.lists(passages) else self.vector_bytes
        return 10**6 * self.page_base_mb + passages * read

    def build_memory(self, passages: int) -> float:
        """Return the bytes of memory of a build."""
        return 10**6 * self.build_base_mb + passages * self.build_bytes

    def build_seconds(self, passages: int, machines: int = 1) -> float:
        """Return the time of a build from nothing, if so many machines of two cores encode."""
        return passages * (self.encode_ms / machines + self.rest_ms) / 1000

    def nearest_ms(self, passages: int) -> float:
        """Return the time in which one core finds the nearest passages."""
        leads, lists = self.searched * passages, self.lists(passages)
        if not lists:
            return leads * self.exact_ns / 10**6
        share = self.lists_searched if lists > 1 else 1
        return (leads * share * self.code_ns + lists * self.list_ns) / 10**6

    def per_second(self, passages: int, milliseconds: float) -> float:
        """Return the questions a second that one core answers, from the time over a small archive."""
        return 1000 / (milliseconds + self.nearest_ms(passages))

    def hnsw(self, passages: int) -> float:
        """Return the bytes of memory of the vectors in Milvus with HNSW."""
        return passages * self.vectors * (_FLOAT * self.dim + _LINKS)

    def diskann(self, passages: int) -> float:
        """Return the bytes of memory of the vectors in Milvus with DISKANN."""
        return passages * self.vectors * _FLOAT * self.dim * (_DISK_CODES + _DISK_CACHED)


def read(path: Path = PATH) -> dict[str, dict[str, float | str]]:
    """Return value, unit, command and date of each constant."""
    constants: dict[str, dict[str, float | str]] = json.loads(path.read_text(encoding="utf-8"))
    return constants


def record(values: Mapping[str, float], command: str, path: Path = PATH) -> None:
    """Write constants that a command has measured today; an unknown name is a KeyError."""
    constants = read(path)
    for name, value in values.items():
        today = date.today().isoformat()
        constants[name] |= {"value": value, "command": command, "date": today}
    text = json.dumps(constants, indent=1, ensure_ascii=False)
    path.write_text(text + "\n", encoding="utf-8")


def of_index(folder: Path) -> dict[str, float]:
    """Return the constants that an index has: vectors and bytes a passage."""
    index = Index.open(folder)
    passages = index.manifest.passages
    sizes = {path.name: path.stat().st_size / passages for path in index.path.iterdir()}
    measured = {
        "vectors": round(index.manifest.vectors / passages, 2),
        "searched": round(len(index.corpus.leads()) / passages, 2),
        "dim": index.manifest.dim,
        "vector_bytes": round(sum(sizes[name] for name in sizes if name.startswith("vectors"))),
        "text_bytes": round(sum(sizes[name] for name in sizes if name.endswith(".sqlite"))),
    }
    codes = sizes.get("nearest.faiss")
    return measured | ({"code_bytes": round(codes)} if codes else {})

"""Measure archives of 10⁴, 10⁵, 10⁶ passages: `python -m benchmarks.scale 10000 100000 1000000`.

Their text and vectors derive from the news set (`archives.py`): run `make bench` first, which indexes
it. For each size it measures:

- time and memory of a build, without encoding, and bytes per passage;
- on one core, the time of a search, of a nearest-neighbour search alone, and of an exhaustive one
  (FAISS, float32);
- recall of the ten best passages, and of the ten nearest, against exhaustive search;
- the memory of the page after it has answered all questions.

It prints the figures and writes them to build/bench/scale-PASSAGES.json. `--record` also writes what
they say of one passage to costs.json, from which docs/scale.md is computed.
"""

from __future__ import annotations

import argparse
import json
import re
import resource
import statistics
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import faiss
import numpy as np

import rag
from benchmarks import cost_model
from benchmarks.archives import PerturbingEncoder, articles
from benchmarks.run import BUILD
from rag.index.faiss_index import Index
from rag.retrieval.ranking import Query, rank
from rag.types import Filter, Vectors

NEWS = BUILD / "e5-small-news-news"
_PORT = 7955
_LISTS = re.compile(r"IVF(\d+)")
_KILO = 1024
_MEGA = 1.048576
"""Megabytes in a mebibyte."""


class Exact:
    """Exhaustive search of all passages and titles with FAISS, in place of the ANN index."""

    def __init__(self, index: Index) -> None:
        self.rows = index.corpus.leads()
        self._flat = faiss.IndexFlatIP(index.manifest.dim)
        for start in range(0, len(self.rows), 1 << 16):
            self._flat.add(index.vectors(self.rows[start : start + (1 << 16)]))

    def nearest(self, query: Vectors, count: int, _only: Filter | None = None) -> list[int]:
        _, (nearest,) = self._flat.search(query[None], min(count, len(self.rows)))
        return [int(row) for row in self.rows[nearest]]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("passages", type=int, nargs="+")
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--record", action="store_true", help="write the costs of a passage")
    parser.add_argument("--build", action="store_true", help="only build, and print time and memory")
    options = parser.parse_args()
    if options.build:
        print(json.dumps(build(options.passages[0])))
        return
    questions = read_questions(options.data)
    measured: dict[int, dict[str, float]] = {}
    for passages in options.passages:
        folder = _folder(passages)
        figures: dict[str, float] = {}
        if not (folder / "CURRENT").exists():
            # A process of its own, so that its memory is that of the build alone.
            command = [sys.executable, "-m", "benchmarks.scale", "--build", str(passages)]
            done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
            figures |= json.loads(done.stdout)
        figures |= sizes(folder) | search(folder, questions) | page(folder, questions)
        print(json.dumps({"passages": passages, **figures}, indent=1), flush=True)
        (BUILD / f"scale-{passages}.json").write_text(json.dumps(figures, indent=1))
        measured[passages] = figures
    if options.record:
        sizes_measured = " ".join(map(str, measured))
        cost_model.record(costs(measured), f"python -m benchmarks.scale {sizes_measured}")


def costs(measured: Mapping[int, Mapping[str, float]]) -> dict[str, float]:
    """Return the constants of the costs that figures of archives tell, by their number of passages.

    A build counts only if it was measured in this run. Its memory does not: nothing was encoded.
    """
    found: dict[str, float] = {"measured_passages": max(measured)}
    for passages, figures in sorted(measured.items()):
        nanoseconds = round(10**6 * figures["nearest, p50 ms"] / figures["rows searched"])
        if not figures["probes"]:
            found |= {"exact_ns": nanoseconds, "page_base_mb": round(_MEGA * figures["page MiB"])}
        elif figures["lists"] == 1:
            found["code_ns"] = nanoseconds
        else:
            found["lists_searched"] = round(figures["probes"] / figures["lists"], 2)
        if "build s" in figures:
            found["rest_ms"] = round(1000 * figures["build s"] / passages, 2)
    return found


def _folder(passages: int) -> Path:
    return BUILD / f"scale-{passages}"


def read_questions(data: Path) -> list[str]:
    """Return the questions of newsqa-dev."""
    lines = (data / "newsqa-dev/questions.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line)["question"] for line in lines]


def build(passages: int) -> dict[str, float]:
    """Build an archive without encoding it, and return its time and memory."""
    news = Index.open(NEWS)
    report = rag.build(articles(news, passages), _folder(passages), PerturbingEncoder(news))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / _KILO
    return {"build s": round(report.seconds), "build peak MiB": round(peak)}


def sizes(folder: Path) -> dict[str, float]:
    index = Index.open(folder)
    files = {path.name: path.stat().st_size for path in index.path.iterdir()}
    each, lists = index.manifest.passages, _LISTS.search(index.manifest.search.nearest)
    return {
        "articles": index.manifest.articles,
        "rows a passage": round(index.manifest.vectors / each, 2),
        **{f"{name}, bytes a passage": round(size / each) for name, size in files.items()},
        "recall at build": index.manifest.search.recall,
        "probes": index.manifest.search.probes,
        "lists": int(lists[1]) if lists else 0,
        "rows searched": len(index.corpus.leads()),
    }


def search(folder: Path, questions: Sequence[str]) -> dict[str, float]:
    """Time searches on one core, and compare their results with those of exhaustive search."""
    faiss.omp_set_num_threads(1)
    started = time.perf_counter()
    index = Index.open(folder)
    figures = {"open ms": round(1000 * (time.perf_counter() - started), 1)}
    queries = rag.SentenceEncoder(index.manifest.model).encode_queries(questions)
    exact = Exact(index)
    near, figures_near = _timed("nearest", lambda q: index.nearest(q, 200, None), queries)
    right, figures_exact = _timed("nearest, each compared", lambda q: exact.nearest(q, 10), queries)
    found, figures_found = _timed("search", lambda q: _best(index, q), queries)
    index.nearest = exact.nearest  # type: ignore[method-assign]
    wanted = [_best(index, query) for query in queries]
    return {
        **figures,
        **figures_near,
        **figures_exact,
        **figures_found,
        "recall@10 of the nearest": _share(near, right),
        "recall@10 of the search": _share(found, wanted),
    }


def _best(index: Index, query: Vectors) -> list[int]:
    return [match.passage for match in rank(index, Query(query), 10)]


def _timed(
    name: str, ask: Callable[[Vectors], list[int]], queries: Vectors
) -> tuple[list[list[int]], dict[str, float]]:
    found, times = [], []
    for query in [*queries[:5], *queries]:
        started = time.perf_counter()
        found.append(ask(query))
        times.append(1000 * (time.perf_counter() - started))
    shares = np.percentile(times[5:], [50, 95, 99])
    names = [f"{name}, {p} ms" for p in ("p50", "p95", "p99")]
    return found[5:], dict(zip(names, np.round(shares, 2).tolist(), strict=True))


def _share(found: Sequence[Sequence[int]], right: Sequence[Sequence[int]]) -> float:
    shares = [len(set(f) & set(r)) / len(r) for f, r in zip(found, right, strict=True)]
    return round(statistics.fmean(shares), 4)


def page(folder: Path, questions: Sequence[str]) -> dict[str, float]:
    """Return the memory of the page after it has answered all questions."""
    from gradio_client import Client

    command = [sys.executable, "-m", "rag", "serve", "--questions", "0"]
    command += ["--index", str(folder), "--port", str(_PORT)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as server:
        try:
            address = f"http://127.0.0.1:{_PORT}"
            wait_for(address)
            client = Client(address, verbose=False)
            for question in questions:
                client.predict(question, api_name="/ask")
            status = Path(f"/proc/{server.pid}/status").read_text(encoding="utf-8").splitlines()
            about = dict(line.split(":", 1) for line in status)
            resident, own = (int(about[name].split()[0]) // _KILO for name in ("VmRSS", "RssAnon"))
            return {"page MiB": resident, "page MiB, its own": own}
        finally:
            server.terminate()


def wait_for(address: str) -> None:
    """Return once a server responds at an address."""
    for _ in range(120):
        try:
            urllib.request.urlopen(address).close()
        except OSError:
            time.sleep(1)
        else:
            return
    raise TimeoutError(address)


if __name__ == "__main__":
    main()

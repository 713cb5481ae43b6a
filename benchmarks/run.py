"""Measure retrieval on real news: `python -m benchmarks.run --data ../shared/data`.

Indexes every article of `news-dev` and the seeds, asks the answerable questions of `newsqa-dev`, and
judges by article and by answer string, so that passages may be cut differently and still compare:

MRR@10      reciprocal rank of the first right article among the ten best, 0 where none is
Recall@k    a right article is among the k best
Answer@5    one of the five best passages is of a right article and holds an answer string

The index is kept in build/bench, one folder per model, so that a second run encodes only what changed.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import fmean
from typing import Any

import rag
from rag import seeds, terminal
from rag.errors import SeedUnreadable

DEPTH = 200


def corpus(data: Path) -> Iterator[rag.Article]:
    """Every readable article, called as the questions call it."""
    folders = [(data / "news-dev", ""), (data.parent / "seeds", "seeds/")]
    for folder, prefix in folders:
        for path in seeds.read_seeds(folder).paths():
            try:
                yield seeds.read(path, prefix + path.relative_to(folder).as_posix())
            except SeedUnreadable:
                continue


def judge(question: dict[str, Any], hits: Sequence[rag.Hit]) -> dict[str, float]:
    """Score one question's hits."""
    right = {question["file"], *question.get("also", [])}
    ranked = list(dict.fromkeys(hit.passage.article_id for hit in hits))[:10]
    rank = next((rank for rank, name in enumerate(ranked, start=1) if name in right), 0)
    answered = any(
        hit.passage.article_id in right and answer in hit.passage.text
        for hit in hits[:5]
        for answer in question["answers"]
    )
    return {
        "MRR@10": 1 / rank if rank else 0.0,
        "Recall@1": float(rank == 1),
        "Recall@5": float(0 < rank <= 5),
        "Answer@5": float(answered),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--json", type=Path, help="write the figures to this file as well")
    options = parser.parse_args()
    encoder = rag.SentenceEncoder()
    index = Path("build/bench") / encoder.name.replace(os.sep, "_")
    with terminal.progress() as progress:
        report = rag.build(corpus(options.data), index, encoder, progress)
    terminal.show_report(report, index)
    assistant = rag.load(index, encoder)
    lines = (options.data / "newsqa-dev/questions.jsonl").read_text(encoding="utf-8").splitlines()
    questions = [question for question in map(json.loads, lines) if question["answerable"]]
    assistant.search("warm up")
    started = time.monotonic()
    found = [assistant.search(question["question"], DEPTH) for question in questions]
    milliseconds = 1000 * (time.monotonic() - started) / len(questions)
    groups: dict[str, list[dict[str, float]]] = defaultdict(list)
    for question, hits in zip(questions, found, strict=True):
        scores = judge(question, hits)
        groups["all"].append(scores)
        groups[question["lang"]].append(scores)
    figures = {
        name: {measure: fmean(score[measure] for score in scores) for measure in scores[0]}
        for name, scores in groups.items()
    }
    print(f"{encoder.name}, {milliseconds:.0f} ms a question")
    print(f"{'questions':<12}{'n':>5}" + "".join(f"{measure:>10}" for measure in figures["all"]))
    for name, measures in figures.items():
        print(f"{name:<12}{len(groups[name]):>5}" + "".join(f"{v:>10.3f}" for v in measures.values()))
    if options.json:
        options.json.write_text(json.dumps({"model": encoder.name, **figures}, indent=1) + "\n")


if __name__ == "__main__":
    main()

"""Measure retrieval and answers: `python -m benchmarks.run --data ../shared/data` (`make bench`).

Indexes the sets with the public API, asks their questions, and prints one table with each ingredient
and each peer. Each run writes a JSON file to benchmarks/results, named by commit.

MRR@10      reciprocal rank of the first right article among the ten best, 0 if none is right
nDCG@10     the same with a logarithmic discount
Recall@k    a right article is among the k best
Answer@5    one of the five best passages contains an answer string
Highlight   the best window of the first right passage with an answer string contains one too; a mean
            over the questions for which such a passage is found

`answers.py` describes the figures of answers.

Means are over all questions. Passages are ranked, articles and answer strings are judged, so results
compare even if passages are cut differently. Times are those of the search alone, in one run on one
machine; all systems share the time of encoding a question. Indexes and vectors are cached in
build/bench, so that a second run encodes changes only.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import subprocess
import time
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from statistics import fmean

import rag
from benchmarks import answers, sets
from benchmarks.sets import Query, Set
from benchmarks.systems import (
    DEPTH,
    CachingEncoder,
    Embed,
    Found,
    Search,
    UnshiftedEncoder,
    ingredients,
    peer_systems,
    product,
)
from rag.answering.reader import SpanReader
from rag.cli import render
from rag.cli.progress import progress_bars
from rag.i18n.translator import Translator
from rag.index.faiss_index import Index

BUILD = Path("build/bench")
Figures = dict[str, dict[str, float]]


def judge(query: Query, found: Sequence[Found]) -> dict[str, float]:
    """Score the passages found for one question."""
    ranked: list[frozenset[str]] = []
    for passage in found:
        if not any(passage.articles & earlier for earlier in ranked):
            ranked.append(passage.articles)
    rank = next((rank for rank, names in enumerate(ranked[:10], start=1) if names & query.right), 0)
    scores = {
        "MRR@10": 1 / rank if rank else 0.0,
        "nDCG@10": 1 / math.log2(1 + rank) if rank else 0.0,
        **{f"Recall@{k}": float(0 < rank <= k) for k in (1, 5, 10)},
    }
    if query.answers:
        scores["Answer@5"] = float(any(a in f.text for f in found[:5] for a in query.answers))
        right = (f for f in found if f.articles & query.right and f.highlight)
        if first := next((f for f in right if any(a in f.text for a in query.answers)), None):
            scores["Highlight"] = float(any(a in first.highlight for a in query.answers))
    return scores


def measure(queries: Sequence[Query], search: Search) -> tuple[Figures, float]:
    """Run all queries; return the figures of each group and of all, and milliseconds per query."""
    search([query.text for query in queries[:1]])
    found: list[list[Found]] = []
    started = time.monotonic()
    for query in queries:
        found += search([query.text])
    milliseconds = 1000 * (time.monotonic() - started) / len(queries)
    groups: dict[str, list[dict[str, float]]] = defaultdict(list)
    for query, passages in zip(queries, found, strict=True):
        scores = judge(query, passages)
        for group in ("all", query.group):
            groups[group].append(scores)
    figures = {
        group: {"n": len(scores)}
        | {
            name: fmean(each[name] for each in scores if name in each)
            for name in dict.fromkeys(name for each in scores for name in each)
        }
        for group, scores in groups.items()
    }
    return figures, milliseconds


def thin(queries: Sequence[Query], per_group: int) -> list[Query]:
    """Return evenly spaced queries, at most `per_group` of each group."""
    groups: dict[str, list[Query]] = defaultdict(list)
    for query in queries:
        groups[query.group].append(query)
    return [q for group in groups.values() for q in group[:: -(-len(group) // per_group)]]


def run(
    chosen: Set, per_group: int | None, peer_questions: int, product_only: bool
) -> dict[str, object]:
    """Index one set, run its queries, print a table for each and return the figures."""
    encoder = CachingEncoder()
    folder = BUILD / f"{encoder.name.replace(os.sep, '_')}-{chosen.name}"
    with progress_bars(Translator()) as progress:
        report = rag.build(chosen.articles(), folder, encoder, progress)
    render.show_report(report, str(folder), Translator())
    index = Index.open(folder)
    search = product(index, encoder)
    systems: list[tuple[str, Search, int | None]] = [("product", search, per_group)]
    encoders = [encoder]
    if not product_only:
        texts = [p.text for p in index.corpus.passages(range(index.manifest.passages))]
        embed = Embed(texts, BUILD / f"plain-{chosen.name}.npz")
        unshifted = UnshiftedEncoder(encoder.name)
        encoders += [unshifted, embed.encoder]
        more = ingredients(index, encoder, unshifted, embed)
        systems += [(row, other, per_group) for row, other in more]
        if peer_questions:
            systems.append(("product, questions of the peers", search, peer_questions))
            systems += [(row, other, peer_questions) for row, other in peer_systems(index, embed)]
    for each in encoders:  # before the search is timed
        for queries in chosen.queries.values():
            each.encode_queries([q.text for q in (thin(queries, per_group) if per_group else queries)])
    results: dict[str, dict[str, object]] = defaultdict(dict)
    for row, search, limit in systems:
        for name, queries in chosen.queries.items():
            limited = thin(queries, limit) if limit else queries
            figures, milliseconds = measure(limited, search)
            results[name][row] = {"milliseconds": milliseconds, "figures": figures}
            print_row(name, row, figures["all"], milliseconds)
    results |= read(chosen, folder)
    return {"data": chosen.digest(), "articles": index.manifest.articles, "sets": results}


def read(chosen: Set, folder: Path) -> dict[str, dict[str, object]]:
    """Measure and print the answers to the questions of a set."""
    reader = SpanReader()
    measured: dict[str, tuple[Figures, dict[str, float]]] = {}
    if chosen.gold:
        measured["XQuAD, right passage given"] = answers.gold(reader, chosen.gold), {}
    assistant = rag.load(folder, reader=reader)
    for name, questions in chosen.questions.items():
        figures = answers.end_to_end(assistant, questions)
        search, ask = answers.pace(assistant, questions)
        pace = {"search, ms": search, "ask, ms": ask, "ask / search": ask / search}
        measured[f"{name}, answers"] = figures, pace
    for name, queries in chosen.absent.items():
        measured[f"{name}, half left out"] = answers.half_left_out(assistant, queries), {}
    for name, (figures, pace) in measured.items():
        for group, values in [*figures.items(), *([("pace", pace)] if pace else [])]:
            shown = "".join(f"  {measure} {value:.3f}" for measure, value in values.items())
            print(f"{name:<28}{group:<10}{shown}", flush=True)
    return {
        name: {"product": {"figures": figures} | pace} for name, (figures, pace) in measured.items()
    }


def print_row(name: str, row: str, figures: dict[str, float], milliseconds: float) -> None:
    values = "".join(f"  {measure} {value:.3f}" for measure, value in figures.items() if measure != "n")
    print(f"{name:<12}{row:<32}n {figures['n']:<6.0f}{milliseconds:6.0f} ms{values}", flush=True)


def commit() -> str:
    """Return the short name of the measured commit."""
    command = ["git", "describe", "--always", "--dirty", "--abbrev=7"]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument(
        "--small", action="store_true", help="the small sets only: two or three minutes"
    )
    parser.add_argument("--only", choices=["wikipedia", "news", "sentences"], help="one corpus")
    parser.add_argument("--queries", type=int, metavar="N", help="at most N queries of each group")
    parser.add_argument(
        "--product", action="store_true", help="the product only, no ingredients and peers"
    )
    parser.add_argument(
        "--peers",
        type=int,
        default=0,
        metavar="N",
        help="also run the peers, with N queries of each group",
    )
    parser.add_argument("--out", type=Path, help="default: benchmarks/results/COMMIT.json")
    options = parser.parse_args()
    started, measured = time.monotonic(), commit()
    makers = {"wikipedia": sets.wikipedia, "news": sets.news, "sentences": sets.sentences}
    if options.small and options.only is None:
        del makers["sentences"]  # the gate does without: their index takes longer than the others
    corpora = {
        name: run(make(options.data, options.small), options.queries, options.peers, options.product)
        for name, make in makers.items()
        if options.only in (None, name)
    }
    about = {
        "commit": measured,
        "settings": {
            "model": rag.SentenceEncoder().name,
            "depth": DEPTH,
            "small": options.small,
            "queries": options.queries,
        },
        "seconds": round(time.monotonic() - started),
    }
    out = options.out or Path("benchmarks/results") / f"{about['commit']}.json"
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(json.dumps(about | {"corpora": corpora}, indent=1) + "\n", encoding="utf-8")
    print(f"{out} written in {about['seconds']} s")


if __name__ == "__main__":
    main()

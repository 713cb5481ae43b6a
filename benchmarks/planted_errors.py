"""Measure the checks of written sentences: planted errors that are struck, sound sentences that are.

`data/written.jsonl` has sentences that a language model could have written from a passage of the news
articles of the benchmarks, each sound and with one planted error. Thresholds and rules are fitted on
records with an even id; the report is on the odd ones.

Usage: python -m benchmarks.planted_errors --data ../shared/data [--half even]
"""

from __future__ import annotations

import argparse
import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from rag.embedding.encoder import SentenceEncoder
from rag.errors import Notice
from rag.ingest.seeds import read_seeds
from rag.names.keys import chinese_key, foreign_key
from rag.names.known import CountedPair, KnownNames
from rag.names.pairs import find_pairs
from rag.names.table import NameTable
from rag.text.passages import split
from rag.types import Article, Hit, Passage
from rag.writing.checks.check import check

RECORDS = Path(__file__).with_name("data") / "written.jsonl"
CITED = 2
"""The number of the passage that a sentence is written from."""
CITATIONS: Mapping[str, tuple[int, ...]] = {
    "other": (1,),  # of another article
    "neighbour": (3,),  # of the same article
    "unknown": (7,),
    "uncited": (),
}
"""What the sentences with a wrong citation cite, by its kind."""


class Result(NamedTuple):
    """The faults that were found in both forms of a record."""

    record: Mapping[str, Any]
    sound: Sequence[Notice]
    planted: Sequence[Notice]


class ArchivePairs:
    """The pairs of names that some articles print, as an index stores them."""

    def __init__(self, articles: Iterable[Article]) -> None:
        printed: dict[tuple[str, str], set[str]] = defaultdict(set)
        for article in articles:
            for pair in find_pairs(f"{article.title}\n\n{article.text}"):
                printed[pair.chinese, pair.foreign].add(article.id)
        self._by_key: dict[str, list[CountedPair]] = defaultdict(list)
        for (chinese, foreign), ids in printed.items():
            for key in {chinese_key(chinese), foreign_key(foreign)}:
                self._by_key[key].append(CountedPair(chinese, foreign, len(ids)))

    def pairs_of_chinese(self, names: Sequence[str]) -> list[CountedPair]:
        return [pair for name in names for pair in self._by_key.get(chinese_key(name), ())]

    def pairs_of_foreign(self, names: Sequence[str]) -> list[CountedPair]:
        return [pair for name in names for pair in self._by_key.get(foreign_key(name), ())]


def read_articles(folder: Path, names: Iterable[str]) -> dict[str, Article]:
    """Read the articles of a folder with these ids."""
    wanted = set(names)
    items = (item for item in read_seeds(folder).items() if item.name in wanted)
    return {article.id: article for item in items if (article := item.read())}


def run(folder: Path, parity: int) -> list[Result]:
    """Check the records whose id has this remainder by two, both forms."""
    records = [json.loads(line) for line in RECORDS.read_text(encoding="utf-8").splitlines()]
    articles = read_articles(folder, (record["file"] for record in records))
    names = KnownNames(NameTable.load(), ArchivePairs(articles.values()))
    encoder = SentenceEncoder()
    results = []
    for record, hits in zip(records, _hits(records, articles), strict=True):
        if record["id"] % 2 == parity:
            wrong = CITATIONS[record["citation"]] if "citation" in record else (CITED,)
            sound, planted = (
                check(
                    record[form],
                    citations,
                    hits,
                    language=record["language"],
                    answer=None,
                    encoder=encoder,
                    names=names,
                )
                for form, citations in (("sentence", (CITED,)), ("planted", wrong))
            )
            results.append(Result(record, sound, planted))
    return results


def _hits(records: Sequence[Mapping[str, Any]], articles: Mapping[str, Article]) -> Iterator[list[Hit]]:
    """Yield the hits of each record: its passage between others, one of the same article."""
    cited = []
    for record in records:
        passages = split(articles[record["file"]])
        at = next(n for n, each in enumerate(passages) if each.start == record["passage_start"])
        cited.append((passages[at], passages[at + 1 if at + 1 < len(passages) else at - 1]))
    for number, (passage, neighbour) in enumerate(cited):
        yield list(map(_hit, [cited[number - 1][0], passage, neighbour, cited[number - 2][0]]))


def _hit(passage: Passage) -> Hit:
    return Hit(passage, 0.5, (0, len(passage.text)))


def report(results: Sequence[Result]) -> Iterator[str]:
    """Yield the lines of the report: shares struck, by kind of error, by language, by reason."""
    yield _line("all", results)
    for key in ("error", "language"):
        for name in sorted({result.record[key] for result in results}):
            yield _line(name, [result for result in results if result.record[key] == name])
    reasons = Counter(fault.code for result in results for fault in result.sound)
    yield f"reasons of the sound ones: {dict(reasons)}"


def _line(name: str, results: Sequence[Result]) -> str:
    struck, sound = (
        sum(map(bool, faults)) for faults in zip(*((r.planted, r.sound) for r in results), strict=True)
    )
    return f"{name:10} {struck:3} of {len(results):3} errors struck, {sound:3} sound sentences struck"


def main() -> None:
    """Print the report; with --verbose also what went wrong, for the half that rules are fitted on."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--half", choices=("odd", "even"), default="odd")
    parser.add_argument("--verbose", action="store_true")
    options = parser.parse_args()
    results = run(options.data / "news-dev", int(options.half == "odd"))
    for record, sound, planted in results if options.verbose else ():
        if sound:
            print("sound:", record["id"], record["sentence"], *map(str, sound), sep="\n    ")
        if not planted:
            print("missed:", record["id"], record["error"], record["planted"], sep="\n    ")
    print(*report(results), sep="\n")


if __name__ == "__main__":
    main()

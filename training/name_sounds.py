"""Make the table of the sounds of names: `python -m training.name_sounds --data ../shared/data`.

It has the probability that a syllable of pinyin writes some letters of a foreign name, by expectation
maximisation (Viterbi training) over names with their transcriptions: NETransliteration (CC0), and the
parts of dotted names in X-FACTR, whose labels are Wikidata's (CC0).
"""

from __future__ import annotations

import argparse
import gzip
import json
import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from pypinyin import lazy_pinyin

from rag.names.sound import MAX_LETTERS, PATH, SoundTable, letters

_ROUNDS = 6
_LEAST_COUNT, _MOST_CHUNKS = 3, 40
_HAN = re.compile("[\u4e00-\u9fff]+")
_DOT = re.compile("[·・•]")
_LONGEST = 20
Pair = tuple[str, tuple[str, ...]]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    options = parser.parse_args()
    pairs = sorted(set(read(options.data / "names")))
    table = first_table(pairs)
    for number in range(_ROUNDS):
        counts: dict[str, Counter[str]] = defaultdict(Counter)
        total = 0.0
        for name, syllables in pairs:
            logarithm, parts = table.align(syllables, name)
            total += logarithm
            for syllable, part in zip(syllables, parts, strict=True):
                counts[syllable][part] += 1
        table = SoundTable(costs(counts), letter_costs(pairs))
        print(f"round {number + 1}: mean log-probability {total / len(pairs):.3f}", flush=True)
    PATH.write_text(table.to_json() + "\n", encoding="utf-8")
    print(f"{len(pairs)} names, {PATH.stat().st_size} bytes")


def read(folder: Path) -> Iterator[Pair]:
    """Yield the letters of names with the syllables of their transcriptions."""
    with gzip.open(folder / "netranslit/en-chinese.tsv.gz", "rt", encoding="utf-8") as file:
        for line in file:
            name, chinese, _ = line.split("\t")
            yield from _pair(name, chinese)
    with gzip.open(folder / "xfactr-alias/zh_multi.jsonl.gz", "rt", encoding="utf-8") as file:
        for line in file:
            entity = json.loads(line)
            for chinese in filter(_DOT.search, entity["zh"]):
                parts = _DOT.split(chinese)
                for name in entity.get("en", ()):
                    words = name.split()
                    if len(words) == len(parts):
                        for word, part in zip(words, parts, strict=True):
                            yield from _pair(word, part)


def _pair(name: str, chinese: str) -> Iterator[Pair]:
    name = letters(name)
    if _HAN.fullmatch(chinese) and name and len(name) <= min(_LONGEST, 4 * len(chinese)):
        yield name, tuple(lazy_pinyin(chinese))


def first_table(pairs: Iterable[Pair]) -> SoundTable:
    """Return the table of a proportional alignment, give or take a letter."""
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for name, syllables in pairs:
        for number, syllable in enumerate(syllables):
            start, end = (round(n * len(name) / len(syllables)) for n in (number, number + 1))
            for first in range(max(0, start - 1), start + 2):
                for last in range(
                    max(first, end - 1), min(len(name), end + 1, first + MAX_LETTERS) + 1
                ):
                    part = name[first:last]
                    counts[syllable][part] += 6 if part[:1] == syllable[0] else 1
    return SoundTable(costs(counts), letter_costs(pairs))


def costs(counts: Mapping[str, Counter[str]]) -> dict[str, dict[str, float]]:
    """Return the negative logarithms of the probabilities of the frequent letters of each syllable."""
    return {
        syllable: {
            part: round(math.log((parts.total() + 1) / count), 2)
            for part, count in parts.most_common(_MOST_CHUNKS)
            if count >= _LEAST_COUNT
        }
        for syllable, parts in sorted(counts.items())
    }


def letter_costs(pairs: Sequence[Pair]) -> dict[str, float]:
    """Return the negative logarithms of the probabilities of the letters."""
    counts = Counter(letter for name, _ in pairs for letter in name)
    return {c: round(math.log(counts.total() / n), 2) for c, n in sorted(counts.items())}


if __name__ == "__main__":
    main()

"""Measure the renderings: `python -m benchmarks.rendering --data ../shared/data --index INDEX`.

Asks the questions of newsqa-dev and newsqa-more in seven languages and prints, for each language, the
shares of the short answers that are rendered, by kind, that need no rendering because they hold no
Chinese character, and that are left as they are. INDEX is one of the news set (`make bench` builds it).

Two tables are written for people to judge: answers.tsv and, of their sentences, glosses.tsv.
"""

from __future__ import annotations

import argparse
import csv
import json
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

import regex

import rag
from rag.assistant import READ_HITS
from rag.rendering.answers import with_renderings
from rag.types import Span

SETS = ("newsqa-dev", "newsqa-more")
KINDS = ("amount", "date", "name", "transliterated", "same", "none")
LANGUAGES = ("en", "fr", "de", "es", "ru", "ja", "ko")
_CHINESE = regex.compile(r"\p{Han}")
_AROUND = 30
"""Characters before and after what is judged."""


class Asked(NamedTuple):
    """A question as its set has it, and its answer."""

    question: dict[str, Any]
    answer: rag.Answer

    @property
    def kind(self) -> str:
        """What became of the answer: the kind of its rendering, "transliterated", "same" or "none"."""
        rendering = self.answer.rendering
        if rendering:
            return "transliterated" if rendering.is_transliteration else rendering.kind
        return "none" if _CHINESE.search(self.answer.text) else "same"


def ask(assistant: rag.Assistant, data: Path) -> Iterator[Asked]:
    """Ask the questions in the languages of readers; yield those that get a short answer."""
    for name in SETS:
        for line in (data / name / "questions.jsonl").read_text(encoding="utf-8").splitlines():
            question = json.loads(line)
            if question["lang"] in LANGUAGES:
                hits = assistant.search(question["question"], READ_HITS)
                answer = assistant.read(question["question"], hits)
                if answer.text and answer.kind == "span":
                    yield Asked(question, answer)


def show(asked: Sequence[Asked]) -> None:
    """Print the shares of each language and of all."""
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for each in asked:
        counts[each.question["lang"]][each.kind] += 1
        counts["all"][each.kind] += 1
    print(f"{'':8}{'answers':>8}" + "".join(f"{kind:>16}" for kind in KINDS))
    for language in (*LANGUAGES, "all"):
        total = counts[language].total()
        shares = "".join(f"{counts[language][kind] / max(1, total):16.1%}" for kind in KINDS)
        print(f"{language:8}{total:8}{shares}")


def milliseconds(assistant: rag.Assistant, asked: Sequence[Asked]) -> float:
    """Return the median time of rendering an answer, after each has been rendered once."""
    times = []
    for each in asked:
        started = time.perf_counter()
        with_renderings(each.answer, assistant.names)
        times.append(1000 * (time.perf_counter() - started))
    return median(times)


def answers(asked: Iterable[Asked]) -> Iterator[list[str]]:
    """Yield what to judge of each rendered answer."""
    for each in asked:
        if each.answer.rendering:
            span = each.answer.start, each.answer.end
            yield [*_origin(each), each.kind, *_said(each.answer, span, each.answer.rendering.text)]


def glosses(asked: Iterable[Asked]) -> Iterator[list[str]]:
    """Yield what to judge of each number, date and name of a sentence."""
    for each in asked:
        for gloss in each.answer.glosses:
            yield [
                *_origin(each),
                gloss.kind,
                *_said(each.answer, (gloss.start, gloss.end), gloss.text),
            ]


def _origin(asked: Asked) -> list[str]:
    hit = asked.answer.hit
    day = f"{hit.passage.published:%Y-%m-%d}" if hit and hit.passage.published else ""
    return [asked.question["id"], asked.question["lang"], asked.question["question"], day]


def _said(answer: rag.Answer, span: Span, rendering: str) -> list[str]:
    text, (start, end) = answer.hit.passage.text if answer.hit else "", span
    before, after = text[max(0, start - _AROUND) : start], text[end : end + _AROUND]
    return [text[start:end], rendering, f"{before}[{text[start:end]}]{after}".replace("\n", " ")]


def write(path: Path, rows: Iterable[list[str]]) -> None:
    """Write rows as values separated by tabs."""
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, delimiter="\t").writerows(rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--index", required=True, help="an index of the news set")
    parser.add_argument("--out", type=Path, default=Path("build/bench"), help="folder of the tables")
    options = parser.parse_args()
    assistant = rag.load(options.index)
    asked = list(ask(assistant, options.data))
    show(asked)
    options.out.mkdir(parents=True, exist_ok=True)
    write(options.out / "answers.tsv", answers(asked))
    write(options.out / "glosses.tsv", glosses(asked))
    print(f"rendering takes {milliseconds(assistant, asked):.1f} ms an answer")


if __name__ == "__main__":
    main()

"""Measure written answers with the language model that is set up: answers, citations, refusals.

RAG_LLM_URL=http://localhost:11434/v1 RAG_LLM_MODEL=… python -m benchmarks.written --data ../shared/data

Answered     share of the answerable questions with at least one sound sentence
Right        share of them whose sound sentences hold an accepted answer: its string, its rendering in
             the language of the question, or all of its numbers
Refused      share of the unanswerable questions for which the model says that the passages do not
             answer, or of which no sentence is sound
Sound        share of the sentences that pass the checks; then the reasons of the others
Failed       share of the questions that a fault of the server has ended
Seconds      median time to the first sentence, and to the end

The questions are those of newsqa-dev and newsqa-more, evenly spaced if there is a limit; the archive is
that of `benchmarks.run`. What was written goes to a file, for people to judge.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from statistics import fmean, median
from typing import NamedTuple

import rag
from benchmarks import sets
from benchmarks.answers import accepted
from benchmarks.sets import Question
from rag.cli.progress import progress_bars
from rag.i18n.translator import Translator
from rag.rendering.renderer import render
from rag.serialization import to_json
from rag.writing.checks.numbers import evidence, find_figures, is_among
from rag.writing.records import Written
from rag.writing.settings import URL, WritingSettings

BUILD = Path("build/bench")
_ANY_LENGTH = sys.maxsize


class Asked(NamedTuple):
    """A question, what was written, and the seconds to the first sentence and to the end."""

    question: Question
    written: Written
    first: float
    total: float


def ask(assistant: rag.Assistant, questions: Sequence[Question]) -> Iterator[Asked]:
    """Let the model answer each question in its language."""
    for question in questions:
        started = time.monotonic()
        first = 0.0
        written = None
        for written in assistant.stream(question.text, reader_language=question.language):
            if written.sentences and not first:
                first = time.monotonic() - started
        assert written
        yield Asked(question, written, first, time.monotonic() - started)


def is_right(assistant: rag.Assistant, question: Question, written: Written) -> bool:
    """Whether the sound sentences hold an accepted answer."""
    text = " ".join(sentence.text for sentence in written.sound)
    language = question.language
    context = {"language": language, "day": None, "currency": None, "names": assistant.names}
    renderings = [render(answer, (0, len(answer)), **context) for answer in question.answers]
    strings = [*question.answers, *(gloss.text for gloss in renderings if gloss)]
    if text and accepted(text, strings, _ANY_LENGTH):
        return True
    said = find_figures(text, language)
    return any(
        figures and all(is_among(figure, said) for figure in figures)
        for figures in (evidence(answer, "zh") for answer in question.answers)
    )


def figures(assistant: rag.Assistant, asked: Sequence[Asked]) -> dict[str, float]:
    """Return the figures of all questions by name."""
    able = [each for each in asked if each.question.answers]
    unable = [each for each in asked if not each.question.answers]
    sentences = [sentence for each in asked for sentence in each.written.sentences]
    reasons = Counter(fault.code for sentence in sentences for fault in sentence.faults)
    firsts = [each.first for each in asked if each.first]
    return {
        "Questions": len(asked),
        "Answered": _share([bool(each.written.sound) for each in able]),
        "Right": _share([is_right(assistant, each.question, each.written) for each in able]),
        "Refused": _share([not each.written.sound for each in unable if not each.written.error]),
        "Sentences": len(sentences),
        "Sound": _share([sentence.is_sound for sentence in sentences]),
        **{f"  {code}": count for code, count in reasons.most_common()},
        "Failed": _share([each.written.error is not None for each in asked]),
        "Seconds to the first sentence": median(firsts) if firsts else 0.0,
        "Seconds": median(each.total for each in asked),
    }


def record(asked: Asked) -> dict[str, object]:
    """Return what people judge: the sentences, struck ones too, and the accepted answers."""
    written = asked.written
    return {
        "question": asked.question.text,
        "answers": asked.question.answers,
        "sentences": to_json(tuple(written.sentences)),
        "notice": str(written.notice or ""),
        "passages": [hit.passage.id for hit in written.hits],
    }


def _share(values: Sequence[bool]) -> float:
    return fmean(values) if values else 0.0


def spaced(questions: Sequence[Question], limit: int) -> list[Question]:
    """Return at most `limit` evenly spaced questions."""
    step = max(1, -(-len(questions) // limit))
    return list(questions[::step])


def load(index: str, chosen: sets.Set, model: WritingSettings) -> rag.Assistant:
    """Open an index, or build that of the set if none is named."""
    if index:
        return rag.load(index, language_model=model)
    with progress_bars(Translator()) as progress:
        encoder = rag.SentenceEncoder(progress=progress)
        folder = BUILD / f"written-{chosen.name}"
        rag.build(chosen.articles(), folder, encoder, progress)
    return rag.load(folder, encoder, language_model=model)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--index", default="", help="an index of the news set; built by default")
    parser.add_argument("--small", action="store_true", help="the questions on the five seeds only")
    parser.add_argument("--limit", type=int, default=sys.maxsize, metavar="N", help="most questions")
    parser.add_argument("--out", type=Path, default=BUILD / "written.jsonl", help="what was written")
    parser.add_argument("--context", type=int, default=4096, metavar="N", help="tokens of the model")
    parser.add_argument("--max-tokens", type=int, default=700, metavar="N", help="of an answer")
    options = parser.parse_args()
    model = WritingSettings.of_environment()
    if model is None:
        parser.error(f"set {URL} to the address of a language model's server")
    model = replace(model, context=options.context, max_tokens=options.max_tokens)
    chosen = sets.news(options.data, options.small)
    assistant = load(options.index, chosen, model)
    questions = [question for each in chosen.questions.values() for question in each]
    asked = []
    options.out.parent.mkdir(parents=True, exist_ok=True)
    with options.out.open("w", encoding="utf-8") as file:
        for each in ask(assistant, spaced(questions, options.limit)):
            asked.append(each)
            print(json.dumps(record(each), ensure_ascii=False), file=file, flush=True)
    for name, value in figures(assistant, asked).items():
        print(f"{name:32}{value:10.2f}" if isinstance(value, float) else f"{name:32}{value:7}")


if __name__ == "__main__":
    main()

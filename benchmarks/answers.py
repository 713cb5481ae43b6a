"""Measure answers: from the right passage, and end to end from the question.

F1, Exact           agreement with the answer of XQuAD, by characters, without punctuation, width, case
Answered            share of the answerable questions whose answer contains, or is contained in, an
                    accepted string, has at most 40 characters (120 if the question asks why, whether,
                    for a list, a comparison or what is not so), and is not refused
Refusal precision   share of the refused questions that the archive does not answer
Refusal recall      share of the unanswerable questions that are refused
Calibration         1 minus the expected calibration error over the given answers, in five bins
(Very) probably     share of the answers with these words that are right
"""

from __future__ import annotations

import re
import time
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from statistics import fmean, median

import rag
from benchmarks.sets import Gold, Query, Question
from rag.answering.no_answer import HIGH_CONFIDENCE as HIGH
from rag.answering.no_answer import MEDIUM_CONFIDENCE as MEDIUM
from rag.answering.reader import SpanReader
from rag.answering.span_boundaries import LONGEST
from rag.assistant import READ_HITS
from rag.types import Hit, Passage

Figures = dict[str, dict[str, float]]
_BINS = 5
_TIMED = 40
_SPARE_HITS = 7
"""Hits found beyond those that are read, in place of what is left out."""
_MIN_PART = 2
"""Characters of a string that may match as a part."""


def gold(reader: SpanReader, questions: Iterable[Gold]) -> Figures:
    """Read each question in the paragraph that answers it; return figures by language."""
    scores: dict[str, list[tuple[float, float]]] = {}
    for language, question, paragraph, right in questions:
        passage = Passage("", "", "", "", paragraph, 0, len(paragraph), None, "", "zh-Hans")
        candidates = reader.candidates(question, [Hit(passage, 1.0, (0, len(paragraph)))])
        text = candidates[0].text if candidates else ""
        if text:
            check(passage, text, candidates[0].start, candidates[0].end)
        scores.setdefault(language, []).append((f1(text, right), plain(text) == plain(right)))
    return {
        language: {"n": len(each), "F1": fmean(f for f, _ in each), "Exact": fmean(e for _, e in each)}
        for language, each in scores.items()
    }


def end_to_end(assistant: rag.Assistant, questions: Sequence[Question]) -> Figures:
    """Ask each question; return figures over all, both halves, and the second half by language.

    The confidence is fitted on the first half; the other is for the report.
    """
    results = []
    for question in questions:
        answer = assistant.ask(question.text)
        if answer.hit:
            check(answer.hit.passage, answer.text, answer.start, answer.end)
        for other in answer.alternatives:
            check(other.hit.passage, other.text, other.start, other.end)
        results.append((question, answer))
    report = [(q, a) for q, a in results if not q.is_fitted]
    groups = {
        "all": results,
        "fitted": [(q, a) for q, a in results if q.is_fitted],
        "report": report,
        "report en": [(q, a) for q, a in report if q.language == "en"],
        "report zh": [(q, a) for q, a in report if q.language.startswith("zh")],
        "report others": [(q, a) for q, a in report if q.language[:2] not in ("en", "zh")],
    }
    return {name: _figures(group) for name, group in groups.items() if group}


def half_left_out(assistant: rag.Assistant, queries: Sequence[Query]) -> Figures:
    """Ask an archive without the articles that answer every second question; return figures.

    The confidence must hold for it, although it is fitted on another.
    """
    results = []
    for number, query in enumerate(queries):
        is_there = number % 2 == 1
        hits = search_without(assistant, query.text, frozenset() if is_there else query.right)
        answers = query.answers if is_there else ()
        answer = assistant.read(query.text, hits)
        results.append((Question(query.text, query.group, answers, query.right), answer))
    return {"half left out": _figures(results)}


def search_without(assistant: rag.Assistant, question: str, articles: frozenset[str]) -> list[Hit]:
    """Return the hits that `Assistant.ask` would read if these articles were not in the archive."""
    found = assistant.search(question, READ_HITS + _SPARE_HITS)
    return [hit for hit in found if hit.passage.article_id not in articles][:READ_HITS]


def _figures(results: Sequence[tuple[Question, rag.Answer]]) -> dict[str, float]:
    right = [accepted(a.text, q.answers, q.longest) for q, a in results if q.answers]
    refused = [not q.answers for q, a in results if not a.text]
    absent = [not a.text for q, a in results if not q.answers]
    sure = [(a.confidence, accepted(a.text, q.answers, q.longest)) for q, a in results if a.text]
    return {
        "n": len(results),
        "Answered": _mean(right),
        "Refusal precision": _mean(refused),
        "Refusal recall": _mean(absent),
        "Calibration": 1 - calibration_error(sure),
        "Very probably right": _mean([right for sureness, right in sure if sureness >= HIGH]),
        "Probably right": _mean([right for sureness, right in sure if MEDIUM <= sureness < HIGH]),
    }


def _mean(values: Sequence[bool]) -> float:
    return fmean(values) if values else 0.0


def calibration_error(sure: Sequence[tuple[float, bool]]) -> float:
    """Return the mean distance of confidence from the share of right answers, in equal bins."""
    bins: dict[int, list[tuple[float, bool]]] = {}
    for confidence, right in sure:
        bins.setdefault(min(_BINS - 1, int(confidence * _BINS)), []).append((confidence, right))
    return sum(
        abs(sum(confidence - right for confidence, right in each)) for each in bins.values()
    ) / max(1, len(sure))


def accepted(answer: str, strings: Iterable[str], longest: int = LONGEST) -> bool:
    """Return whether an answer contains, or is contained in, an accepted string (NFKC, no spaces)."""
    text = _folded(answer)
    return len(answer) <= longest and any(
        _within(text, right) or _within(right, text) for right in map(_folded, strings)
    )


def _within(short: str, long: str) -> bool:
    """Return whether one text contains another, but not as part of a number or as one character."""
    if len(short) < _MIN_PART:
        return short == long
    places = (match.span() for match in re.finditer(re.escape(short), long))
    return any(
        not (short[0].isdigit() and long[:start][-1:].isdigit())
        and not (short[-1].isdigit() and long[end : end + 1].isdigit())
        for start, end in places
    )


def _folded(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).split()).casefold()


def plain(text: str) -> str:
    """Return letters and digits only, in one width and case."""
    return "".join(c for c in unicodedata.normalize("NFKC", text).casefold() if c.isalnum())


def f1(answer: str, right: str) -> float:
    """Return the harmonic mean of precision and recall, by characters."""
    a, b = Counter(plain(answer)), Counter(plain(right))
    shared = sum((a & b).values())
    return 2 * shared / (sum(a.values()) + sum(b.values())) if shared else 0.0


def check(passage: Passage, text: str, start: int, end: int) -> None:
    """Raise `AssertionError` unless an answer is a quote from the passage."""
    if text != passage.text[start:end]:
        raise AssertionError(f"{text!r} is not {passage.text[start:end]!r}")


def pace(assistant: rag.Assistant, questions: Sequence[Question]) -> tuple[float, float]:
    """Return the median milliseconds of a search for five hits and of an answer, alternating."""
    searches, asks = [], []
    for question in questions[:_TIMED]:
        started = time.monotonic()
        assistant.search(question.text, 5)
        searched = time.monotonic()
        assistant.ask(question.text)
        searches.append(1000 * (searched - started))
        asks.append(1000 * (time.monotonic() - searched))
    return median(searches), median(asks)

"""Whether a sentence that a language model has written stands in the passages that it cites.

Numbers, dates and names are compared by value and by sound, whatever the languages; quotations and the
whole sentence by meaning. Each fault says what the passages do not have.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rag.answering.no_answer import HIGH_CONFIDENCE
from rag.errors import Notice
from rag.protocols import Encoder
from rag.types import Answer, Hit
from rag.writing.checks import numbers
from rag.writing.checks.dates import find_dates
from rag.writing.checks.evidence import Evidence
from rag.writing.checks.lexicon import Lexicon
from rag.writing.checks.names import Names, absent_names
from rag.writing.checks.polarity import is_opposite
from rag.writing.checks.quotations import find_quotations, is_long, quoted_clauses

_LEAST_SIMILAR = 0.635
"""Cosine of a sentence to the nearest window or clause, below which the passages say something else."""
_QUOTED_SIMILAR = 0.6
"""The same of a long quotation to the nearest clause; a quoted word has too little meaning."""


def check(
    sentence: str,
    citations: Sequence[int],
    hits: Sequence[Hit],
    *,
    language: str,
    answer: Answer | None,
    encoder: Encoder,
    names: Names,
) -> list[Notice]:
    """Return what is wrong with a sentence: nothing, if each part of it stands in its passages.

    `citations` are the numbers of the cited `hits`, from 1 on. `language` is the BCP 47 tag of the
    sentence, `answer` what the reader has found in the passages.
    """
    cited = [number for number in dict.fromkeys(citations) if 1 <= number <= len(hits)]
    if not cited or len(cited) < len(set(citations)):
        return _wrong_citations(citations, hits)
    evidence = Evidence([hits[number - 1] for number in cited], encoder)
    place = {"passages": [f"[{number}]" for number in cited]}
    faults = [
        *(
            Notice("written-number", {"text": text, **place})
            for text in _numbers(sentence, language, evidence)
        ),
        *(
            Notice("written-date", {"text": text, **place})
            for text in _dates(sentence, language, evidence)
        ),
        *(
            Notice("written-name", {"text": text, **place})
            for text in absent_names(sentence, language, evidence, names, Lexicon(encoder))
        ),
        *(
            Notice("written-quotation", {"text": text, **place})
            for text in _quotations(sentence, evidence)
        ),
    ]
    if evidence.nearness(sentence) < _LEAST_SIMILAR:
        faults.append(Notice("written-meaning", place))
    elif is_opposite(sentence, language, evidence):
        faults.append(Notice("written-opposite", place))
    if answer and _contradicts(sentence, language, answer, evidence):
        faults.append(Notice("written-answer", {"answer": answer.text}))
    return faults


def _wrong_citations(citations: Sequence[int], hits: Sequence[Hit]) -> list[Notice]:
    if not citations:
        return [Notice("written-uncited")]
    return [
        Notice("written-citation", {"number": number, "passages": len(hits)})
        for number in dict.fromkeys(citations)
        if not 1 <= number <= len(hits)
    ]


def _numbers(sentence: str, language: str, evidence: Evidence) -> Iterator[str]:
    """Yield the numbers that the passages do not have; that of a day may stand apart from its month."""
    dates = find_dates(sentence, language)
    for figure in numbers.find_figures(sentence, language):
        is_in_date = any(date.start <= figure.start < date.end for date in dates)
        is_day = dates and not figure.values.isdisjoint(evidence.calendar.days)
        if not is_in_date and not is_day and not numbers.is_among(figure, evidence.figures):
            yield sentence[figure.start : figure.end]


def _dates(sentence: str, language: str, evidence: Evidence) -> Iterator[str]:
    """Yield the dates that the passages do not have; what looks like a year may be a number."""
    figures = {figure.start: figure for figure in numbers.find_figures(sentence, language)}
    for date in find_dates(sentence, language):
        figure = figures.get(date.start)
        is_number = date.year and figure and numbers.is_among(figure, evidence.figures)
        if not is_number and not evidence.calendar.knows(date):
            yield sentence[date.start : date.end]


def _quotations(sentence: str, evidence: Evidence) -> Iterator[str]:
    for quotation in filter(is_long, find_quotations(sentence)):
        if not evidence.says(quotation.text) and any(
            evidence.similarity(clause) < _QUOTED_SIMILAR for clause in quoted_clauses(quotation.text)
        ):
            yield quotation.text


def _contradicts(sentence: str, language: str, answer: Answer, evidence: Evidence) -> bool:
    """Whether a sentence retells the one of a sure answer with another number of the same unit."""
    if not answer.hit or answer.kind != "span" or answer.confidence < HIGH_CONFIDENCE:
        return False
    passage = answer.hit.passage
    right = numbers.find_figures(answer.text, passage.language)
    if len(right) != 1 or not right[0].units or passage.text not in evidence.text:
        return False
    said = [f for f in numbers.find_figures(sentence, language) if f.units & right[0].units]
    inside = numbers.evidence(passage.text[slice(*answer.sentence)], passage.language)
    return (
        bool(said)
        and not any(numbers.is_among(figure, inside) for figure in said)
        and (evidence.is_nearest(sentence, passage.text[slice(*answer.sentence)]))
    )

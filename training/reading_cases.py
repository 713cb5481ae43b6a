"""Questions asked of two real indexes, with what the reader finds: the confidence is fitted on them.

The news index has the fitted half of the questions of the benchmark, and those of the news facts that
the reader is not trained on, with their twins. The encyclopedia has every other question of DRCD test,
which the reader is not trained on either. Of a third of the questions with an answer the articles
that answer are left out, so that none is right.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import rag
from benchmarks import sets
from benchmarks.answers import accepted, search_without
from benchmarks.run import BUILD
from rag.answering.choice import answer_span
from rag.answering.reader import SpanReader
from rag.answering.sentences import LONGEST as LONGEST_OPEN
from rag.answering.span_boundaries import LONGEST
from rag.answering.span_scoring import Candidate
from rag.embedding.encoder import SentenceEncoder
from rag.types import Hit
from training import reader_facts

LEFT_OUT_SHARE = 1 / 3
FACTS, PARAGRAPHS = 350, 400


class Asked(NamedTuple):
    """A question, what it is asked of, and what is right: ids of articles, strings, their length."""

    archive: str
    text: str
    articles: frozenset[str]
    answers: tuple[str, ...]
    longest: int


class Case(NamedTuple):
    """A question with its hits, the candidates of the reader, and which of them are right."""

    asked: Asked
    hits: list[Hit]
    candidates: list[Candidate]
    right: list[bool]


def cases(reader: SpanReader, data: Path, rng: random.Random) -> Iterator[Case]:
    """Search and read; the indexes are those that the benchmark builds."""
    encoder = SentenceEncoder()
    for chosen, questions in (
        (sets.news(data, small=False), news_questions(data, rng)),
        (sets.wikipedia(data, small=False), encyclopedia_questions(data, rng)),
    ):
        folder = BUILD / f"{encoder.name}-{chosen.name}"
        rag.build(chosen.articles(), folder, encoder)
        assistant = rag.load(folder, encoder)
        for asked in questions:
            yield ask(assistant, reader, asked, left_out=rng.random() < LEFT_OUT_SHARE)


def ask(assistant: rag.Assistant, reader: SpanReader, asked: Asked, *, left_out: bool) -> Case:
    """Ask a question, of an archive without its articles if they are left out.

    It then has no answer, unless another article gives it.
    """
    hits = search_without(assistant, asked.text, asked.articles if left_out else frozenset())
    candidates = reader.candidates(asked.text, hits)
    texts = [c.hit.passage.text[slice(*answer_span(c))] for c in candidates]
    right = [accepted(text, asked.answers, asked.longest) for text in texts]
    if left_out and not any(right):
        asked = asked._replace(answers=())
    return Case(asked, hits, candidates, right)


def news_questions(data: Path, rng: random.Random) -> Iterator[Asked]:
    chosen = sets.news(data, small=False)
    for questions in chosen.questions.values():
        for question in questions:
            if question.is_fitted:
                yield Asked(
                    "news", question.text, question.articles, question.answers, question.longest
                )
    facts = reader_facts.held_back_facts(data)
    for fact in rng.sample(facts, min(FACTS, len(facts))):
        answers, articles = (fact.passage.text[fact.start : fact.end],), {fact.passage.article_id}
        longest = LONGEST_OPEN if fact.kind in sets.OPEN_KINDS else LONGEST
        for text in rng.sample(sorted(fact.questions.values()), min(2, len(fact.questions))):
            yield Asked("news", text, frozenset(articles), answers, longest)
        for text in rng.sample(sorted(fact.twins.values()), min(1, len(fact.twins))):
            yield Asked("news", text, frozenset(), (), longest)


def encyclopedia_questions(data: Path, rng: random.Random) -> Sequence[Asked]:
    queries = sets.wikipedia(data, small=False).queries["DRCD"][::2]
    return [
        Asked("encyclopedia", query.text, query.right, query.answers, LONGEST)
        for query in rng.sample(queries, PARAGRAPHS)
    ]

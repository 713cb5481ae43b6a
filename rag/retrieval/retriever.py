"""Question -> the passages that are most similar to it."""

from __future__ import annotations

from collections.abc import Sequence

from rag.errors import ModelMismatch, QuestionError
from rag.retrieval.ranking import Ranking
from rag.text import date_expressions, terms
from rag.text.date_expressions import Period
from rag.text.language import probabilities
from rag.types import Encoder, Filter, Hit

MAX_QUESTION_CHARACTERS = 2000
_LEXICAL_WEIGHT = 0.15


class Retriever:
    """Finds passages in what can be searched; safe to share between threads.

    Raises `ModelMismatch` when the index was built with a model of another name than the encoder's;
    that the vectors agree too is checked at the first search, because only then is the model loaded.
    """

    def __init__(self, index: Ranking, encoder: Encoder) -> None:
        if index.manifest.model != encoder.name:
            raise _mismatch(index.manifest.model, encoder.name)
        self.index = index
        self._encoder = encoder

    def search(self, questions: Sequence[str], k: int, only: Filter | None = None) -> list[list[Hit]]:
        """Return the `k` best passages for each question, best first; all, where there are fewer.

        The score of a passage is its similarity to the question, plus up to 0.15 for as much of
        the question as it holds to the letter: nearly nothing where the two are in different languages.
        (A convex combination: Bruch et al. 2023, doi:10.1145/3596512.) Where the question names a time,
        an article published then gains up to 0.05.

        Raises `QuestionError` for a blank question or one longer than 2,000 characters, and
        `ValueError` for a `k` below 1.
        """
        if k < 1:
            raise ValueError(f"k must be at least 1, not {k}")
        for question in questions:
            _check(question)
        if not questions:
            return []
        stored, current = self.index.manifest.fingerprint, self._encoder.fingerprint
        if stored != current:
            name = self._encoder.name
            raise _mismatch(f"{name} (fingerprint {stored})", f"{name} (fingerprint {current})")
        corpus = self.index.corpus
        vectors = self._encoder.encode_queries(questions)
        bonuses = [self._bonus(question, only) for question in questions]
        times = [self._period(question) for question in questions]
        results = []
        for matches in self.index.search(vectors, k, bonuses, only, times):
            passages = corpus.passages([match.passage for match in matches])
            spans = corpus.spans([match.window for match in matches])
            reprints = corpus.reprints([match.article for match in matches])
            results.append(
                [
                    Hit(passage, match.score, span, tuple(reprints[match.article]))
                    for match, passage, span in zip(matches, passages, spans, strict=True)
                ]
            )
        return results

    def _period(self, question: str) -> Period | None:
        return date_expressions.find_period(question)

    def _bonus(self, question: str, only: Filter | None) -> dict[int, float]:
        """What each passage gains by the terms it shares with the question.

        Where not all articles are in its language, these are names and numbers only: its other words
        would favour those that are. That the rest of it is nowhere to be found makes them count less.
        """
        corpus, passages = self.index.corpus, self.index.manifest.passages
        frequencies = corpus.frequencies(terms.query_terms(question))
        chosen, ceiling = terms.plan(frequencies, passages)
        spoken = {_base(tag) for tag in probabilities(question)}
        if not {_base(tag) for tag in corpus.languages} <= spoken:
            names = {name: frequencies[name] for name in terms.names(question) if name in frequencies}
            chosen, _ = terms.plan(names, passages)
        scores = corpus.bm25(chosen, only)
        return {passage: _LEXICAL_WEIGHT * score / ceiling for passage, score in scores.items()}


def _base(tag: str) -> str:
    return tag.partition("-")[0]


def _check(question: str) -> None:
    if not isinstance(question, str):
        raise QuestionError(f"The question is not text but {type(question).__name__}. Ask it in words.")
    if not question.isascii() and question.encode("utf-8", "replace").decode() != question:
        raise QuestionError("question-not-unicode")
    if not any(map(str.isalnum, question)):
        raise QuestionError("question-empty")
    if len(question) > MAX_QUESTION_CHARACTERS:
        raise QuestionError("question-too-long", length=len(question), limit=MAX_QUESTION_CHARACTERS)


def _mismatch(stored: str, current: str) -> ModelMismatch:
    return ModelMismatch(
        f"The index was built with the model {stored}, but {current} is in use. Run `rag build` to "
        "rebuild it with that one, or set RAG_MODEL to the model it was built with."
    )

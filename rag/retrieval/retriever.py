"""Finds the passages of an index that match a question."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property, lru_cache, partial

from rag.errors import ModelMismatch, QuestionError
from rag.index.base import SearchIndex
from rag.names.known import KnownNames
from rag.names.table import NameTable
from rag.protocols import CasedEncoder, Encoder
from rag.retrieval import keywords
from rag.retrieval.ranking import DEFAULT_WEIGHTS, Match, Query, Weights, rank
from rag.text import date_expressions
from rag.text.questions import addresses, normalize
from rag.types import Filter, Hit, Vectors

MAX_QUESTION_CHARACTERS = 2000
_CACHED_QUESTIONS = 64


class Retriever:
    """Finds passages in an index; safe to share between threads.

    Raises `ModelMismatch` if the index was built with a model of another name. The fingerprints are
    compared at the first search, because that loads the model.
    """

    def __init__(
        self, index: SearchIndex, encoder: Encoder, weights: Weights = DEFAULT_WEIGHTS
    ) -> None:
        if index.manifest.model != encoder.name:
            raise ModelMismatch("model-mismatch", stored=index.manifest.model, current=encoder.name)
        self.index = index
        self._encoder = encoder
        self._weights = weights
        # A page may search for its question again: without the filter by site, or for further hits.
        self._vector = lru_cache(_CACHED_QUESTIONS)(partial(_encode, encoder))

    @cached_property
    def names(self) -> KnownNames:
        """Names in Chinese and in other languages, of the index and of the table."""
        return KnownNames(NameTable.load(), self.index.corpus.names)

    def search(self, questions: Sequence[str], k: int, only: Filter | None = None) -> list[list[Hit]]:
        """Return the `k` best passages for each question, best first; all if there are fewer.

        Quotes around a question, marks at its ends and words such as "please" change nothing. The
        address of an article gives its passages.
        `ranking.Weights` describes the score. Raises `QuestionError` for a question that is blank or
        longer than 2,000 characters, `ModelMismatch` if the index was built with other weights of the
        model, and `ValueError` for a `k` below 1.
        """
        if k < 1:
            raise ValueError(f"k must be at least 1, not {k}")
        for question in questions:
            check_question(question)
        if not questions:
            return []
        self._check_fingerprint()
        asked = [self._usual_form(question) for question in questions]
        vectors = [self._vector(*asked)] if len(asked) == 1 else self._encoder.encode_queries(asked)
        return [
            self._at_address(question)[:k] or self._search(form, vector, k, only)
            for question, form, vector in zip(questions, asked, vectors, strict=True)
        ]

    def _search(self, question: str, vector: Vectors, k: int, only: Filter | None) -> list[Hit]:
        words = keywords.search(self.index, question, only, self.names)
        query = Query(vector, words, date_expressions.find_period(question))
        return self._hits(rank(self.index, query, k, only=only, weights=self._weights))

    def _at_address(self, question: str) -> list[Hit]:
        """Return the passages of the article whose address a question is."""
        corpus, forms = self.index.corpus, addresses(question)
        found = corpus.passages(corpus.at_address(forms)) if forms else []
        return [Hit(passage, 1.0, (0, len(passage.text))) for passage in found]

    def _usual_form(self, question: str) -> str:
        """Return a question as it is searched for: with a mark, as the model was trained."""
        question = normalize(question)
        if isinstance(self._encoder, CasedEncoder):
            question = self._encoder.restore_case(question)
        return f"{question}?"

    def _check_fingerprint(self) -> None:
        stored, current = self.index.manifest.fingerprint, self._encoder.fingerprint
        if stored != current:
            name = self._encoder.name
            raise ModelMismatch("model-changed", model=name, stored=stored, current=current)

    def _hits(self, matches: Sequence[Match]) -> list[Hit]:
        corpus = self.index.corpus
        passages = corpus.passages([match.passage for match in matches])
        spans = corpus.spans([match.window for match in matches])
        reprints = corpus.reprints([match.article for match in matches])
        return [
            Hit(passage, match.score, span, tuple(reprints[match.article]))
            for match, passage, span in zip(matches, passages, spans, strict=True)
        ]


def _encode(encoder: Encoder, question: str) -> Vectors:
    vector: Vectors = encoder.encode_queries([question])[0]
    vector.flags.writeable = False
    return vector


def check_question(question: str) -> None:
    """Raise `QuestionError` for a question that is blank, too long, or not valid text."""
    if not isinstance(question, str):
        raise QuestionError("question-not-text", type=type(question).__name__)
    if not question.isascii() and question.encode("utf-8", "replace").decode() != question:
        raise QuestionError("question-not-unicode")
    if not any(map(str.isalnum, question)):
        raise QuestionError("question-empty")
    if len(question) > MAX_QUESTION_CHARACTERS:
        raise QuestionError("question-too-long", length=len(question), limit=MAX_QUESTION_CHARACTERS)

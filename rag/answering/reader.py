"""Question + hits -> answer: a span of a passage, word for word, or no answer.

A small network reads the question together with each passage. It scores where the answer starts and
ends, and whether the passage has one. `confidence.py` turns these scores, and those of the hits, into
the probability that an answer is right. Below a threshold the archive counts as having no answer.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterable, Sequence
from contextlib import suppress
from importlib.resources import files
from itertools import islice
from pathlib import Path
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from rag.answering import answer_type, question_form
from rag.answering.choice import choose, refusal
from rag.answering.confidence import ConfidenceModel
from rag.answering.span_scoring import Candidate, best_span, token_windows, usual_form
from rag.embedding import default_model
from rag.embedding.bert import BertNetwork
from rag.embedding.bert_graph import Architecture
from rag.embedding.bert_weights import Tokenizer, add_deltas, read_tokenizer, read_weights
from rag.embedding.microbatch import MicroBatcher
from rag.errors import ModelError
from rag.reports import Progress
from rag.types import Answer, Hit

SHIPPED = Path(str(files("rag"))) / "models" / "reader.safetensors"
CONFIDENCE_KEY = "judgement"
"""The key of the confidence model in the metadata of the file."""
_MAX_QUESTIONS = 4
"""Questions read together: enough to keep all cores busy; more would delay the first."""
_BATCH_TOKENS, _MULTIPLE = 640, 16
"""Tokens of a batch: three windows of the usual length, so that two cores share the five of a question.
Windows of one padded length share a batch, so that other questions cannot change a result by rounding.
"""


class SpanNetwork(Protocol):
    """Scores each token as the start and as the end of an answer."""

    def run(self, rows: Iterable[Sequence[int]]) -> list[NDArray[np.float32]]:
        """Return logits of shape (tokens, 2) for each row of token ids."""
        ...


class SpanModel(NamedTuple):
    """The parts of a reader that are loaded from files."""

    network: SpanNetwork
    tokenizer: Tokenizer
    confidence: ConfidenceModel


class SpanReader:
    """Answers with a quote from a passage; the model is loaded from a file on first use.

    Safe to share between threads: concurrent questions are read together. A `model` replaces the file.
    """

    def __init__(
        self, path: Path = SHIPPED, progress: Progress | None = None, *, model: SpanModel | None = None
    ) -> None:
        self._path = path
        self._progress = progress
        self._lock = threading.Lock()
        self._model = model
        self._run = MicroBatcher(self._run_together, _MAX_QUESTIONS)

    def read(self, question: str, hits: Sequence[Hit]) -> Answer:
        """Answer from the hits; the text is empty if there is no answer.

        `confidence` is the probability that the best answer is right, even if it is too low for the
        answer to be given. `alternatives` are different answers from other articles, newest first.

        Raises `ModelError` when the model cannot be loaded.
        """
        if not hits or question_form.is_greeting(question):
            return refusal(question, hits, 0.0)
        candidates = self.candidates(question, hits)
        return choose(question, candidates, hits, self._load().confidence)

    def candidates(self, question: str, hits: Sequence[Hit]) -> list[Candidate]:
        """Return the best span of each hit, in the order of the hits.

        A hit without letters and digits has none. Raises `ModelError` when the model cannot be loaded.
        """
        tokenizer = self._load().tokenizer
        question = usual_form(question, tokenizer)
        windows = list(token_windows(tokenizer, question, hits))
        best: dict[str, Candidate] = {}
        for window, logits in zip(windows, self._run([w.ids for w in windows]), strict=True):
            passage = window.hit.passage
            candidate = best_span(window, logits, answer_type.find_places(question, passage.text))
            known = best.get(passage.id)
            if candidate and (known is None or known.margin < candidate.margin):
                best[passage.id] = candidate
        return [best[hit.passage.id] for hit in hits if hit.passage.id in best]

    def load_ahead(self) -> None:
        """Start to load the model, in a thread of its own, unless it is loaded."""
        if self._model is None:
            threading.Thread(target=self._try_to_load, name="rag-reader").start()

    def _try_to_load(self) -> None:
        with suppress(ModelError):  # the first reading raises it again
            self._load()

    def _run_together(
        self, questions: Sequence[Sequence[Sequence[int]]]
    ) -> list[list[NDArray[np.float32]]]:
        """Return the logits of the windows of each question."""
        network = self._load().network
        logits = iter(network.run([ids for windows in questions for ids in windows]))
        return [list(islice(logits, len(windows))) for windows in questions]

    def _load(self) -> SpanModel:
        with self._lock:
            if self._model is None:
                self._model = load_model(self._path, self._progress)
            return self._model


def load_model(path: Path, progress: Progress | None = None) -> SpanModel:
    """Load the file of a reader. Raises `ModelError` if it is damaged or belongs to another model."""
    from safetensors import safe_open

    folder = default_model.path(progress=progress)
    fingerprint = default_model.fingerprint()
    try:
        with safe_open(path, "numpy") as file:
            metadata = file.metadata() or {}
        if (base := metadata.get("base")) == fingerprint:
            confidence = ConfidenceModel(**json.loads(metadata[CONFIDENCE_KEY]))
            words, weights = read_weights(folder / "model.safetensors")
            network = BertNetwork(
                words,
                add_deltas(weights, path),
                Architecture.read(folder),
                batch=_BATCH_TOKENS,
                multiple=_MULTIPLE,
            )
            return SpanModel(network, read_tokenizer(folder), confidence)
    except Exception as error:
        raise ModelError(
            "reader-unreadable", path=str(path), folder=str(folder), reason=str(error)
        ) from error
    raise ModelError("reader-model-mismatch", path=str(path), base=base, model=fingerprint)

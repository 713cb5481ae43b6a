"""What can be exchanged: encoders and readers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from rag.reports import Progress
from rag.types import Answer, Hit, Vectors


class Encoder(Protocol):
    """Turns texts into unit vectors whose inner product is their similarity."""

    @property
    def name(self) -> str:
        """Name of the model; available without loading it."""

    @property
    def fingerprint(self) -> str:
        """Digest that changes if the vectors change."""

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        """Return the vectors of questions, shape (len(texts), dim)."""

    def encode_passages(self, texts: Sequence[str], progress: Progress | None = None) -> Vectors:
        """Return the vectors of passages, windows or titles, shape (len(texts), dim)."""


@runtime_checkable
class WindowEncoder(Encoder, Protocol):
    """An encoder that computes the windows of a passage in the same pass as the passage."""

    def encode_with_windows(
        self, texts: Sequence[str], progress: Progress | None = None
    ) -> Mapping[str, NDArray[np.float32]]:
        """Return vectors, shape (dim,), by text: of all `texts`, and of windows that came with them.

        The vector of a text is the same whichever call returns it.
        """


@runtime_checkable
class CasedEncoder(Encoder, Protocol):
    """An encoder that tells capital from small letters."""

    def restore_case(self, question: str) -> str:
        """Return a question that is typed in a single case as its words usually are."""


@runtime_checkable
class LexicalEncoder(Encoder, Protocol):
    """An encoder whose vocabulary has the common words of its languages."""

    def has_word(self, word: str) -> bool:
        """Whether a word is one token of the vocabulary as it is written."""


class Reader(Protocol):
    """Finds the answer to a question in the hits of a search."""

    def read(self, question: str, hits: Sequence[Hit]) -> Answer:
        """Return the best answer, or a refusal."""


@runtime_checkable
class LoadingReader(Reader, Protocol):
    """A reader with a model that takes time to load."""

    def load_ahead(self) -> None:
        """Start to load the model, in a thread of its own, unless it is loaded."""

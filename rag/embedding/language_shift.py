"""Removes language bias from embeddings, and damps hubs.

A multilingual encoder puts the texts of one language near each other, so that a question finds passages
in its own language before those that answer it. The mean embeddings of the same sentences in two
languages differ by about that bias; `LanguageMeans` subtracts it. It also damps hubs, the passages that
resemble every question: dates, credits, lists of agencies, copyright lines.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path
from typing import Self

import numpy as np
import platformdirs

from rag.errors import ModelError
from rag.text.language import probabilities
from rag.types import Vectors

SHIPPED = Path(str(files("rag"))) / "models" / "language_means.safetensors"
"""The means of the default model."""
_TENSORS = ("queries", "passages", "background")
_NUMBERS = ("strength", "ordinary", "damping")


class LanguageMeans:
    """The mean vectors of the same sentences in many languages, under one encoder.

    `queries` and `passages` have shape (len(languages), dim). `shift` moves vectors of other languages
    by the difference between the mean of their language and that of simplified Chinese; Chinese
    vectors, in both scripts, do not move. Passages move by the whole difference, so that all languages
    compete fairly, questions by the share `strength` of it.

    `background`, shape (dim,), is the mean question. A passage whose similarity to it exceeds
    `ordinary` moves away from it by `damping` times the excess (after Suzuki et al. 2013,
    https://aclanthology.org/D13-1058/).
    """

    FRAME = "zh-Hans"

    def __init__(
        self,
        languages: Sequence[str],
        queries: Vectors,
        passages: Vectors,
        background: Vectors,
        *,
        strength: float,
        ordinary: float,
        damping: float,
    ) -> None:
        self._rows = rows = {tag: row for row, tag in enumerate(languages)}
        self._offsets = {
            True: strength * (queries[rows[self.FRAME]] - queries),
            False: passages[rows[self.FRAME]] - passages,
        }
        self._background, self._ordinary, self._damping = background, ordinary, damping
        content = repr((list(languages), strength, ordinary, damping)).encode()
        content += queries.tobytes() + passages.tobytes() + background.tobytes()
        self.fingerprint = hashlib.sha256(content).hexdigest()[:16]

    @classmethod
    def find(cls, model: str) -> Self | None:
        """Return the means of the model with this fingerprint, None if it has none.

        The package ships those of the default model; `training/language_means.py` writes those of
        another model to `user_path`. Raises `ModelError` for a damaged file.
        """
        from safetensors import SafetensorError, safe_open

        for path in filter(Path.is_file, (SHIPPED, cls.user_path(model))):
            try:
                with safe_open(path, "numpy") as file:
                    metadata = file.metadata()
                    if metadata["model"] == model:
                        queries, passages, background = (
                            file.get_tensor(name).astype(np.float32) for name in _TENSORS
                        )
                        return cls(
                            json.loads(metadata["languages"]),
                            queries,
                            passages,
                            background,
                            **{name: float(metadata[name]) for name in _NUMBERS},
                        )
            except (OSError, SafetensorError, KeyError, TypeError, ValueError) as error:
                raise ModelError(
                    "language-means-unreadable", path=str(path), reason=str(error)
                ) from error
        return None

    @staticmethod
    def user_path(model: str) -> Path:
        """Return the file for the means of a user's own model, in the user's data folder."""
        return platformdirs.user_data_path("rag") / f"language-means-{model}.safetensors"

    def shift(self, vectors: Vectors, texts: Sequence[str], *, queries: bool) -> Vectors:
        """Return the vectors of `texts`, shape (n, dim), without language bias, as unit vectors.

        If a text may be in several languages, their means are averaged by probability.
        """
        moved = vectors.copy()
        for row, text in enumerate(texts):
            known = {
                tag: probability
                for tag, probability in probabilities(text).items()
                if tag in self._rows and tag[:2] != "zh"
            }
            if not known:
                continue
            for tag, probability in known.items():
                share = probability / sum(known.values())
                moved[row] += share * self._offsets[queries][self._rows[tag]]
            moved[row] /= np.linalg.norm(moved[row])
        return moved if queries else self._damp(moved)

    def _damp(self, vectors: Vectors) -> Vectors:
        excess = np.maximum(vectors @ self._background - self._ordinary, 0)
        away = self._damping * self._background / (self._background @ self._background)
        moved: Vectors = vectors - np.outer(excess, away)
        moved /= np.linalg.norm(moved, axis=1, keepdims=True)
        return moved

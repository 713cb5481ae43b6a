"""A SentenceTransformer as the library runs it, with torch: the reference for faster backends."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING

import numpy as np

from rag.embedding import default_model
from rag.errors import ModelError
from rag.types import Progress, Stage, Vectors

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

_CHUNK = 128
"""Texts between two reports of progress."""


class TorchBackend:
    """A model by name or path, loaded at once; safe to share between threads.

    Raises `ModelError` when the model cannot be loaded.
    """

    def __init__(self, name: str, progress: Progress | None = None) -> None:
        self._model = _load_model(name, progress)
        self.prompts = {kind: prompt or "" for kind, prompt in self._model.prompts.items()}
        dim = self._model.get_embedding_dimension()
        if dim is None:
            raise ModelError("model-dimension-unknown", name=name)
        self.dim = dim
        self._lock = threading.Lock()

    def encode(self, texts: Sequence[str], prompt: str) -> Vectors:
        """Encode a few texts, shape (n, dim), in float32."""
        return self._encode(texts, prompt, nullcontext())

    def encode_many(
        self, texts: Sequence[str], prompt: str, progress: Progress | None = None
    ) -> Vectors:
        """Encode many texts, shape (n, dim), in bfloat16 where the processor has it."""
        vectors = np.empty((len(texts), self.dim), np.float32)
        for start in range(0, len(texts), _CHUNK):
            chunk = slice(start, min(start + _CHUNK, len(texts)))
            vectors[chunk] = self._encode(texts[chunk], prompt, _bfloat16())
            if progress:
                progress(Stage.ENCODING, chunk.stop, len(texts))
        return vectors

    def _encode(
        self, texts: Sequence[str], prompt: str, arithmetic: AbstractContextManager[object]
    ) -> Vectors:
        with self._lock, arithmetic:
            vectors = self._model.encode(
                list(texts), prompt=prompt, normalize_embeddings=True, show_progress_bar=False
            )
        return np.ascontiguousarray(vectors, np.float32)


def _load_model(name: str, progress: Progress | None) -> SentenceTransformer:
    is_default = name in default_model.NAMES
    target = str(default_model.path(name, progress)) if is_default else name
    from sentence_transformers import SentenceTransformer
    from transformers.utils import logging

    bars = logging.is_progress_bar_enabled()
    logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    try:
        model = SentenceTransformer(target, model_kwargs={"dtype": "float32"})
    except Exception as error:
        reason = (str(error).strip() or type(error).__name__).splitlines()[0]
        if is_default:
            raise ModelError(
                "default-model-unreadable", name=name, reason=reason, folder=target
            ) from error
        raise ModelError("model-unreadable", name=name, reason=reason) from error
    finally:
        if bars:
            logging.enable_progress_bar()  # type: ignore[no-untyped-call]
    return model


def _bfloat16() -> AbstractContextManager[object]:
    import torch

    available: bool = torch.backends.mkldnn.is_available()  # type: ignore[no-untyped-call]
    if available and torch.ops.mkldnn._is_mkldnn_bf16_supported():
        return torch.autocast("cpu", dtype=torch.bfloat16)
    return nullcontext()

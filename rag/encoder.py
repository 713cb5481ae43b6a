"""Text -> unit vectors, with any SentenceTransformer."""

from __future__ import annotations

import hashlib
import os
import re
import threading
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from rag import default_model
from rag.errors import ModelError
from rag.language import LanguageMeans
from rag.types import Progress, Vectors

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

_CHUNK = 128
"""Texts between two reports of progress."""


class SentenceEncoder:
    """A SentenceTransformer that is loaded on first use; safe to share between threads.

    `name` is a model name or path as SentenceTransformer takes it. Without one it is `RAG_MODEL`
    from the environment, or else the default model, which is built into the user's cache when it is
    used for the first time.
    """

    def __init__(self, name: str | None = None, progress: Progress | None = None) -> None:
        self._name = name or os.environ.get("RAG_MODEL") or default_model.NAME
        self._progress = progress
        self._lock = threading.Lock()
        self._model: SentenceTransformer | None = None

    @property
    def name(self) -> str:
        return self._name

    @cached_property
    def fingerprint(self) -> str:
        """The model's fingerprint and, where there are language means for it, theirs."""
        return (
            f"{self._model_fingerprint}+{self._means.fingerprint}"
            if self._means
            else self._model_fingerprint
        )

    @cached_property
    def _model_fingerprint(self) -> str:
        if self._name in default_model.NAMES:
            return default_model.fingerprint(self._name)
        return _fingerprint(self._load())

    @cached_property
    def _means(self) -> LanguageMeans | None:
        return LanguageMeans.find(self._model_fingerprint)

    @property
    def dim(self) -> int:
        dim = self._load().get_embedding_dimension()
        if dim is None:
            raise ModelError(f"The model {self._name} does not say how long its vectors are.")
        return dim

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        """Encode questions, shape (n, dim). Raises `ModelError` when the model cannot be loaded."""
        return self._encode(texts, queries=True)

    def encode_passages(self, texts: Sequence[str], progress: Progress | None = None) -> Vectors:
        """Encode passages, shape (n, dim), in batches of like length.

        On processors with bfloat16 arithmetic it is used for the matrix products, which doubles the
        speed; the vectors agree with float32 ones at cosine 0.9999. Raises `ModelError` when the
        model cannot be loaded.
        """
        order = sorted(range(len(texts)), key=lambda i: len(texts[i]), reverse=True)
        vectors = np.empty((len(texts), self.dim), np.float32)
        for start in range(0, len(order), _CHUNK):
            chunk = order[start : start + _CHUNK]
            vectors[chunk] = self._encode([texts[i] for i in chunk], queries=False)
            if progress:
                progress("Encoding", min(start + _CHUNK, len(order)), len(order))
        return vectors

    def _encode(self, texts: Sequence[str], *, queries: bool) -> Vectors:
        model = self._load()
        encode = model.encode_query if queries else model.encode_document
        names = ("query",) if queries else ("document", "passage", "corpus")
        # Left alone, `encode_document` takes the empty "document" prompt that the library itself
        # adds; so the first prompt that says something is passed by value.
        prompt = next((p for name in names if (p := model.prompts.get(name))), "")
        with self._lock, nullcontext() if queries else _bfloat16():
            vectors = encode(
                list(texts), prompt=prompt, normalize_embeddings=True, show_progress_bar=False
            )
        vectors = np.ascontiguousarray(vectors, np.float32)
        return self._means.shift(vectors, texts, queries=queries) if self._means else vectors

    def _load(self) -> SentenceTransformer:
        with self._lock:
            if self._model is None:
                self._model = _load_model(self._name, self._progress)
            return self._model


def _load_model(name: str, progress: Progress | None) -> SentenceTransformer:
    target = str(default_model.path(name, progress)) if name in default_model.NAMES else name
    from sentence_transformers import SentenceTransformer
    from transformers.utils import logging

    bars = logging.is_progress_bar_enabled()
    logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    try:
        model = SentenceTransformer(target, model_kwargs={"dtype": "float32"})
    except Exception as error:
        reason = (str(error).strip() or type(error).__name__).splitlines()[0]
        cure = (
            f"Delete {target}; it is made again when it is next needed."
            if name in default_model.NAMES
            else "Set RAG_MODEL to the path or name of a SentenceTransformer, or unset it to use the "
            "default model."
        )
        raise ModelError(f"The model {name} cannot be loaded ({reason}). {cure}") from error
    finally:
        if bars:
            logging.enable_progress_bar()  # type: ignore[no-untyped-call]
    if re.search(r"(^|[-_])e5([-_]|$)", Path(name).name.lower()) and not any(model.prompts.values()):
        # The e5 family is trained with these prefixes (arXiv:2212.03533), but its model folders
        # do not say so.
        model.prompts = {"query": "query: ", "document": "passage: "}
    return model


def _bfloat16() -> AbstractContextManager[object]:
    import torch

    available: bool = torch.backends.mkldnn.is_available()  # type: ignore[no-untyped-call]
    if available and torch.ops.mkldnn._is_mkldnn_bf16_supported():
        return torch.autocast("cpu", dtype=torch.bfloat16)
    return nullcontext()


def _fingerprint(model: SentenceTransformer) -> str:
    """Digest of what decides the vectors: prompts, length limit and a sample of every weight."""
    digest = hashlib.sha256(repr((sorted(model.prompts.items()), model.max_seq_length)).encode())
    for name, tensor in sorted(model.state_dict().items()):
        flat = tensor.detach().reshape(-1)
        sample = flat[:: max(1, flat.numel() // 256)].float().cpu().numpy()
        digest.update(f"{name}{tuple(tensor.shape)}".encode() + sample.tobytes())
    return digest.hexdigest()[:16]

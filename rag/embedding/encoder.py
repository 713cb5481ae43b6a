"""Text -> unit vectors, with any SentenceTransformer."""

from __future__ import annotations

import os
import re
import threading
from collections.abc import Callable, Sequence
from functools import cached_property, partial
from pathlib import Path

import numpy as np

from rag.embedding import default_model, model_files
from rag.embedding.backend_check import Backend, load_backend
from rag.embedding.bert_weights import Floats, count_tokens, read_tokenizer
from rag.embedding.language_shift import LanguageMeans
from rag.embedding.microbatch import MicroBatcher
from rag.errors import ModelError
from rag.reports import Progress
from rag.text import casing, passages
from rag.types import Vectors

_E5 = re.compile(r"(^|[-_])e5([-_]|$)")
_PASSAGES = ("document", "passage", "corpus")
"""Kinds of text whose prompt is that of a passage."""
_MAX_BATCH = 32
"""Questions of several threads that are encoded together."""


class SentenceEncoder:
    """A SentenceTransformer that is loaded on first use; safe to share between threads.

    `name` is a model name or path for SentenceTransformer; the default is `RAG_MODEL` from the
    environment, or else the default model, which is unpacked into the user's cache on first use.
    Without `shift_languages` the vectors keep their language bias. `load` makes the backend.
    """

    def __init__(
        self,
        name: str | None = None,
        progress: Progress | None = None,
        *,
        shift_languages: bool = True,
        load: Callable[[str, Progress | None], Backend] = load_backend,
    ) -> None:
        self._name = name or os.environ.get("RAG_MODEL") or default_model.NAME
        self._progress = progress
        self._shift_languages = shift_languages
        self._load_backend = load
        self._lock = threading.Lock()
        self._backend: Backend | None = None
        self._encode_question = MicroBatcher(self._encode_questions, _MAX_BATCH)

    @property
    def name(self) -> str:
        return self._name

    @cached_property
    def fingerprint(self) -> str:
        """The fingerprint of the model and, if it has language means, theirs."""
        return (
            f"{self._model_fingerprint}+{self._means.fingerprint}"
            if self._means
            else self._model_fingerprint
        )

    @cached_property
    def _model_fingerprint(self) -> str:
        if self._name in default_model.NAMES:
            return default_model.fingerprint(self._name)
        if (folder := model_files.find_folder(self._name)) is None:
            self._load()  # it downloads the model into the cache of the hub
            folder = model_files.find_folder(self._name)
        if folder is None:
            raise ModelError("model-files-missing", name=self._name)
        return model_files.fingerprint(folder)

    @cached_property
    def _means(self) -> LanguageMeans | None:
        return LanguageMeans.find(self._model_fingerprint) if self._shift_languages else None

    @property
    def dim(self) -> int:
        """The length of a vector. Raises `ModelError` when the model cannot be loaded."""
        return self._load().dim

    def restore_case(self, question: str) -> str:
        """Return a question in the case that its words usually have, if it is typed in a single case.

        One in capital and small letters stays: whoever types it so knows its names. For other models
        every question stays.

        Raises `ModelError` when the model cannot be loaded.
        """
        if self._name not in default_model.NAMES or not casing.is_single_case(question):
            return question
        tokenizer = read_tokenizer(default_model.path(self._name, self._progress))
        return casing.restore_case(question, partial(count_tokens, tokenizer))

    def has_word(self, word: str) -> bool:
        """Whether a word is one token of the default model's vocabulary; for other models none is.

        Raises `ModelError` when the model cannot be loaded.
        """
        if self._name not in default_model.NAMES:
            return False
        tokenizer = read_tokenizer(default_model.path(self._name, self._progress))
        return count_tokens(tokenizer, [word])[0] == 1

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        """Encode questions, shape (n, dim); a single one together with those of other threads.

        Raises `ModelError` when the model cannot be loaded.
        """
        if len(texts) == 1:
            return self._encode_question(texts[0])[None]
        return self._encode_together(texts)

    def _encode_questions(self, texts: Sequence[str]) -> list[Vectors]:
        return list(self._encode_together(texts))

    def _encode_together(self, texts: Sequence[str]) -> Vectors:
        backend = self._load()
        vectors = backend.encode(texts, _prompt(backend, self._name, ["query"]))
        return self._means.shift(vectors, texts, queries=True) if self._means else vectors

    def encode_passages(self, texts: Sequence[str], progress: Progress | None = None) -> Vectors:
        """Encode passages, shape (n, dim), in batches of similar length.

        Processors with bfloat16 compute the matrix products in it, twice as fast; the vectors agree
        with float32 ones at cosine 0.9999. Raises `ModelError` when the model cannot be loaded.
        """
        backend = self._load()
        if backend.reads_windows and texts:
            known = self.encode_with_windows(texts, progress)
            return np.stack([known[text] for text in texts])
        prompt = _prompt(backend, self._name, _PASSAGES)
        order = sorted(range(len(texts)), key=lambda i: len(texts[i]), reverse=True)
        vectors = np.empty((len(texts), backend.dim), np.float32)
        if order:
            vectors[order] = backend.encode_many([texts[i] for i in order], prompt, progress)
        return self._means.shift(vectors, texts, queries=False) if self._means else vectors

    def encode_with_windows(
        self, texts: Sequence[str], progress: Progress | None = None
    ) -> dict[str, Floats]:
        """Encode passages and, if the model is trained for it, their windows in the same pass.

        Returns vectors by text, windows among them. A window that would itself be cut into windows has
        none. Raises `ModelError` when the model cannot be loaded.
        """
        backend = self._load()
        if not backend.reads_windows:
            return dict(zip(texts, self.encode_passages(texts, progress), strict=True))
        prompt = _prompt(backend, self._name, _PASSAGES)
        cut, rows = dict[str, list[str]](), list[str]()
        for text in sorted(dict.fromkeys(texts), key=len, reverse=True):
            if text not in cut:
                rows.append(text)
                cut[text] = _windows(text)
                cut |= {window: [window] for window in cut[text] if _windows(window) == [window]}
        results = backend.encode_windows([cut[text] for text in rows], prompt, progress)
        vectors: dict[str, Floats] = {}
        for text, result in zip(rows, results, strict=True):
            # The layers for passages are trained for several windows; one alone is an ordinary text.
            vectors[text] = result.own if len(cut[text]) > 1 else result.windows[0]
            # A long passage has only the vectors of its first windows.
            for window, vector in zip(cut[text], result.windows, strict=False):
                if window in cut:
                    vectors.setdefault(window, vector)
        if self._means and vectors:
            shifted = self._means.shift(np.stack(list(vectors.values())), list(vectors), queries=False)
            vectors = dict(zip(vectors, shifted, strict=True))
        if missing := [text for text in texts if text not in vectors]:
            vectors |= self.encode_with_windows(missing, progress)
        return vectors

    def _load(self) -> Backend:
        with self._lock:
            if self._backend is None:
                self._backend = self._load_backend(self._name, self._progress)
            return self._backend


def _windows(text: str) -> list[str]:
    return [text[slice(*span)] for span in passages.windows(text)] or [text]


def _prompt(backend: Backend, name: str, kinds: Sequence[str]) -> str:
    """Return the prefix of the first of these kinds of text that has one."""
    prompts = backend.prompts
    if _E5.search(Path(name).name.lower()) and not any(prompts.values()):
        # The e5 models are trained with these prefixes (arXiv:2212.03533), but their folders omit them.
        prompts = {"query": "query: ", "document": "passage: "}
    return next((prompt for kind in kinds if (prompt := prompts.get(kind))), "")

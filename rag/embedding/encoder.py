"""Text -> unit vectors, with any SentenceTransformer.

Torch is the reference and runs every model. Where `compiled.py` knows the kind, what it computes is
compared with the reference once on each machine, and used from then on: torch is not imported again.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import re
import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import cached_property
from importlib import metadata
from pathlib import Path
from typing import Protocol

import numpy as np
import platformdirs

from rag import files
from rag.embedding import default_model
from rag.embedding.microbatch import Batched
from rag.embedding.openvino_backend import CompiledEncoder
from rag.embedding.torch_backend import Reference
from rag.errors import ModelError
from rag.text.language import LanguageMeans, detect
from rag.types import Progress, Vectors

_LEAST_COSINE = 0.9999
"""Of each vector of the sample to its reference, for the compiled encoder to be used."""
_SAMPLE = (
    "朝鲜自九月以来已向俄罗斯运送了约6700个集装箱的弹药。",
    "平壤希望從莫斯科那裡得到什麼？",
    "How many containers did Pyongyang ship to Russia?",
    "Сколько контейнеров отправила Северная Корея?",
    "كم حاوية شحنت كوريا الشمالية؟",
    "平壌はコンテナをいくつ送りましたか？ 평양은 몇 개 보냈습니까?",
    "Wie viele Container hat Nordkorea verschickt – und wohin?",
    "苏-35",
    "A long text, which is cut where the model reads no further. 很长的文字。" * 60,
    "图片来源: ＡＰ／Ré\u0301mi  \u200b\n\n第二段",
)
_WEIGHTS = {".safetensors", ".bin", ".model"}
_E5 = re.compile(r"(^|[-_])e5([-_]|$)")
_BLOCK, _BLOCKS = 4096, 256
_TOGETHER = 32
"""Questions of several threads that are encoded at a time."""
_log = logging.getLogger(__name__)


class _Model(Protocol):
    """Texts -> unit vectors, whoever computes them."""

    @property
    def prompts(self) -> Mapping[str, str]: ...

    @property
    def dim(self) -> int: ...

    def encode(self, texts: Sequence[str], prompt: str) -> Vectors: ...

    def encode_many(
        self, texts: Sequence[str], prompt: str, progress: Progress | None = None
    ) -> Vectors: ...


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
        self._model: _Model | None = None
        self._question = Batched(self._questions, _TOGETHER)

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
        if (folder := _folder(self._name)) is None:
            self._load()  # which puts it into the cache of the hub
            folder = _folder(self._name)
        if folder is None:
            raise ModelError(f"The files of the model {self._name} are not to be found.")
        return _fingerprint(folder)

    @cached_property
    def _means(self) -> LanguageMeans | None:
        return LanguageMeans.find(self._model_fingerprint)

    @property
    def dim(self) -> int:
        return self._load().dim

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        """Encode questions, shape (n, dim), one together with those of other threads.

        Raises `ModelError` when the model cannot be loaded.
        """
        if len(texts) == 1:
            return self._question(texts[0])[None]
        return self._encoded(texts)

    def _questions(self, texts: Sequence[str]) -> list[Vectors]:
        return list(self._encoded(texts))

    def _encoded(self, texts: Sequence[str]) -> Vectors:
        model = self._load()
        prompt = _prompt(model, self._name, ["query"])
        vectors = model.encode(texts, prompt)
        return self._means.shift(vectors, texts, queries=True) if self._means else vectors

    def encode_passages(self, texts: Sequence[str], progress: Progress | None = None) -> Vectors:
        """Encode passages, shape (n, dim), in batches of like length.

        On processors with bfloat16 arithmetic it is used for the matrix products, which doubles the
        speed; the vectors agree with float32 ones at cosine 0.9999. Raises `ModelError` when the
        model cannot be loaded.
        """
        model = self._load()
        prompt = _prompt(model, self._name, ["document", "passage", "corpus"])
        order = sorted(range(len(texts)), key=lambda i: len(texts[i]), reverse=True)
        vectors = np.empty((len(texts), model.dim), np.float32)
        if order:
            vectors[order] = model.encode_many([texts[i] for i in order], prompt, progress)
        return self._means.shift(vectors, texts, queries=False) if self._means else vectors

    def _load(self) -> _Model:
        with self._lock:
            if self._model is None:
                # What tells languages is read meanwhile: each takes half a second.
                with ThreadPoolExecutor(1) as beside:
                    beside.submit(detect, self._name)
                    compiled = self._compiled()
                self._model = Reference(self._name, self._progress) if compiled is None else compiled
            return self._model

    def _compiled(self) -> CompiledEncoder | None:
        """The model as it runs faster, if it can be and is right: that is found out once."""
        folder = _folder(self._name, self._progress)
        if folder is None:
            return None
        try:
            compiled = CompiledEncoder(folder)
        except (OSError, ValueError, KeyError, TypeError):
            return None
        record = platformdirs.user_cache_path("rag") / f"compiled-{_fingerprint(folder)}.json"
        about = {"openvino": metadata.version("openvino"), "precision": compiled.precision}
        known: dict[str, object] = {}
        with suppress(OSError, ValueError):
            known = json.loads(record.read_bytes())
        if not about.items() <= known.items():
            if self._progress:
                self._progress("Comparing the compiled model with its reference", 0, 0)
            known = {**about, "cosine": _agreement(compiled, Reference(self._name, None))}
            with suppress(OSError):  # then it is found out again
                record.parent.mkdir(parents=True, exist_ok=True)
                files.replace(record, json.dumps(known).encode())
        if float(str(known["cosine"])) >= _LEAST_COSINE:
            return compiled
        _log.warning("%s runs with torch: compiled, its vectors are others (%s)", self._name, known)
        return None


def _agreement(compiled: CompiledEncoder, reference: _Model) -> float:
    """The least cosine between two vectors of the same text, of one and of many."""
    expected = reference.encode(_SAMPLE, "")
    found = compiled.encode(_SAMPLE, ""), compiled.encode_many(_SAMPLE, "")
    if any(vectors.shape != expected.shape for vectors in found):
        return 0.0
    return min(float((vectors * expected).sum(axis=1).min()) for vectors in found)


def _prompt(model: _Model, name: str, kinds: Sequence[str]) -> str:
    """What goes before a text of the first of these kinds that has something."""
    prompts = model.prompts
    if _E5.search(Path(name).name.lower()) and not any(prompts.values()):
        # The e5 family is trained with these prefixes (arXiv:2212.03533), but its model folders
        # do not say so.
        prompts = {"query": "query: ", "document": "passage: "}
    return next((said for kind in kinds if (said := prompts.get(kind))), "")


def _folder(name: str, progress: Progress | None = None) -> Path | None:
    """Where the files of a model are, None where they are not on this machine yet."""
    if name in default_model.NAMES:
        return default_model.path(name, progress)
    if Path(name).is_dir():
        return Path(name)
    from huggingface_hub import snapshot_download

    for known in (name, f"sentence-transformers/{name}"):
        with suppress(Exception):  # of several kinds, all of which mean that it is not there
            return Path(snapshot_download(known, local_files_only=True))
    return None


def _fingerprint(folder: Path) -> str:
    """Digest of what decides the vectors: the settings, and a sample of every file of weights."""
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.suffix not in _WEIGHTS | {".json", ".txt"} or not path.is_file():
            continue
        size = path.stat().st_size
        digest.update(f"{path.relative_to(folder)} {size} ".encode())
        with path.open("rb") as file:
            if path.suffix not in _WEIGHTS:
                digest.update(file.read())
                continue
            for at in range(0, size, max(_BLOCK, size // _BLOCKS)):
                file.seek(at)
                digest.update(file.read(_BLOCK))
    return digest.hexdigest()[:16]

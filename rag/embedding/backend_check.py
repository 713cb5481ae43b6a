"""Choose the backend of a model: OpenVINO where it agrees with torch, else torch.

Torch runs every SentenceTransformer and is the reference. OpenVINO starts and runs faster. For each
model, its vectors are compared with the reference once per machine, OpenVINO version and arithmetic.
The result is recorded in the user's cache, so that torch is not imported again.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from importlib import metadata
from typing import Protocol

import platformdirs

from rag import files
from rag.embedding import model_files
from rag.embedding.bert import PassageVectors
from rag.embedding.openvino_backend import OpenVinoBackend
from rag.embedding.torch_backend import TorchBackend
from rag.reports import Progress, Stage
from rag.types import Vectors

MIN_COSINE = 0.9999
"""The least cosine of a vector with its reference for which OpenVINO is used."""
SAMPLE = (
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
"""Texts that are compared: several scripts, a long one, and unusual characters."""
_log = logging.getLogger(__name__)


class Backend(Protocol):
    """Computes the unit vectors of texts with one model."""

    @property
    def prompts(self) -> Mapping[str, str]:
        """The prefixes of the model by kind of text, such as "query"."""
        ...

    @property
    def dim(self) -> int: ...

    @property
    def reads_windows(self) -> bool:
        """Whether the model is trained to compute a passage and its windows in one pass."""
        ...

    def encode(self, texts: Sequence[str], prompt: str) -> Vectors:
        """Encode a few texts with low latency, shape (n, dim)."""
        ...

    def encode_many(
        self, texts: Sequence[str], prompt: str, progress: Progress | None = None
    ) -> Vectors:
        """Encode many texts with high throughput, shape (n, dim)."""
        ...

    def encode_windows(
        self, passages: Sequence[Sequence[str]], prompt: str, progress: Progress | None = None
    ) -> list[PassageVectors]:
        """Encode passages, each given as its windows, in one pass; only if `reads_windows`.

        The progress counts windows. If a passage is longer than the model reads, there are only the
        vectors of its first windows.
        """
        ...


Reference = Callable[[str, Progress | None], Backend]
"""Loads the reference backend of a model by name or path."""


def load_backend(
    name: str, progress: Progress | None = None, reference: Reference = TorchBackend
) -> Backend:
    """Load a model by name or path. Raises `ModelError` if it cannot be loaded."""
    return _load_openvino(name, progress, reference) or reference(name, progress)


def _load_openvino(
    name: str, progress: Progress | None, reference: Reference
) -> OpenVinoBackend | None:
    """Return the OpenVINO backend; None if it does not support the model or differs from torch."""
    folder = model_files.find_folder(name, progress)
    if folder is None:
        return None
    try:
        backend = OpenVinoBackend(folder)
    except (OSError, ValueError, KeyError, TypeError):
        return None
    record = platformdirs.user_cache_path("rag") / f"compiled-{model_files.fingerprint(folder)}.json"
    runtime = {"openvino": metadata.version("openvino"), "precision": backend.precision}
    known: dict[str, object] = {}
    with suppress(OSError, ValueError):
        known = json.loads(record.read_bytes())
    if not runtime.items() <= known.items():
        if progress:
            progress(Stage.CHECKING_BACKEND, 0, 0)
        known = {**runtime, "cosine": min_cosine(backend, reference(name, None))}
        with suppress(OSError):  # without the record, the next process compares again
            record.parent.mkdir(parents=True, exist_ok=True)
            files.replace(record, json.dumps(known).encode())
    if float(str(known["cosine"])) >= MIN_COSINE:
        return backend
    _log.warning(
        "%s: OpenVINO vectors differ from the torch reference (%s); falling back to torch", name, known
    )
    return None


def min_cosine(backend: Backend, reference: Backend) -> float:
    """Return the least cosine between the vectors of a sample text; 0 for a different dimension."""
    expected = reference.encode(SAMPLE, "")
    pairs = [(backend.encode(SAMPLE, ""), expected), (backend.encode_many(SAMPLE, ""), expected)]
    if backend.reads_windows:
        passages = [SAMPLE[:3], SAMPLE[3:]]
        found, right = (each.encode_windows(passages, "") for each in (backend, reference))
        for ours, theirs in zip(found, right, strict=True):
            pairs += [(ours.windows, theirs.windows), (ours.own[None], theirs.own[None])]
    if any(ours.shape != theirs.shape for ours, theirs in pairs):
        return 0.0
    return min(float((ours * theirs).sum(axis=1).min()) for ours, theirs in pairs)

"""A SentenceTransformer as the library runs it, with torch: the reference for faster backends."""

from __future__ import annotations

import copy
import threading
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from rag.embedding import default_model
from rag.embedding.bert import PassageVectors, first_windows
from rag.embedding.bert_weights import PASSAGE_LAYERS, read_deltas
from rag.errors import ModelError
from rag.reports import Progress, Stage
from rag.types import Vectors

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

_CHUNK = 128
"""Texts between two reports of progress."""


class TorchBackend:
    """A model by name or path, loaded at once; safe to share between threads.

    Raises `ModelError` when the model cannot be loaded.
    """

    def __init__(self, name: str, progress: Progress | None = None) -> None:
        folder, self._model = _load_model(name, progress)
        self.prompts = {kind: prompt or "" for kind, prompt in self._model.prompts.items()}
        dim = self._model.get_embedding_dimension()
        if dim is None:
            raise ModelError("model-dimension-unknown", name=name)
        self.dim = dim
        self._local_layers = _local_layers(self._model)
        self.reads_windows = self._local_layers > 0
        self._last_layers: Any = self._read_last_layers(folder) if self.reads_windows else None
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

    def encode_windows(
        self, passages: Sequence[Sequence[str]], prompt: str, progress: Progress | None = None
    ) -> list[PassageVectors]:
        """Encode passages, each given as its windows, in one pass; see `Backend`."""
        import torch

        results: list[PassageVectors] = []
        done, total = 0, sum(map(len, passages))
        with self._lock, torch.inference_mode(), _bfloat16():
            for windows in passages:
                results.append(self._encode_passage([prompt + text for text in windows]))
                done += len(windows)
                if progress:
                    progress(Stage.ENCODING, done, total)
        return results

    def _read_last_layers(self, folder: Path) -> Any:
        """Return the layers after the local ones as they are for passages."""
        import torch

        bert: Any = self._model[0].auto_model
        layers = copy.deepcopy(bert.encoder.layer[self._local_layers :])
        deltas = folder / PASSAGE_LAYERS
        with torch.no_grad():
            for name, delta in read_deltas(deltas) if deltas.is_file() else ():
                number, _, weight = name.removeprefix("encoder.layer.").partition(".")
                layer = layers[int(number) - self._local_layers]
                layer.get_parameter(weight).add_(torch.from_numpy(delta))
        return layers

    def _encode_passage(self, windows: Sequence[str]) -> PassageVectors:
        import torch
        from torch.nn.functional import normalize

        limit = self._model.max_seq_length or default_model.MAX_TOKENS
        ids = self._model.tokenizer(list(windows), truncation=True, max_length=limit)["input_ids"]
        rows = list(first_windows(ids, limit))
        lengths = torch.tensor([len(row) for row in rows])
        window = torch.arange(len(rows)).repeat_interleave(lengths)
        apart = torch.where(window[:, None] == window, 0.0, float("-inf"))[None, None]
        tokens = torch.tensor([token for row in rows for token in row])[None]
        bert: Any = self._model[0].auto_model
        # XLM-RoBERTa leaves out the positions up to that of its padding.
        first = bert.config.pad_token_id + 1 if bert.config.model_type == "xlm-roberta" else 0
        positions = torch.cat([first + torch.arange(len(row)) for row in rows])[None]
        local = bert.embeddings(input_ids=tokens, position_ids=positions)
        for layer in bert.encoder.layer[: self._local_layers]:
            local = layer(local, apart)
        seen = local
        for layer, last in zip(
            bert.encoder.layer[self._local_layers :], self._last_layers, strict=True
        ):
            local, seen = layer(local, apart), last(seen)
        means = [local[0, window == number].float().mean(0) for number in range(len(rows))]
        own, *others = normalize(torch.stack([seen[0].float().mean(0), *means]), dim=-1).numpy()
        return PassageVectors(own, np.stack(others))

    def _encode(
        self, texts: Sequence[str], prompt: str, arithmetic: AbstractContextManager[object]
    ) -> Vectors:
        with self._lock, arithmetic:
            vectors = self._model.encode(
                list(texts), prompt=prompt, normalize_embeddings=True, show_progress_bar=False
            )
        return np.ascontiguousarray(vectors, np.float32)


def _local_layers(model: SentenceTransformer) -> int:
    """Return `local_layers` of a model that is pooled by mean, else 0."""
    config = getattr(getattr(model[0], "auto_model", None), "config", None)
    is_mean = len(model) > 1 and getattr(model[1], "pooling_mode", None) == "mean"
    return int(getattr(config, "local_layers", 0)) if is_mean else 0


def _load_model(name: str, progress: Progress | None) -> tuple[Path, SentenceTransformer]:
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
    return Path(target), model


def _bfloat16() -> AbstractContextManager[object]:
    import torch

    available: bool = torch.backends.mkldnn.is_available()  # type: ignore[no-untyped-call]
    if available and torch.ops.mkldnn._is_mkldnn_bf16_supported():
        return torch.autocast("cpu", dtype=torch.bfloat16)
    return nullcontext()

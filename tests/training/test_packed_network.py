"""The network that is trained computes what the program computes with its weights."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from rag.embedding import default_model
from rag.embedding.bert_weights import read_tokenizer
from rag.embedding.openvino_backend import OpenVinoBackend
from training.packed_network import LOCAL_LAYERS, PackedNetwork

WINDOWS = [
    "朝鲜自九月以来已向俄罗斯运送了约6700个集装箱。",
    "How many containers did it ship?",
    "第三段",
]


@pytest.mark.model
def test_texts_passages_and_windows_have_the_vectors_of_the_default_model(tmp_path: Path) -> None:
    import torch
    from safetensors.torch import load_file

    folder = tmp_path / "model"
    folder.mkdir()
    for path in default_model.path().iterdir():
        (folder / path.name).symlink_to(path)
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").unlink()
    (folder / "config.json").write_text(json.dumps({**config, "local_layers": LOCAL_LAYERS}))
    backend = OpenVinoBackend(folder)
    (right,) = backend.encode_windows([WINDOWS], "passage: ")

    adapter = load_file(default_model.ADAPTER)
    network = PackedNetwork(default_model.path(default_model.PLAIN_NAME), adapter, rank=58)
    tokenizer = read_tokenizer(folder)
    rows = [tokenizer.encode(f"passage: {text}").ids for text in WINDOWS]
    with torch.no_grad():
        texts = network.texts(rows).numpy()
        own, (windows,) = network.passages([rows])
    assert (texts * right.windows).sum(axis=1).min() >= 0.9999
    assert (windows.numpy() * right.windows).sum(axis=1).min() >= 0.9999
    assert float(own[0].numpy() @ right.own) >= 0.9999
    assert float(own[0].numpy() @ np.mean(right.windows, axis=0)) < 0.99
    stored = dict(default_model.deltas({n: value.numpy() for n, value in network.adapter().items()}))
    for name, delta in default_model.deltas({n: value.numpy() for n, value in adapter.items()}):
        assert np.abs(stored[name] - delta).max() < 1e-3

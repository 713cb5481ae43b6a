"""The network that is trained computes what the program computes with its weights."""

from __future__ import annotations

import numpy as np
import pytest

from rag.embedding import default_model
from rag.embedding.bert_weights import read_tokenizer
from rag.embedding.encoder import SentenceEncoder

TEXTS = [
    "朝鲜自九月以来已向俄罗斯运送了约6700个集装箱。",
    "How many containers did it ship?",
    "第三段",
]


@pytest.mark.model
def test_texts_have_the_vectors_of_the_default_model() -> None:
    import torch
    from safetensors.torch import load_file

    from training.adapted_network import AdaptedNetwork

    adapter = load_file(default_model.ADAPTER)
    network = AdaptedNetwork(default_model.path(default_model.PLAIN_NAME), adapter, rank=60)
    tokenizer = read_tokenizer(default_model.path())
    with torch.no_grad():
        encoded = tokenizer.encode_batch([f"passage: {text}" for text in TEXTS])
        vectors = network([each.ids for each in encoded]).numpy()
    right = SentenceEncoder(shift_languages=False).encode_passages(TEXTS)
    assert (vectors * right).sum(axis=1).min() >= 0.9999
    stored = dict(default_model.deltas({n: value.numpy() for n, value in network.adapter().items()}))
    for name, delta in default_model.deltas({n: value.numpy() for n, value in adapter.items()}):
        assert np.abs(stored[name] - delta).max() < 1e-3

"""The graph that is written down by hand, against BertModel."""

from __future__ import annotations

import threading
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from rag.embedding.bert import Network, Shape, read_weights, tuned

HIDDEN, WORDS = 64, 50
CONFIG = {
    "vocab_size": WORDS,
    "hidden_size": HIDDEN,
    "num_hidden_layers": 2,
    "num_attention_heads": HIDDEN // 32,
    "intermediate_size": 128,
    "max_position_embeddings": 40,
}


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The weights of a small BertModel, and what is added to them with the head."""
    import torch
    from transformers import BertConfig, BertModel

    torch.manual_seed(0)
    config = BertConfig(**CONFIG, initializer_range=0.3)
    folder = tmp_path_factory.mktemp("model")
    model = BertModel(config, add_pooling_layer=False).eval()
    save_file({name: value.numpy() for name, value in model.state_dict().items()}, folder / "base")
    rng = np.random.default_rng(0)
    name = "encoder.layer.1.output.dense"
    codes = rng.integers(0, 256, (HIDDEN, 64), dtype=np.uint8)
    tuned = {
        f"{name}.weight.codes": codes,
        f"{name}.weight.scales": rng.uniform(0.01, 0.05, (HIDDEN, 2)).astype(np.float16),
        f"{name}.bias": rng.normal(size=HIDDEN).astype(np.float16),
        "span.weight": rng.normal(size=(2, HIDDEN)).astype(np.float32),
        "span.bias": np.array([1, -1], np.float32),
    }
    save_file(tuned, folder / "tuned")
    return folder / "base", folder / "tuned"


def expected(files: tuple[Path, Path], row: list[int]) -> np.ndarray:
    import torch
    from safetensors.numpy import load_file
    from transformers import BertConfig, BertModel

    weights, tuned = map(load_file, files)
    name = "encoder.layer.1.output.dense"
    codes = tuned[f"{name}.weight.codes"]
    added = np.empty((HIDDEN, 128), np.float32)
    for column in range(128):
        byte = codes[:, column // 2]
        code = (byte >> 4 if column % 2 else byte & 15).astype(np.float32) - 8
        added[:, column] = code * tuned[f"{name}.weight.scales"][:, column // 64]
    weights[f"{name}.weight"] += added
    weights[f"{name}.bias"] += tuned[f"{name}.bias"]
    config = BertConfig(**CONFIG)
    model = BertModel(config, add_pooling_layer=False).eval()
    model.load_state_dict({n: torch.from_numpy(value) for n, value in weights.items()})
    with torch.no_grad():
        hidden = model(torch.tensor([row])).last_hidden_state[0].numpy()
    return hidden @ tuned["span.weight"].T + tuned["span.bias"]


def reader(files: tuple[Path, Path]) -> Network:
    base, added = files
    words, weights = read_weights(base)
    return Network(words, tuned(weights, added), Shape(HIDDEN // 32, 1e-12))


ROWS = [[1, 5, 9], list(range(2, 40)), [7] * 11, [1]]


def test_the_network_is_bert_with_a_head(files: tuple[Path, Path]) -> None:
    found, right = [], []
    for row, span in zip(ROWS, reader(files).run(ROWS), strict=True):
        assert span.shape == (len(row), 2)
        found += [*span.ravel()]
        right += [*expected(files, row).ravel()]
    assert np.linalg.norm(np.subtract(found, right)) < 0.05 * np.linalg.norm(right)  # bfloat16


def test_threads_get_their_own_rows(files: tuple[Path, Path]) -> None:
    network = reader(files)
    alone = [network.run([row])[0] for row in ROWS]
    wrong: list[int] = []

    def work(at: int) -> None:
        for turn in range(20):
            order = [(at + turn + n) % len(ROWS) for n in range(3)]
            for row, span in zip(order, network.run([ROWS[n] for n in order]), strict=True):
                if not np.array_equal(span, alone[row]):
                    wrong.append(row)

    threads = [threading.Thread(target=work, args=(at,)) for at in range(6)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert wrong == []


def test_nothing_to_read_is_nothing_read(files: tuple[Path, Path]) -> None:
    assert reader(files).run([]) == []

"""The graph against `transformers.BertModel`, and threads that share it."""

from __future__ import annotations

import gc
import json
import threading
import weakref
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from rag.embedding.bert import BertNetwork
from rag.embedding.bert_graph import Architecture, BertGraph, import_openvino
from rag.embedding.bert_weights import add_deltas, read_weights

HIDDEN, WORDS = 64, 50
CONFIG = {
    "vocab_size": WORDS,
    "hidden_size": HIDDEN,
    "num_hidden_layers": 2,
    "num_attention_heads": HIDDEN // 32,
    "intermediate_size": 128,
    "max_position_embeddings": 40,
}
LIMITS = {
    f"encoder.layer.{layer}.{name}.limits": np.full(size, limit, np.float32)
    for layer in range(2)
    for name, size, limit in (
        ("attention.self.query", HIDDEN, 4),
        ("attention.output.dense", HIDDEN, 8),
        ("intermediate.dense", HIDDEN, 4),
        ("output.dense", 128, 10),
    )
}
"""Key and value share the limits of query."""


@pytest.fixture(scope="module")
def files(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, Path]:
    """The weights of a small BertModel, and deltas for them with a head; in "8 bits" with limits."""
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
    deltas = {
        f"{name}.weight.codes": codes,
        f"{name}.weight.scales": rng.uniform(0.01, 0.05, (HIDDEN, 2)).astype(np.float16),
        f"{name}.bias": rng.normal(size=HIDDEN).astype(np.float16),
        "span.weight": rng.normal(size=(2, HIDDEN)).astype(np.float32),
        "span.bias": np.array([1, -1], np.float32),
    }
    if getattr(request, "param", "float") == "8 bits":
        deltas |= LIMITS
    save_file(deltas, folder / "deltas")
    return folder / "base", folder / "deltas"


def expected(files: tuple[Path, Path], row: list[int]) -> np.ndarray:
    import torch
    from safetensors.numpy import load_file
    from transformers import BertConfig, BertModel

    weights, deltas = map(load_file, files)
    name = "encoder.layer.1.output.dense"
    codes = deltas[f"{name}.weight.codes"]
    added = np.empty((HIDDEN, 128), np.float32)
    for column in range(128):
        byte = codes[:, column // 2]
        code = (byte >> 4 if column % 2 else byte & 15).astype(np.float32) - 8
        added[:, column] = code * deltas[f"{name}.weight.scales"][:, column // 64]
    weights[f"{name}.weight"] += added
    weights[f"{name}.bias"] += deltas[f"{name}.bias"]
    config = BertConfig(**CONFIG)
    model = BertModel(config, add_pooling_layer=False).eval()
    model.load_state_dict({n: torch.from_numpy(value) for n, value in weights.items()})
    with torch.no_grad():
        hidden = model(torch.tensor([row])).last_hidden_state[0].numpy()
    return hidden @ deltas["span.weight"].T + deltas["span.bias"]


@pytest.fixture(scope="module")
def network(files: tuple[Path, Path]) -> BertNetwork:
    """With a head; it batches rows."""
    return make_network(files)


def make_network(files: tuple[Path, Path], **options: int) -> BertNetwork:
    base, deltas = files
    words, weights = read_weights(base)
    return BertNetwork(words, add_deltas(weights, deltas), Architecture(HIDDEN // 32, 1e-12), **options)


ROWS = [[1, 5, 9], list(range(2, 40)), [7] * 11, [1]]


@pytest.mark.parametrize(("files", "error"), [("float", 0.05), ("8 bits", 0.1)], indirect=["files"])
def test_run_gives_the_logits_of_bert_with_the_head(files: tuple[Path, Path], error: float) -> None:
    network, found, right = make_network(files), [], []
    for row, logits in zip(ROWS, network.run(ROWS), strict=True):
        assert logits.shape == (len(row), 2)
        found += [*logits.ravel()]
        right += [*expected(files, row).ravel()]
    assert np.linalg.norm(np.subtract(found, right)) < error * np.linalg.norm(right)


@pytest.mark.parametrize(("files", "matrices"), [("float", 0), ("8 bits", 12)], indirect=["files"])
def test_matrices_with_limits_are_multiplied_in_8_bits(files: tuple[Path, Path], matrices: int) -> None:
    words, weights = read_weights(files[0])
    graph = BertGraph(add_deltas(weights, files[1]), words.shape[1], Architecture(HIDDEN // 32, 1e-12))
    compiled = import_openvino().Core().compile_model(graph.of_texts(None), "CPU")
    products = [
        information["runtimePrecision"].value
        for node in compiled.get_runtime_model().get_ops()
        if "FullyConnected" in (information := node.get_rt_info())["layerType"].value
    ]
    assert sum(precision in ("i8", "u8") for precision in products) == matrices


THREADS, TURNS = 6, 20
RIVALS = [
    [(13 * row + 7 * at + at * at) % (WORDS - 1) + 1 for at in range(length)]
    for row, length in enumerate([4, 4, 4, 11, 11, 11, 38, 38, 38])
]
"""Several rows of each length, so that the output of another row may have the right shape."""


def run_in_threads(network: BertNetwork) -> list[tuple[int, np.ndarray]]:
    """Run rows in groups of three from many threads; return the number and the output of each."""
    outputs: list[tuple[int, np.ndarray]] = []
    start = threading.Barrier(THREADS)

    def work(thread: int) -> None:
        start.wait()
        for turn in range(TURNS):
            order = [(thread + turn + 4 * n) % len(RIVALS) for n in range(3)]
            outputs.extend(zip(order, network.run([RIVALS[n] for n in order]), strict=True))

    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(work, range(THREADS)))
    assert len(outputs) == THREADS * TURNS * 3
    return outputs


def test_threads_get_the_outputs_of_their_own_rows(network: BertNetwork) -> None:
    alone = [network.run([row])[0] for row in RIVALS]
    # The padding of a batch changes an output by rounding; another row changes it by much more.
    nearest = min(
        np.abs(alone[one] - alone[other]).max()
        for one, other in combinations(range(len(RIVALS)), 2)
        if alone[one].shape == alone[other].shape
    )
    tolerance = nearest / 10
    assert tolerance > 0.1
    for row, output in run_in_threads(network):
        assert output.shape == alone[row].shape
        assert np.abs(output - alone[row]).max() < tolerance


@pytest.mark.parametrize("files", ["float", "8 bits"], indirect=True)
def test_rows_padded_to_a_multiple_give_bit_identical_outputs_whatever_else_is_computed(
    files: tuple[Path, Path],
) -> None:
    network = make_network(files, batch=48, multiple=16)
    alone = [network.run([row])[0] for row in RIVALS]
    for row, output in run_in_threads(network):
        assert np.array_equal(output, alone[row])


def test_run_of_no_rows_gives_nothing(network: BertNetwork) -> None:
    assert network.run([]) == []


def test_rows_that_raise_leave_the_network_usable(network: BertNetwork) -> None:
    def rows() -> Iterator[list[int]]:
        yield [1, 5, 9]
        raise ArithmeticError

    with pytest.raises(ArithmeticError):
        network.run(rows())
    assert [output.shape for output in network.run(ROWS)] == [(len(row), 2) for row in ROWS]


def test_a_network_that_nobody_uses_is_freed(files: tuple[Path, Path]) -> None:
    """OpenVINO keeps what it calls back, out of sight of the garbage collector."""
    network = make_network(files)
    network.run([[1, 2, 3]])
    reference = weakref.ref(network)
    del network
    gc.collect()
    assert reference() is None


@pytest.mark.parametrize(
    "settings",
    [{"model_type": "t5", "hidden_act": "gelu"}, {"model_type": "bert", "hidden_act": "relu"}],
)
def test_architecture_of_an_unsupported_network_is_refused(
    tmp_path: Path, settings: dict[str, str]
) -> None:
    (tmp_path / "config.json").write_text(json.dumps(settings))
    with pytest.raises(ValueError, match="is not supported"):
        Architecture.read(tmp_path)

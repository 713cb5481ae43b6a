"""Let the reader compute in 8 bits: `python -m training.reader_limits --data ../shared/data`.

Its graph multiplies codes of 8 bits. One scale for the whole input of a matrix would be too coarse,
because a few channels are far larger than the others. So each channel is divided by a limit of its own,
and its weights are multiplied by it. Limits between the largest inputs and the inverse of the largest
weights share the error among both (SmoothQuant, arXiv:2211.10438). The largest inputs are those of
questions that the reader is trained on. The limits go into the reader's file.
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import safe_open
from safetensors.numpy import load_file, save_file

from rag.answering.reader import SHIPPED
from rag.answering.span_scoring import token_windows, usual_form
from rag.embedding import default_model
from rag.embedding.bert_graph import LIMITS, Architecture, BertGraph, import_openvino
from rag.embedding.bert_weights import Floats, add_deltas, read_tokenizer, read_weights
from rag.types import Hit
from training import reader_data, reader_facts

FACTS = 160
EIGHT_BITS = ("attention.self", "attention.output", "intermediate")
"""The inputs that 8 bits hold. Those of the last map of a layer are not among them: a few tokens have
values so large that the logits would be off by half their spread.
"""
INPUT_SHARE = 0.5
"""The exponent of the largest inputs in a limit; that of the largest weights is the rest."""


class ObservedGraph(BertGraph):
    """Its outputs are the largest inputs of the linear maps, shape (channels,) each."""

    def largest_inputs(self) -> tuple[list[tuple[str, ...]], Any]:
        """Return the names of the maps that share an input, and the graph from a text."""
        self._names: list[tuple[str, ...]] = []
        self._largest: list[Any] = []
        model = self.of_texts(None)
        return self._names, self._openvino.Model(self._largest, model.get_parameters())

    def _denses(self, x: Any, *names: str) -> list[Any]:
        self._names.append(names)
        self._largest.append(self._ops.reduce_max(self._ops.abs(x), np.array([0, 1])))
        return super()._denses(x, *names)


def limits(
    weights: Mapping[str, Floats], names: Sequence[str], largest_inputs: Floats
) -> tuple[str, NDArray[np.float16]]:
    """Return the limits of the input of maps, with their name in the file."""
    largest_weights = np.max([np.abs(weights[f"{name}.weight"]).max(axis=0) for name in names], axis=0)
    inputs, inverse = np.maximum(largest_inputs, 1e-4), 1 / np.maximum(largest_weights, 1e-4)
    smooth = inputs**INPUT_SHARE * inverse ** (1 - INPUT_SHARE)
    return f"{names[0]}.{LIMITS}", (smooth * (inputs / smooth).max()).astype(np.float16)


def measure(path: Path, examples: Iterator[tuple[str, Hit]]) -> dict[str, NDArray[np.float16]]:
    """Return the limits of the maps that stand 8 bits, by name."""
    folder = default_model.path()
    words, base = read_weights(folder / "model.safetensors")
    found = {name: each for name, each in add_deltas(base, path).items() if not name.endswith(LIMITS)}
    names, graph = ObservedGraph(found, words.shape[1], Architecture.read(folder)).largest_inputs()
    compiled = import_openvino().Core().compile_model(graph, "CPU")
    tokenizer = read_tokenizer(folder)
    largest = [np.zeros(1, np.float32)] * len(names)
    for question, hit in examples:
        for window in token_windows(tokenizer, usual_form(question, tokenizer), [hit]):
            inputs = [words[window.ids][None], np.zeros((1, len(window.ids)), np.float32)]
            outputs = compiled(inputs)
            largest = [np.maximum(each, outputs[at]) for at, each in enumerate(largest)]
    return dict(
        limits(found, of, each)
        for of, each in zip(names, largest, strict=True)
        if any(part in of[0] for part in EIGHT_BITS)
    )


def questions(data: Path, rng: random.Random) -> Iterator[tuple[str, Hit]]:
    """Yield questions in seventeen languages, with the passages of news that answer them."""
    for fact in rng.sample(reader_facts.news_facts(data), FACTS):
        marked = reader_data.highlight(rng, fact.passage.text, (fact.start, fact.end))
        yield rng.choice(list(fact.questions.values())), Hit(fact.passage, 1.0, marked)


def write(path: Path, data: Path) -> None:
    """Measure the limits of a reader and write them into its file."""
    found = measure(path, questions(data, random.Random(0)))
    with safe_open(path, "numpy") as file:
        metadata = file.metadata()
    save_file(load_file(path) | found, path, metadata)
    path.chmod(0o644)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--reader", type=Path, default=SHIPPED)
    options = parser.parse_args()
    write(options.reader, options.data)


if __name__ == "__main__":
    main()

"""BERT and XLM-RoBERTa on OpenVINO: no torch, and bfloat16 on processors that have it."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from rag.embedding.bert_graph import MASKED, Architecture, BertGraph, import_openvino
from rag.embedding.bert_weights import Floats
from rag.files import Table

_BATCH_TOKENS = 1024
_AHEAD = 2
"""Batches that are started for each that is computed: no core waits until Python has the next."""
Row = TypeVar("Row")


class BertNetwork:
    """A compiled network for texts; `run` is safe to call from several threads, which take turns.

    With `pooling`, "mean" or "cls", the output is one unit vector per text. Without it, the output is
    the head `span` applied to each token. With `throughput` each core computes a batch of its own;
    otherwise all cores compute the same one, which reduces the latency. Consecutive texts form a batch
    of up to `batch` tokens, padding included; a longer text is a batch by itself.

    The output for a text depends, by rounding, on its padding. With `multiple` each text is padded to a
    multiple of so many tokens, and only texts of the same padded length form a batch. The output for a
    text is then bit-identical whatever else is computed.
    """

    def __init__(
        self,
        words: Table,
        weights: Mapping[str, NDArray[Any]],
        architecture: Architecture,
        pooling: str | None = None,
        *,
        throughput: bool = True,
        batch: int = _BATCH_TOKENS,
        multiple: int | None = None,
    ) -> None:
        graph = BertGraph(weights, words.shape[1], architecture).of_texts(pooling)
        self._words = words
        self._batch, self._multiple = batch, multiple
        self._is_pooled = pooling is not None
        self._queue = _Queue(graph, throughput=throughput)
        self.precision = self._queue.precision

    def run(self, rows: Iterable[Sequence[int]]) -> list[Floats]:
        """Return the output for each row of token ids: shape (dim,) if pooled, else (tokens, n).

        Sort the rows by length, so that batches need little padding. `rows` may be a generator: it
        produces the next rows while the first are computed.
        """

        def outputs(rows: Sequence[Sequence[int]], tensors: Sequence[Floats]) -> list[Floats]:
            (tensor,) = tensors
            if self._is_pooled:
                return [vector.copy() for vector in tensor]
            return [each[: len(row)].copy() for row, each in zip(rows, tensor, strict=True)]

        batches = _batches(rows, self._padded, self._batch, is_mixed=self._multiple is None)
        return self._queue.run(batches, self._inputs, outputs)

    def _padded(self, row: Sequence[int]) -> int:
        """Return the least number of tokens to which a row is padded."""
        return len(row) if self._multiple is None else -(-len(row) // self._multiple) * self._multiple

    def _inputs(self, rows: Sequence[Sequence[int]]) -> list[NDArray[Any]]:
        words = np.zeros((len(rows), max(map(self._padded, rows)), self._words.shape[1]), np.float32)
        mask = np.full(words.shape[:2], MASKED)
        for number, row in enumerate(rows):
            words[number, : len(row)] = self._words[row]
            mask[number, : len(row)] = 0
        return [words, mask]


class PassageVectors(NamedTuple):
    """The unit vectors of a passage, shape (dim,), and of its windows, shape (n, dim)."""

    own: Floats
    windows: Floats


def first_windows(rows: Sequence[list[int]], max_tokens: int) -> Iterator[list[int]]:
    """Yield rows of token ids up to `max_tokens` tokens in all, at least one row."""
    tokens = 0
    for number, row in enumerate(rows):
        tokens += len(row)
        if number and tokens > max_tokens:
            return
        yield row


class PassageNetwork:
    """A compiled network that computes a passage and all its windows in one pass.

    The architecture must have `local_layers`. `last` are the weights of the layers after them, as they
    are for passages. It is safe to share between threads, which take turns.
    """

    def __init__(
        self,
        words: Table,
        weights: Mapping[str, NDArray[Any]],
        last: Mapping[str, NDArray[Any]],
        architecture: Architecture,
    ) -> None:
        windows, passages = (BertGraph(each, words.shape[1], architecture) for each in (weights, last))
        graph = windows.of_passages(passages)
        self._words = words
        self._queue = _Queue(graph, throughput=True)

    def run(self, rows: Iterable[Sequence[Sequence[int]]]) -> list[PassageVectors]:
        """Return the vectors of passages, each given as the token ids of its windows.

        Sort the rows by length, as for `BertNetwork`.
        """

        def outputs(
            rows: Sequence[Sequence[Sequence[int]]], tensors: Sequence[Floats]
        ) -> list[PassageVectors]:
            own, windows = tensors
            return [
                PassageVectors(own[number].copy(), windows[number, : len(row)].copy())
                for number, row in enumerate(rows)
            ]

        return self._queue.run(_batches(rows, _tokens, _BATCH_TOKENS), self._inputs, outputs)

    def _inputs(self, rows: Sequence[Sequence[Sequence[int]]]) -> list[NDArray[Any]]:
        shape = len(rows), max(map(_tokens, rows))
        words = np.zeros((*shape, self._words.shape[1]), np.float32)
        window, position = np.full(shape, -1), np.zeros(shape, np.int64)
        for number, row in enumerate(rows):
            lengths = list(map(len, row))
            tokens = slice(0, sum(lengths))
            words[number, tokens] = self._words[[token for piece in row for token in piece]]
            window[number, tokens] = np.repeat(np.arange(len(row)), lengths)
            position[number, tokens] = np.concatenate([np.arange(length) for length in lengths])
        return [words, window, position, np.arange(max(map(len, rows)))]


class _Queue:
    """A compiled graph, and the requests that compute batches at the same time.

    Requests are awaited, without callbacks: OpenVINO's own queue would run Python in its threads, where
    the garbage collector may then free another network, and that aborts the process.
    """

    def __init__(self, graph: Any, *, throughput: bool) -> None:
        openvino = import_openvino()
        hint = "THROUGHPUT" if throughput else "LATENCY"
        compiled = openvino.Core().compile_model(graph, "CPU", {"PERFORMANCE_HINT": hint})
        self.precision: str = compiled.get_property("INFERENCE_PRECISION_HINT").to_string()
        self._outputs = len(compiled.outputs)
        count = compiled.get_property("OPTIMAL_NUMBER_OF_INFER_REQUESTS")
        self._requests = [compiled.create_infer_request() for _ in range(_AHEAD * count)]
        self._lock = threading.Lock()

    def run(
        self,
        batches: Iterable[list[Row]],
        inputs: Callable[[list[Row]], list[NDArray[Any]]],
        outputs: Callable[[list[Row], Sequence[Floats]], list[Any]],
    ) -> list[Any]:
        """Return the outputs of all rows in order; `outputs` must copy what it takes of a tensor."""
        results: list[Any] = []
        started: deque[tuple[Any, list[Row]]] = deque()

        def collect() -> Any:
            """Await the batch that was started first, and return its request."""
            request, rows = started.popleft()
            request.wait()
            tensors = [request.get_output_tensor(number).data for number in range(self._outputs)]
            results.extend(outputs(rows, tensors))
            return request

        with self._lock:
            try:
                for number, rows in enumerate(batches):
                    request = self._requests[number] if number < len(self._requests) else collect()
                    request.start_async(inputs(rows))
                    started.append((request, rows))
                while started:
                    collect()
            finally:
                for request, _ in started:
                    request.wait()
        return results


def _batches(
    rows: Iterable[Row], length: Callable[[Row], int], max_tokens: int, *, is_mixed: bool = True
) -> Iterator[list[Row]]:
    """Yield batches of consecutive rows, of one length each unless `is_mixed`."""
    batch: list[Row] = []
    longest = 0
    for row in rows:
        fits = max(longest, length(row)) * (len(batch) + 1) <= max_tokens
        if batch and not (fits and (is_mixed or length(row) == longest)):
            yield batch
            batch, longest = [], 0
        longest = max(longest, length(row))
        batch.append(row)
    if batch:
        yield batch


def _tokens(row: Sequence[Sequence[int]]) -> int:
    return sum(map(len, row))

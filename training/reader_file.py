"""The file of the reader: differences of the layers from the default model, and the head."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import torch

from rag.embedding.bert_graph import LIMITS
from rag.embedding.bert_weights import read_deltas

GROUP = 64
"""Neighbours in a row that share a scale."""


def start_from(network: torch.nn.Module, path: Path) -> None:
    """Add the differences of a reader's file, and take over its head for the span.

    Its limits belong to the old weights; `reader_limits` measures new ones.
    """
    with torch.no_grad():
        for name, value in read_deltas(path):
            delta = torch.from_numpy(value)
            if name.startswith("span."):
                network.get_parameter(name)[: len(delta)] = delta
            elif not name.endswith(LIMITS):
                network.get_parameter(f"bert.{name}").add_(delta)


def differences(
    network: torch.nn.Module, original: dict[str, torch.Tensor]
) -> Iterator[tuple[str, torch.Tensor]]:
    """Yield the head for spans and the deltas of the layers."""
    for name, value in network.state_dict().items():
        weight = name.removeprefix("bert.")
        if name.startswith("span."):
            yield name, value
        elif weight.startswith("encoder."):
            yield weight, value - original[weight]


def pack(tensors: Iterable[tuple[str, torch.Tensor]]) -> dict[str, torch.Tensor]:
    """Return the head for spans as it is, and deltas in half precision, matrices as 4-bit codes."""
    packed = {}
    for name, value in tensors:
        if name.startswith("span."):
            packed[name] = value
        elif value.ndim == 1:
            packed[name] = value.half()
        else:
            packed[f"{name}.codes"], packed[f"{name}.scales"] = quantize(value)
    return {name: value.contiguous() for name, value in packed.items()}


def quantize(matrix: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Return 4-bit codes, two per byte, and the best half-precision scale of each 64."""
    groups = matrix.reshape(len(matrix), -1, GROUP)
    most = groups.abs().amax(-1, keepdim=True)
    error = torch.full_like(most, torch.inf)
    scales, codes = torch.zeros_like(most), torch.zeros_like(groups)
    for clip in (1.0, 0.9, 0.8, 0.7, 0.6, 0.5):
        scale = (most * clip / 7).half().float().clamp(min=1e-7)
        code = (groups / scale).round().clamp(-8, 7)
        lost = (code * scale - groups).square().sum(-1, keepdim=True)
        better = lost < error
        error = torch.where(better, lost, error)
        scales, codes = torch.where(better, scale, scales), torch.where(better, code, codes)
    halves = (codes.reshape(len(matrix), -1, 2) + 8).to(torch.uint8)
    return halves[..., 0] | halves[..., 1] << 4, scales[..., 0].half()

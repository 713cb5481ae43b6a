"""The default model without its adapter, and an adapter that is trained on it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import torch
from torch.nn import functional
from torch.nn.utils import parametrize
from transformers import AutoModel

CHUNK = 8
"""Texts that are padded to the same length."""


class LowRank(torch.nn.Module):
    """Adds the product of two thin matrices to a weight (LoRA, arXiv:2106.09685)."""

    def __init__(self, left: torch.Tensor, right: torch.Tensor) -> None:
        super().__init__()
        self.left, self.right = torch.nn.Parameter(left), torch.nn.Parameter(right)

    def forward(self, weight: torch.Tensor) -> torch.Tensor:
        return weight + self.left @ self.right


class AdaptedNetwork(torch.nn.Module):
    """The layers of BERT with an adapter; it is widened to `rank` by columns that add nothing yet.

    Compute several batches between two changes of the parameters under `parametrize.cached()`.
    """

    def __init__(self, folder: Path, adapter: Mapping[str, torch.Tensor], rank: int) -> None:
        super().__init__()
        self.bert = AutoModel.from_pretrained(folder).eval()  # no dropout
        self.bert.requires_grad_(False)
        self._original = {
            name: value.clone()
            for name, value in self.bert.named_parameters()
            if name.startswith("encoder.")
        }
        for name, value in self._original.items():
            module = self.bert.get_submodule(name.rpartition(".")[0])
            if value.ndim < 2:
                parameter = module.get_parameter(name.rpartition(".")[2])
                parameter.add_(adapter.get(name, torch.zeros_like(value)).float())
                parameter.requires_grad_()
                continue
            left, right = (
                adapter.get(f"{name}.{side}", torch.zeros(shape)).float()
                for side, shape in (("left", (len(value), 0)), ("right", (0, value.shape[1])))
            )
            more = rank - left.shape[1]
            scale = right.std() if right.numel() else 0.02
            left = torch.cat([left, torch.zeros(len(left), more)], 1)
            right = torch.cat([right, scale * torch.randn(more, right.shape[1])])
            parametrize.register_parametrization(module, "weight", LowRank(left, right))

    def tuned(self) -> dict[str, torch.nn.Parameter]:
        """Return the parameters to tune by name; those of matrices end in ".left" and ".right"."""
        return {
            name.replace(".parametrizations.weight.0.", ".weight."): parameter
            for name, parameter in self.bert.named_parameters()
            if parameter.requires_grad
        }

    def adapter(self) -> dict[str, torch.Tensor]:
        """Return the thin matrices and differences in half precision, as the package stores them."""
        return {
            name: (value - self._original.get(name, 0)).detach().half().contiguous()
            for name, value in self.tuned().items()
        }

    def forward(self, rows: Sequence[Sequence[int]]) -> torch.Tensor:
        """Return the unit vectors of texts, given as token ids, shape (len(rows), dim)."""
        order = sorted(range(len(rows)), key=lambda number: len(rows[number]))
        vectors = []
        for start in range(0, len(order), CHUNK):
            texts = [torch.tensor(rows[number]) for number in order[start : start + CHUNK]]
            ids = torch.nn.utils.rnn.pad_sequence(texts, batch_first=True)
            lengths = torch.tensor([len(text) for text in texts])
            mask = (torch.arange(ids.shape[1]) < lengths[:, None]).long()
            hidden = self.bert(input_ids=ids, attention_mask=mask).last_hidden_state
            vectors.append((hidden * mask[..., None]).sum(1) / lengths[:, None])
        together = functional.normalize(torch.cat(vectors), dim=-1)
        return together[torch.tensor(order).argsort()]


def average(
    start: Mapping[str, torch.Tensor], tuned: Mapping[str, torch.Tensor], share: float
) -> dict[str, torch.Tensor]:
    """Return the average of two adapters, of which `share` is the tuned one (arXiv:2109.01903).

    A matrix is again a product of two thin ones, as thin as those of the tuned adapter.
    """
    averaged = {}
    for name, value in tuned.items():
        if not name.endswith((".left", ".right")):
            averaged[name] = torch.lerp(start[name].float(), value.float(), share).half()
        elif name.endswith(".left"):
            matrix = name.removesuffix(".left")
            before, after = (
                each[name].float() @ each[f"{matrix}.right"].float() for each in (start, tuned)
            )
            left, values, right = torch.linalg.svd(
                torch.lerp(before, after, share), full_matrices=False
            )
            rank = value.shape[1]
            root = values[:rank].sqrt()
            averaged[name] = (left[:, :rank] * root).half().contiguous()
            averaged[f"{matrix}.right"] = (root[:, None] * right[:rank]).half().contiguous()
    return averaged

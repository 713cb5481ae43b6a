"""The default model as it is trained: layers with an adapter, and the one pass over a passage."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import torch
from safetensors.torch import load_file
from torch.nn import functional

LAYERS, HEADS, EPSILON = 12, 12, 1e-12
LOCAL_LAYERS = 10
"""The first layers, in which a token of a passage sees its window alone."""
_HIDDEN = -1e9


class PackedNetwork(torch.nn.Module):
    """Twelve layers of BERT, each matrix with the product of two thin ones added.

    Call `refresh` after each change of the parameters.
    """

    def __init__(self, folder: Path, adapter: Mapping[str, torch.Tensor], rank: int) -> None:
        super().__init__()
        weights = load_file(folder / "model.safetensors")
        self._words = weights["embeddings.word_embeddings.weight"]
        self._positions = weights["embeddings.position_embeddings.weight"]
        self._positions = self._positions + weights["embeddings.token_type_embeddings.weight"][0]
        self._norm = [weights[f"embeddings.LayerNorm.{kind}"] for kind in ("weight", "bias")]
        self._base = {n: weight for n, weight in weights.items() if n.startswith("encoder.")}
        parameters = {}
        for name, weight in self._base.items():
            if weight.ndim < 2:
                parameters[name] = adapter.get(name, torch.zeros_like(weight)).float()
                continue
            left, right = (
                adapter.get(f"{name}.{side}", torch.zeros(shape)).float()
                for side, shape in (("left", (len(weight), 0)), ("right", (0, weight.shape[1])))
            )
            more = rank - left.shape[1]
            parameters[f"{name}.left"] = torch.cat([left, torch.zeros(len(left), more)], 1)
            scale = right.std() if right.numel() else 0.02
            parameters[f"{name}.right"] = torch.cat([right, scale * torch.randn(more, right.shape[1])])
        self.deltas = torch.nn.ParameterDict(
            {name.replace(".", "/"): value for name, value in parameters.items()}
        )
        self.refresh()

    def adapter(self) -> dict[str, torch.Tensor]:
        """Return the thin matrices and differences in half precision, as the package stores them."""
        return {
            name.replace("/", "."): value.detach().half().contiguous()
            for name, value in self.deltas.items()
        }

    def refresh(self) -> None:
        """Add the differences to the weights."""
        self._weights = {}
        for name, weight in self._base.items():
            key = name.replace(".", "/")
            if weight.ndim < 2:
                self._weights[name] = weight + self.deltas[key]
            else:
                product = self.deltas[f"{key}/left"] @ self.deltas[f"{key}/right"]
                self._weights[name] = weight + product

    def texts(self, rows: Sequence[Sequence[int]]) -> torch.Tensor:
        """Return the unit vectors of texts, shape (len(rows), dim), in batches of similar length."""
        order = sorted(range(len(rows)), key=lambda number: len(rows[number]))
        vectors = []
        for start in range(0, len(order), 8):
            chunk = [[rows[number]] for number in order[start : start + 8]]
            hidden, window = self._local(chunk, LAYERS)
            vectors.append(_mean(hidden, window >= 0))
        together = functional.normalize(torch.cat(vectors), dim=-1)
        return together[torch.tensor(order).argsort()]

    def passages(
        self, rows: Sequence[Sequence[Sequence[int]]]
    ) -> tuple[torch.Tensor, list[torch.Tensor]]:
        """Return the unit vectors of passages and of their windows out of one pass."""
        hidden, window = self._local(rows, LOCAL_LAYERS)
        mask = torch.where(window >= 0, 0.0, _HIDDEN)[:, None, None]
        seen = hidden
        for layer in range(LOCAL_LAYERS, LAYERS):
            seen = self._layer(seen, mask, layer)
            hidden = self._layer(hidden, self._apart(window), layer)
        own = functional.normalize(_mean(seen, window >= 0), dim=-1)
        windows = [
            functional.normalize(
                torch.stack([hidden[at][window[at] == n].mean(0) for n in range(len(row))]), dim=-1
            )
            for at, row in enumerate(rows)
        ]
        return own, windows

    def _local(
        self, rows: Sequence[Sequence[Sequence[int]]], layers: int
    ) -> tuple[torch.Tensor, torch.Tensor]:
        length = max(sum(map(len, row)) for row in rows)
        ids, positions = (torch.zeros(len(rows), length, dtype=torch.long) for _ in range(2))
        window = torch.full((len(rows), length), -1)
        for at, row in enumerate(rows):
            start = 0
            for number, piece in enumerate(row):
                place = slice(start, start + len(piece))
                ids[at, place] = torch.tensor(piece)
                positions[at, place] = torch.arange(len(piece))
                window[at, place] = number
                start += len(piece)
        hidden = self._words[ids] + self._positions[positions]
        hidden = functional.layer_norm(hidden, hidden.shape[-1:], *self._norm, EPSILON)
        single = all(len(row) == 1 for row in rows)
        mask = torch.where(window >= 0, 0.0, _HIDDEN)[:, None, None] if single else self._apart(window)
        for layer in range(layers):
            hidden = self._layer(hidden, mask, layer)
        return hidden, window

    @staticmethod
    def _apart(window: torch.Tensor) -> torch.Tensor:
        same = window[:, :, None] == window[:, None, :]
        return torch.where(same, 0.0, _HIDDEN)[:, None]

    def _layer(self, x: torch.Tensor, mask: torch.Tensor, layer: int) -> torch.Tensor:
        name = f"encoder.layer.{layer}"

        def dense(y: torch.Tensor, part: str) -> torch.Tensor:
            weights = self._weights
            return functional.linear(
                y, weights[f"{name}.{part}.weight"], weights[f"{name}.{part}.bias"]
            )

        def norm(y: torch.Tensor, part: str) -> torch.Tensor:
            weights = (self._weights[f"{name}.{part}.LayerNorm.{kind}"] for kind in ("weight", "bias"))
            return functional.layer_norm(y, y.shape[-1:], *weights, EPSILON)

        q, k, v = (
            dense(x, f"attention.self.{part}").unflatten(-1, (HEADS, -1)).transpose(1, 2)
            for part in ("query", "key", "value")
        )
        mixed = functional.scaled_dot_product_attention(q, k, v, attn_mask=mask)
        mixed = dense(mixed.transpose(1, 2).flatten(2), "attention.output.dense")
        x = norm(x + mixed, "attention.output")
        inner = functional.gelu(dense(x, "intermediate.dense"))
        return norm(x + dense(inner, "output.dense"), "output")


def _mean(hidden: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    return (hidden * mask[..., None]).sum(1) / mask.sum(1, keepdim=True)

"""The network that is trained to read, and the gradients of its loss."""

from __future__ import annotations

from typing import Any

import torch
from torch.nn import functional

from training.reader_batch import Batch

ADVERSARIAL_SHIFT = 1.0
"""The length of the shift of all token embeddings of an example."""


class TrainedNetwork(torch.nn.Module):
    """The layers and a head; `bert` is tuned in place.

    The outputs of each token are its logits as the start and as the end of the answer. The first token
    has two more: that there is an answer, and that only a sentence can answer the question.
    """

    def __init__(self, bert: Any) -> None:
        super().__init__()
        self.bert = bert
        self.span = torch.nn.Linear(bert.config.hidden_size, 4)
        self.shift = torch.zeros(())
        """What is added to the embeddings of the tokens."""
        self.embedded = torch.zeros(())
        """The embeddings that were read last, which collect their gradient."""
        bert.embeddings.register_forward_hook(self._embed)

    def _embed(self, _: Any, __: Any, output: torch.Tensor) -> torch.Tensor:
        self.embedded = (output.detach() + self.shift.to(output)).requires_grad_()
        return self.embedded

    def forward(self, batch: Batch) -> tuple[torch.Tensor, torch.Tensor]:
        """Return the logits of the span, shape (n, tokens, 2), and of the first token, (n, 2)."""
        device = batch.ids.device.type
        with torch.autocast(device, torch.bfloat16, enabled=device != "cpu"):
            hidden = self.bert(input_ids=batch.ids, attention_mask=batch.mask).last_hidden_state
        logits = self.span(hidden.float())
        return logits[..., :2].masked_fill(~batch.allowed[..., None], -1e4), logits[:, 0, 2:]


def on_device(batch: Batch, network: TrainedNetwork) -> Batch:
    return Batch(*(tensor.to(network.span.weight.device) for tensor in batch))


def backward(network: TrainedNetwork, batch: Batch, weight: float, *, once: bool = False) -> float:
    """Add the gradients of the loss, and unless `once` those with the worst small shift.

    Returns the loss without the shift.
    """
    loss = _loss(network, batch) * weight
    loss.backward()
    if once:
        return loss.item()
    gradient = network.embedded.grad
    assert gradient is not None
    lengths = gradient.flatten(1).norm(dim=1).clamp(min=1e-12)
    network.shift = ADVERSARIAL_SHIFT * gradient / lengths[:, None, None]
    (_loss(network, batch) * weight).backward()
    network.shift = torch.zeros(())
    return loss.item()


def _loss(network: TrainedNetwork, batch: Batch) -> torch.Tensor:
    span, first = network(batch)
    found = functional.cross_entropy(span, torch.stack([batch.starts, batch.ends], 1))
    targets = torch.stack([batch.starts > 0, batch.sentences > 0], 1).float()
    weights = torch.stack([torch.full_like(first[:, 0], 0.5), 0.2 * (batch.sentences >= 0)], 1)
    binary = functional.binary_cross_entropy_with_logits(first, targets, weights, reduction="sum")
    return found + binary / len(first)

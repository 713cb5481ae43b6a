"""The training of the reader: it learns, and the adversarial reading leaves no trace."""

from __future__ import annotations

import pytest
import torch
from transformers import BertConfig, BertModel

from training import reader_network
from training.reader_batch import Batch
from training.reader_network import TrainedNetwork, backward


def make_network() -> TrainedNetwork:
    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=20,
        hidden_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=32,
        hidden_dropout_prob=0.0,
        attention_probs_dropout_prob=0.0,
    )
    return TrainedNetwork(BertModel(config))


def make_batch() -> Batch:
    """Two texts whose answer is the token 7; the third has none."""
    ids = torch.tensor([[1, 5, 7, 6, 2], [1, 7, 6, 5, 2], [1, 5, 6, 5, 2]])
    places = torch.tensor([2, 1, 0])
    allowed = torch.tensor([[True, True, True, True, False]] * 3)
    return Batch(ids, torch.ones_like(ids), allowed, places, places, torch.tensor([0, 0, -1]))


def test_training_lowers_the_loss_and_finds_the_answers() -> None:
    network, batch = make_network(), make_batch()
    optimizer = torch.optim.AdamW(network.parameters(), lr=0.01)
    losses = []
    for _ in range(60):
        losses.append(backward(network, batch, 1.0))
        optimizer.step()
        optimizer.zero_grad()
    assert losses[-1] < losses[0] / 4
    span, first = network(batch)
    assert span[..., 0].argmax(1).tolist() == [2, 1, 0]
    assert (first[:, 0] > 0).tolist() == [True, True, False]


def test_the_second_reading_is_worse_and_leaves_no_shift(monkeypatch: pytest.MonkeyPatch) -> None:
    network, batch = make_network(), make_batch()
    before, _ = network(batch)
    losses: list[float] = []
    compute = reader_network._loss

    def recorded(network: TrainedNetwork, batch: Batch) -> torch.Tensor:
        loss = compute(network, batch)
        losses.append(loss.item())
        return loss

    monkeypatch.setattr(reader_network, "_loss", recorded)
    backward(network, batch, 1.0)
    first, second = losses
    assert second > first + 0.05
    after, _ = network(batch)
    assert torch.equal(before, after)


def test_reading_once_adds_the_gradients_of_the_texts_as_they_are() -> None:
    network, batch = make_network(), make_batch()
    reader_network._loss(network, batch).backward()
    expected = network.span.weight.grad
    network.zero_grad()
    backward(network, batch, 1.0, once=True)
    torch.testing.assert_close(network.span.weight.grad, expected)

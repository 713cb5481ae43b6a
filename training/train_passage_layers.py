"""Train the last layers for passages: `python -m training.train_passage_layers`.

A build computes a passage and its windows in one pass (late chunking, arXiv:2409.04701): in the first
layers a token sees its window alone, which is all that the windows need. The last layers of the passage
see all its tokens. They are copies of those of the default model, tuned until the vector of the passage
is the one that a pass of its own would give. The windows keep their vectors.

It reads CMRC 2018 train, newsqa-train, squad2-zh-even and XQuAD articles at even positions. Run it
after `train_encoder`: it takes a quarter of an hour on two cores.
"""

from __future__ import annotations

import argparse
import copy
import random
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_file
from sentence_transformers import SentenceTransformer
from torch.nn import functional

from rag.embedding import default_model
from rag.embedding.encoder import SentenceEncoder
from rag.text import passages
from rag.types import Article
from training import encoder_data
from training.reader_file import pack

STEPS, BATCH = 250, 16
LEARNING_RATE, WARM_UP = 3e-4, 0.05
PASSAGES, HELD_BACK = 1800, 160
FOREIGN = 500
"""Passages in other languages, of those that are drawn from."""
TOKENS = 512
NEIGHBOURS = 48
"""Passages of similar length, of which a batch is drawn."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--out", type=Path, default=default_model.LAYERS)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--steps", type=int, default=STEPS)
    options = parser.parse_args()
    torch.manual_seed(options.seed)
    texts = read_texts(options.data, random.Random(options.seed))
    with tempfile.TemporaryDirectory() as folder:
        default_model.unpack(Path(folder), default_model.ADAPTER, None)
        model = SentenceTransformer(folder, device="cpu")
        states = [local_states(model, text) for text in texts]
        print(f"{len(states)} passages", flush=True)
        encoder = SentenceEncoder(folder, shift_languages=False)
        own = torch.from_numpy(encoder.encode_passages(texts))
    layers = model[0].auto_model.encoder.layer[default_model.LOCAL_LAYERS :]
    tuned = copy.deepcopy(layers)
    train(tuned, states, own, options.steps, random.Random(options.seed))
    before = layers.state_dict()
    deltas = (
        (f"encoder.layer.{int(number) + default_model.LOCAL_LAYERS}.{weight}", value - before[name])
        for name, value in tuned.state_dict().items()
        for number, _, weight in [name.partition(".")]
    )
    save_file(pack(deltas), options.out)
    print(f"{options.out}: {options.out.stat().st_size / 1e6:.1f} MB")


def read_texts(data: Path, rng: random.Random) -> list[str]:
    """Return passages of several windows, as the program cuts them, in random order."""
    news, _ = encoder_data.news_questions(data)
    asked = [*news, *encoder_data.wikipedia_questions(data)]
    texts = {question.passage.text for question in asked if question.passage}
    texts.update(_cut([article for article, _ in encoder_data.cmrc(data).values()]))
    foreign = [
        Article("", "", "", paragraph.text, None, "", language)
        for language in encoder_data.XQUAD
        if language != "zh"
        for paragraph in encoder_data.xquad(data, language)
    ]
    texts.update(rng.sample(_cut(foreign), FOREIGN))
    several = sorted(text for text in texts if len(passages.windows(text)) > 1)
    return rng.sample(several, PASSAGES)


def _cut(articles: Sequence[Article]) -> list[str]:
    return [passage.text for article in articles for passage in passages.split(article)]


@torch.no_grad()
def local_states(model: SentenceTransformer, text: str) -> torch.Tensor:
    """Return the tokens of a passage after the local layers, shape (tokens, dim), in half precision."""
    windows = [f"passage: {text[slice(*span)]}" for span in passages.windows(text)]
    rows = model.tokenizer(windows)["input_ids"]
    lengths = torch.tensor([len(row) for row in rows])
    window = torch.arange(len(rows)).repeat_interleave(lengths)[:TOKENS]
    apart = torch.where(window[:, None] == window, 0.0, float("-inf"))[None, None]
    ids = torch.tensor([token for row in rows for token in row])[None, :TOKENS]
    positions = torch.cat([torch.arange(len(row)) for row in rows])[None, :TOKENS]
    bert: Any = model[0].auto_model
    hidden = bert.embeddings(input_ids=ids, position_ids=positions)
    for layer in bert.encoder.layer[: default_model.LOCAL_LAYERS]:
        hidden = layer(hidden, apart)
    return hidden[0].half()


def train(
    layers: torch.nn.ModuleList,
    states: Sequence[torch.Tensor],
    own: torch.Tensor,
    steps: int,
    rng: random.Random,
) -> None:
    """Tune layers in place, so that passages get their `own` vectors and similarities to others."""
    layers.requires_grad_()
    optimizer = torch.optim.AdamW(layers.parameters(), lr=LEARNING_RATE, weight_decay=0.0)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer,
        lambda step: min((step + 1) / (WARM_UP * steps), (steps - step) / (steps * (1 - WARM_UP))),
    )
    held_back = list(range(HELD_BACK))
    by_length = sorted(range(HELD_BACK, len(states)), key=lambda number: len(states[number]))
    started = time.monotonic()
    for step in range(steps + 1):
        if step % 100 == 0 or step == steps:
            with torch.no_grad():
                chunks = [held_back[at : at + BATCH] for at in range(0, HELD_BACK, BATCH)]
                found = torch.cat([pool(layers, [states[n] for n in chunk]) for chunk in chunks])
            cosine = (found * own[held_back]).sum(1)
            print(
                f"step {step}: cosine {cosine.mean():.4f}, least {cosine.min():.3f}, "
                f"{time.monotonic() - started:.0f} s",
                flush=True,
            )
        first = rng.randrange(len(by_length) - NEIGHBOURS)
        batch = rng.sample(by_length[first : first + NEIGHBOURS], BATCH)
        found, right = pool(layers, [states[n] for n in batch]), own[batch]
        similarities = functional.mse_loss(found @ own.T, right @ own.T)
        loss = 10 * (1 - (found * right).sum(1)).mean() + 20 * similarities
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()


def pool(layers: torch.nn.ModuleList, states: Sequence[torch.Tensor]) -> torch.Tensor:
    """Return the unit vectors of passages, shape (n, dim), from their tokens after the local layers."""
    hidden = torch.nn.utils.rnn.pad_sequence([state.float() for state in states], batch_first=True)
    lengths = torch.tensor([len(state) for state in states])
    is_token = torch.arange(hidden.shape[1]) < lengths[:, None]
    mask = torch.where(is_token, 0.0, float("-inf"))[:, None, None]
    for layer in layers:
        hidden = layer(hidden, mask)
    return functional.normalize((hidden * is_token[..., None]).sum(1), dim=-1)


if __name__ == "__main__":
    main()

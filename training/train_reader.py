"""Train the reader: `python -m training.train_reader --data ../shared/data`.

The input is what the program reads: a question with the title, the date and a part of a passage. The
output is where the answer starts and ends in the passage; the first token stands for no answer
(arXiv:1810.04805) and says what kind of answer the question wants. The layers of the default model are
tuned from the fifth on, with a head for these. The file has the differences of the layers, in 4 bits,
and the head.

Each step has a random seed of its own, and an interrupted run resumes from its last checkpoint. There
is no dropout. `reader_facts.py` says what it reads.
"""

from __future__ import annotations

import argparse
import json
import math
import pickle
import random
import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_file
from sentence_transformers import SentenceTransformer
from torch.nn import functional

from rag.answering.confidence import ConfidenceModel
from rag.answering.reader import CONFIDENCE_KEY, SHIPPED
from rag.embedding import default_model
from rag.embedding.bert_weights import read_tokenizer
from rag.embedding.encoder import SentenceEncoder
from rag.types import Hit
from training import calibrate_reader, reader_data, reader_facts
from training.code_switching import CodeSwitcher
from training.reader_batch import Batch, tokenize
from training.reader_data import Example, Examples
from training.reader_facts import Fact
from training.reader_file import differences, pack, start_from

STEPS, BATCH, PART = 1100, 16, 4
WARM_UP = 0.05
LEARNING_RATE, HEAD_LEARNING_RATE = 1.2e-4, 5e-4
CHECKPOINT_STEPS, REPORT_STEPS = 200, 20
HELD_BACK = 160
FROZEN = 4
"""The first layers keep the weights of the reader that is continued, to save a quarter of the time."""


class TrainedNetwork(torch.nn.Module):
    """The layers and a head; `bert` is tuned in place.

    The outputs of each token are its logits as the start and as the end of the answer. The first token
    has two more: that there is an answer, and that only a sentence can answer the question.
    """

    def __init__(self, bert: Any) -> None:
        super().__init__()
        self.bert = bert
        self.span = torch.nn.Linear(bert.config.hidden_size, 4)

    def forward(self, batch: Batch) -> tuple[torch.Tensor, torch.Tensor]:
        """Return the logits of the span, shape (n, tokens, 2), and of the first token, (n, 2)."""
        hidden = self.bert(input_ids=batch.ids, attention_mask=batch.mask).last_hidden_state.float()
        logits = self.span(hidden)
        return logits[..., :2].masked_fill(~batch.allowed[..., None], -1e4), logits[:, 0, 2:]


def train(
    network: TrainedNetwork,
    tokenizer: Any,
    examples: Examples,
    held: Sequence[Example],
    out: Path,
    steps: int,
) -> None:
    """Train in place, from the last checkpoint in `out` if it has one; log to `out`/curve.jsonl."""
    network.eval()  # no dropout
    network.bert.requires_grad_(False)
    tuned = network.bert.encoder.layer[FROZEN:].requires_grad_(True)
    layers = list(tuned.parameters())
    head = list(network.span.parameters())
    groups = [{"params": layers, "lr": LEARNING_RATE}, {"params": head, "lr": HEAD_LEARNING_RATE}]
    optimizer = torch.optim.AdamW(groups, fused=True)
    checkpoint, first = out / "checkpoint.pt", 1
    if checkpoint.is_file():
        state = torch.load(checkpoint, weights_only=True)
        network.load_state_dict(state["network"])
        optimizer.load_state_dict(state["optimizer"])
        first = state["step"] + 1
    peaks = [group["lr"] for group in groups]
    started, mean = time.monotonic(), 0.0
    for step in range(first, steps + 1):
        for group, peak in zip(optimizer.param_groups, peaks, strict=True):
            group["lr"] = peak * share(step, steps)
        batch = sorted(examples.batch(step, BATCH), key=lambda example: len(example.hit.passage.text))
        for at in range(0, BATCH, PART):
            loss = _loss(network, tokenize(tokenizer, batch[at : at + PART])) * PART / BATCH
            loss.backward()
            mean += loss.item() / REPORT_STEPS
        torch.nn.utils.clip_grad_norm_(layers, 1.0)
        optimizer.step()
        optimizer.zero_grad()
        if step % REPORT_STEPS == 0 or step == steps:
            line: dict[str, float] = {"step": step, "loss": round(mean, 4)}
            if step % CHECKPOINT_STEPS == 0 or step == steps:
                line |= accuracy(network, tokenizer, held)
                state = {"network": network, "optimizer": optimizer}
                draft = checkpoint.with_suffix(".draft")
                torch.save({k: v.state_dict() for k, v in state.items()} | {"step": step}, draft)
                draft.replace(checkpoint)
            line["seconds"] = round(time.monotonic() - started)
            print(json.dumps(line), flush=True)
            with (out / "curve.jsonl").open("a", encoding="utf-8") as log:
                log.write(json.dumps(line) + "\n")
            mean = 0.0


def share(step: int, steps: int) -> float:
    """Return the share of the learning rate: it rises, then falls to 0 along a cosine."""
    rising = WARM_UP * steps
    if step < rising:
        return step / rising
    return (1 + math.cos(math.pi * (step - rising) / (steps - rising))) / 2


def _loss(network: TrainedNetwork, batch: Batch) -> torch.Tensor:
    span, first = network(batch)
    found = functional.cross_entropy(span, torch.stack([batch.starts, batch.ends], 1))
    targets = torch.stack([batch.starts > 0, batch.sentences > 0], 1).float()
    weights = torch.stack([torch.full_like(first[:, 0], 0.5), 0.2 * (batch.sentences >= 0)], 1)
    binary = functional.binary_cross_entropy_with_logits(first, targets, weights, reduction="sum")
    return found + binary / len(first)


@torch.no_grad()
def accuracy(network: TrainedNetwork, tokenizer: Any, examples: Sequence[Example]) -> dict[str, float]:
    """Return the share of exact answers, and of right choices: an answer or none, a sentence or not."""
    exact, chosen, answerable, form, known = 0, 0, 0, 0, 0
    for at in range(0, len(examples), 8):
        batch = tokenize(tokenizer, examples[at : at + 8])
        span, first_token = network(batch)
        known += int((batch.sentences >= 0).sum())
        form += int(((first_token[:, 1] > 0) == batch.sentences).sum())
        for row in range(len(span)):
            scores = span[row, 1:, 0, None] + span[row, None, 1:, 1]
            possible = torch.ones_like(scores).triu().tril(47) > 0
            scores = scores.where(possible, -torch.inf)
            first, last = divmod(int(scores.argmax()), scores.shape[1])
            has = bool(batch.starts[row])
            answerable += has
            exact += has and (first + 1, last + 1) == (int(batch.starts[row]), int(batch.ends[row]))
            chosen += has == bool(scores.max() > span[row, 0].sum())
    return {
        "exact": exact / max(1, answerable),
        "chosen": chosen / len(examples),
        "form": form / max(1, known),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--start", type=Path, default=SHIPPED, help="the reader to continue from")
    parser.add_argument("--out", type=Path, default=SHIPPED)
    parser.add_argument("--work", type=Path, default=Path("build/reader"), help="checkpoints, curve")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--steps", type=int, default=STEPS)
    options = parser.parse_args()
    options.work.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(options.seed)
    folder = default_model.path()
    bert = SentenceTransformer(str(folder), device="cpu")[0].auto_model
    facts, held_back = reader_facts.read_facts(options.data)
    print({kind: len(of) for kind, of in facts.items()}, len(held_back), flush=True)
    cache = options.work / "nearest.pickle"
    if not cache.is_file():
        found = reader_facts.nearest(facts, SentenceEncoder(), ["news", "forms"])
        cache.write_bytes(pickle.dumps(found))
    near = pickle.loads(cache.read_bytes())
    examples = Examples(facts, near, CodeSwitcher().switch, options.seed)
    network = TrainedNetwork(bert)
    original = {name: value.clone() for name, value in bert.state_dict().items()}
    start_from(network, options.start)
    held = held_back_examples(held_back)
    train(network, read_tokenizer(folder), examples, held, options.work, options.steps)
    metadata = {
        "base": default_model.fingerprint(),
        CONFIDENCE_KEY: json.dumps(asdict(ConfidenceModel())),
    }
    save_file(pack(differences(network, original)), options.out, metadata)
    options.out.chmod(0o644)
    calibrate_reader.calibrate(options.out, options.data)
    print(f"{options.out}: {options.out.stat().st_size / 1e6:.1f} MB")


def held_back_examples(facts: Sequence[Fact]) -> list[Example]:
    """Return questions of held-back facts in mixed languages, a third of them without an answer."""
    rng, examples = random.Random(0), []
    for fact in rng.sample(list(facts), min(HELD_BACK, len(facts))):
        is_twin = bool(fact.twins) and rng.random() < 1 / 3
        asked = fact.twins if is_twin else fact.questions
        answer = (0, 0) if is_twin else (fact.start, fact.end)
        marked = reader_data.highlight(rng, fact.passage.text, (fact.start, fact.end))
        hit, wanted = Hit(fact.passage, 1.0, marked), reader_data.wants_sentence(fact, asked)
        examples.append(Example(rng.choice(list(asked.values())), hit, *answer, wanted))
    return examples


if __name__ == "__main__":
    main()

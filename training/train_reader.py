"""Train the reader: `python -m training.train_reader --data ../shared/data`.

The input is what the program reads: a question with the title, the date and a part of a passage. The
output is where the answer starts and ends in the passage; the first token stands for no answer
(arXiv:1810.04805) and says what kind of answer the question wants. The layers of the default model are
tuned, with a head for these. The file has the differences of the layers, in 4 bits, and the head.

Every example is read twice, the second time with its token embeddings shifted to where the loss grows
fastest (adversarial training, arXiv:1605.07725). The last part of the training has more news. The
weights of runs with different random seeds are averaged (arXiv:2203.05482). An interrupted run resumes
from its last checkpoint. `reader_facts.py` says what it reads.

The reader in the package took two runs of seven minutes on a GPU; two processor cores need days. Then
it read generated news for an hour on two cores:

    python -m training.train_reader --steps 480 --batch 16 --rate 6e-5 --news 1 --generated 0.5 --once
"""

from __future__ import annotations

import argparse
import json
import math
import pickle
import random
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, NamedTuple

import torch
from safetensors.torch import save_file
from sentence_transformers import SentenceTransformer

from rag.answering.confidence import ConfidenceModel
from rag.answering.reader import CONFIDENCE_KEY, SHIPPED
from rag.embedding import default_model
from rag.embedding.bert_weights import read_tokenizer
from rag.embedding.encoder import SentenceEncoder
from rag.types import Hit
from training import calibrate_reader, generated_news, reader_data, reader_facts
from training.code_switching import CodeSwitcher
from training.fact import Fact
from training.reader_batch import tokenize
from training.reader_data import NEWS_PART, NEWS_SHARES, SHARES, Example, Examples
from training.reader_file import differences, pack, start_from
from training.reader_network import TrainedNetwork, backward, on_device

PART = 16
WARM_UP = 0.05
HEAD_RATE = 2.67
"""The learning rate of the head, as a multiple of that of the layers."""
CHECKPOINT_STEPS, REPORT_STEPS = 200, 20
HELD_BACK = 160


class Recipe(NamedTuple):
    """The settings of a training; the defaults are those of a long one.

    `rate` is the highest learning rate of the layers, `news` the last part of the steps, which has more
    news, `generated` the share of generated news. With `once` no example is read a second time.
    """

    steps: int = 4500
    batch: int = 64
    rate: float = 1.5e-4
    news: float = NEWS_PART
    generated: float = reader_data.GENERATED_SHARE
    once: bool = False


def train(
    network: TrainedNetwork,
    tokenizer: Any,
    examples: Examples,
    held: Mapping[str, Sequence[Example]],
    out: Path,
    recipe: Recipe,
) -> None:
    """Train in place, from the last checkpoint in `out` if it has one; log to `out`/curve.jsonl.

    `held` are examples for the curve, by what their names in it begin with.
    """
    steps = recipe.steps
    network.train()
    network.bert.requires_grad_(False)
    layers = list(network.bert.encoder.requires_grad_(True).parameters())
    head = list(network.span.parameters())
    groups = [{"params": layers, "lr": recipe.rate}, {"params": head, "lr": HEAD_RATE * recipe.rate}]
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
        shares = SHARES if step <= steps * (1 - recipe.news) else NEWS_SHARES
        shares = reader_data.with_generated(shares, recipe.generated)
        batch = examples.batch(step, recipe.batch, shares)
        batch.sort(key=lambda example: len(example.hit.passage.text))
        for at in range(0, recipe.batch, PART):
            some = batch[at : at + PART]
            part = on_device(tokenize(tokenizer, some), network)
            loss = backward(network, part, len(some) / recipe.batch, once=recipe.once)
            mean += loss / REPORT_STEPS
        torch.nn.utils.clip_grad_norm_(layers, 1.0)
        optimizer.step()
        optimizer.zero_grad()
        if step % REPORT_STEPS == 0 or step == steps:
            line: dict[str, float] = {"step": step, "loss": round(mean, 4)}
            if step % CHECKPOINT_STEPS == 0 or step == steps:
                for kind, of in held.items():
                    found = accuracy(network, tokenizer, of)
                    line |= {kind + name: value for name, value in found.items()}
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


@torch.no_grad()
def accuracy(network: TrainedNetwork, tokenizer: Any, examples: Sequence[Example]) -> dict[str, float]:
    """Return the share of exact answers, and of right choices: an answer or none, a sentence or not."""
    network.eval()
    exact, chosen, answerable, form, known = 0, 0, 0, 0, 0
    for at in range(0, len(examples), 8):
        batch = on_device(tokenize(tokenizer, examples[at : at + 8]), network)
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
    network.train()
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
    parser.add_argument("--seeds", type=int, nargs="+", default=[2, 3], help="one run for each")
    for name, default in Recipe()._asdict().items():
        if isinstance(default, bool):
            parser.add_argument(f"--{name}", action="store_true")
        else:
            parser.add_argument(f"--{name}", type=type(default), default=default)
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    options = parser.parse_args()
    recipe = Recipe(*(getattr(options, name) for name in Recipe._fields))
    options.work.mkdir(parents=True, exist_ok=True)
    folder = default_model.path()
    bert = SentenceTransformer(str(folder), device="cpu")[0].auto_model
    facts, held_back = reader_facts.read_facts(options.data)
    print({kind: len(of) for kind, of in facts.items()}, len(held_back), flush=True)
    cache = options.work / "nearest.pickle"
    if not cache.is_file():
        found = reader_facts.nearest(facts, SentenceEncoder(), ["news", "written"])
        cache.write_bytes(pickle.dumps(found))
    near, switch = pickle.loads(cache.read_bytes()), CodeSwitcher().switch
    network = TrainedNetwork(bert)
    original = {name: value.clone() for name, value in bert.state_dict().items()}
    start_from(network, options.start)
    network.to(options.device)
    start = {name: value.clone() for name, value in network.state_dict().items()}
    average = dict.fromkeys(start, torch.zeros(()))
    held = {
        "": held_back_examples(held_back),
        "generated ": held_back_examples(generated_news.held_back_facts()),
    }
    for seed in options.seeds:
        torch.manual_seed(seed)
        network.load_state_dict(start)
        work = options.work / str(seed)
        work.mkdir(exist_ok=True)
        examples = Examples(facts, near, switch, seed)
        train(network, read_tokenizer(folder), examples, held, work, recipe)
        for name, value in network.state_dict().items():
            average[name] = average[name] + value.cpu() / len(options.seeds)
    network.cpu().load_state_dict(average)
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

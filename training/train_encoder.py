"""Tune the adapter of the default model: `python -m training.train_encoder --data ../shared/data`.

It continues from the adapter in the package, whose model is also the teacher. Questions, sentences and
names in any language are moved towards the teacher's vectors of Chinese texts: the window with the
answer, the same question, the same sentence, the same name. These vectors are computed once, so a step
costs only the texts that move, and each is compared with all Chinese texts instead of those of its
batch. Some Chinese windows are held to the teacher's vectors. `train_passage_layers.py` comes next.

The thin matrices of the adapter are tuned themselves, with more columns than before, and averaged with
those of the start, which keeps the quality of Chinese questions. Word embeddings are frozen, and there
is no dropout. A run is seeded, and resumes from its last checkpoint.
"""

from __future__ import annotations

import argparse
import random
import time
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load_file, save_file
from tokenizers import Tokenizer
from torch.nn import functional
from torch.nn.utils import parametrize

from rag.embedding import default_model
from training.adapted_network import AdaptedNetwork, average
from training.encoder_data import Question
from training.encoder_teacher import Material, Teacher, teach
from training.parallel_texts import Parallel

STEPS = 380
QUESTIONS, SENTENCES, NAMES, WINDOWS = 48, 20, 24, 6
"""Texts of a step."""
LEARNING_RATE, OTHER_LEARNING_RATE = 2e-4, 4e-5
"""Of the thin matrices, and of biases and LayerNorm."""
WARM_UP = 0.05
TEMPERATURE = 0.02
RANK = 48
SHARE = 0.85
"""The share of the tuned weights in the average with those of the start."""
ANCHOR = 10.0
"""The weight of the distance of a Chinese window from where the teacher has it."""
SHARES = 0.4, 0.35, 0.25
"""Shares of the kinds of questions."""
TOKENS = 320
NEWS_LANGUAGES = 4
"""Most languages of a question on news."""
CHECKPOINT_STEPS = 50


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--out", type=Path, default=Path("rag/models/adapter.safetensors"))
    parser.add_argument("--start", type=Path, default=Path("rag/models/adapter.safetensors"))
    parser.add_argument("--work", type=Path, default=Path("build/train"), help="for checkpoints")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--steps", type=int, default=STEPS)
    options = parser.parse_args()
    torch.manual_seed(options.seed)
    options.work.mkdir(parents=True, exist_ok=True)
    material = Material.read(options.data, random.Random(options.seed))
    teacher = teach(material, options.work / "teacher.npz")
    plain = default_model.path(default_model.PLAIN_NAME)
    network = AdaptedNetwork(plain, load_file(options.start), RANK)
    trainer = Trainer(network, material, teacher, Tokenizer.from_file(str(plain / "tokenizer.json")))
    trainer.run(options.steps, options.seed, options.work)
    save_file(average(load_file(options.start), network.adapter(), SHARE), options.out)
    print(f"{options.out}: {options.out.stat().st_size / 1e6:.1f} MB")


class Trainer:
    def __init__(
        self, network: AdaptedNetwork, material: Material, teacher: Teacher, tokenizer: Tokenizer
    ) -> None:
        self._network, self._material, self._teacher = network, material, teacher
        self._tokenizer = tokenizer
        self._known_windows = list(teacher.rows["windows"])
        passages = list(material.passages().values())
        self._passage = {passage.text: at for at, passage in enumerate(passages)}
        rows = teacher.rows["windows"]
        self._windows = [torch.tensor([rows[w] for w in p.windows]) for p in passages]
        owner = torch.cat([torch.full((len(w),), at) for at, w in enumerate(self._windows)])
        self._owner, self._at = owner, torch.cat(self._windows)
        means = torch.zeros(len(passages), teacher.windows.shape[1])
        means.index_add_(0, owner, teacher.windows[self._at])
        self._means = functional.normalize(means, dim=-1)

    def run(self, steps: int, seed: int, work: Path) -> None:
        tuned = self._network.tuned()
        thin = [p for n, p in tuned.items() if n.endswith((".left", ".right"))]
        other = [p for n, p in tuned.items() if not n.endswith((".left", ".right"))]
        optimizer = torch.optim.AdamW(
            [{"params": thin, "lr": LEARNING_RATE}, {"params": other, "lr": OTHER_LEARNING_RATE}],
            weight_decay=0.0,
        )
        schedule = torch.optim.lr_scheduler.LambdaLR(
            optimizer,
            lambda step: min((step + 1) / (WARM_UP * steps), (steps - step) / (steps * (1 - WARM_UP))),
        )
        first, checkpoint = 0, work / "checkpoint.pt"
        if checkpoint.is_file():
            saved = torch.load(checkpoint)
            first = saved["step"]
            self._network.load_state_dict(saved["network"], strict=False)
            optimizer.load_state_dict(saved["optimizer"])
            schedule.load_state_dict(saved["schedule"])
        started, sums = time.monotonic(), dict[str, float]()
        self._report(first)
        for step in range(first + 1, steps + 1):
            optimizer.zero_grad()
            with parametrize.cached():
                losses = self._losses(random.Random(f"{seed} {step}"))
                torch.stack(list(losses.values())).sum().backward()
            torch.nn.utils.clip_grad_norm_(thin, 1.0)
            optimizer.step()
            schedule.step()
            for name, loss in losses.items():
                sums[name] = sums.get(name, 0.0) + loss.item() / 10
            if step % 10 == 0:
                shown = " ".join(f"{name} {value:.3f}" for name, value in sums.items())
                print(f"step {step} {shown} {time.monotonic() - started:.0f} s", flush=True)
                sums.clear()
            if step % CHECKPOINT_STEPS == 0 or step == steps:
                state = {
                    "step": step,
                    "network": {n: p for n, p in self._network.named_parameters() if p.requires_grad},
                    "optimizer": optimizer.state_dict(),
                    "schedule": schedule.state_dict(),
                }
                torch.save(state, checkpoint.with_suffix(".new"))
                checkpoint.with_suffix(".new").rename(checkpoint)
                save_file(self._network.adapter(), work / f"adapter-{step}.safetensors")
            if step % (2 * CHECKPOINT_STEPS) == 0 or step == steps:
                self._report(step)

    def _losses(self, rng: random.Random) -> dict[str, torch.Tensor]:
        material, teacher = self._material, self._teacher
        sentences = rng.sample(material.sentences, SENTENCES)
        half = SENTENCES // 2
        texts = [rng.choice(each.others) for each in sentences]
        vectors = torch.cat(
            [self._encode("query: ", texts[:half]), self._encode("passage: ", texts[half:])]
        )
        chosen = rng.sample(material.names, NAMES)
        named = self._encode("query: ", [rng.choice(each.others) for each in chosen])
        return {
            **self._question_losses(rng),
            "sentences": _contrast(vectors, teacher.sentences, teacher.rows["sentences"], sentences),
            "names": 0.3 * _contrast(named, teacher.names, teacher.rows["names"], chosen),
            "anchor": ANCHOR * self._anchor_loss(rng),
        }

    def _question_losses(self, rng: random.Random) -> dict[str, torch.Tensor]:
        material, teacher = self._material, self._teacher
        asked, texts = [], []
        for _ in range(QUESTIONS):
            question = rng.choice(*rng.choices(material.questions, SHARES))
            tags = list(question.texts)
            asked.append(question)
            shares = [1 if tag in ("zh", "en") else 3 for tag in tags]
            texts.append(question.texts[rng.choices(tags, shares)[0]])
        vectors = self._encode("query: ", texts)
        same = [number for number, q in enumerate(asked) if "zh" in q.texts]
        rows = torch.tensor([teacher.rows["questions"][asked[n].texts["zh"]] for n in same])
        losses = {
            "same": 0.5
            * functional.cross_entropy(vectors[same] @ teacher.questions.T / TEMPERATURE, rows)
        }
        answered = [number for number, q in enumerate(asked) if q.passage]
        similarity = vectors[answered] @ teacher.windows.T
        targets = torch.tensor([teacher.rows["windows"][asked[n].window] for n in answered])
        hidden = self._also_right([asked[n] for n in answered], targets)
        losses["windows"] = functional.cross_entropy(
            similarity.masked_fill(hidden, -1.0) / TEMPERATURE, targets
        )
        best = torch.full((len(answered), len(self._windows)), -1.0).scatter_reduce(
            1, self._owner.expand(len(answered), -1), similarity[:, self._at], "amax"
        )
        scores = (best + vectors[answered] @ self._means.T) / 2
        right = [asked[n].passage for n in answered]
        places = torch.tensor([self._passage[passage.text] for passage in right if passage])
        losses["passages"] = 0.5 * functional.cross_entropy(scores / TEMPERATURE, places)
        return losses

    def _also_right(self, asked: Sequence[Question], targets: torch.Tensor) -> torch.Tensor:
        """Mark the other windows of the passage that hold the answer too."""
        marked = torch.zeros(len(asked), len(self._teacher.windows), dtype=torch.bool)
        for number, question in enumerate(asked):
            for window in question.passage.windows if question.passage else ():
                row = self._teacher.rows["windows"][window]
                marked[number, row] = question.answer in window and row != targets[number]
        return marked

    def _anchor_loss(self, rng: random.Random) -> torch.Tensor:
        texts = rng.sample(self._known_windows, WINDOWS)
        rows = [self._teacher.rows["windows"][text] for text in texts]
        return 1 - (self._encode("passage: ", texts) * self._teacher.windows[rows]).sum(1).mean()

    def _tokens(self, prompt: str, text: str) -> list[int]:
        ids: list[int] = self._tokenizer.encode(prompt + text).ids
        return ids[:TOKENS]

    def _encode(self, prompt: str, texts: Iterable[str]) -> torch.Tensor:
        vectors: torch.Tensor = self._network([self._tokens(prompt, text) for text in texts])
        return vectors

    @torch.no_grad()
    def _report(self, step: int) -> None:
        """Print the MRR@10 of the development questions, on news and on Wikipedia."""
        asked = [q for q in self._material.development if q.passage]
        found: dict[str, list[float]] = {}
        texts = [(tag, text, q) for q in asked for tag, text in q.texts.items()][::3]
        with parametrize.cached():
            vectors = self._encode("query: ", [text for _, text, _ in texts])
        similarity = vectors @ self._teacher.windows.T
        for number, (tag, _, question) in enumerate(texts):
            of = similarity[number, self._at]
            best = torch.full((len(self._windows),), -1.0).scatter_reduce(0, self._owner, of, "amax")
            assert question.passage
            rank = int((best > best[self._passage[question.passage.text]]).sum()) + 1
            group = tag if tag in ("zh", "en") else "others"
            group = f"{'news' if len(question.texts) <= NEWS_LANGUAGES else 'wikipedia'} {group}"
            found.setdefault(group, []).append(1 / rank if rank <= 10 else 0.0)
        shown = " ".join(f"{tag} {np.mean(of):.3f}" for tag, of in sorted(found.items()))
        print(f"development after {step}: {shown}", flush=True)


def _contrast(
    vectors: torch.Tensor, known: torch.Tensor, rows: dict[str, int], right: Sequence[Parallel]
) -> torch.Tensor:
    targets = torch.tensor([rows[each.chinese] for each in right])
    return functional.cross_entropy(vectors @ known.T / TEMPERATURE, targets)


if __name__ == "__main__":
    main()

"""Train the adapter of the default model: `python -m training.train_encoder --data ../shared/data`.

The twelve layers are tuned contrastively on public question-passage pairs and parallel sentences, so
that a question in any language is near the Chinese passage that answers it. Then the tuned weights are
averaged with the original ones, which preserves the quality of Chinese questions (WiSE-FT,
arXiv:2109.01903). The adapter is the difference, with each matrix as the product of two thin ones.

Training takes about an hour on two cores with bfloat16 and is seeded. Word embeddings are frozen. It
reads only XQuAD articles at even positions, CMRC 2018 dev and trial, DRCD dev, and SIB-200 train.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import opencc
import torch
from safetensors.torch import save_file
from sentence_transformers import SentenceTransformer

from rag.embedding import default_model

XQUAD = ["ar", "de", "el", "en", "es", "hi", "ro", "ru", "th", "tr", "vi", "zh"]
SIB_TARGET = "zho_Hans"
SIB = (
    "eng_Latn fra_Latn deu_Latn spa_Latn por_Latn ita_Latn nld_Latn ron_Latn rus_Cyrl ukr_Cyrl "
    "pol_Latn ell_Grek tur_Latn arb_Arab pes_Arab hin_Deva tha_Thai vie_Latn ind_Latn jpn_Jpan "
    "kor_Hang zho_Hant"
).split()
STEPS = 600
QUESTION_TOKENS, PASSAGE_TOKENS = 48, 224
LEARNING_RATE = 4e-5
TEMPERATURE = 0.02
SHARE = 0.7
"""The share of the tuned weights in the average with the original ones."""
RANK = 46


class Paragraph(NamedTuple):
    """A paragraph with its questions, each with the start and end of its answer."""

    text: str
    questions: list[tuple[str, int, int]]


class Batch(NamedTuple):
    """Texts that belong together, row by row; in a batch of parallel questions none is a passage."""

    questions: list[str]
    passages: list[str]
    symmetric: bool = False


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--out", type=Path, default=Path("rag/models/adapter.safetensors"))
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--steps", type=int, default=STEPS)
    options = parser.parse_args()
    torch.manual_seed(options.seed)
    model = SentenceTransformer(
        str(default_model.path(default_model.PLAIN_NAME)),
        device="cpu",
        model_kwargs={"attn_implementation": "eager"},  # trains faster here than the fused one
    )
    transformer = model[0].auto_model
    original = {name: value.clone() for name, value in transformer.state_dict().items()}
    batches = Batches(options.data, model, random.Random(options.seed))
    tune(model, transformer, batches, options.steps)
    deltas = {
        name: (value - original[name]) * SHARE
        for name, value in transformer.state_dict().items()
        if name.startswith("encoder.") and not torch.equal(value, original[name])
    }
    save_file(compress(deltas), options.out)
    print(f"{options.out}: {options.out.stat().st_size / 1e6:.1f} MB")


class Batches(Iterator[Batch]):
    """Endless batches, each of one kind, so that negatives are similar in form and language."""

    def __init__(self, data: Path, model: SentenceTransformer, rng: random.Random) -> None:
        self._rng = rng
        self._xquad = {name: squad(data / f"xquad/xquad.{name}.json")[::2] for name in XQUAD}
        self._chinese = [
            paragraph
            for name in ("cmrc2018/cmrc2018_dev", "cmrc2018/cmrc2018_trial", "drcd/DRCD_dev")
            for article in squad(data / f"{name}.json")
            for paragraph in article
        ]
        self._simplify = opencc.OpenCC("t2s").convert
        with torch.autocast("cpu", dtype=torch.bfloat16):
            vectors = model.encode(
                [f"passage: {paragraph.text[:120]}" for paragraph in self._chinese],
                convert_to_tensor=True,
                normalize_embeddings=True,
            )
        self._neighbours = (vectors @ vectors.T).topk(12).indices.tolist()
        self._sib = {
            name: (data / f"sib200/train/{name}.txt").read_text(encoding="utf-8").splitlines()
            for name in [SIB_TARGET, *SIB]
        }

    def __next__(self) -> Batch:
        (make,) = self._rng.choices(
            [self._questions, self._chinese_questions, self._sentences, self._same_questions],
            [0.4, 0.2, 0.3, 0.1],
        )
        return make()

    def _questions(self) -> Batch:
        """XQuAD in mixed languages: all paragraphs of five articles, mixed with Chinese ones."""
        rng, pairs = self._rng, []
        for article in rng.sample(range(len(self._xquad["en"])), 5):
            for at in range(len(self._xquad["en"][article])):
                number = rng.randrange(len(self._xquad["en"][article][at].questions))
                question = self._xquad[rng.choice(XQUAD)][article][at].questions[number][0]
                language = "zh" if rng.random() < 0.6 else rng.choice(XQUAD)
                text, questions = self._xquad[language][article][at]
                pairs.append((question, self._cut(text, *questions[number][1:])))
        pairs += self._clusters(16)
        return Batch(*map(list, zip(*pairs, strict=True)))

    def _chinese_questions(self) -> Batch:
        return Batch(*map(list, zip(*self._clusters(40), strict=True)))

    def _clusters(self, pairs: int) -> list[tuple[str, str]]:
        """Chinese questions with their passages: paragraphs that are similar to each other."""
        rng, chosen = self._rng, dict[int, None]()
        while len(chosen) < pairs:
            seed = rng.randrange(len(self._chinese))
            chosen |= dict.fromkeys([seed, *rng.sample(self._neighbours[seed], 7)])
        found = []
        for at in list(chosen)[:pairs]:
            text, questions = self._chinese[at]
            question, start, end = rng.choice(questions)
            texts = question, self._cut(text, start, end)
            found.append(tuple(self._simplify(t) if rng.random() < 0.5 else t for t in texts))
        return found

    def _sentences(self) -> Batch:
        """Parallel sentences of SIB-200: in another language, and mostly in Chinese."""
        rng = self._rng
        numbers = rng.sample(range(len(self._sib[SIB_TARGET])), 96)
        return Batch(
            [self._sib[rng.choice(SIB)][at] for at in numbers],
            [self._sib[SIB_TARGET if rng.random() < 0.75 else rng.choice(SIB)][at] for at in numbers],
        )

    def _same_questions(self) -> Batch:
        """Parallel questions of XQuAD: in another language, and in Chinese."""
        rng = self._rng
        parallel = [
            [question for article in self._xquad[name] for p in article for question, *_ in p.questions]
            for name in XQUAD
        ]
        numbers = rng.sample(range(len(parallel[-1])), 128)
        return Batch(
            [rng.choice(parallel[:-1])[at] for at in numbers],
            [parallel[-1][at] for at in numbers],
            symmetric=True,
        )

    def _cut(self, text: str, start: int, end: int) -> str:
        """Cut a text around an answer, from the start of a sentence, to the size of a passage."""
        rng = self._rng
        size = rng.randint(200, 420) if rng.random() < 0.7 else rng.randint(70, 160)
        if text[start:end].isascii() or not re.search("[一-鿿]", text):
            size = size * 5 // 2
        first = rng.randint(min(start, max(0, end - size)), start)
        sentences = [match.end() for match in re.finditer(r"[。！？]|[.!?।]\s", text[:first])]
        first = max(sentences, default=0)
        return text[first : max(first + size, end)]


def squad(path: Path) -> list[list[Paragraph]]:
    """Return the articles of a SQuAD file as paragraphs with their questions."""
    articles: list[Any] = json.loads(path.read_text(encoding="utf-8"))["data"]
    return [
        [
            Paragraph(paragraph["context"], questions)
            for paragraph in article["paragraphs"]
            if (questions := list(placed(paragraph)))
        ]
        for article in articles
    ]


def placed(paragraph: Any) -> Iterator[tuple[str, int, int]]:
    """Yield questions with the start and end of their answer; 205 offsets of CMRC 2018 are wrong."""
    for qa in paragraph["qas"]:
        answer = qa["answers"][0]["text"]
        start = qa["answers"][0]["answer_start"]
        if not paragraph["context"].startswith(answer, start):
            start = paragraph["context"].find(answer)
        if start >= 0:
            yield qa["question"], start, start + len(answer)


def tune(model: SentenceTransformer, transformer: Any, batches: Iterator[Batch], steps: int) -> None:
    """Tune the layers in place, with in-batch negatives in both directions."""
    transformer.eval()  # no dropout
    transformer.embeddings.requires_grad_(False)
    parameters = [p for p in transformer.encoder.parameters() if p.requires_grad]
    optimizer = torch.optim.AdamW(parameters, lr=LEARNING_RATE)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, LEARNING_RATE, total_steps=steps)

    def embed(prompt: str, texts: Sequence[str], tokens: int) -> torch.Tensor:
        texts = [prompt + text for text in texts]
        rows = model.tokenizer(texts, truncation=True, max_length=tokens)["input_ids"]
        order = sorted(range(len(rows)), key=lambda row: len(rows[row]))  # little padding
        vectors = []
        for start in range(0, len(order), 16):
            chunk = [rows[row] for row in order[start : start + 16]]
            encoded = model.tokenizer.pad({"input_ids": chunk}, return_tensors="pt")
            hidden = transformer(**encoded).last_hidden_state
            mask = encoded["attention_mask"][..., None]
            vectors.append((hidden * mask).sum(1) / mask.sum(1))
        together = torch.nn.functional.normalize(torch.cat(vectors).float(), dim=-1)
        return together[torch.tensor(order).argsort()]

    started, mean = time.monotonic(), 0.0
    for step in range(1, steps + 1):
        batch = next(batches)
        with torch.autocast("cpu", dtype=torch.bfloat16):
            questions = embed("query: ", batch.questions, QUESTION_TOKENS)
            passages = (
                embed("query: ", batch.passages, QUESTION_TOKENS)
                if batch.symmetric
                else embed("passage: ", batch.passages, PASSAGE_TOKENS)
            )
        similarity = questions @ passages.T / TEMPERATURE
        target = torch.arange(len(similarity))
        loss = torch.nn.functional.cross_entropy(similarity, target)
        loss = (loss + torch.nn.functional.cross_entropy(similarity.T, target)) / 2
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
        mean += loss.item() / 10
        if step % 10 == 0:
            print(f"step {step} loss {mean:.4f} {time.monotonic() - started:.0f} s", flush=True)
            mean = 0.0


def compress(deltas: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """Replace each matrix by the best product of two thin ones (truncated SVD), in half precision."""
    thin = {}
    for name, delta in deltas.items():
        if delta.ndim < 2:
            thin[name] = delta.half().contiguous()
            continue
        left, values, right = torch.linalg.svd(delta, full_matrices=False)
        root = values[:RANK].sqrt()
        thin[f"{name}.left"] = (left[:, :RANK] * root).half().contiguous()
        thin[f"{name}.right"] = (root[:, None] * right[:RANK]).half().contiguous()
    return thin


if __name__ == "__main__":
    main()

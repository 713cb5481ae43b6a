"""What the default model is tuned on, and where the model to start from has it."""

from __future__ import annotations

import random
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch

from rag.embedding.encoder import SentenceEncoder
from training import encoder_data
from training.encoder_data import Parallel, Passage, Question

NAMES_KNOWN = 6000
"""Names that are compared."""


class Teacher(NamedTuple):
    """Unit vectors of the Chinese texts under the model to start from; `rows` has their numbers."""

    windows: torch.Tensor
    questions: torch.Tensor
    sentences: torch.Tensor
    names: torch.Tensor
    own: torch.Tensor
    rows: dict[str, dict[str, int]]


class Material(NamedTuple):
    news: list[Question]
    development: list[Question]
    wikipedia: list[Question]
    sentences: list[Parallel]
    names: list[Parallel]
    foreign: list[tuple[Passage, str]]
    """Passages in other languages, each with the Chinese passage that says the same."""

    @classmethod
    def read(cls, data: Path, rng: random.Random) -> Material:
        news, development = encoder_data.news_questions(data)
        names = encoder_data.names(data)
        chinese = encoder_data.xquad(data, "zh")
        foreign = [
            (encoder_data.passage(paragraph.text), chinese[at].text)
            for name in encoder_data.XQUAD
            if name != "zh"
            for at, paragraph in enumerate(encoder_data.xquad(data, name))
        ]
        return cls(
            news,
            development,
            encoder_data.wikipedia_questions(data),
            encoder_data.sentences(data),
            rng.sample(names, NAMES_KNOWN),
            foreign,
        )

    def passages(self) -> dict[str, Passage]:
        """Return the Chinese passages by their text."""
        asked = [*self.news, *self.development, *self.wikipedia]
        return {q.passage.text: q.passage for q in asked if q.passage}


def teach(material: Material, own: Sequence[str], cache: Path) -> Teacher:
    """Encode the Chinese texts; `own` are the passages that get a vector of their own."""
    asked = [*material.news, *material.development, *material.wikipedia]
    texts = {
        "windows": [w for passage in material.passages().values() for w in passage.windows],
        "questions": [q.texts["zh"] for q in asked if "zh" in q.texts],
        "sentences": [each.chinese for each in material.sentences],
        "names": [each.chinese for each in material.names],
        "own": list(own),
    }
    rows = {kind: {text: at for at, text in enumerate(dict.fromkeys(of))} for kind, of in texts.items()}
    if not cache.is_file():
        encoder = SentenceEncoder(shift_languages=False)
        started, vectors = time.monotonic(), {}
        for kind, known in rows.items():
            encode = encoder.encode_queries if kind == "questions" else encoder.encode_passages
            vectors[kind] = encode(list(known))
            print(f"{kind}: {len(known)}, {time.monotonic() - started:.0f} s", flush=True)
        np.savez(cache, **vectors)
    saved = np.load(cache)
    return Teacher(**{kind: torch.from_numpy(saved[kind]) for kind in rows}, rows=rows)

"""What the default model is tuned on, and where the model to start from has it."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch

from rag.embedding.encoder import SentenceEncoder
from training import encoder_data, parallel_texts
from training.encoder_data import Passage, Question
from training.parallel_texts import Parallel

NAMES_KNOWN = 6000
"""Names that are compared."""


class Teacher(NamedTuple):
    """Unit vectors of the Chinese texts under the model to start from; `rows` has their numbers."""

    windows: torch.Tensor
    questions: torch.Tensor
    sentences: torch.Tensor
    names: torch.Tensor
    rows: dict[str, dict[str, int]]


class Material(NamedTuple):
    questions: tuple[list[Question], ...]
    """Kinds of questions: on news, in many languages on Wikipedia, and others on Wikipedia."""
    development: list[Question]
    sentences: list[Parallel]
    names: list[Parallel]

    @classmethod
    def read(cls, data: Path, rng: random.Random) -> Material:
        news, news_development = encoder_data.news_questions(data)
        written, written_development = encoder_data.written_questions(data)
        names = parallel_texts.names(data)
        return cls(
            (
                news,
                encoder_data.xquad_questions(data) + written,
                encoder_data.wikipedia_questions(data) + encoder_data.chinese_questions(data),
            ),
            news_development + written_development,
            parallel_texts.sentences(data),
            rng.sample(names, NAMES_KNOWN),
        )

    def passages(self) -> dict[str, Passage]:
        """Return the Chinese passages by their text."""
        return {q.passage.text: q.passage for q in self.all_questions() if q.passage}

    def all_questions(self) -> Iterator[Question]:
        return chain(*self.questions, self.development)


def teach(material: Material, cache: Path) -> Teacher:
    """Encode the Chinese texts, or read their vectors from the cache."""
    texts = {
        "windows": [w for passage in material.passages().values() for w in passage.windows],
        "questions": [q.texts["zh"] for q in material.all_questions() if "zh" in q.texts],
        "sentences": [each.chinese for each in material.sentences],
        "names": [each.chinese for each in material.names],
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

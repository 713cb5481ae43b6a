"""A folder of feed dumps whose words follow from numbers, and what an index of it answers."""

from __future__ import annotations

import random
from collections.abc import Mapping
from pathlib import Path

import rag
from rag.types import Hit
from support.doubles import HashEncoder

WORDS = [f"{a}{b}" for a in "春夏秋冬东南西北江河湖海" for b in "山水云风雷电雨雪"]
QUESTIONS = ["春山秋水的集装箱", "北海雷电与江风", "第3篇报道的标题"]


def write_feeds(folder: Path, articles: Mapping[str, int]) -> Path:
    """Write feed dumps by name, each with the words that its number chooses, and delete other files."""
    folder.mkdir(exist_ok=True)
    for path in folder.iterdir():
        if path.name not in articles:
            path.unlink()
    for name, number in articles.items():
        rng = random.Random(number)
        body = "".join(
            f"<p>{'，'.join(rng.choices(WORDS, k=12))}，第{number}号集装箱。</p>" for _ in range(4)
        )
        head = (
            f"<!--{1700000000000 + number}-->\n[第{number}篇报道的标题](https://a.example/{name})\n---"
        )
        (folder / name).write_text(f"{head}\n\n{body}", encoding="utf-8")
    return folder


def search_all(index: Path) -> list[list[Hit]]:
    """Return the hits of the `QUESTIONS`."""
    return rag.load(index, HashEncoder()).search_batch(QUESTIONS, 5)

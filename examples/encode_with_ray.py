"""Build an index whose texts are encoded on the machines of a Ray cluster.

The vectors go into the checkpoint of the index. The build that follows finds them there and encodes
nothing; an interrupted run is resumed by this program or by a build.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterable, Iterator
from contextlib import closing, suppress
from itertools import islice
from pathlib import Path
from typing import Any

os.environ["RAY_USAGE_STATS_ENABLED"] = "0"  # read when Ray is imported

import numpy as np
import pyarrow as pa
import ray

import rag
from rag.errors import IndexDamaged, IndexMissing
from rag.index import stores
from rag.index.checkpoint import Checkpoint
from rag.index.faiss_index import Index
from rag.index.generations import locked
from rag.index.vectors.plan import text_digest, texts_to_encode
from rag.text.passages import split
from rag.types import Article

PORTION = 1 << 20
"""Texts in memory at a time; they are sorted by length to reduce padding."""


class Encode:
    """The model, loaded once per encoding process; it uses all cores of its machine."""

    def __init__(self, model: str, fingerprint: str) -> None:
        self._encoder = rag.SentenceEncoder(model)
        if self._encoder.fingerprint != fingerprint:
            raise ValueError(
                f"the model {model} is {self._encoder.fingerprint} on this machine, not {fingerprint}"
            )

    def __call__(self, batch: dict[str, Any]) -> dict[str, Any]:
        vectors = self._encoder.encode_passages(batch["text"].tolist())
        return {"text": batch["text"], "vector": vectors.astype(np.float16)}


def encode(
    articles: Iterable[Article], folder: Path, encoder: rag.SentenceEncoder, batch: int, actors: int
) -> int:
    """Encode the texts that a build of these articles would encode, and return their number."""
    checkpoint = Checkpoint(folder, encoder.fingerprint)
    new = missing(articles, known(folder, encoder.fingerprint, checkpoint))
    done = 0
    while portion := sorted(islice(new, PORTION), key=len, reverse=True):
        blocks = [portion[at : at + batch] for at in range(0, len(portion), batch)]
        texts = ray.data.from_arrow([pa.table({"text": block}) for block in blocks])
        encoded = texts.map_batches(
            Encode,
            fn_constructor_args=(encoder.name, encoder.fingerprint),
            batch_size=batch,
            compute=ray.data.ActorPoolStrategy(size=actors),
        )
        for found in encoded.iter_batches(batch_size=None):
            checkpoint.append([text_digest(text) for text in found["text"]], found["vector"])
            done += len(found["text"])
    return done


def known(folder: Path, fingerprint: str, checkpoint: Checkpoint) -> set[bytes]:
    """Return the digests of the texts that have vectors, in the index or in its checkpoint."""
    digests = checkpoint.digests().tobytes()
    with suppress(IndexMissing, IndexDamaged), closing(Index.open(folder)) as index:
        if index.manifest.fingerprint == fingerprint:
            digests += index.corpus.digests()
    size = len(text_digest(""))
    return {digests[at : at + size] for at in range(0, len(digests), size)}


def missing(articles: Iterable[Article], seen: set[bytes]) -> Iterator[str]:
    """Yield each text of the articles once, except those already seen."""
    for article in articles:
        for number, passage in enumerate(split(article)):
            for _, text in texts_to_encode(passage, number):
                if (found := text_digest(text)) not in seen:
                    seen.add(found)
                    yield text


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", default="seeds", metavar="DIR")
    parser.add_argument(
        "--index", default="index", metavar="DIR", help="a folder, or a place in Milvus"
    )
    parser.add_argument(
        "--address", default="local", help='address of the cluster; "auto" on one of its machines'
    )
    parser.add_argument("--batch", default=1024, type=int, help="texts per batch")
    parser.add_argument("--actors", type=int, help="encoding processes (default: one per machine)")
    args = parser.parse_args()

    ray.init(address=args.address, include_dashboard=False)
    articles, encoder = rag.read_seeds(args.seeds), rag.SentenceEncoder()
    folder = stores.open_store(args.index).build_folder
    with locked(folder):
        actors = args.actors or len(ray.nodes())
        print(f"{encode(articles, folder, encoder, args.batch, actors)} texts encoded with Ray")
    ray.shutdown()
    print(rag.build(articles, args.index, encoder))


if __name__ == "__main__":
    main()

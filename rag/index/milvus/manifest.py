"""What a generation in Milvus holds and what made it, as it is kept beside the rest of it."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Self

from rag.errors import IndexDamaged
from rag.index.generations import Manifest
from rag.index.milvus.client import MANIFEST, Server
from rag.index.milvus.location import Address

LAYOUT = 1
"""Raised whenever the collections of a generation are made otherwise."""
NO_TERM = 0
"""The number that no term has."""
NO_TIME = -(2**62)
"""The moment of an article of which none is known: before every other."""


@dataclass(frozen=True, slots=True)
class Contents:
    """What a generation in Milvus holds, as JSON in a collection of its own.

    `counts` are those of `Corpus.counts`, `sizes` the rows of each collection, `previous` is the
    generation to go back to, if any. Filters go by number: that of a source or a language is its place
    among all of them, in small letters and in order.
    """

    manifest: Manifest
    counts: dict[str, dict[str, int]]
    sizes: dict[str, int]
    previous: str | None

    def to_json(self) -> str:
        return json.dumps({"layout": LAYOUT, **asdict(self)}, ensure_ascii=False)

    @classmethod
    def read(cls, server: Server, generation: str) -> Self:
        """Raises `IndexMissing`, or `IndexDamaged` for what another version has made."""
        number = list(range(server.count(f"{generation}_{MANIFEST}")))
        pieces = server.rows(f"{generation}_{MANIFEST}", "number", number, "number", "text")
        pieces.sort(key=lambda piece: int(piece["number"]))
        try:
            said = json.loads("".join(piece["text"] for piece in pieces))
            if said.pop("layout") != LAYOUT:
                raise ValueError("another version has made it")
            return cls(**said | {"manifest": Manifest.of(said["manifest"])})
        except (ValueError, TypeError, KeyError) as error:
            raise damaged(server.address, f"{generation} cannot be read: {error}") from error

    def numbers(self, group: str) -> dict[str, int]:
        """The numbers of the sources, or of the languages, by their names in small letters."""
        names = sorted({name.lower() for name in self.counts[group]})
        return {name: number for number, name in enumerate(names)}


def damaged(address: Address, reason: str) -> IndexDamaged:
    """The error for an index in Milvus that is not as it was made."""
    return IndexDamaged(
        f"The index in {address} is damaged ({reason}). Run `rag build --index {address}` to fill it "
        "anew."
    )

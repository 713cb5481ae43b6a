"""The manifest of a generation in Milvus."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Self

from rag.index.manifest import Manifest, damaged
from rag.index.milvus.client import Server
from rag.index.milvus.connection import MANIFEST

LAYOUT = 2
"""Version of the collections of a generation. Those of version 1 have no days."""
NO_TERM = 0
"""A term number that no term has."""
NO_TIME = -(2**62)
"""The time of an article without one, in microseconds: before every other."""
NO_DAY = 0
"""The day of an article without a time: before day 1, which is 1 January of the year 1."""


@dataclass(frozen=True, slots=True)
class Contents:
    """What a generation in Milvus contains, as JSON in a collection of its own.

    `counts` are those of `Corpus.counts`, `sizes` the rows of each collection; `previous` is the
    generation to roll back to, if any. Filters compare numbers, not strings. All sources (or
    languages) are lower-cased and sorted; the number of one is its position in that list. `layout` is
    the version of the collections.
    """

    manifest: Manifest
    counts: dict[str, dict[str, int]]
    sizes: dict[str, int]
    previous: str | None
    layout: int = LAYOUT

    def to_json(self) -> str:
        """Return the JSON text."""
        return json.dumps(asdict(self), ensure_ascii=False)

    @classmethod
    def read(cls, server: Server, generation: str) -> Self:
        """Read the contents of a generation. Raises `IndexMissing`, or `IndexDamaged`."""
        numbers = list(range(server.count(f"{generation}_{MANIFEST}")))
        pieces = server.rows(f"{generation}_{MANIFEST}", "number", numbers, "number", "text")
        pieces.sort(key=lambda piece: int(piece["number"]))
        try:
            fields = json.loads("".join(piece["text"] for piece in pieces))
            layout = fields["layout"]
            if layout not in range(1, LAYOUT + 1):
                raise damaged(server.address, "damage-layout", found=layout, supported=LAYOUT)
            return cls(**fields | {"manifest": Manifest.from_json(fields["manifest"])})
        except (ValueError, TypeError, KeyError) as error:
            cause = f"{error.__class__.__name__}: {error}"
            raise damaged(
                server.address, "damage-generation-unreadable", generation=generation, cause=cause
            ) from error

    def numbers(self, group: str) -> dict[str, int]:
        """Map the "sources" or the "languages", in lower case, to their numbers."""
        names = sorted({name.lower() for name in self.counts[group]})
        return {name: number for number, name in enumerate(names)}

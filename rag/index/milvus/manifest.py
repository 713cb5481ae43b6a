"""The manifest of a generation in Milvus."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Self

from rag.errors import IndexDamaged
from rag.index.manifest import Manifest, damaged
from rag.index.milvus.client import Server, incomplete
from rag.index.milvus.connection import MANIFEST
from rag.index.milvus.numbering import Run

LAYOUT = 3
"""Version of the collections of a generation.

Those of version 1 have no days. In those of versions 1 and 2, which share no rows with others, numbers
are keys, and a term has one weight.
"""
SHARED = 3
"""The first version whose generations share rows."""
NO_TERM = 0
"""A term number that no term has."""
NO_TIME = -(2**62)
"""The time of an article without one, in microseconds: before every other."""
NO_DAY = 0
"""The day of an article without a time: before day 1, which is 1 January of the year 1."""
_BLOCK = 32
"""Bits of a key that count the rows of one upload; those above are the number of the upload."""


@dataclass(frozen=True, slots=True)
class Contents:
    """What a generation in Milvus contains, as JSON in a collection of its own.

    `counts` are those of `Corpus.counts`, `sizes` the rows of each collection; `previous` is the
    generation to roll back to, if any. `layout` is the version of the collections.

    The rows are in the collections of the generation `base`, beside those of other generations. `runs`
    has the keys of the "articles", "passages" and "rows" in the order of their numbers. Keys ascend
    with `upload`, the number of the upload among those to the base; `dead` are the keys of the articles
    of earlier uploads that the generation lacks. Terms are numbered up to `terms`. `frequencies` and
    `names` have what differs from the base. `lengths` are two mean lengths of a passage, between which
    weights are interpolated, and between them the actual one. Filters compare numbers, not strings: the
    positions of sources and languages, in lower case, in their lists.
    """

    manifest: Manifest
    counts: dict[str, dict[str, int]]
    sizes: dict[str, int]
    previous: str | None
    base: str
    upload: int
    runs: dict[str, list[Run]]
    dead: list[int]
    sources: list[str]
    languages: list[str]
    terms: int
    frequencies: dict[str, int]
    names: list[tuple[str, str, int]]
    lengths: tuple[float, float, float]
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
            manifest = Manifest.from_json(fields["manifest"])
            unshared = _unshared(generation, manifest, fields) if layout < SHARED else {}
            return cls(**unshared | fields | {"manifest": manifest})
        except (ValueError, TypeError, KeyError) as error:
            cause = f"{error.__class__.__name__}: {error}"
            raise damaged(
                server.address, "damage-generation-unreadable", generation=generation, cause=cause
            ) from error

    def numbers(self, group: str) -> dict[str, int]:
        """Map the "sources" or the "languages", in lower case, to their numbers."""
        names = self.sources if group == "sources" else self.languages
        return {name: number for number, name in enumerate(names)}

    def condition(self, part: str) -> str:
        """Return the condition for the rows of a collection that belong to the generation."""
        if self.layout < SHARED or part not in ("articles", "passages", "rows", "terms"):
            return ""
        if part == "terms":
            return f"number <= {self.terms}"
        article = "number" if part == "articles" else "article"
        later = f"{article} < {first_key(self.upload + 1)}"
        return f"{later} and {article} not in {self.dead}" if self.dead else later

    def faults(self, server: Server) -> Iterator[tuple[str, IndexDamaged]]:
        """Yield the collections that lack rows, each with the error."""
        for part, size in self.sizes.items():
            collection = f"{self.base}_{part}"
            count = server.count(collection, self.condition(part))
            if count != size:
                yield collection, incomplete(server.address, collection, count, size)


def first_key(upload: int) -> int:
    """Return the first key of an upload."""
    return upload << _BLOCK


def in_order(known: Sequence[str], names: Iterable[str]) -> list[str]:
    """Return the known names, and after them those of the others, in lower case, that are new."""
    return [*known, *sorted({name.lower() for name in names} - {*known})]


def _unshared(generation: str, manifest: Manifest, fields: dict[str, Any]) -> dict[str, Any]:
    """What a generation of an earlier layout does not say of itself."""
    rows = {"articles": manifest.articles, "passages": manifest.passages, "rows": manifest.vectors}
    counts = fields["counts"]
    return {
        "base": generation,
        "upload": 0,
        "runs": {part: [(0, count)] for part, count in rows.items()},
        "dead": [],
        "sources": in_order([], counts["sources"]),
        "languages": in_order([], counts["languages"]),
        "terms": 0,
        "frequencies": {},
        "names": [],
        "lengths": (1.0, 1.0, 1.0),
    }

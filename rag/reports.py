"""What long work reports: its progress, the files it did not index, the result of a build."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import TypeAlias

Progress: TypeAlias = Callable[[str, int, int], None]
"""Called as `progress(stage, done, total)` during long work; `stage` is a `Stage`."""


class Stage(StrEnum):
    """A stage of long work. The value is its English name."""

    READING_ARTICLES = "Reading articles"
    ENCODING = "Encoding"
    UPLOADING = "Uploading"
    UNPACKING_MODEL = "Unpacking the model"
    CHECKING_BACKEND = "Comparing the compiled model with its reference"

    @property
    def key(self) -> str:
        """The key of its name in the catalogues, such as "stage.reading-articles"."""
        return f"stage.{self.name.lower().replace('_', '-')}"


@dataclass(frozen=True, slots=True)
class Failure:
    """A file that was not indexed.

    `reason` is the English sentence. `code` and `parameters` identify the reason independently of the
    language, as those of a `RagError` do; `Translator.error` translates them. Both are empty where a
    report was written before reasons had codes. Parameters are values that JSON can hold.
    """

    path: str
    reason: str
    code: str = ""
    parameters: Mapping[str, object] = field(default_factory=dict, hash=False)


@dataclass(frozen=True, slots=True)
class Remark(Failure):
    """An article that was indexed and should be checked, and why: it has no date, or was damaged."""


@dataclass(frozen=True, slots=True)
class BuildReport:
    """Result of a build.

    `added`, `updated`, `removed` and `unchanged` count articles. `failed` lists the files that were not
    indexed, `remarks` the indexed articles that should be checked. `passages` counts the passages of
    the index, `encoded` the texts (passages, windows, titles) that this build encoded, `duplicates` the
    near-duplicates of earlier articles. `seconds` is the wall-clock time, `finished` the time of
    completion. `model_changed` says that all texts were encoded again, because the index was built with
    another model or another version of it.
    """

    added: int
    updated: int
    removed: int
    unchanged: int
    failed: Sequence[Failure]
    passages: int
    encoded: int
    seconds: float
    duplicates: int = 0
    finished: datetime | None = None
    model_changed: bool = False
    remarks: Sequence[Remark] = ()

"""The file with what visitors of the page say about wrong answers, as JSON lines."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Annotated, Any, Literal, Self

from filelock import FileLock
from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

MAX_BYTES = 10_000_000
"""Size of the file beyond which nothing is added."""
_OWNER_ONLY = 0o600


def _without_seconds(time: datetime) -> datetime:
    return time.replace(second=0, microsecond=0)


_Name = Annotated[str, Field(max_length=1000)]
_Text = Annotated[str, Field(max_length=4000)]
_Position = Annotated[int, Field(ge=0)]


class Complaint(BaseModel):
    """What a visitor says about an answer, or about a refusal to answer.

    `problem` is "answer" for a wrong answer from a right passage, "passage" for an answer from a wrong
    passage, and "refusal" for a question that the archive does answer. `right` is the right answer by
    the visitor, "" if not given. `page` is the query string of the page: the question as it was typed,
    with the filters. The other fields are those of the answer; `start` and `end` are its range in the
    text of the article. All of it comes from a browser: nothing was checked but types and lengths.
    """

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")

    question: Annotated[str, Field(min_length=1, max_length=2000)]
    problem: Literal["answer", "passage", "refusal"]
    right: Annotated[str, Field(max_length=500)] = ""
    answer: _Text = ""
    kind: Literal["span", "sentence"] = "span"
    confidence: Annotated[float, Field(ge=0, le=1)] = 0.0
    article: _Name = ""
    title: _Name = ""
    passage: _Name = ""
    passage_start: _Position = 0
    start: _Position = 0
    end: _Position = 0
    page: _Text = ""


class Report(Complaint):
    """A complaint and the minute in which it came. It does not say who sent it."""

    time: Annotated[AwareDatetime, AfterValidator(_without_seconds)]

    @classmethod
    def of(cls, content: bytes) -> Self:
        """Return the report of a complaint that comes now. Raises `ValueError` if it is not one."""
        complaint = Complaint.model_validate_json(content)
        return cls(time=datetime.now(UTC), **complaint.model_dump())


def append(path: Path, report: Report) -> bool:
    """Add a report durably, or return False if the file would become larger than `MAX_BYTES`.

    Several processes may add to one file. Raises `OSError` if the disk is full or cannot be written;
    the file is then as it was.
    """
    line = report.model_dump_json().encode() + b"\n"
    with FileLock(path.with_name(f".{path.name}.lock")), _opened(path) as file:
        size = file.seek(0, os.SEEK_END)
        if size and not _ends_line(file):
            line = b"\n" + line  # a crash has cut off the line before
        if size + len(line) > MAX_BYTES:
            return False
        try:
            if file.write(line) < len(line):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))
            os.fsync(file.fileno())
        except OSError:
            file.truncate(size)
            raise
    return True


def check(path: Path) -> None:
    """Raise `OSError` if reports cannot be added to this file; make it if it is missing."""
    _opened(path).close()


def read(path: Path) -> Iterator[Report | None]:
    """Yield the report of each line, None for a damaged line. Raises `OSError`."""
    with path.open("rb") as lines:
        for line in lines:
            try:
                yield Report.model_validate_json(line)
            except ValidationError:
                yield None


def _ends_line(file: IO[Any]) -> bool:
    file.seek(-1, os.SEEK_END)
    return bool(file.read(1) == b"\n")


def _opened(path: Path) -> IO[Any]:
    return open(path, "a+b", buffering=0, opener=_open_private)


def _open_private(path: str, flags: int) -> int:
    return os.open(path, flags, _OWNER_ONLY)

"""What the last build did, kept in a file, so that what it refused can be shown later."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from rag import files
from rag.types import BuildReport, Failure, to_json

_NAME = "report.json"


def write(folder: Path, report: BuildReport) -> None:
    """Put a report in the place of the one before, all at once."""
    content = json.dumps(to_json(report), indent=1, ensure_ascii=False) + "\n"
    files.replace(folder / _NAME, content.encode())


def read(folder: Path) -> BuildReport | None:
    """The report of the last build, None where there is none that can be read."""
    try:
        return of(json.loads((folder / _NAME).read_bytes()))
    except (OSError, ValueError, TypeError, KeyError):
        return None


def of(said: Mapping[str, Any]) -> BuildReport:
    """The report that these fields are, as JSON has them. Raises what a wrong field raises."""
    failed = tuple(Failure(**failure) for failure in said["failed"])
    return BuildReport(
        **{**said, "failed": failed, "finished": datetime.fromisoformat(said["finished"])}
    )

"""The report of the last build, stored beside the index."""

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
    """Replace the report of a folder, durably and atomically."""
    content = json.dumps(to_json(report), indent=1, ensure_ascii=False) + "\n"
    files.replace(folder / _NAME, content.encode())


def read(folder: Path) -> BuildReport | None:
    """Return the report of the last build, None if it is missing or damaged."""
    try:
        return from_json(json.loads((folder / _NAME).read_bytes()))
    except (OSError, ValueError, TypeError, KeyError):
        return None


def from_json(fields: Mapping[str, Any]) -> BuildReport:
    """Create a report from its parsed JSON. Raises `TypeError`, `KeyError` or `ValueError`."""
    failed = tuple(Failure(**failure) for failure in fields["failed"])
    finished = datetime.fromisoformat(fields["finished"])
    return BuildReport(**{**fields, "failed": failed, "finished": finished})

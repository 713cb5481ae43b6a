"""The files of a seeds folder: without corrections, hidden files, litter and parts of saved pages."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path, PurePath

from rag.ingest import file_types
from rag.ingest.curation.seed_names import CORRECTIONS

_PARTS_OF_PAGE = re.compile(
    r"(?P<stem>.+)[._-](?:files?|fichiers|dateien|archivos|ficheiros)", re.IGNORECASE
)
"""The folder beside a page that a browser saved "complete"."""
_PART = re.compile(r"^saved_resource|\.(?:css|js)(?:\.[^.]+)?$")


def paths(folder: Path) -> list[Path]:
    """Return the paths of the files below a folder, sorted.

    Folders that cannot be listed and links to folders are included: reading them refuses them by name.
    """
    found: list[Path] = []

    def add_unlisted(error: OSError) -> None:
        found.append(Path(error.filename))

    for parent, folders, files in os.walk(folder, onerror=add_unlisted):
        folders[:] = [
            name
            for name in folders
            if not _is_left_out(name) and not _is_part_of_a_page(Path(parent, name), files)
        ]
        links = [name for name in folders if Path(parent, name).is_symlink()]
        found += [Path(parent, name) for name in (*files, *links) if not _is_left_out(name)]
    found = [path for path in found if path != folder / CORRECTIONS]
    return sorted(found, key=lambda path: path.relative_to(folder).as_posix())


def _is_left_out(name: str) -> bool:
    """Whether a file or folder is hidden or litter."""
    return name.startswith(".") or file_types.is_ignored(name)


def _is_part_of_a_page(folder: Path, beside: Sequence[str]) -> bool:
    """Whether a folder has the pictures, styles and frames of a page that a browser saved."""
    match = _PARTS_OF_PAGE.fullmatch(folder.name)
    if not match:
        return False
    has_page = any(PurePath(name).stem == match["stem"] for name in beside)
    with suppress(OSError):
        return has_page or any(_PART.search(path.name) for path in folder.iterdir())
    return has_page

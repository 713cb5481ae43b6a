"""The files of a seeds folder: without corrections, hidden files, litter and parts of saved pages."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path, PurePath

from rag.ingest import file_types
from rag.ingest.curation.seed_names import CORRECTIONS

_PARTS_OF_PAGE = re.compile(
    r"(?P<stem>.+)[._-](?:files?|fichiers|dateien|archivos|ficheiros)", re.IGNORECASE
)
"""The folder beside a page that a browser saved "complete"."""
_PART = re.compile(r"^saved_resource|\.(?:css|js)(?:\.[^.]+)?$")


def paths(folder: Path) -> Iterator[Path]:
    """Yield the paths of the files below a folder, in order; holds the names of a single folder.

    Folders that cannot be listed and links to folders are included: reading them refuses them by name.
    """
    return (path for path in _below(folder) if path != folder / CORRECTIONS)


def _below(folder: Path) -> Iterator[Path]:
    try:
        with os.scandir(folder) as entries:
            found = [(entry.name, _is_folder(entry), entry.is_symlink()) for entry in entries]
    except OSError:
        yield folder
        return
    files = [name for name, is_folder, _ in found if not is_folder]
    # With the slash, what is in a folder comes where its paths come.
    in_order = sorted(
        (f"{name}/" if is_folder and not is_link else name, is_folder)
        for name, is_folder, is_link in found
        if not _is_left_out(name)
    )
    for name, is_folder in in_order:
        path = folder / name
        if is_folder and _is_part_of_a_page(path, files):
            continue
        if name.endswith("/"):
            yield from _below(path)
        else:
            yield path


def _is_folder(entry: os.DirEntry[str]) -> bool:
    """Whether an entry is a folder, or a link to one."""
    with suppress(OSError):
        return entry.is_dir()
    return False


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

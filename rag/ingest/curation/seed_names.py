"""Names of files below a seeds folder: valid on every system, and never leading out of it."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

from rag import files
from rag.errors import SeedUnreadable
from rag.text.scripts import CONTROLS

CORRECTIONS = "corrections.json"
"""The file with the corrections, at the top of a seeds folder."""
_PART_BYTES, _NAME_BYTES = 255, 1000
_UNPRINTABLE = re.compile(rf"[{CONTROLS}\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
_NOT_RELATIVE = re.compile(r"^/|^[A-Za-z]:|\\|(^|/)\.\.(/|$)|^\.$")
_HIDDEN = re.compile(r"(^|/)\.")
_RESERVED = re.compile(r"(^|/)(con|prn|aux|nul|com[0-9]|lpt[0-9])\s*(\.[^/]*)?(/|$)", re.IGNORECASE)
_NOT_PORTABLE = re.compile(r'[<>:"|?*]|[ .]+(?=/|$)')
"""Valid in a name on Linux, but forbidden or removed on Windows."""


def safe_name(name: str) -> str:
    """Return the name as a path that is valid on every system. Raises `SeedUnreadable`."""
    name = PurePosixPath(name).as_posix()
    if _UNPRINTABLE.search(name):
        raise SeedUnreadable("name-unprintable")
    if _NOT_RELATIVE.search(name):
        raise SeedUnreadable("name-not-relative")
    if _HIDDEN.search(name):
        raise SeedUnreadable("name-hidden")
    if _RESERVED.search(name):
        raise SeedUnreadable("name-reserved")
    name = _NOT_PORTABLE.sub("_", name)
    if name.lower() == CORRECTIONS:
        raise SeedUnreadable("name-of-corrections")
    parts = name.encode().split(b"/")
    if max(map(len, parts)) > _PART_BYTES or sum(map(len, parts)) > _NAME_BYTES:
        raise SeedUnreadable("name-too-long")
    return name


def printable(name: str) -> str:
    """Return a refused name in a form that can be shown."""
    return _UNPRINTABLE.sub("\N{REPLACEMENT CHARACTER}", name)


def check_folder(folder: Path, name: str) -> None:
    """Raise `SeedUnreadable` if the path is not a folder, such as a link to one."""
    if os.path.lexists(folder) and (folder.is_symlink() or not folder.is_dir()):
        raise SeedUnreadable("folder-not-folder", name=name)


def make_folder(folder: Path, parts: Sequence[str]) -> Path:
    """Make folders inside each other durably. Raises `SeedUnreadable` if one is none, as a link is."""
    for part in parts:
        inside = folder / part
        check_folder(inside, part)
        if not inside.is_dir():
            inside.mkdir()
            files.sync(folder)
        folder = inside
    return folder

"""Where the files of a model are, and a fingerprint of them."""

from __future__ import annotations

import hashlib
from contextlib import suppress
from pathlib import Path

from rag.embedding import default_model
from rag.reports import Progress

_WEIGHTS = {".safetensors", ".bin", ".model"}
_SETTINGS = {".json", ".txt"}
_BLOCK, _BLOCKS = 4096, 256
"""Bytes of a sampled block, and blocks per file of weights."""


def find_folder(name: str, progress: Progress | None = None) -> Path | None:
    """Return the folder of a model, given its name or path; None if it is not on this machine.

    The default model is unpacked first. Raises `ModelError` if that fails.
    """
    if name in default_model.NAMES:
        return default_model.path(name, progress)
    if Path(name).is_dir():
        return Path(name)
    from huggingface_hub import snapshot_download

    for repository in (name, f"sentence-transformers/{name}"):
        with suppress(Exception):  # a missing model raises exceptions of several kinds
            return Path(snapshot_download(repository, local_files_only=True))
    return None


def fingerprint(folder: Path) -> str:
    """Return a digest of the settings and of a sample of every file of weights.

    The sample makes it fast: a model may have gigabytes.
    """
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.suffix not in _WEIGHTS | _SETTINGS or not path.is_file():
            continue
        size = path.stat().st_size
        digest.update(f"{path.relative_to(folder)} {size} ".encode())
        with path.open("rb") as file:
            if path.suffix in _SETTINGS:
                digest.update(file.read())
                continue
            for start in range(0, size, max(_BLOCK, size // _BLOCKS)):
                file.seek(start)
                digest.update(file.read(_BLOCK))
    return digest.hexdigest()[:16]

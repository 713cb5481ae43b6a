"""Checks an index folder against its checksums, and repairs it."""

from __future__ import annotations

import shutil
from contextlib import closing
from pathlib import Path

import numpy as np

from rag.errors import IndexDamaged, IndexMissing, Notice
from rag.index import generations
from rag.index.base import DIGEST_BYTES, failure
from rag.index.builder import build
from rag.index.faiss_index import Index
from rag.index.generations import CURRENT
from rag.index.manifest import CORPUS, MANIFEST, damaged, read_manifest
from rag.index.sqlite.corpus import SqliteCorpus
from rag.protocols import Encoder
from rag.reports import Failure, Progress
from rag.types import Vectors

_LENGTH_TOLERANCE = 0.05
"""Deviation from length 1 that half precision and compression may cause."""
_CHUNK = 1 << 14


def check(folder: Path) -> list[Failure]:
    """Verify every file of an index folder; return the faults, none if the index is intact.

    Compares the checksums of all generations, the structure of each corpus and the length of the
    vectors. Raises `IndexMissing` if there is no index.
    """
    faults, live = [], ""
    try:
        live = generations.current(folder).name
    except IndexDamaged as error:
        faults.append(failure(CURRENT, error))
    except IndexMissing as error:
        if not any(map(_is_finished, generations.in_order(folder))):
            raise
        faults.append(failure(CURRENT, error))
    for generation in generations.in_order(folder):
        if not _is_finished(generation) and generation.name != live:
            continue  # left by a build that was killed; the next build removes it
        try:
            _check(generation)
        except IndexDamaged as error:
            faults.append(failure(generation.name, error))
    return faults


def _is_finished(generation: Path) -> bool:
    return (generation / MANIFEST).is_file()


def _check(generation: Path) -> None:
    manifest = read_manifest(generation, whole=True)
    folder, name = generation.parent, generation.name
    with closing(Index.open_generation(generation, manifest)) as index:
        if messages := index.corpus.faults():
            raise damaged(folder, "damage-file-unreadable", file=f"{name}/{CORPUS}", cause=messages[0])
        if len(index.corpus.digests()) != DIGEST_BYTES * manifest.vectors:
            raise damaged(folder, "damage-row-counts", generation=name)
        starts = range(0, manifest.vectors, _CHUNK)
        chunks = (range(start, min(start + _CHUNK, manifest.vectors)) for start in starts)
        if not all(_are_unit(index.vectors(chunk)) for chunk in chunks):
            raise damaged(folder, "damage-vector-lengths", generation=name)


def _are_unit(vectors: Vectors) -> bool:
    return bool(np.abs(np.linalg.norm(vectors, axis=1) - 1).max(initial=0) <= _LENGTH_TOLERANCE)


def repair(folder: Path, encoder: Encoder, progress: Progress | None = None) -> list[Notice]:
    """Repair an index from its undamaged parts; return a notice for each repair.

    Tries first what loses least: let CURRENT name the newest generation, rebuild the vectors of the
    live generation from its texts, roll back to the generation before it. Raises `IndexDamaged` if
    none of them is possible, and what `build` raises.
    """
    with generations.locked(folder):
        faulty = {fault.path for fault in check(folder)}
        done = _repair_current(folder, faulty) if CURRENT in faulty else []
        live = generations.current(folder)
        earlier = [path for path in generations.in_order(folder) if int(path.name) < int(live.name)]
        for path in earlier:
            if path.name in faulty:
                shutil.rmtree(path)
                done.append(Notice("repaired-removed", {"generation": path.name}))
    if live.name in faulty:
        done.append(_repair_live(folder, live, encoder, progress))
    return done


def _repair_current(folder: Path, faulty: set[str]) -> list[Notice]:
    """Let CURRENT name the newest generation, preferably an undamaged one."""
    finished = [path for path in generations.in_order(folder) if _is_finished(path)]
    if not finished:
        raise damaged(folder, "damage-no-generation")
    newest = ([path for path in finished if path.name not in faulty] or finished)[-1]
    generations.point_to(newest)
    return [Notice("repaired-current", {"generation": newest.name})]


def _repair_live(folder: Path, live: Path, encoder: Encoder, progress: Progress | None) -> Notice:
    """Rebuild the vectors of the live generation, or roll back if its texts are damaged too."""
    try:
        read_manifest(live, [CORPUS])
    except IndexDamaged as error:
        try:
            earlier = generations.roll_back(folder)
        except IndexMissing:
            raise error from None
        return Notice("repaired-rolled-back", {"generation": earlier.name})
    with closing(SqliteCorpus(live / CORPUS)) as corpus:
        build(corpus.articles(), folder, encoder, progress, allow_empty=True)
    with generations.locked(folder):
        shutil.rmtree(live)
    return Notice("repaired-vectors", {"generation": live.name})

"""Whether an index folder is what was written, and what can be made good where it is not."""

from __future__ import annotations

import shutil
from contextlib import closing
from pathlib import Path

import numpy as np

from rag.errors import IndexDamaged, IndexMissing
from rag.index import generations
from rag.index.builder import build
from rag.index.corpus import Corpus
from rag.index.faiss_index import Index
from rag.types import Encoder, Failure, Progress, Vectors

_LENGTH_TOLERANCE = 0.05
"""Vectors of 8 bits are not quite of length 1."""
_CHUNK = 1 << 14
_DIGEST_BYTES = 16


def check(folder: Path) -> list[Failure]:
    """Return what is wrong in an index folder: nothing, if every byte is as it was written.

    The checksums of all generations are compared, then the structure of the text side and the length
    of the vectors. Raises `IndexMissing` when there is no index.
    """
    faults, live = [], ""
    try:
        live = generations.current(folder).name
    except IndexDamaged as error:
        faults.append(Failure(generations.CURRENT, str(error)))
    except IndexMissing as error:
        if not any(map(_is_finished, generations.in_order(folder))):
            raise
        faults.append(Failure(generations.CURRENT, str(error)))
    for generation in generations.in_order(folder):
        if not _is_finished(generation) and generation.name != live:
            continue  # what a build that was killed has left; the next one removes it
        try:
            _check(generation)
        except IndexDamaged as error:
            faults.append(Failure(generation.name, str(error)))
    return faults


def _is_finished(generation: Path) -> bool:
    return (generation / generations.MANIFEST).is_file()


def _check(generation: Path) -> None:
    manifest = generations.read_manifest(generation, whole=True)
    index = Index.of(generation, manifest)
    with closing(index):
        found = index.corpus.faults()
        if len(index.corpus.digests()) != _DIGEST_BYTES * manifest.vectors:
            found.append("the rows of the two files do not agree")
        starts = range(0, manifest.vectors, _CHUNK)
        chunks = (range(start, min(start + _CHUNK, manifest.vectors)) for start in starts)
        if not all(_are_unit(index.vectors(chunk)) for chunk in chunks):
            found.append("there are vectors that are not of length 1")
    if found:
        raise generations.damaged(generation.parent, f"{generation.name}: {found[0]}")


def _are_unit(vectors: Vectors) -> bool:
    return bool(np.abs(np.linalg.norm(vectors, axis=1) - 1).max(initial=0) <= _LENGTH_TOLERANCE)


def repair(folder: Path, encoder: Encoder, progress: Progress | None = None) -> list[str]:
    """Make an index whole from what is whole of it, and say what was done, if anything.

    In the order of what loses least: CURRENT names the newest generation again; the vectors of the live
    generation are made anew from its texts; the generation before it becomes the live one. Raises
    `IndexDamaged` when none of that can be done, and what `build` raises.
    """
    done = []
    with generations.locked(folder):
        faulty = {fault.path for fault in check(folder)}
        if generations.CURRENT in faulty:
            finished = [path for path in generations.in_order(folder) if _is_finished(path)]
            whole = [path for path in finished if path.name not in faulty]
            if not finished:
                raise generations.damaged(folder, "it has no generation")
            newest = (whole or finished)[-1]
            generations.point_to(newest)
            done.append(f"{generations.CURRENT} names the generation {newest.name} again")
        live = generations.current(folder)
        earlier = [path for path in generations.in_order(folder) if int(path.name) < int(live.name)]
        for path in earlier:
            if path.name in faulty:
                shutil.rmtree(path)
                done.append(f"the generation {path.name}, which was damaged and not in use, is removed")
    if live.name not in faulty:
        return done
    try:
        generations.read_manifest(live, [generations.CORPUS])
    except IndexDamaged as error:
        try:
            earlier_one = generations.roll_back(folder)
        except IndexMissing:
            raise error from None
        told = (
            f"the generation {earlier_one.name} is in use again: run `rag build` to bring it up to date"
        )
        return [*done, told]
    with closing(Corpus(live / generations.CORPUS)) as corpus:
        build(corpus.articles(), folder, encoder, progress, allow_empty=True)
    with generations.locked(folder):
        shutil.rmtree(live)
    return [*done, f"the vectors of the generation {live.name} are made anew from its texts"]

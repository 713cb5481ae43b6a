"""Kills, failing disks, readers and builders at once.

With RAG_TEST_LONG set, each happens as often as in years of an archive; without, a few times.
"""

from __future__ import annotations

import errno
import os
import random
import shutil
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import faiss
import numpy as np
import pytest
from support.archives import WORDS, Versions, answers, builder_of, wait_until, write_seeds
from support.doubles import HashEncoder

import rag
from rag.index import generations, maintenance
from rag.index.manifest import read_manifest

LONG = bool(os.environ.get("RAG_TEST_LONG"))


def test_build_killed_at_any_moment_leaves_the_old_index_or_the_new(
    versions: Versions, tmp_path: Path
) -> None:
    one, other, before, after = versions
    index = tmp_path / "index"
    rag.build(rag.read_seeds(one), index, HashEncoder())
    started = time.monotonic()
    rag.build(rag.read_seeds(other), index, HashEncoder())
    seconds = time.monotonic() - started
    rng, expected = random.Random(1), after
    for _ in range(200 if LONG else 12):
        target, wanted = (one, before) if expected == after else (other, after)
        with builder_of(index) as builder:
            builder.start(target)
            time.sleep(rng.uniform(0, 1.5 * seconds))  # the moment is what varies
        found = answers(index)
        assert found in (expected, wanted)
        expected = found
        assert maintenance.check(index) == []
    rag.build(rag.read_seeds(one), index, HashEncoder())
    assert answers(index) == before
    files = {path.name for path in index.iterdir() if path.is_file()}
    assert files == {"CURRENT", ".lock", "report.json"}


def failing(number: int, code: int, patch: pytest.MonkeyPatch) -> Iterator[int]:
    """Make the write, fsync or replace with this number fail; yields the number of calls so far."""
    count = 0

    def wrap(call: Callable[..., object]) -> Callable[..., object]:
        def wrapped(*values: object, **options: object) -> object:
            nonlocal count
            if call.__name__ == "open" and not set("wa+") & set(str(values[1:])):
                return call(*values, **options)
            count += 1
            if count == number:
                raise OSError(code, os.strerror(code), str(values[0]))
            return call(*values, **options)

        return wrapped

    patch.setattr(os, "fsync", wrap(os.fsync))
    patch.setattr(faiss, "write_index", wrap(faiss.write_index))
    patch.setattr(shutil, "copyfile", wrap(shutil.copyfile))
    for name in ("replace", "write_text", "write_bytes", "mkdir", "open", "unlink"):
        patch.setattr(Path, name, wrap(getattr(Path, name)))
    while True:
        yield count


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EIO, errno.EACCES])
def test_build_with_a_failing_write_leaves_the_old_index_or_the_new(
    small_versions: Versions,
    tmp_path: Path,
    code: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    one, other, before, after = small_versions
    assert before != after
    index = tmp_path / "index"
    failed = 0
    for number in range(1, 100):
        shutil.rmtree(index, ignore_errors=True)
        shutil.copytree(one.with_name("index-one"), index)
        with monkeypatch.context() as patch:
            counter = failing(number, code, patch)
            next(counter)
            try:
                rag.build(rag.read_seeds(other), index, HashEncoder())
                done = next(counter) < number
            except OSError as error:
                assert error.errno == code
                failed += 1
                done = False
        assert answers(index) in (before, after)
        if done:
            break
        rag.build(rag.read_seeds(other), index, HashEncoder())
        assert answers(index) == after
        assert maintenance.check(index) == []
    assert done, "the last build met no failure"
    assert failed >= 12


def test_build_on_a_full_disk_says_so_and_leaves_the_old_index(
    versions: Versions, tmp_path: Path
) -> None:
    one, other, before, _ = versions
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = ["mount", "-t", "tmpfs", "-o", "size=6m", "tmpfs", str(disk)]
    if not shutil.which("mount") or subprocess.run(mounted, capture_output=True).returncode:
        pytest.skip("no small file system can be mounted here")
    try:
        index = disk / "index"
        rag.build(rag.read_seeds(one), index, HashEncoder())
        room = shutil.disk_usage(disk).free
        (disk / "other").write_bytes(bytes(max(0, room - 300_000)))
        with pytest.raises(OSError, match=r"full|No space"):
            rag.build(rag.read_seeds(other), index, HashEncoder())
        assert answers(index) == before
        (disk / "other").unlink()
    finally:
        subprocess.run(["umount", "-l", str(disk)], check=True)


def test_search_during_builds_stays_with_one_generation_and_does_not_wait(tmp_path: Path) -> None:
    index = tmp_path / "index"
    archives = [
        write_seeds(
            tmp_path / f"v{version}", {f"{n:03}.txt": 1000 * version + n for n in range(version, 40)}
        )
        for version in (1, 2)
    ]
    rag.build(rag.read_seeds(archives[0]), index, HashEncoder())
    assistant = rag.load(index, HashEncoder())
    searches = 2000 if LONG else 150
    wrong: list[object] = []
    seen: set[int] = set()

    def ask(times: list[float]) -> None:
        rng = random.Random(threading.get_ident())
        for _ in range(searches):
            question = "，".join(rng.choices(WORDS, k=4))
            started = time.monotonic()
            try:
                hits = assistant.search(question, 5)
            except Exception as error:
                wrong.append(error)
                return
            times.append(time.monotonic() - started)
            versions_found = {int(hit.passage.title[1:5]) // 1000 for hit in hits}
            seen.update(versions_found)
            if len(versions_found) != 1 or len(hits) != 5:
                wrong.append(hits)

    def all_ask() -> float:
        times: list[list[float]] = [[] for _ in range(8)]
        threads = [threading.Thread(target=ask, args=[each]) for each in times]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return float(np.quantile(np.concatenate(times), 0.95))

    quiet = all_ask()
    stop = threading.Event()
    builds = 0

    def rebuild() -> None:
        nonlocal builds
        with builder_of(index) as builder:
            while not stop.is_set() and builds < 20:
                builds += 1
                builder.build(archives[builds % 2])
                live = read_manifest(generations.current(index))
                wait_until(lambda live=live: assistant.manifest == live or stop.is_set())

    rebuilding = threading.Thread(target=rebuild)
    rebuilding.start()
    busy = all_ask()
    while len(seen) < 2 and not wrong:
        all_ask()
    stop.set()
    rebuilding.join()
    assert wrong == []
    assert seen == {1, 2}
    print(f"p95 {1000 * quiet:.1f} ms quiet, {1000 * busy:.1f} ms during {builds} builds")
    assert busy < 6 * quiet, "three times on a quiet machine"

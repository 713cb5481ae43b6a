"""A folder in the user's cache, complete or not there; rows of numbers in a file."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from rag import files


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return tmp_path / "rag"


def test_cached_folder_is_written_once(cache: Path) -> None:
    made = files.cached_folder("some", lambda folder: (folder / "file").touch())
    again = files.cached_folder("some", lambda folder: pytest.fail("it exists"))
    assert made == again == cache / "some"
    assert [path.name for path in cache.rglob("*")] == ["some", "file"]


def test_cached_folder_that_another_process_writes_first_is_kept(cache: Path) -> None:
    def write(folder: Path) -> None:
        (folder / "second").touch()
        files.cached_folder("some", lambda other: (other / "first").touch())

    files.cached_folder("some", write)
    assert [path.name for path in cache.rglob("*")] == ["some", "first"]


def test_cached_folder_whose_writer_fails_leaves_nothing(cache: Path) -> None:
    def fail(folder: Path) -> None:
        (folder / "half").touch()
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        files.cached_folder("some", fail)
    assert list(cache.iterdir()) == []


@pytest.mark.parametrize("size", [1, 7, 300])
@pytest.mark.parametrize("spread", [1, 20, 4000])
def test_rows_are_read_in_the_order_asked_whether_near_or_far(
    tmp_path: Path, size: int, spread: int
) -> None:
    random = np.random.default_rng(spread)
    stored = random.integers(0, 256, (40 * spread, size), np.uint8)
    path = tmp_path / "table"
    path.write_bytes(b"head" + stored.tobytes())
    table = files.Table(path, 4, np.dtype(np.uint8), stored.shape)
    rows = [*random.integers(0, len(stored), 40).tolist(), len(stored) - 1, 0, 0]
    assert np.array_equal(table.stored(rows), stored[rows])
    assert table.stored([]).shape == (0, size)
    table.close()

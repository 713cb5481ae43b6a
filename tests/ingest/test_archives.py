""".zip archives: members are read like files, within limits of size and memory."""

from __future__ import annotations

import os
import stat
import tracemalloc
import zipfile
from pathlib import Path

import pytest

from rag.ingest import archives, regular_files
from rag.ingest.seeds import read_seeds

PAGES = Path(__file__).parents[1] / "data" / "archive"


def test_archive_that_is_a_pipe_or_a_link_is_refused_at_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.zip")
    (tmp_path / "link.zip").symlink_to("/dev/zero")
    corpus = read_seeds(tmp_path)
    assert list(corpus) == []
    assert [failure.code for failure in corpus.failed] == ["file-not-regular"] * 2


def test_archive_members_are_read_or_refused_like_files(tmp_path: Path) -> None:
    note = (PAGES / "note.txt").read_bytes()
    link = zipfile.ZipInfo("link.txt")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(tmp_path / "all.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(PAGES / "bbc_old.txt", "2020/bbc.txt")
        archive.writestr("note.txt", note)
        archive.writestr("__MACOSX/note.txt", note)
        archive.writestr("data.json", "{}")
        archive.writestr(link, "/etc/passwd")
        archive.writestr("../out.txt", note)
        archive.writestr("inner.zip", note)
        archive.writestr("packed.txt", note, zipfile.ZIP_BZIP2)
        with pytest.warns(UserWarning, match="Duplicate"):
            archive.writestr("note.txt", note)
    corpus = read_seeds(tmp_path)
    assert [article.id for article in corpus] == ["all.zip/2020/bbc.txt", "all.zip/note.txt"]
    assert {failure.path: failure.code for failure in corpus.failed} == {
        "all.zip/../out.txt": "archive-path-unsafe",
        "all.zip/data.json": "file-type-unknown",
        "all.zip/inner.zip": "archive-nested",
        "all.zip/link.txt": "file-not-regular",
        "all.zip/note.txt": "archive-member-repeated",
        "all.zip/packed.txt": "archive-compression",
    }


def test_archive_beyond_its_limits_is_refused_in_little_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(regular_files, "MAX_BYTES", 2**20)
    monkeypatch.setattr(archives, "MAX_ARCHIVE_BYTES", 2**20)
    with zipfile.ZipFile(tmp_path / "bomb.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("0.txt", bytes(200 * 2**20))
        for number in range(1, 5):
            archive.writestr(f"{number}.txt", "正文。" * 80_000)
    tracemalloc.start()
    corpus = read_seeds(tmp_path)
    read = [article.id for article in corpus]
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert read == ["bomb.zip/1.txt", "bomb.zip/2.txt"]
    assert {failure.path: failure.code for failure in corpus.failed} == {
        "bomb.zip/0.txt": "file-too-large",
        "bomb.zip/3.txt": "archive-too-large",
        "bomb.zip/4.txt": "archive-too-large",
    }
    assert peak < 50 * 2**20


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"PK\x05\x06" + bytes(10)])
def test_archive_that_is_damaged_is_refused_by_name(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "damaged.zip").write_bytes(content)
    corpus = read_seeds(tmp_path)
    assert list(corpus) == []
    (failure,) = corpus.failed
    assert (failure.path, failure.code) == ("damaged.zip", "archive-unreadable")

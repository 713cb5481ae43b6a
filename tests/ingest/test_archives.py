""".zip archives: members are read like files, within limits of size and memory."""

from __future__ import annotations

import os
import stat
import struct
import tracemalloc
import zipfile
import zlib
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
        "all.zip/data.json": "export-no-articles",
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


def _zip_with_names(path: Path, names: list[bytes], extra: bytes = b"") -> None:
    """Write an archive whose names have these bytes and no UTF-8 flag, as old packers do."""
    with zipfile.ZipFile(path, "w") as archive:
        for number, name in enumerate(names):
            member = zipfile.ZipInfo(_placeholder(number, name))
            member.extra = extra
            archive.writestr(member, f"第{number}条消息，渡轮停航。")
    content = path.read_bytes()
    for number, name in enumerate(names):
        content = content.replace(_placeholder(number, name).encode(), name)
    path.write_bytes(content)


def _placeholder(number: int, name: bytes) -> str:
    return "ABCDEFGH"[number] * len(name)


def _names(path: Path) -> list[str]:
    return [name for name, _ in archives.unpack(path)]


@pytest.mark.parametrize(
    ("codec", "names"),
    [
        ("gbk", ["渡轮停航三天.txt", "新闻/港口罢工结束.html"]),
        ("gbk", ["鳜鱼.txt"]),
        ("big5", ["港口罷工結束.txt", "新聞/渡輪停航三天，有四百人等候.html"]),
        ("cp932", ["フェリーが運航を再開.txt"]),
        ("cp949", ["여객선이 운항을 다시 시작.txt"]),
        ("utf-8", ["渡轮停航三天.txt"]),
        ("cp437", ["résumé été.txt", "Düsseldorf.txt"]),
    ],
)
def test_archive_names_without_utf8_flag_are_read_in_their_encoding(
    tmp_path: Path, codec: str, names: list[str]
) -> None:
    _zip_with_names(tmp_path / "a.zip", [name.encode(codec) for name in names])
    assert sorted(_names(tmp_path / "a.zip")) == sorted(names)


def test_archive_unicode_path_field_goes_before_the_name(tmp_path: Path) -> None:
    raw = b"rapport--.txt"
    path = "报告.txt".encode()
    checksum = zlib.crc32(raw).to_bytes(4, "little")
    field = struct.pack("<HHB", 0x7075, 5 + len(path), 1) + checksum + path
    _zip_with_names(tmp_path / "a.zip", [raw], struct.pack("<HH", 0x9999, 2) + b"xx" + field)
    assert _names(tmp_path / "a.zip") == ["报告.txt"]
    _zip_with_names(tmp_path / "b.zip", [b"renamed--.txt"], field)
    assert _names(tmp_path / "b.zip") == ["renamed--.txt"]


def test_archive_names_with_backslashes_are_paths(tmp_path: Path) -> None:
    names = [b"a\\b.txt", b"a/b.txt", b"..\\c.txt", b"x\\.d\\e.txt"]
    _zip_with_names(tmp_path / "a.zip", names)
    members = dict(archives.unpack(tmp_path / "a.zip"))
    assert list(members) == ["../c.txt", "a/b.txt"]
    assert [str(getattr(content, "code", "")) for content in members.values()] == [
        "archive-path-unsafe",
        "archive-member-repeated",
    ]


def test_archive_litter_is_left_out(tmp_path: Path) -> None:
    _zip_with_names(tmp_path / "a.zip", [b"Thumbs.db", b"a.txt~", b"b.txt"])
    assert _names(tmp_path / "a.zip") == ["b.txt"]

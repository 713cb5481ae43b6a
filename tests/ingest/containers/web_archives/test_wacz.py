"""WACZ files: the WARC files in them are read as one."""

import gzip
import zipfile
from io import BytesIO

import pytest

from rag.errors import SeedUnreadable
from rag.ingest import archives
from rag.ingest.containers.web_archives import wacz
from rag.ingest.records import Record


def record(text: str, url: str, date: str = "2024-05-10T08:00:00Z") -> bytes:
    block = f"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<html><p>{text}</p></html>".encode()
    head = (
        f"WARC/1.1\r\nWARC-Type: response\r\nWARC-Target-URI: {url}\r\nWARC-Date: {date}\r\n"
        f"Content-Type: application/http\r\nContent-Length: {len(block)}\r\n\r\n"
    )
    return head.encode() + block + b"\r\n\r\n"


def packed(members: dict[str, bytes], method: int = zipfile.ZIP_STORED) -> bytes:
    file = BytesIO()
    with zipfile.ZipFile(file, "w", method) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return file.getvalue()


def read(content: bytes) -> dict[str, Record | SeedUnreadable]:
    return dict(wacz.read(BytesIO(content), "x.wacz"))


ONE = {
    "datapackage.json": b"{}",
    "archive/data.warc.gz": gzip.compress(record("一", "https://a.example/")),
    "pages/pages.jsonl": b"{}",
}


@pytest.mark.parametrize("name", ["x.wacz", "X.WACZ", "x.zip"])
def test_matches_wacz_is_recognised(name):
    assert wacz.matches(name, packed(ONE)[:4096])


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("x.zip", packed({"a.html": b"<p>"})),
        ("x.zip", packed({"datapackage.json": b"{}", "data/table.csv": b"a"})),
        ("x.wacz", b"not a zip"),
    ],
)
def test_matches_other_file_is_not_a_wacz(name, content):
    assert not wacz.matches(name, content)


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_read_several_warc_files_numbers_pages_over_all(method):
    members = {
        "archive/b.warc": record("丙", "https://c.example/"),
        "archive/a.warc.gz": gzip.compress(
            record("旧", "https://c.example/", "2023-01-01T00:00:00Z")
            + record("乙", "https://b.example/")
        ),
        "screenshots/c.warc": record("丁", "https://d.example/"),
    }
    found = {name: item.content for name, item in read(packed(members, method)).items()}
    assert found == {
        "x.wacz#2": "<html><p>乙</p></html>".encode(),
        "x.wacz#3": "<html><p>丙</p></html>".encode(),
    }


def test_read_damaged_member_keeps_the_others():
    members = {
        "archive/b.warc.gz": ONE["archive/data.warc.gz"][:-20],
        "archive/a.warc": record("一", "https://b.example/"),
    }
    found = read(packed(members))
    assert isinstance(found["x.wacz#1"], Record)
    assert [item.code for item in found.values() if isinstance(item, SeedUnreadable)] == [
        "file-damaged"
    ]


def test_read_unsafe_compression_is_refused():
    with pytest.raises(SeedUnreadable) as caught:
        read(packed(ONE, zipfile.ZIP_BZIP2))
    assert caught.value.code == "archive-compression"


def test_read_bomb_ends_at_the_limit_of_all_members(monkeypatch):
    monkeypatch.setattr(archives, "MAX_ARCHIVE_BYTES", 1_000_000)
    members = {"archive/a.warc": record("一", "https://a.example/")} | {
        f"archive/b{n}.warc": record("x" * 400_000, f"https://{n}.example/") for n in range(9)
    }
    found = read(packed(members, zipfile.ZIP_DEFLATED))
    assert [name for name, item in found.items() if isinstance(item, Record)] == [
        "x.wacz#1",
        "x.wacz#2",
        "x.wacz#3",
    ]
    assert {item.code for item in found.values() if isinstance(item, SeedUnreadable)} == {
        "archive-too-large"
    }


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (packed({"datapackage.json": b"{}"}), "wacz-no-archive"),
        (packed({"archive/data.warc": b"\n"}), "warc-no-pages"),
        (packed(ONE)[:-30], "archive-unreadable"),
        (b"", "archive-unreadable"),
    ],
)
def test_read_file_that_is_no_wacz_raises(content, code):
    with pytest.raises(SeedUnreadable) as caught:
        read(content)
    assert caught.value.code == code

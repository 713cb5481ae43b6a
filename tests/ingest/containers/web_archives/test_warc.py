"""WARC files: which captures are read, what is undone, and what damaged or hostile files do."""

import gzip
import random
import zlib
from contextlib import suppress
from io import BytesIO

import brotli
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.errors import SeedUnreadable
from rag.ingest import archives, regular_files
from rag.ingest.containers.web_archives import streams, warc
from rag.ingest.records import Record

PAGE = "<html><body><p>港口恢复了吞吐。</p></body></html>".encode()
ADDRESS = "https://port.example/a"


def http(body: bytes = PAGE, status: str = "200 OK", **fields: str) -> bytes:
    fields = {"content_type": "text/html; charset=utf-8"} | fields
    lines = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in fields.items() if value)
    return f"HTTP/1.1 {status}\r\n{lines}\r\n".encode() + body


def record(
    block: bytes,
    url: str = ADDRESS,
    *,
    kind: str = "response",
    date: str = "2024-05-10T08:00:00Z",
    content_type: str = "application/http; msgtype=response",
    length: int | str | None = None,
) -> bytes:
    head = (
        f"WARC/1.0\r\nWARC-Type: {kind}\r\nWARC-Target-URI: {url}\r\nWARC-Date: {date}\r\n"
        f"WARC-Record-ID: <urn:x:{url}>\r\nContent-Type: {content_type}\r\n"
        f"Content-Length: {len(block) if length is None else length}\r\n\r\n"
    )
    return head.encode() + block + b"\r\n\r\n"


def read(content: bytes) -> list[tuple[str, Record | SeedUnreadable]]:
    return list(warc.read(BytesIO(content), "x.warc"))


def pages(content: bytes) -> dict[str, bytes | str]:
    return {name: item.content for name, item in read(content) if isinstance(item, Record)}


def refusals(content: bytes) -> list[tuple[str, str]]:
    return [(name, item.code) for name, item in read(content) if isinstance(item, SeedUnreadable)]


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_matches_warc_whatever_its_name_is_recognised(pack):
    assert warc.matches("x.txt", pack(record(http()))[:4096])


@pytest.mark.parametrize(
    "head", [b"", b"\x1f\x8b", gzip.compress(b"WAR and peace", mtime=0), b"About WARC/1.0", PAGE]
)
def test_matches_other_content_is_not_a_warc(head):
    assert not warc.matches("x.warc", head)


def test_read_html_response_gives_page_address_and_charset():
    [(name, item)] = read(record(http(content_type='text/html; Charset="GBK"')))
    assert name == "x.warc#1"
    assert item == Record(name, PAGE, form="page", charset="GBK", url=ADDRESS)


@pytest.mark.parametrize(
    "pack",
    [
        lambda records: b"".join(records),
        lambda records: b"".join(map(gzip.compress, records)),
        lambda records: gzip.compress(b"".join(records)),
    ],
    ids=["plain", "a member each", "one member"],
)
def test_read_several_records_keeps_their_order(pack):
    content = pack([record(http(PAGE + b"%d" % n), f"{ADDRESS}/{n}") for n in range(3)])
    assert pages(content) == {f"x.warc#{n + 1}": PAGE + b"%d" % n for n in range(3)}


@pytest.mark.parametrize(
    "other",
    [
        record(http(b"\x89PNG", content_type="image/png"), "https://port.example/b.png"),
        record(http(b"{}", content_type="application/json"), "https://port.example/b.json"),
        record(http(b"%PDF-1.4", content_type=""), "https://port.example/b"),
        record(http(status="301 Moved", location="/a"), "https://port.example/b"),
        record(http(status="404 Not Found"), "https://port.example/b"),
        record(http(), "https://port.example/b", kind="revisit"),
        record(b"GET / HTTP/1.1\r\n\r\n", "https://port.example/b", kind="request"),
        record(b"software: x\r\n", kind="warcinfo", content_type="application/warc-fields"),
        record(b"20240510 1.2.3.4", "dns:port.example", content_type="text/dns", kind="resource"),
        record(b"", "https://port.example/b"),
    ],
)
def test_read_records_other_than_pages_are_left_out_without_a_line(other):
    assert [name for name, _ in read(other + record(http()) + other)] == ["x.warc#1"]


@pytest.mark.parametrize("media_type", ["application/xhtml+xml", "TEXT/HTML", "text/html;charset=x"])
def test_read_other_html_types_are_pages(media_type):
    assert pages(record(http(content_type=media_type)))


def test_read_response_without_content_type_is_a_page_if_it_begins_like_one():
    assert pages(record(http(b"\n<!DOCTYPE html>" + PAGE * 200, content_type=""))) == {
        "x.warc#1": b"\n<!DOCTYPE html>" + PAGE * 200
    }


def test_read_html_resource_is_a_page():
    assert pages(record(PAGE, kind="resource", content_type="text/html")) == {"x.warc#1": PAGE}


def test_read_http_2_response_is_a_page():
    assert pages(record(http().replace(b"HTTP/1.1 200 OK", b"HTTP/2 200"))) == {"x.warc#1": PAGE}


def test_read_several_captures_gives_the_newest_under_its_own_number():
    content = (
        record(http(PAGE + b"old"), date="2024-05-10T08:00:00Z")
        + record(http(PAGE + b"other"), "https://port.example/other")
        + record(http(PAGE + b"new"), ADDRESS + "#top", date="2024-05-12T08:00:00.5Z")
        + record(http(PAGE + b"middle"), date="2024-05-12T08:00:00Z")
        + record(http(PAGE, status="503 Down"), date="2024-06-01T08:00:00Z")
    )
    assert pages(content) == {"x.warc#2": PAGE + b"other", "x.warc#3": PAGE + b"new"}


def chunked(body: bytes) -> bytes:
    middle = len(body) // 2
    pieces = (body[:middle], body[middle:], b"")
    return b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in pieces)


@pytest.mark.parametrize(
    ("encoding", "compress"),
    [
        ("gzip", gzip.compress),
        ("x-gzip", gzip.compress),
        ("deflate", zlib.compress),
        ("deflate", lambda body: zlib.compress(body)[2:-4]),
        ("br", brotli.compress),
        ("identity", bytes),
        ("gzip, br", lambda body: brotli.compress(gzip.compress(body))),
        ("gzip", bytes),
        ("br", bytes),
        ("zstd", bytes),
    ],
)
@pytest.mark.parametrize("is_chunked", [False, True])
def test_read_encoded_body_is_decoded(encoding, compress, is_chunked):
    body = compress(PAGE)
    fields = {"content_encoding": encoding, "transfer_encoding": "Chunked" if is_chunked else ""}
    assert pages(record(http(chunked(body) if is_chunked else body, **fields))) == {"x.warc#1": PAGE}


def test_read_unknown_encoding_is_refused_for_that_record():
    content = record(http(b"(\xb5/\xfd", content_encoding="zstd")) + record(
        http(), "https://b.example/"
    )
    assert refusals(content) == [("x.warc#1", "file-damaged")]
    assert list(pages(content)) == ["x.warc#2"]


@pytest.mark.parametrize("compress", [gzip.compress, brotli.compress, bytes])
def test_read_record_beyond_limit_is_refused_alone(compress, monkeypatch):
    monkeypatch.setattr(regular_files, "MAX_BYTES", 100_000)
    encoding = {gzip.compress: "gzip", brotli.compress: "br", bytes: ""}[compress]
    bomb = record(http(compress(b"<html>" + bytes(2_000_000)), content_encoding=encoding))
    content = gzip.compress(bomb) + gzip.compress(record(http(), "https://b.example/"))
    assert refusals(content) == [("x.warc#1", "file-too-large")]
    assert pages(content) == {"x.warc#2": PAGE}


@pytest.mark.parametrize("filling", [b"\0", b"\n", b"a: b\r\n"])
def test_read_gzip_bomb_keeps_the_records_before_it(filling, monkeypatch):
    monkeypatch.setattr(archives, "MAX_ARCHIVE_BYTES", 90_000)
    content = gzip.compress(record(http())) + gzip.compress(b"WARC/1.0\r\n" + filling * 100_000)
    assert pages(content) == {"x.warc#1": PAGE}
    assert [name for name, _ in refusals(content)] == ["x.warc"]


@pytest.mark.parametrize("junk", [bytes(1_000_000), b"\r\n" * 50_000, b"\x1f\x8b junk"])
def test_read_junk_after_a_record_keeps_it(junk, monkeypatch):
    monkeypatch.setattr(archives, "MAX_ARCHIVE_BYTES", 80_000)
    content = record(http()) + junk
    assert pages(content) == {"x.warc#1": PAGE}
    assert [name for name, _ in refusals(content)] == ["x.warc"]


def test_read_more_records_than_the_limit_keeps_the_first(monkeypatch):
    monkeypatch.setattr(streams, "MAX_RECORDS", 3)
    content = b"".join(record(http(), f"{ADDRESS}/{n}") for n in range(5))
    assert list(pages(content)) == ["x.warc#1", "x.warc#2", "x.warc#3"]
    assert refusals(content) == [("x.warc", "archive-too-many")]


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_read_truncated_file_keeps_the_records_before_the_cut(pack):
    whole, cut = pack(record(http())), pack(record(http(), "https://b.example/"))
    content = whole + cut[: len(cut) * 2 // 3]
    assert pages(content) == {"x.warc#1": PAGE}
    assert [code for _, code in refusals(content)] == ["file-damaged"]


@pytest.mark.parametrize("length", [60, 10_000, -1, "many", ""])
def test_read_wrong_length_is_told_and_other_records_are_kept(length):
    first, last = record(http(), "https://b.example/"), record(http(PAGE), "https://c.example/")
    wrong = record(http(PAGE * 3), length=length)
    content = first + wrong + last
    assert pages(content)["x.warc#1"] == PAGE
    assert [code for _, code in refusals(content)] == ["file-damaged"]
    if length != 10_000:
        assert list(pages(content).values()) == [PAGE, PAGE]


@pytest.mark.parametrize("content", [b"", b"\r\n", record(b"software: x\r\n", kind="warcinfo")])
def test_read_file_without_pages_raises(content):
    with pytest.raises(SeedUnreadable) as caught:
        read(content)
    assert caught.value.code == "warc-no-pages"


def test_read_missing_fields_are_no_error():
    content = b"WARC/1.0\r\nWARC-Type: response\r\nContent-Length: %d\r\n\r\n%b\r\n\r\n"
    block = http()
    assert pages(content % (len(block), block)) == {"x.warc#1": PAGE}


def test_read_damage_writes_nothing(capsys):
    broken = http(gzip.compress(random.Random(1).randbytes(90_000))[:50_000], content_encoding="gzip")
    read(record(http(), "https://b.example/") + record(broken) + b"junk")
    assert capsys.readouterr() == ("", "")


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_read_any_damaged_file_raises_nothing_but_seed_unreadable(data):
    pack = data.draw(st.sampled_from([bytes, gzip.compress]))
    encoded = record(
        http(chunked(gzip.compress(PAGE)), content_encoding="gzip", transfer_encoding="chunked")
    )
    content = bytearray(pack(record(http(), "https://b.example/")) + pack(encoded))
    for _ in range(data.draw(st.integers(1, 6))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    del content[data.draw(st.integers(1, len(content))) :]
    with suppress(SeedUnreadable):
        read(bytes(content))

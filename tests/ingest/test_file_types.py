"""What a file is: named by its content, then by its extension; litter is left out."""

from __future__ import annotations

import io
import zipfile

import pytest

from rag.errors import SeedUnreadable
from rag.ingest import file_types

PAGE = "<!DOCTYPE html><html><body><p>渡轮停航三天。</p></body></html>".encode()


def code(name: str, head: bytes) -> str:
    refusal = file_types.describe(name, head)
    assert refusal is None or isinstance(refusal, SeedUnreadable)
    return refusal.code if refusal else ""


def zipped(*names: str) -> bytes:
    with zipfile.ZipFile(file := io.BytesIO(), "w") as archive:
        for name in names:
            archive.writestr(name, "application/epub+zip" if name == "mimetype" else "x")
    return file.getvalue()


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        (zipped("mimetype", "META-INF/container.xml"), "type-epub"),
        (zipped("[Content_Types].xml", "xl/workbook.xml"), "type-office"),
        (zipped("a.html"), "type-zip"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(60), "type-old-office"),
        (rb"{\rtf1\ansi x}", "type-rtf"),
        (b"Received: from a\r\nFrom: a@b.example\r\nSubject: x\r\n\r\ny", "type-mail"),
        (b"From a@b.example Fri May 10 08:00:00 2024\nSubject: x\n\ny", "type-mail"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "type-image"),
        (b"RIFF\x24\0\0\0WEBPVP8 ", "type-image"),
        (b"ID3\x03\0\0\0\0", "type-audio"),
        (b"\0\0\0\x18ftypmp42", "type-video"),
        (b"MZ\x90\0\3\0", "type-program"),
        (b"\x1f\x8b\x08\0", "type-packed"),
        (b"a.txt" + bytes(252) + b"ustar\0", "type-packed"),
        (b"SQLite format 3\0", "type-database"),
        (b"PAR1\x15\x04", "type-database"),
        (b"wOF2\0\1\0\0", "type-font"),
    ],
)
@pytest.mark.parametrize("name", ["a.txt", "a", "a.html"])
def test_describe_content_under_another_name_says_what_it_is(
    name: str, head: bytes, expected: str
) -> None:
    assert code(name, head) == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("b.EPUB", "type-epub"),
        ("b.docx", "type-office"),
        ("b.DOC", "type-old-office"),
        ("b.eml", "type-mail"),
        ("b.Jpeg", "type-image"),
        ("b.tgz", "type-packed"),
    ],
)
def test_describe_content_without_signature_goes_by_the_extension(name: str, expected: str) -> None:
    assert code(name, b"x") == expected


@pytest.mark.parametrize(
    ("name", "head"),
    [
        ("a.txt", "渡轮停航".encode()),
        ("a.txt", b"MZ is a band. ID3 is a tag. PAR1 is a golf score."),
        ("a.txt", b"From: our reporter\nDate: 10 May\n\nThe ferry stopped."),
        ("OTTO.txt", b"OTTO Group closes a warehouse"),
        ("a.pdf", b"%PDF-1.7\n\x80\x81"),
        ("a.doc", PAGE),
        ("a.warc.gz", b"\x1f\x8b\x08\0"),
        ("a.wacz", zipped("archive/data.warc.gz")),
        ("a.zip", zipped("a.html")),
        (
            "a.mhtml",
            b"From: <Saved>\r\nMIME-Version: 1.0\r\nContent-Type: multipart/related; x\r\n\r\n",
        ),
        ("a.json", b"[]"),
        ("feed.rss", b"<?xml version='1.0'?><rss></rss>"),
    ],
)
def test_describe_files_that_are_read_are_not_refused(name: str, head: bytes) -> None:
    assert code(name, head) == ""


@pytest.mark.parametrize(
    "name", ["a.html", "a.HTM", "a.shtml", "a.aspx", "a", "index.php?id=3", "a.doc"]
)
def test_is_page_html_by_extension_or_content(name: str) -> None:
    assert file_types.is_page(name, PAGE)
    assert file_types.is_page(name, b"\n<!-- saved from url --><?xml version='1.0'?>" + PAGE)
    assert file_types.is_page(name, b"\xff\xfe" + PAGE.decode().encode("utf-16-le"))


@pytest.mark.parametrize(
    ("name", "head"),
    [
        ("a.mht", PAGE),
        ("a.php", b"<?php echo 1;"),
        ("a.xml", b"<?xml version='1.0'?><rss><channel></channel></rss>"),
        ("a", "渡轮停航 <p>".encode()),
        ("a", b"<!--1715328000000-->\n[title](https://a.example)\n---\n<p>x</p>"),
        ("a", b"<!--" * 100_000),
    ],
)
def test_is_page_other_text_is_none(name: str, head: bytes) -> None:
    assert not file_types.is_page(name, head)


@pytest.mark.parametrize(
    "name",
    [
        "x/Thumbs.db",
        "DESKTOP.INI",
        ".DS_Store",
        "~$报告.docx",
        "a.html~",
        "a.txt.bak",
        ".a.txt.swp",
        "a.html.part",
        "a.pdf.CRDOWNLOAD",
        "a.tmp",
        "$RECYCLE.BIN/a.txt",
        "x\\Thumbs.db",
    ],
)
def test_is_ignored_litter_is_left_out(name: str) -> None:
    assert file_types.is_ignored(name)


@pytest.mark.parametrize(
    "name", ["a.txt", "part.txt", "bak/a.html", "tmp", "~a.txt", "thumbs.db/a.txt"]
)
def test_is_ignored_articles_are_kept(name: str) -> None:
    assert not file_types.is_ignored(name)

"""Pages that a browser saved in one file: recognised by content, and the page without its pictures."""

from __future__ import annotations

import base64
import quopri
from io import BytesIO

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from rag.errors import SeedUnreadable
from rag.ingest.containers import mhtml
from rag.ingest.records import Record

URL = "https://paper.example.net/2023/11/bridge.html"
PAGE = "<html><head><title>大桥通车</title></head><body><p>新的大桥今天通车。</p></body></html>"


def part(
    content: str | bytes, *headers: str, kind: str = "text/html", encoding: str = "base64"
) -> bytes:
    content = content.encode() if isinstance(content, str) else content
    encoded = {
        "base64": base64.encodebytes,
        "quoted-printable": quopri.encodestring,
        "binary": bytes,
    }[encoding](content)
    lines = [f"Content-Type: {kind}", f"Content-Transfer-Encoding: {encoding}", *headers, "", ""]
    return "\r\n".join(lines).encode() + encoded


def saved(*parts: bytes, headers: tuple[str, ...] = (), boundary: str = "=_b+1(x)") -> bytes:
    head = [
        "From: <Saved by Blink>",
        *headers,
        "MIME-Version: 1.0",
        f'Content-Type: multipart/related; type="text/html"; boundary="{boundary}"',
        "",
        "",
    ]
    delimiter = f"\r\n--{boundary}".encode()
    return (
        "\r\n".join(head).encode()
        + b"".join(delimiter + b"\r\n" + each for each in parts)
        + delimiter
        + b"--\r\n"
    )


def only(content: bytes, name: str = "a.mhtml") -> Record:
    [(given_name, record)] = mhtml.read(BytesIO(content), name)
    assert isinstance(record, Record)
    assert given_name == record.name == name
    return record


def refusal(content: bytes) -> str:
    with pytest.raises(SeedUnreadable) as caught:
        list(mhtml.read(BytesIO(content), "a.mhtml"))
    return caught.value.code


@pytest.mark.parametrize("encoding", ["base64", "quoted-printable", "binary"])
def test_read_each_transfer_encoding_gives_the_bytes_of_the_page(encoding: str) -> None:
    content = saved(
        part(PAGE, f"Content-Location: {URL}", encoding=encoding), part(b"\x89PNG", kind="image/png")
    )
    record = only(content)
    assert isinstance(record.content, bytes)
    assert record.content.decode().rstrip() == PAGE
    assert (record.form, record.url, record.title, record.published) == ("page", URL, "", "")


@settings(max_examples=40, deadline=None)
@given(
    st.binary(max_size=400).filter(lambda content: content.strip()),
    st.sampled_from(["base64", "binary"]),
    st.text("abcXYZ0189=_'()+,./:?-", min_size=1, max_size=50),
)
def test_read_any_content_and_boundary_gives_equal_bytes(
    content: bytes, encoding: str, boundary: str
) -> None:
    assume(b"--" + boundary.encode() not in content)
    assert only(saved(part(content, encoding=encoding), boundary=boundary)).content == content


@pytest.mark.parametrize(
    ("headers", "locations", "expected"),
    [
        ((), ("1", "2"), "1"),
        ((f"Snapshot-Content-Location: {URL}",), ("https://ads.example.net/", URL), "2"),
        (
            ("Content-Location: https://x.example/p",),
            ("https://y.example/", "https://x.example/p"),
            "2",
        ),
    ],
)
def test_read_several_pages_gives_the_one_that_the_header_names(
    headers: tuple[str, ...], locations: tuple[str, str], expected: str
) -> None:
    first, second = locations
    content = saved(
        part("<p>1</p>", f"Content-Location: {first}"),
        part("<p>2</p>", f"Content-Location: {second}"),
        headers=headers,
    )
    assert f"<p>{expected}</p>".encode() == only(content).content


def test_read_start_parameter_names_the_root() -> None:
    content = saved(
        part("frame", "Content-ID: <frame@x>"), part("root", "Content-ID: <root@x>")
    ).replace(b'type="text/html"', b'type="text/html"; start="<root@x>"')
    assert only(content).content == b"root"


def test_read_nested_alternative_gives_its_page() -> None:
    inner = b'Content-Type: multipart/alternative; boundary="in"\r\n\r\n--in\r\nContent-Type: text/plain\r\n\r\nx\r\n--in\r\n'
    content = saved(inner + part("<p>里面</p>") + b"\r\n--in--")
    assert only(content).content == "<p>里面</p>".encode()


def test_read_page_without_parts_gives_the_page() -> None:
    content = b"Content-Location: " + URL.encode() + b"\r\nMIME-Version: 1.0\r\n" + part(PAGE)
    assert mhtml.matches("x.html", content[:4096])
    assert only(content).url == URL


def test_read_charset_of_the_part_is_given() -> None:
    record = only(saved(part("大桥".encode("gbk"), kind='text/html; charset="gb2312"')))
    assert (record.content, record.charset) == ("大桥".encode("gbk"), "gb2312")


@pytest.mark.parametrize("subject", ["=?utf-8?B?5aSn5qGl?=", "大桥"])
def test_read_page_without_title_takes_the_subject(subject: str) -> None:
    assert only(saved(part("<p>正文。</p>"), headers=(f"Subject: {subject}",))).title == "大桥"


def test_read_page_of_a_disk_has_no_address() -> None:
    assert only(saved(part(PAGE, "Content-Location: file:///C:/a.html"))).url == ""


def test_read_truncated_file_gives_what_there_is() -> None:
    content = saved(part(PAGE, encoding="quoted-printable"))
    assert "新的大桥" in bytes(only(content[: content.rindex(b"</body>")]).content).decode()


@pytest.mark.parametrize(
    "content",
    [
        saved(part(b"\x89PNG", kind="image/png")),
        saved(),
        b"MIME-Version: 1.0\r\nContent-Type: multipart/related\r\n\r\nx",
        b"\x00\xff" * 40,
        b"",
    ],
)
def test_read_without_a_page_is_refused(content: bytes) -> None:
    assert refusal(content) == "mhtml-no-page"


@settings(max_examples=40, deadline=None)
@given(st.binary(max_size=200), st.integers(0, 600))
def test_read_damaged_file_raises_nothing_else(noise: bytes, at: int) -> None:
    content = saved(part(PAGE, f"Content-Location: {URL}"), headers=("Subject: x",))
    try:
        list(mhtml.read(BytesIO(content[:at] + noise + content[at:]), "a.mhtml"))
    except SeedUnreadable as error:
        assert error.code in ("mhtml-no-page", "mhtml-damaged")


def test_read_multiparts_in_multiparts_ends() -> None:
    inner = b"".join(
        b"--b%d\r\nContent-Type: multipart/mixed; boundary=b%d\r\n\r\n" % (n, n + 1)
        for n in range(5000)
    )
    assert refusal(b"Content-Type: multipart/mixed; boundary=b0\r\n\r\n" + inner) == "mhtml-no-page"


def test_read_page_above_the_limit_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rag.ingest.regular_files.MAX_BYTES", 10)
    assert refusal(saved(part(PAGE))) == "file-too-large"


@pytest.mark.parametrize("name", ["a.mhtml", "a.mht", "a.html", "a.txt", "a"])
def test_matches_saved_page_under_any_name(name: str) -> None:
    content = saved(part(PAGE), headers=(f"Snapshot-Content-Location: {URL}",))
    assert mhtml.matches(name, content[:4096])
    assert mhtml.matches(name, b"\xef\xbb\xbf" + content[:4096])


@pytest.mark.parametrize(
    ("name", "head"),
    [
        ("a.mhtml", b"<!DOCTYPE html><p>x"),
        (
            "a.eml",
            b"From: a@b.c\r\nTo: d@e.f\r\nMIME-Version: 1.0\r\nContent-Type: multipart/related; boundary=x\r\n\r\n--x\r\nContent-Location: u\r\n",
        ),
        ("a.txt", "Title: 大桥\n\n正文。".encode()),
        ("a.txt", "大桥通车\n\n正文。".encode()),
        ("a.txt", b""),
    ],
)
def test_matches_other_files_is_false(name: str, head: bytes) -> None:
    assert not mhtml.matches(name, head)

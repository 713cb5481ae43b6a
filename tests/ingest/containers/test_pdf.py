"""PDF files: paragraphs, running lines, titles, and what damaged or hostile files do."""

import logging
import time
import zlib
from collections.abc import Sequence
from contextlib import suppress
from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pypdf import PdfReader, PdfWriter

from rag.errors import SeedUnreadable
from rag.ingest import regular_files
from rag.ingest.containers import pdf, pdf_text

LINES = (
    "上海港务局十日宣布集装箱码头恢复夜间作业",
    "首日完成装卸四千标准箱比停工以前多出一成",
    "工会表示赞成。",
    "海关同时延长办公时间以便货物当天放行出港",
    "企业欢迎。",
)
PARAGRAPHS = ["".join(LINES[:3]), "".join(LINES[3:])]


def written(objects: Sequence[bytes], info: bytes = b"") -> bytes:
    """A PDF of these objects, of which the first is the catalogue."""
    content, places = b"%PDF-1.7\n", []
    for number, body in enumerate([*objects, b"<<" + info + b">>"], 1):
        places.append(len(content))
        content += b"%d 0 obj\n%b\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    size = len(places) + 1
    tail = b"trailer <</Size %d /Root 1 0 R /Info %d 0 R>>\nstartxref\n%d\n%%%%EOF\n"
    head = b"xref\n0 %d\n0000000000 65535 f \n" % size
    return content + head + table + tail % (size, size - 1, len(content))


def stream(content: bytes, fields: bytes = b"") -> bytes:
    return b"<<%b /Length %d>>\nstream\n%b\nendstream" % (fields, len(content), content)


def mapping(text: str) -> bytes:
    """A ToUnicode map of a font whose codes are those of UTF-16."""
    codes = [character.encode("utf-16-be").hex().encode() for character in sorted(set(text))]
    pairs = b"\n".join(b"<%b> <%b>" % (code, code) for code in codes)
    space = b"1 begincodespacerange\n<0000> <ffff>\nendcodespacerange\n"
    return b"begincmap\n%b%d beginbfchar\n%b\nendbfchar\nendcmap" % (space, len(codes), pairs)


def drawn(lines: Sequence[str]) -> bytes:
    shown = b"".join(b"<%b> Tj T*\n" % line.encode("utf-16-be").hex().encode() for line in lines)
    return b"BT /F 12 Tf 14 TL 72 760 Td\n%bET" % shown


def document(*pages: Sequence[str], info: bytes = b"", is_mapped: bool = True) -> bytes:
    text = "".join(line for page in pages for line in page)
    kids = b" ".join(b"%d 0 R" % (6 + 2 * number) for number in range(len(pages)))
    font = b"<</Type/Font/Subtype/Type0/BaseFont/Song/Encoding/Identity-H/DescendantFonts[4 0 R]%b>>"
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[%b]/Count %d/MediaBox[0 0 595 842]>>" % (kids, len(pages)),
        font % (b"/ToUnicode 5 0 R" if is_mapped else b""),
        b"<</Type/Font/Subtype/CIDFontType0/BaseFont/Song/DW 1000"
        b"/CIDSystemInfo<</Registry(Adobe)/Ordering(Identity)/Supplement 0>>>>",
        stream(mapping(text)),
    ]
    for number, lines in enumerate(pages):
        page = b"<</Type/Page/Parent 2 0 R/Contents %d 0 R/Resources<</Font<</F 3 0 R>>>>>>"
        objects += [page % (7 + 2 * number), stream(drawn(lines))]
    return written(objects, info)


def read(content: bytes) -> tuple[str, list[str]]:
    [(_, record)] = pdf.read(BytesIO(content), "x.pdf")
    assert record.form == "text"
    return record.title, record.content.split("\n\n")


def refusal(content: bytes) -> str:
    with pytest.raises(SeedUnreadable) as caught:
        read(content)
    return caught.value.code


@pytest.mark.parametrize("before", [b"", b"\xef\xbb\xbf\r\n", b"Received: x\r\n\r\n"])
def test_matches_pdf_whatever_its_name_is_recognised_and_read(before):
    content = before + document(LINES)
    assert pdf.matches("x.txt", content[:4096])
    assert read(content)[1] == PARAGRAPHS


@pytest.mark.parametrize("head", [b"", b"A file begins with %PDF-1.4.", b"\n" * 2000 + b"%PDF-1.4"])
def test_matches_other_content_is_not_a_pdf(head):
    assert not pdf.matches("x.pdf", head)


def test_read_paragraph_over_two_pages_is_joined():
    assert read(document(LINES[:1], LINES[1:]))[1] == PARAGRAPHS


@pytest.mark.parametrize(
    ("lines", "paragraphs"),
    [
        (
            ["The harbour opens again at", "night, the office said here."],
            ["The harbour opens again at night, the office said here."],
        ),
        (
            ["The harbour office said con-", "tainers move again at night."],
            ["The harbour office said containers move again at night."],
        ),
        (
            ["The harbour office with Sino-", "American ships opens at nine."],
            ["The harbour office with Sino-American ships opens at nine."],
        ),
        (
            ["港口昨天恢复夜间作业完成", "Maersk 公司四千个集装箱"],
            ["港口昨天恢复夜间作业完成Maersk 公司四千个集装箱"],
        ),
        (
            ["항만 당국은 어제 밤부터", "작업을 다시 시작하였다."],
            ["항만 당국은 어제 밤부터 작업을 다시 시작하였다."],
        ),
        (
            ["　　港口昨天恢复夜间作业。", "　　工会表示赞成此事立行。"],
            ["港口昨天恢复夜间作业。", "工会表示赞成此事立行。"],
        ),
        (
            ["港口恢复作业", "上海港务局昨天宣布码头恢复夜间作业"],
            ["港口恢复作业", "上海港务局昨天宣布码头恢复夜间作业"],
        ),
        (["港 口 昨 天 恢 复 夜 间 作 业"], ["港口昨天恢复夜间作业"]),
        (["本报记者 王明 上海报道"], ["本报记者 王明 上海报道"]),
        (["⼈⺠⽇报的ﬁrst⾏"], ["人民日报的first行"]),
    ],
)
def test_join_pages_lines_become_paragraphs(lines, paragraphs):
    assert pdf_text.join_pages(["\n".join(lines)]).split("\n\n") == paragraphs


def test_read_running_heads_feet_and_page_numbers_are_dropped():
    bodies = [f"第{name}段讲述港口恢复夜间作业的经过" for name in "甲乙丙丁"]
    pages = [(f"港口日报 {n + 7}版", body, body[::-1], f"- {n + 9} -") for n, body in enumerate(bodies)]
    text = "".join(read(document(*pages))[1])
    assert text == "".join(body + body[::-1] for body in bodies)


def test_read_alternating_running_heads_are_dropped():
    bodies = [f"第{name}段讲述港口恢复夜间作业的经过和意义以及影响" for name in "甲乙丙丁戊"]
    pages = [(("港口日报", "经济新闻")[n % 2], body) for n, body in enumerate(bodies)]
    assert "".join(read(document(*pages))[1]) == "".join(bodies)


@pytest.mark.parametrize("foot", ["第 3 页 共 12 页", "Page 3 of 12", "— 3 —", "第三页"])
def test_join_pages_page_number_of_a_single_page_is_dropped(foot):
    assert pdf_text.join_pages(["\n".join([*LINES, foot])]) == "\n\n".join(PARAGRAPHS)


def test_join_pages_numbers_in_the_body_are_kept():
    lines = ["得票", "137", "52%", "第三页的账目", "合计二百", "其余弃权"]
    text = pdf_text.join_pages(["\n".join(lines)])
    assert all(line in text for line in lines)


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("港口恢复作业", "港口恢复作业"),
        ("The harbour  opens", "The harbour opens"),
        ("Document of the year", "Document of the year"),
        ("Microsoft Word - 港口.doc", ""),
        ("港口 终稿.docx", ""),
        ("Untitled", ""),
        ("untitled-1", ""),
        ("文档1", ""),
        ("20240510", ""),
        ("https://port.example/print", ""),
        (" ", ""),
    ],
)
def test_read_title_of_metadata_is_used_if_a_person_chose_it(title, expected):
    raw = ("\ufeff" + title).encode("utf-16-be").hex().encode()
    assert read(document(LINES, info=b"/Title <%b>" % raw))[0] == expected


@pytest.mark.parametrize(
    ("raw", "expected"),
    [("2024年新闻".encode("gb18030"), "2024年新闻"), ("Señor Ñandú".encode("latin-1"), "Señor Ñandú")],
)
def test_read_title_in_a_legacy_encoding_is_repaired(raw, expected):
    assert read(document(LINES, info=b"/Title <%b>" % raw.hex().encode()))[0] == expected


def encrypted(password: str) -> bytes:
    writer, file = PdfWriter(PdfReader(BytesIO(document(LINES)))), BytesIO()
    writer.encrypt(password, "owner", algorithm="AES-256")
    writer.write(file)
    return file.getvalue()


def test_read_encrypted_without_password_is_read():
    assert read(encrypted(""))[1] == PARAGRAPHS


def test_read_encrypted_with_password_is_refused():
    assert refusal(encrypted("secret")) == "pdf-encrypted"


@pytest.mark.parametrize("pages", [[()], [(), ()], [LINES[:1], *[()] * 9], []])
def test_read_pages_without_text_are_a_scan(pages):
    assert refusal(document(*pages)) == "pdf-scan"


def test_read_scan_with_a_stamp_on_each_page_is_a_scan():
    stamp = "Downloaded from the archive of the port, all rights reserved"
    assert refusal(document(*[(stamp,)] * 5)) == "pdf-scan"


def test_read_font_with_private_characters_is_refused():
    lines = ["".join(chr(0xE000 + n) for n in range(30))]
    assert refusal(document(lines)) == "pdf-encoding"


def test_read_more_pages_than_the_limit_is_refused(monkeypatch):
    monkeypatch.setattr(pdf, "MAX_PAGES", 3)
    bodies = [(f"第{name}段讲述港口恢复夜间作业的经过和意义以及影响",) for name in "甲乙丙丁"]
    assert read(document(*bodies[:3]))
    assert refusal(document(*bodies)) == "pdf-too-long"


def test_read_work_beyond_the_limit_is_refused_within_a_page(monkeypatch):
    monkeypatch.setattr(pdf, "MAX_SECONDS", 0.05)
    packed = stream(zlib.compress(drawn([LINES[0]] * 3_000)), b"/Filter/FlateDecode")
    start = time.thread_time()
    assert refusal(document(LINES).replace(stream(drawn(LINES)), packed)) == "pdf-too-complex"
    assert time.thread_time() - start < 1


def test_read_file_beyond_the_limit_is_refused(monkeypatch):
    monkeypatch.setattr(regular_files, "MAX_BYTES", 1000)
    assert refusal(document(LINES)) == "file-too-large"


def test_read_text_beyond_the_limit_is_refused(monkeypatch):
    packed = zlib.compress(drawn([LINES[0]] * 500))
    content = document(LINES).replace(stream(drawn(LINES)), stream(packed, b"/Filter/FlateDecode"))
    monkeypatch.setattr(regular_files, "MAX_BYTES", len(content) + 1000)
    assert refusal(content) == "file-too-large"


def page_with(contents: bytes, kids: bytes = b"3 0 R") -> bytes:
    return written(
        [
            b"<</Type/Catalog/Pages 2 0 R>>",
            b"<</Type/Pages/Kids[%b]/Count 1>>" % kids,
            b"<</Type/Page/Parent 2 0 R/Contents 4 0 R/Resources<</Font<<>>>>>>",
            contents,
        ]
    )


def bomb() -> bytes:
    inner = zlib.compress(bytes(100_000_000))
    return stream(inner, b"/Filter/FlateDecode")


def nested(depth: int) -> bytes:
    return stream(b"[" * depth)


@pytest.mark.parametrize(
    "content",
    [
        page_with(bomb()),
        page_with(nested(100_000)),
        page_with(stream(b""), kids=b"2 0 R"),
        b"%PDF-1.7\n" + b"[" * 50_000,
        b"%PDF-1.7\n" + b"<<" * 50_000,
        b"%PDF-1.7\n%%EOF",
        document(LINES)[:-200],
        b"%PDF-1.7 not a document",
    ],
    ids=["bomb", "nested", "loop", "arrays", "dictionaries", "empty", "cut", "other"],
)
def test_read_damaged_or_hostile_file_is_refused_or_read(content):
    try:
        assert read(content)[1] == PARAGRAPHS
    except SeedUnreadable as error:
        assert error.code in ("file-damaged", "pdf-scan")


def test_read_damage_is_not_reported_elsewhere(caplog, capsys, recwarn):
    with caplog.at_level(logging.DEBUG):
        read(document(LINES).replace(b"xref\n0", b"xref\n7"))
    assert (caplog.records, capsys.readouterr(), list(recwarn)) == ([], ("", ""), [])


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 10_000), st.integers(0, 255)), min_size=1, max_size=20))
def test_read_any_damaged_file_raises_nothing_but_seed_unreadable(changes):
    content = bytearray(document(LINES, info=b"/Title (x)"))
    for place, value in changes:
        content[place % len(content)] = value
    with suppress(SeedUnreadable):
        read(bytes(content))


@settings(max_examples=30, deadline=None)
@given(st.lists(st.text("港口a-1。 \u3000\n", max_size=80), max_size=5))
def test_join_pages_any_text_gives_paragraphs_of_its_characters(pages):
    text = pdf_text.join_pages(pages)
    assert all(paragraph.strip() == paragraph != "" for paragraph in text.split("\n\n") if text)
    assert set(text) <= {*"".join(pages), " ", "\n"}

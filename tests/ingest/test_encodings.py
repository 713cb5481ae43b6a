"""Encodings: a text is read as a browser reads it, and a damaged one as far as possible."""

from __future__ import annotations

import os
import random
from contextlib import suppress

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from rag.errors import SeedUnreadable
from rag.ingest.encodings import decode

SIMPLIFIED = "河口市渡轮周五恢复通航，公司说，因为大雾，这条航线已经停了三天，有四百多人在码头等候。"
TRADITIONAL = "河口市渡輪週五恢復通航，公司說，因為大霧，這條航線已經停了三天，有四百多人在碼頭等候。"
JAPANESE = "河口市のフェリーは金曜日に運航を再開した。霧のため三日間止まっていたという。"
KOREAN = (
    "하구시의 여객선이 금요일에 운항을 다시 시작했다고 회사는 밝혔다. 안개로 사흘 동안 멈춰 있었다."
)
RUSSIAN = "Паром в городе снова ходит с пятницы, сообщила компания. Из-за тумана он стоял три дня."
FRENCH = (
    "Le ferry a repris vendredi, a déclaré la société. À cause du brouillard, il était arrêté. Être là."
)
CZECH = "Trajekt v pátek opět vyjel, řekla společnost. Kvůli mlze tři dny stál, čekalo čtyři sta lidí."

DETECTED = [
    ("gb18030", "gb18030", SIMPLIFIED),
    ("gb18030", "gb18030", TRADITIONAL),
    ("big5hkscs", "big5", TRADITIONAL),
    ("cp932", "shift_jis", JAPANESE),
    ("euc_jp", "euc-jp", JAPANESE),
    ("cp949", "euc-kr", KOREAN),
    ("cp1251", "windows-1251", RUSSIAN),
    ("koi8-r", "koi8-r", RUSSIAN),
    ("cp1252", "windows-1252", FRENCH),
    ("cp1250", "windows-1250", CZECH),
    ("utf-16-le", "utf-16le", SIMPLIFIED),
    ("utf-16-be", "utf-16be", RUSSIAN),
    ("utf-16-le", "utf-16le", FRENCH),
    ("iso2022_jp", "iso-2022-jp", JAPANESE),
    ("hz", "hz-gb-2312", SIMPLIFIED),
]


@pytest.mark.parametrize(("codec", "name", "text"), DETECTED)
def test_decode_text_without_declaration_is_detected(codec: str, name: str, text: str) -> None:
    assert decode(text.encode(codec)) == (text, name, "detected", 0)


@pytest.mark.parametrize(("codec", "name", "text"), DETECTED[:8])
def test_decode_page_that_is_mostly_markup_is_detected(codec: str, name: str, text: str) -> None:
    links = "<li class=item><a href='/a?b=c'>Home</a></li>\n" * 500
    page = f"<html><body>{links}<p>{text}</p>{links}</body></html>"
    assert decode(page.encode(codec), is_markup=True).text == page


@pytest.mark.parametrize(("codec", "name", "text"), DETECTED[:6])
def test_decode_text_cut_within_a_character_is_read_up_to_there(
    codec: str, name: str, text: str
) -> None:
    content = text.rstrip("。.").encode(codec)[:-1]
    decoded = decode(content)
    assert (decoded.encoding, decoded.replaced) == (name, 1)
    assert decoded.text == text.rstrip("。.")[:-1] + "\N{REPLACEMENT CHARACTER}"


@pytest.mark.parametrize(
    ("label", "codec", "text"),
    [
        ("GB2312", "gb18030", "朱镕基、喆"),
        ("x-gbk", "gb18030", "镕"),
        ("iso-8859-1", "cp1252", "“l’usine” – 3 €"),
        ("us-ascii", "cp1252", "l’usine"),
        ("big5", "big5hkscs", "佢哋喺嗰間"),
        ("Shift_JIS", "cp932", "①髙橋㈱"),
        ("ks_c_5601-1987", "cp949", "똠방각하 펲시콜라"),
        ("hz-gb-2312", "hz", "渡轮"),
        ("koi8-u", "koi8-u", "Їжак є"),
        ("windows-874", "cp874", "ข่าว"),
    ],
)
def test_decode_label_is_that_of_the_standard(label: str, codec: str, text: str) -> None:
    content = text.encode(codec)
    assert decode(content, charset=label).text == text
    for declaration in (
        f"<meta charset={label}>",
        f'<META content="text/html; charset={label}" http-equiv="Content-Type">',
        f"<?xml version='1.0' encoding='{label}'?>",
    ):
        decoded = decode(declaration.encode() + content, is_markup=True)
        assert (decoded.text, decoded.origin) == (declaration + text, "declared")


def test_decode_declaration_late_in_the_head_counts_but_not_in_a_comment() -> None:
    head = "<head><!-- <meta charset=koi8-r> --><style>" + "a{}" * 1500 + "</style>"
    page = f"{head}<meta charset='windows-1251'></head>Да"
    assert decode(page.encode("cp1251"), is_markup=True).text == page


def test_decode_label_from_outside_goes_before_the_page_and_the_mark_before_both() -> None:
    page = "<meta charset=koi8-r>Да"
    assert decode(page.encode("cp1251"), charset="windows-1251", is_markup=True).text == page
    assert decode(page.encode("utf-16"), charset="windows-1251", is_markup=True) == (
        (page, "utf-16le", "bom", 0)
    )


@pytest.mark.parametrize("label", ["gbk", "big5", "iso-8859-1", "nonsense", "replacement"])
def test_decode_valid_utf8_is_utf8_whatever_it_declares(label: str) -> None:
    assert decode(SIMPLIFIED.encode(), charset=label)[:2] == (SIMPLIFIED, "utf-8")


@pytest.mark.parametrize(
    ("label", "codec", "text"),
    [
        ("utf-8", "gb18030", SIMPLIFIED),
        ("utf-8", "cp1251", RUSSIAN),
        ("iso-8859-1", "gb18030", SIMPLIFIED),
        ("gbk", "big5hkscs", TRADITIONAL),
        ("big5", "gb18030", SIMPLIFIED),
        ("shift_jis", "euc_jp", JAPANESE),
    ],
)
def test_decode_wrong_declaration_is_overruled(label: str, codec: str, text: str) -> None:
    assert decode(text.encode(codec), charset=label).text == text


@pytest.mark.parametrize("label", ["", "utf-8", "gbk"])
def test_decode_damaged_byte_is_replaced_and_counted(label: str) -> None:
    codec = label or "utf-8"
    content = SIMPLIFIED[:9].encode(codec) + b"\xff" + SIMPLIFIED[9:].encode(codec)
    decoded = decode(content, charset=label)
    assert decoded.replaced == 1
    assert decoded.text == SIMPLIFIED[:9] + "\N{REPLACEMENT CHARACTER}" + SIMPLIFIED[9:]


def test_decode_replacement_character_of_the_author_is_no_damage() -> None:
    assert decode("渡轮\N{REPLACEMENT CHARACTER}".encode()).replaced == 0


@pytest.mark.parametrize(
    "text", ["~user and ~{x} and ~{a b~}", "渡轮 ~{ ~}", "a ~{!#~} b", "cost \x1b[1m5"]
)
def test_decode_text_that_resembles_a_seven_bit_encoding_is_left_alone(text: str) -> None:
    assert decode(text.encode()).text == text


@pytest.mark.parametrize(
    "content",
    [
        random.Random(1).randbytes(100),
        random.Random(2).randbytes(50_000),
        bytes(500),
        bytes(range(256)) * 9,
    ],
)
def test_decode_binary_is_refused(content: bytes) -> None:
    with pytest.raises(SeedUnreadable) as error:
        decode(content)
    assert error.value.code == "file-not-text"


@example(("euc-kr", "cp949"), "®¤퓨")  # two characters of UTF-8 in bytes that EUC-KR holds too
@given(
    st.sampled_from(
        [
            ("gb18030", "gb18030"),
            ("big5", "big5hkscs"),
            ("shift_jis", "cp932"),
            ("euc-jp", "euc_jp"),
            ("euc-kr", "cp949"),
            ("windows-1251", "cp1251"),
            ("windows-1252", "cp1252"),
        ]
    ),
    st.text(st.characters(min_codepoint=32, max_codepoint=0xFFFF, exclude_categories=["C"])),
)
def test_decode_any_text_the_declared_encoding_can_hold_round_trips(
    encoding: tuple[str, str], text: str
) -> None:
    label, codec = encoding
    text = text.encode(codec, "ignore").decode(codec)
    content = text.encode(codec)
    try:
        expected = content.decode()  # a text that happens to be valid UTF-8 is UTF-8
    except UnicodeDecodeError:
        expected = text
    assert decode(content, charset=label).text in (expected, text)


@given(st.binary(max_size=300), st.sampled_from(["", "gbk", "utf-16", "hz-gb-2312", "x\0y", "é"]))
def test_decode_any_bytes_are_read_or_refused(content: bytes, charset: str) -> None:
    try:
        decoded = decode(content, charset=charset, is_markup=True)
    except SeedUnreadable:
        return
    decoded.text.encode()
    assert decoded.replaced <= decoded.text.count("\N{REPLACEMENT CHARACTER}")


@pytest.mark.parametrize("piece", [b"<meta ", b"<!--", b"~{!!", b"\x1b$B", b"<\xb0", b"\0<"])
def test_decode_hostile_markup_ends_soon(piece: bytes) -> None:
    started = os.times().user
    with suppress(SeedUnreadable):
        decode(piece * 50_000, is_markup=True)
    assert os.times().user - started < 1

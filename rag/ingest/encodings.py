"""The bytes of a text -> its characters, as a browser reads them: by the byte order mark, by what is
declared, else by what the bytes look like.

Labels are those of the WHATWG Encoding Standard. A text that is valid UTF-8 is UTF-8 whatever it
declares.
"""

from __future__ import annotations

import codecs
import re

from rag.errors import SeedUnreadable
from rag.ingest import encoding_detection as detection
from rag.ingest.encoding_detection import REPLACEMENT
from rag.ingest.records import Decoded

_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16le"),
    (codecs.BOM_UTF16_BE, "utf-16be"),
)
_HZ, _ISO_2022_JP = "hz-gb-2312", "iso-2022-jp"
_CODECS = {
    "utf-8": "utf-8",
    "gbk": "gb18030",
    "big5": "big5hkscs",
    "shift_jis": "cp932",
    "euc-kr": "cp949",
    _ISO_2022_JP: "iso2022_jp_ext",
    _HZ: "hz",
}
_DECLARATION_BYTES = 8192
_COMMENT = re.compile(rb"<!--.{0,1000}?-->", re.DOTALL)
_DECLARATION = re.compile(
    rb"""(?:<meta\b[^<>]{0,500}?\bcharset|^\s{0,20}<\?xml\b[^<>]{0,200}?\bencoding)"""
    rb"""\s{0,20}=\s{0,20}["']?\s{0,20}([\w.:-]{1,40})""",
    re.IGNORECASE,
)
_JIS = re.compile(rb"\x1b\$[@B]")
_HZ_RUN = re.compile(rb"~~|~\{(?:[\x21-\x7d][\x21-\x7e]){1,10000}(?:~\}|(?=[\r\n]|$))")
_CONTROL = re.compile(r"[\0-\x08\x0b\x0e-\x1f\x7f]")
_FEW_DAMAGED = 3
# So many characters of valid UTF-8 do not come about by chance in a text of the declared encoding.
_CONVINCING = 10
_CONTROL_SHARE, _DAMAGED_SHARE = 0.03, 0.1


def decode(content: bytes, *, charset: str = "", is_markup: bool = False) -> Decoded:
    """Read the bytes of a text.

    `charset` is a label given outside the text, such as that of HTTP. If there is none, markup may
    declare its own. A byte that cannot be read becomes U+FFFD. Raises `SeedUnreadable` if the bytes are
    no text.
    """
    decoded = _marked(content) or _unmarked(content, _label(charset) or _declared(content, is_markup))
    controls, characters = len(_CONTROL.findall(decoded.text)), len(decoded.text)
    if controls > 1 + _CONTROL_SHARE * characters or decoded.replaced > 1 + _DAMAGED_SHARE * characters:
        raise SeedUnreadable("file-not-text")
    return decoded


def _marked(content: bytes) -> Decoded | None:
    for mark, name in _BYTE_ORDER_MARKS:
        if content.startswith(mark):
            return _read(content[len(mark) :], name, "bom")
    return None


def _unmarked(content: bytes, declared: str) -> Decoded:
    if b"\0" in content and (name := detection.utf16(content)):
        return _read(content, name, "declared" if name == declared else "detected")
    if content.isascii():
        return _seven_bit(content, declared)
    return _utf8(content, declared) or _legacy(content, declared)


def _seven_bit(content: bytes, declared: str) -> Decoded:
    if _JIS.search(content):
        return _read(content, _ISO_2022_JP, "declared" if declared == _ISO_2022_JP else "detected")
    text = _HZ_RUN.sub(_utf8_of_hz, content).decode() if b"~{" in content else ""
    if text and (declared == _HZ or detection.is_chinese(text)):
        return _decoded(text, _HZ, "declared" if declared == _HZ else "detected")
    return Decoded(content.decode(), declared or "utf-8", "declared" if declared else "default")


def _utf8_of_hz(run: re.Match[bytes]) -> bytes:
    """Re-encode one run of double-byte characters. Any other tilde of a page may be just a tilde."""
    return run[0].decode("hz", "replace").encode()


def _utf8(content: bytes, declared: str) -> Decoded | None:
    """Read UTF-8, which may be damaged; return None if it is another encoding."""
    is_declared = declared == "utf-8"
    decoded = _read(
        content, "utf-8", "declared" if is_declared else "detected" if declared else "default"
    )
    damaged = decoded.replaced
    if not damaged:
        return decoded
    valid = len(decoded.text) - len(decoded.text.encode("ascii", "ignore")) - damaged
    needed = 2 * damaged if is_declared or not declared else max(2 * damaged, _CONVINCING)
    if valid >= needed or (is_declared and (valid >= damaged or damaged <= _FEW_DAMAGED)):
        return decoded
    return None


def _legacy(content: bytes, declared: str) -> Decoded:
    if not declared or declared == "utf-8":
        return _read(content, detection.detect(content), "detected")
    stated = _read(content, declared, "declared")
    is_damaged = stated.replaced > _FEW_DAMAGED + _DAMAGED_SHARE * len(stated.text)
    if not is_damaged and not detection.is_contradicted(content, declared):
        return stated
    found = _read(content, detection.detect(content), "detected")
    return found if found.replaced <= stated.replaced or not is_damaged else stated


def codec(name: str) -> str:
    """Return Python's codec that holds all characters of an encoding of the standard."""
    # Imported late: questions are answered without the libraries that read files.
    import webencodings

    return _CODECS.get(name) or str(webencodings.lookup(name).codec_info.name)


def _read(content: bytes, name: str, origin: str) -> Decoded:
    try:
        return Decoded(content.decode(codec(name)), name, origin)
    except UnicodeDecodeError:
        return _decoded(content.decode(codec(name), "replace"), name, origin)


def _decoded(text: str, name: str, origin: str) -> Decoded:
    return Decoded(text, name, origin, text.count(REPLACEMENT))


def _declared(content: bytes, is_markup: bool) -> str:
    if not is_markup:
        return ""
    head = content[:_DECLARATION_BYTES].partition(b"</head")[0]
    match = _DECLARATION.search(_COMMENT.sub(b"", head))
    name = _label(match[1].decode("ascii", "replace")) if match else ""
    # The declaration is readable as ASCII, which UTF-16 is not.
    return "utf-8" if name.startswith("utf-16") else name


def _label(label: str) -> str:
    """Return the standard name of an encoding for a label; "" if no text can be in it."""
    import webencodings

    label = label.strip(" \t\r\n\f\"';").lower()
    if label == _HZ:
        return _HZ
    encoding = webencodings.lookup(label)
    name: str = encoding.name if encoding else ""
    return "" if name in ("replacement", "x-user-defined") else name

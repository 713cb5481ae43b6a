"""What a file is, by its first bytes and its name: a page, a format that cannot be read, or litter."""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from typing import NamedTuple

from rag.errors import SeedUnreadable

HEAD_BYTES = 4096
"""How many bytes from the beginning of a file tell what it is."""
_EPUB, _OFFICE, _OLD_OFFICE, _RTF = "type-epub", "type-office", "type-old-office", "type-rtf"
_MAIL, _IMAGE, _AUDIO, _VIDEO = "type-mail", "type-image", "type-audio", "type-video"
_PROGRAM, _PACKED, _ZIP = "type-program", "type-packed", "type-zip"
_DATABASE, _FONT = "type-database", "type-font"


class _Signature(NamedTuple):
    """Bytes at a place of a file, and the code of the refusal."""

    code: str
    content: bytes
    at: int = 0


_SIGNATURES = (
    _Signature(_EPUB, b"BOOKMOBI", 60),
    _Signature(_EPUB, b"AT&TFORM"),
    _Signature(_OLD_OFFICE, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"),
    _Signature(_IMAGE, b"\x89PNG\r\n\x1a\n"),
    _Signature(_IMAGE, b"\xff\xd8\xff"),
    _Signature(_IMAGE, b"GIF87a"),
    _Signature(_IMAGE, b"GIF89a"),
    _Signature(_IMAGE, b"WEBP", 8),
    _Signature(_IMAGE, b"II*\0"),
    _Signature(_IMAGE, b"MM\0*"),
    _Signature(_IMAGE, b"\0\0\1\0"),
    _Signature(_IMAGE, b"8BPS"),
    _Signature(_IMAGE, b"ftypheic", 4),
    _Signature(_IMAGE, b"ftypmif1", 4),
    _Signature(_IMAGE, b"ftypavif", 4),
    _Signature(_AUDIO, b"ID3"),
    _Signature(_AUDIO, b"fLaC"),
    _Signature(_AUDIO, b"OggS"),
    _Signature(_AUDIO, b"WAVE", 8),
    _Signature(_AUDIO, b"ftypM4A", 4),
    _Signature(_AUDIO, b"MThd"),
    _Signature(_VIDEO, b"ftyp", 4),
    _Signature(_VIDEO, b"AVI ", 8),
    _Signature(_VIDEO, b"\x1a\x45\xdf\xa3"),
    _Signature(_VIDEO, b"FLV\1"),
    _Signature(_VIDEO, b"\x30\x26\xb2\x75\x8e\x66\xcf\x11"),
    _Signature(_PROGRAM, b"MZ"),
    _Signature(_PROGRAM, b"\x7fELF"),
    _Signature(_PROGRAM, b"\xca\xfe\xba\xbe"),
    _Signature(_PROGRAM, b"\xcf\xfa\xed\xfe"),
    _Signature(_PROGRAM, b"\0asm"),
    _Signature(_PACKED, b"7z\xbc\xaf\x27\x1c"),
    _Signature(_PACKED, b"Rar!\x1a\x07"),
    _Signature(_PACKED, b"\xfd7zXZ\0"),
    _Signature(_PACKED, b"\x28\xb5\x2f\xfd"),
    _Signature(_PACKED, b"\x04\x22\x4d\x18"),
    _Signature(_PACKED, b"1AY&SY", 4),
    _Signature(_PACKED, b"MSCF\0"),
    _Signature(_PACKED, b"ustar", 257),
    _Signature(_DATABASE, b"SQLite format 3\0"),
    _Signature(_DATABASE, b"PAR1"),
    _Signature(_DATABASE, b"ARROW1\0"),
    _Signature(_DATABASE, b"\x89HDF\r\n\x1a\n"),
    _Signature(_FONT, b"wOFF"),
    _Signature(_FONT, b"wOF2"),
    _Signature(_FONT, b"\0\1\0\0\0"),
    _Signature(_FONT, b"OTTO"),
    _Signature(_FONT, b"ttcf"),
)
_EXTENSIONS = {
    _EPUB: "epub mobi azw azw3 djvu fb2 chm",
    _OFFICE: "docx docm dotx xlsx xlsm pptx pptm ppsx odt ods odp odg pages numbers key",
    _OLD_OFFICE: "doc dot xls ppt pps wps msg pub vsd",
    _RTF: "rtf",
    _MAIL: "eml emlx mbox pst",
    _IMAGE: "jpg jpeg jpe jfif png gif webp bmp tif tiff ico svg svgz heic heif avif psd eps ai raw",
    _AUDIO: "mp3 m4a aac wav flac ogg oga opus wma mid midi amr aiff",
    _VIDEO: "mp4 m4v mov avi mkv webm wmv flv mpg mpeg 3gp ogv ts rm rmvb",
    _PROGRAM: "exe dll so dylib msi apk jar class bin wasm deb rpm dmg pyc o",
    _PACKED: "tar tgz gz bz2 tbz2 xz txz zst lz4 7z rar cab iso z",
    _DATABASE: "sqlite sqlite3 db mdb accdb dbf parquet feather arrow orc hdf5 h5 npy npz pickle pkl",
    _FONT: "ttf otf ttc woff woff2 eot",
}
CODES = {f".{suffix}": code for code, suffixes in _EXTENSIONS.items() for suffix in suffixes.split()}
"""The refusal of each extension."""
_OFFICE_MEMBERS = (b"[Content_Types].xml", b"mimetypeapplication/vnd.oasis.opendocument")
_WARC_NAMES = (".warc.gz", ".wacz")
_BINARY = re.compile(rb"[\0-\x08\x0e-\x1a\x1c-\x1f]")
_MAIL_HEADER = re.compile(rb"(?i)(?:message-id|received|delivered-to|mime-version):[ \t]")
_HEADERS = re.compile(rb"[A-Za-z][A-Za-z0-9-]{1,60}:[ \t][^\0]{0,4096}")
_MBOX = re.compile(rb"From [^\s]{1,200} {1,3}(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) ")

_PAGES = frozenset(".html .htm .xhtml .xht .shtml .shtm .stm .php .php3 .asp .aspx .jsp .jspx".split())
_NEVER_PAGES = frozenset(".mht .mhtml .svg .json .jsonl .ndjson .csv .tsv .warc .rss .atom".split())
_PROGRAM_TEXT = re.compile(rb"\s{0,100}<(?:\?php|%)")
_MARKUP = re.compile(
    rb"(?:\xef\xbb\xbf|\xff\xfe|\xfe\xff)?\s{0,100}"
    rb"(?:<!--.{0,2000}?-->\s{0,100}|<\?xml[^<>]{0,200}\?>\s{0,100}){0,5}"
    rb"<(?:!doctype\s{1,20}html|html|head|body|title|meta|link|script|style|article|main|section|div|p|h1|table)"
    rb"[\s/>]",
    re.IGNORECASE | re.DOTALL,
)

_LITTER = frozenset(
    [
        "thumbs.db",
        "ehthumbs.db",
        "ehthumbs_vista.db",
        "desktop.ini",
        ".ds_store",
        "icon\r",
        ".directory",
    ]
)
_LITTER_FOLDERS = frozenset(["$recycle.bin", "system volume information", "__macosx", "@eadir"])
_LITTER_NAME = re.compile(
    r"~\$.*|\._.*|#.*#|.*~"
    r"|.*\.(?:bak|swp|swo|tmp|temp|part|partial|crdownload|download|opdownload|aria2|!ut|filepart)",
    re.DOTALL,
)


def describe(name: str, head: bytes) -> SeedUnreadable | None:
    """Return the refusal of a format that is not read, and what to do; None for any other file.

    `head` is the beginning of the file, `HEAD_BYTES` or more. What it shows goes before the extension.
    """
    head = head[:HEAD_BYTES]
    code = _of_content(name, head)
    if code is None and not _is_known_text(head):
        code = CODES.get(_suffix(name), "")
    return SeedUnreadable(code) if code else None


def is_page(name: str, head: bytes) -> bool:
    """Whether a text is a web page, by its extension or by how it begins."""
    suffix = _suffix(name)
    if suffix in _NEVER_PAGES or _PROGRAM_TEXT.match(head):
        return False
    return suffix in _PAGES or _begins_as_page(head)


def is_ignored(name: str) -> bool:
    """Whether a file is litter of a system, an editor or a download, left out without a word."""
    *folders, last = name.lower().replace("\\", "/").split("/")
    is_litter = last in _LITTER or _LITTER_NAME.fullmatch(last) is not None
    return is_litter or not _LITTER_FOLDERS.isdisjoint(folders)


def _suffix(name: str) -> str:
    return PurePosixPath(name.lower()).suffix


def _begins_as_page(head: bytes) -> bool:
    return _MARKUP.match(head[:HEAD_BYTES].replace(b"\0", b"")) is not None


def _is_known_text(head: bytes) -> bool:
    """Whether the content is of a format that is read, whatever the extension says."""
    return head.startswith((b"%PDF-", b"WARC/")) or _begins_as_page(head)


def _of_content(name: str, head: bytes) -> str | None:
    """Return the code for the content: "" if it is read, None if it tells nothing."""
    if head.startswith(b"PK\3\4"):
        return _of_zip(name, head)
    if head.startswith(b"\x1f\x8b"):
        return "" if name.lower().endswith(_WARC_NAMES) else _PACKED
    if head.startswith(b"{\\rtf"):
        return _RTF
    if _is_mail(head):
        return _MAIL
    return _of_signature(head)


def _of_signature(head: bytes) -> str | None:
    matching = (
        signature.code
        for signature in _SIGNATURES
        if head.startswith(signature.content, signature.at)
        and (_BINARY.search(head) or not signature.content.isascii())
    )
    return next(matching, None)


def _of_zip(name: str, head: bytes) -> str:
    if b"mimetypeapplication/epub+zip" in head[:100]:
        return _EPUB
    if any(member in head for member in _OFFICE_MEMBERS):
        return _OFFICE
    if name.lower().endswith((".zip", *_WARC_NAMES)):
        return ""
    return CODES.get(_suffix(name), _ZIP)


def _is_mail(head: bytes) -> bool:
    """Whether this is a mail, and not a page that a browser saved as one (MHTML)."""
    if _MBOX.match(head):
        return True
    headers = head.replace(b"\r\n", b"\n").partition(b"\n\n")[0]
    is_message = (
        _HEADERS.match(headers)
        and _MAIL_HEADER.search(headers)
        and b"\nfrom:" in b"\n" + headers.lower()
    )
    return bool(is_message) and b"multipart/related" not in headers.lower()

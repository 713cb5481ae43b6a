"""The text of a PDF as one article."""

from __future__ import annotations

import logging
import re
import time
import unicodedata
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from typing import TYPE_CHECKING, BinaryIO

from rag.errors import SeedUnreadable
from rag.ingest import regular_files
from rag.ingest.records import Record

if TYPE_CHECKING:
    from pypdf import PdfReader

NAME = "PDF"
MAX_PAGES = 2000
MAX_SECONDS = 60
"""Time of the processor for one file: a small file can ask for a great deal of work."""
_HEAD_BYTES = 1024
_MAGIC = re.compile(rb"(?:\A|(?<=[\r\n\0]))%PDF-\d")
_CHARACTERS_PER_PAGE = 20
_UNKNOWN_SHARE = 0.2
_SPACES = re.compile(r"\s+")
_CHINESE = re.compile(r"[ -~\u3000-\u303f\u4e00-\u9fff\uff01-\uff5e“”‘’…—·]+")
_NO_TITLE = re.compile(
    r"Microsoft (?:Office )?\w{1,20} ?-.{0,500}"
    r"|(?:untitled|无标题|未命名|無標題)(?:[- ].{0,9})?"
    r"|(?:document|文档|文件|presentation|演示文稿|slide|幻灯片|book|工作簿) ?\d{0,3}"
    r"|PowerPoint (?:presentation|演示文稿|簡報)"
    r"|.{0,250}\.(?:docx?|wps|rtf|odt|pdf|indd|qxp|qxd|pptx?|xlsx?|html?|txt|tex|dvi|ps|fdb?|p65|cdr|fit)"
    r"|[\W\d_]{0,500}|https?://.{0,500}",
    re.IGNORECASE,
)


def matches(name: str, head: bytes) -> bool:
    """Whether a file is a PDF. Its mark may follow other bytes, at the beginning of a line."""
    return _MAGIC.search(head[:_HEAD_BYTES]) is not None


def read(file: BinaryIO, name: str) -> Iterator[tuple[str, Record | SeedUnreadable]]:
    """Yield the article of a PDF.

    Raises `SeedUnreadable` if the file is damaged, encrypted, beyond the limits or without text. The
    article has no date: the dates in a PDF tell when the file was made.
    """
    file.seek(0)
    content = file.read(regular_files.MAX_BYTES + 1)
    regular_files.check_size(len(content))
    start = _MAGIC.search(content, 0, _HEAD_BYTES)
    text, title, url = _read(content[start.start() if start else 0 :])
    yield name, Record(name, text, form="text", title=title, url=url)


def _read(content: bytes) -> tuple[str, str, str]:
    from pypdf import PdfReader, apply_configuration
    from pypdf.errors import DependencyError, FileNotDecryptedError

    try:
        with _silence(), apply_configuration(disable_legacy_handling=True, jbig2dec_binary=None):
            reader = PdfReader(BytesIO(content))
            if reader.is_encrypted and not reader.decrypt(""):
                raise SeedUnreadable("pdf-encrypted")
            title = _title(reader)
            text, url = _text(reader, title)
            return text, title, url
    except SeedUnreadable:
        raise
    except (DependencyError, FileNotDecryptedError) as error:
        raise SeedUnreadable("pdf-encrypted") from error
    except Exception as error:
        # pypdf lets errors of any class escape from damaged files.
        raise SeedUnreadable("file-damaged", cause=str(error) or type(error).__name__) from error


@contextmanager
def _silence() -> Iterator[None]:
    """Keep pypdf from reporting each fault that it repairs."""
    logger = logging.getLogger("pypdf")
    logger.setLevel(logging.CRITICAL + 1)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def _text(reader: PdfReader, title: str) -> tuple[str, str]:
    from rag.ingest.containers.pdf_text import join_pages, printed_address

    pages = list(_pages(reader))
    text = join_pages(pages, title)
    characters = _SPACES.sub("", text)
    if len(characters) < _CHARACTERS_PER_PAGE * max(1, len(pages)):
        raise SeedUnreadable("pdf-scan")
    if sum(map(_is_unknown, characters)) > _UNKNOWN_SHARE * len(characters):
        raise SeedUnreadable("pdf-encoding")
    return text, printed_address(pages)


def _pages(reader: PdfReader) -> Iterator[str]:
    end, size = time.thread_time() + MAX_SECONDS, 0

    def check_time(*_: object) -> None:
        if time.thread_time() > end:
            raise SeedUnreadable("pdf-too-complex")

    for number, page in enumerate(reader.pages):
        if number == MAX_PAGES:
            raise SeedUnreadable("pdf-too-long", limit=MAX_PAGES)
        check_time()
        text = page.extract_text(visitor_operand_before=check_time)
        size += len(text.encode("utf-8", "replace"))
        regular_files.check_size(size)
        yield text


def _is_unknown(character: str) -> bool:
    """Whether a font shows the character by a number whose meaning the file does not tell."""
    return character == "\ufffd" or unicodedata.category(character) in ("Cc", "Cn", "Co", "Cs")


def _title(reader: PdfReader) -> str:
    """Return the title of the document, empty if the program that made it chose one."""
    metadata = reader.metadata
    raw = (metadata and metadata.title) or ""
    title = _SPACES.sub(" ", _legacy_decoded(str(raw))).strip()
    is_title = not (_NO_TITLE.fullmatch(title) or any(map(_is_unknown, title)))
    return title if is_title else ""


def _legacy_decoded(title: str) -> str:
    """Repair a title in GBK, which old programs wrote where PDF expects Latin-1."""
    try:
        decoded = title.encode("latin-1").decode("gb18030")
    except UnicodeError:
        return title
    return decoded if len(title) - len(decoded) > 1 and _CHINESE.fullmatch(decoded) else title

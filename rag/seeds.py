"""Files -> articles.

Two forms are read, told apart by content and never by file name:

1. a feed dump: `<!--epoch ms-->`, `[title](url)`, a rule, HTML;
2. a GNews dump: a link back, `## title`, a line with date and link, Markdown with `[[zh:…]]` marks.
"""

from __future__ import annotations

import html
import os
import re
import stat
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

from rag import body, language
from rag.errors import SeedsError, SeedUnreadable
from rag.types import Article, Failure

MAX_BYTES = 20 * 1024 * 1024

_HEADER_CHARACTERS = 20_000
_RULE = re.compile(r"^-{3,}[ \t]*$", re.MULTILINE)
_EPOCH = re.compile(r"<!--\s*(\d+)\s*-->\s*")
_GNEWS = re.compile(
    r"\s*#{1,6}\s*\[[^\]\n]*\]\(README\.md\)\s*\n(?:-{3,}\s*\n)?\s*"
    r"##\s+(?P<title>[^\n]+)\n+(?P<meta>`[^`\n]*`[^\n]*)(?:\n(?P<body>.*)|$)",
    re.DOTALL,
)
_META_DATE = re.compile(r"`\s*(\d{1,2}/\d{1,2}/\d{4} \d{1,2}:\d{2} [AP]M) UTC")
_WIKI_MARK = re.compile(r"\[\[zh:([^\[\]]{0,200})\]\]")


class Seeds:
    """The articles of a folder, read one by one while iterating, in order of their paths.

    After an iteration `failed` lists the files that could not be read, each with its reason.
    """

    def __init__(self, folder: str | os.PathLike[str]) -> None:
        self.folder = Path(folder)
        self.failed: list[Failure] = []
        if not self.folder.is_dir():
            raise SeedsError(
                f"There is no seeds folder at {self.folder}. "
                "Create it and put article files into it, or name another with --seeds."
            )

    def __iter__(self) -> Iterator[Article]:
        self.failed = []
        for path in self.paths():
            name = path.relative_to(self.folder).as_posix()
            try:
                yield read(path, name)
            except SeedUnreadable as error:
                self.failed.append(Failure(name, str(error)))

    def paths(self) -> list[Path]:
        """All files below the folder except hidden ones, sorted by path.

        Folders that cannot be listed and links to folders are among them, to be refused by name.
        """
        found = []

        def refuse(error: OSError) -> None:
            found.append(Path(error.filename))

        for parent, folders, files in os.walk(self.folder, onerror=refuse):
            folders[:] = [name for name in folders if not name.startswith(".")]
            links = [name for name in folders if Path(parent, name).is_symlink()]
            found += [Path(parent, name) for name in (*files, *links) if not name.startswith(".")]
        return sorted(found, key=lambda path: path.relative_to(self.folder).as_posix())


def read_seeds(folder: str | os.PathLike[str] = "seeds") -> Seeds:
    """Return the articles of a seeds folder. Raises `SeedsError` when there is no such folder."""
    return Seeds(folder)


def read(path: Path, name: str) -> Article:
    """Read one file as the article called `name`. Raises `SeedUnreadable` with the reason."""
    try:
        status = path.lstat()
        if not stat.S_ISREG(status.st_mode):
            raise SeedUnreadable("not a regular file")
        if status.st_size > MAX_BYTES:
            raise SeedUnreadable(f"larger than {MAX_BYTES // 2**20} MB")
        content = path.read_bytes().decode("utf-8-sig")
        name.encode()
    except UnicodeDecodeError as error:
        raise SeedUnreadable(f"not UTF-8 text (byte {error.start})") from error
    except UnicodeEncodeError as error:
        raise SeedUnreadable("its name is not UTF-8") from error
    except OSError as error:
        raise SeedUnreadable(error.strerror or str(error)) from error
    return parse(content, name)


def parse(content: str, name: str) -> Article:
    """Read the text of one file as the article called `name`. Raises `SeedUnreadable`."""
    content = content.replace("\r\n", "\n").replace("\r", "\n")
    if not content.strip():
        raise SeedUnreadable("the file is empty")
    if header := _feed_header(content):
        published, title, url, markup = header
    elif match := _GNEWS.match(content):
        published = _from_meta(match["meta"])
        title = _without_marks(match["title"])
        _, url = _split_link(_without_marks(match["meta"]))
        markup = _to_html(_without_marks(match["body"] or ""))
    else:
        raise SeedUnreadable(
            "neither of the two article forms: no `[title](url)` line with a rule below it, "
            "and no `## title` with a date line below it"
        )
    title = html.unescape(title).strip()
    text = "\n\n".join(body.paragraphs(markup, body.clean(title)))
    if not text:
        raise SeedUnreadable("no text in the article")
    return Article(
        id=name,
        title=title,
        url=url,
        text=text,
        published=published,
        source=_host(url),
        language=language.detect(text),
    )


def _feed_header(content: str) -> tuple[datetime | None, str, str, str] | None:
    """Time, title, address and HTML of a feed dump; None where the text is not one."""
    rule = _RULE.search(content, 0, _HEADER_CHARACTERS)
    if not rule:
        return None
    header = content[: rule.start()].strip()
    epoch = _EPOCH.match(header)
    if epoch:
        header = header[epoch.end() :]
    title, url = _split_link(header)
    if not (header.startswith("[") and url):
        return None
    return _from_epoch(epoch[1] if epoch else None), title[1:], url, content[rule.end() :]


def _split_link(text: str) -> tuple[str, str]:
    """What is before the `](…)` that ends a text, and the address in it; "" where there is none."""
    before, found, after = text.rstrip().rpartition("](")
    return (before, after[:-1]) if found and after.endswith(")") else (text, "")


def _from_epoch(milliseconds: str | None) -> datetime | None:
    try:
        return datetime.fromtimestamp(int(milliseconds) / 1000, UTC) if milliseconds else None
    except (OverflowError, ValueError, OSError):
        return None


def _from_meta(line: str) -> datetime | None:
    if not (match := _META_DATE.match(line)):
        return None
    try:
        return datetime.strptime(match[1], "%m/%d/%Y %I:%M %p").replace(tzinfo=UTC)
    except ValueError:
        return None


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def _without_marks(text: str) -> str:
    return _WIKI_MARK.sub(r"\1", text)


def _to_html(markdown: str) -> str:
    from markdown_it import MarkdownIt

    return str(MarkdownIt("commonmark", {"breaks": True, "html": True}).render(markdown))

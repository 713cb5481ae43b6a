"""Corrections of articles by a person: title, address, date and site, or that an article is left out.

One file of the seeds folder, `corrections.json`, holds them by the id of the article:
`{"a/b.html": {"title": "…", "url": "https://…", "published": "2024-03-06", "source": "www.rfi.fr"}}`.
The article files stay as they are.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, time
from pathlib import Path
from typing import Any

from filelock import FileLock

from rag import files
from rag.errors import Notice, RagError, SeedsError, SeedUnreadable
from rag.ingest import addresses, dates, regular_files
from rag.ingest.article_source import DIGEST_BYTES
from rag.ingest.curation.seed_names import CORRECTIONS, printable
from rag.ingest.records import Reading
from rag.text.scripts import clean
from rag.types import Article

ORIGIN = "correction"
"""Where a corrected value comes from, as `rag explain` names it."""
_LOCK = ".corrections.lock"
_LOCK_SECONDS = 10
_TITLE_CHARACTERS = 500
_URL = re.compile(r"https?://[^\s\x00-\x1f\x7f<>\"\ud800-\udfff]{1,2000}", re.IGNORECASE)
_HOST = re.compile(r"(?:[\w-]{1,63}\.){1,10}[\w-]{2,63}")
_YEARS = range(1600, 2100)


@dataclass(frozen=True, slots=True)
class Correction:
    """What a person says about an article; it goes before what its file says.

    None leaves a value as it was read. `published` has a time zone. Without `source`, the site follows
    from a corrected `url`. `left_out` keeps the article out of the index.
    """

    title: str | None = None
    url: str | None = None
    published: datetime | None = None
    source: str | None = None
    left_out: bool = False

    @property
    def changes_article(self) -> bool:
        """Whether it corrects any value."""
        return replace(self, left_out=False) != Correction()


def parse(fields: Mapping[str, object]) -> Correction:
    """Return a correction of the values of a form or of the file; an empty text corrects nothing.

    `published` is a day or a moment, such as 2024-03-06 or 2024-03-06T22:20+08:00; without a zone it is
    in UTC. Raises `SeedsError` for a value or a name of a field that is wrong; its parameter `field`
    names the field.
    """
    if unknown := fields.keys() - asdict(Correction()).keys():
        field = sorted(unknown)[0]
        raise SeedsError("correction-field-unknown", field=printable(field))
    if not isinstance(left_out := fields.get("left_out", False), bool):
        raise SeedsError("correction-left-out-invalid", field="left_out")
    return Correction(
        title=_title(fields.get("title")),
        url=_url(fields.get("url")),
        published=_published(fields.get("published")),
        source=_source(fields.get("source")),
        left_out=left_out,
    )


def load(seeds: Path) -> dict[str, Correction]:
    """Return the corrections of a seeds folder by the ids of the articles.

    Raises `SeedsError` if the file cannot be read, or has an entry that is wrong.
    """
    path = seeds / CORRECTIONS
    if not os.path.lexists(path):
        return {}
    try:
        content = regular_files.read_bytes(path).decode("utf-8-sig")
        entries = json.loads(content, object_pairs_hook=_distinct)
    except SeedUnreadable as error:
        raise _damaged(path, Notice("corrections-unreadable", {"cause": error})) from error
    except SeedsError as error:
        raise _damaged(path, error) from error
    except (ValueError, RecursionError) as error:
        raise _damaged(path, Notice("corrections-not-json", {"cause": str(error)})) from error
    if not isinstance(entries, dict):
        raise _damaged(path, Notice("corrections-not-an-object"))
    return {identifier: _entry(path, identifier, fields) for identifier, fields in entries.items()}


def save(seeds: Path, changes: Mapping[str, Correction]) -> None:
    """Put corrections into the file of a seeds folder; an empty `Correction()` removes an entry.

    The file is replaced as a whole. Raises `SeedsError`, and changes nothing, if a correction is wrong
    or the file is damaged or cannot be written.
    """
    try:
        with FileLock(seeds / _LOCK, timeout=_LOCK_SECONDS) if changes else nullcontext():
            merge(seeds, changes)
    except OSError as error:
        cause = error.strerror or str(error)
        path = str(seeds / CORRECTIONS)
        raise SeedsError("corrections-unwritable", path=path, cause=cause) from error


def merge(folder: Path, changes: Mapping[str, Correction]) -> None:
    """Save corrections in a folder that nobody else writes to; see `save`. Raises `OSError` too."""
    checked = {identifier: parse(_fields(change)) for identifier, change in changes.items()}
    entries = {name: _fields(known) for name, known in (load(folder) | checked).items()}
    _write(folder / CORRECTIONS, {name: entries[name] for name in sorted(entries) if entries[name]})


def apply(article: Article, correction: Correction) -> Article:
    """Return the article with the values of its correction."""
    host = addresses.host(correction.url) if correction.url else article.source
    return replace(
        article,
        title=correction.title or article.title,
        url=correction.url or article.url,
        published=correction.published or article.published,
        source=correction.source or host,
    )


def correct(reading: Reading, correction: Correction | None) -> Reading:
    """Return a reading with the corrected article, and where its values come from."""
    if not correction:
        return reading
    stated = replace(correction, left_out=False)
    corrected = {name: ORIGIN for name, value in asdict(stated).items() if value}
    article = apply(reading.article, correction)
    return replace(reading, article=article, origins=reading.origins | corrected)


def digest(content: bytes, correction: Correction | None) -> bytes:
    """Return the digest of an article from that of its content; without a correction it is the same."""
    if not (correction and correction.changes_article):
        return content
    stated = repr(sorted(_fields(correction).items())).encode()
    return hashlib.blake2b(content + stated, digest_size=DIGEST_BYTES).digest()


def _entry(path: Path, identifier: str, fields: object) -> Correction:
    try:
        if not isinstance(fields, dict):
            raise SeedsError("correction-not-an-object")
        return parse(fields)
    except SeedsError as error:
        parameters = {"id": printable(identifier), "reason": error}
        raise _damaged(path, Notice("correction-wrong", parameters)) from error


def _damaged(path: Path, reason: RagError | Notice) -> SeedsError:
    return SeedsError("corrections-damaged", path=str(path), reason=reason)


def _distinct(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return an object of JSON. Raises `SeedsError` for a repeated key, of which one would be lost."""
    entries = dict(pairs)
    if len(entries) < len(pairs):
        names = [name for name, _ in pairs]
        repeated = next(name for name in names if names.count(name) > 1)
        raise SeedsError("corrections-key-repeated", name=printable(repeated))
    return entries


def _write(path: Path, entries: Mapping[str, Mapping[str, object]]) -> None:
    if entries:
        files.replace(path, f"{json.dumps(entries, ensure_ascii=False, indent=2)}\n".encode())
    else:
        path.unlink(missing_ok=True)


def _fields(correction: Correction) -> dict[str, object]:
    """Return the values of a correction as the file has them."""
    stated = {name: value for name, value in asdict(correction).items() if value}
    if correction.published:
        stated["published"] = _written(correction.published)
    return stated


def _written(moment: datetime) -> str:
    is_day = moment.time() == time.min and moment.tzinfo == UTC
    return moment.date().isoformat() if is_day else moment.isoformat()


def _text(value: object, field: str) -> str:
    if value is None:
        return ""
    if not isinstance(value, str):
        raise SeedsError("correction-not-text", field=field)
    return value.strip()


def _title(value: object) -> str | None:
    title = clean(_text(value, "title"))
    if len(title) > _TITLE_CHARACTERS:
        raise SeedsError("correction-title-too-long", field="title", limit=_TITLE_CHARACTERS)
    return title or None


def _url(value: object) -> str | None:
    url = _text(value, "url")
    if url and not (_URL.fullmatch(url) and addresses.host(url)):
        raise SeedsError("correction-url-invalid", field="url", value=printable(url))
    return url or None


def _source(value: object) -> str | None:
    host = _text(value, "source").lower()
    if host and not _HOST.fullmatch(host):
        raise SeedsError("correction-source-invalid", field="source", value=printable(host))
    return host or None


def _published(value: object) -> datetime | None:
    text = _text(value, "published")
    moment = _moment(text) if text else None
    if text and not (moment and moment.year in _YEARS):
        raise SeedsError("correction-published-invalid", field="published", value=printable(text))
    return moment


def _moment(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return dates.read(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)

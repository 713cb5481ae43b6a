"""Uploaded files -> files in the seeds folder: a preview with refusals first, then the files.

A file is written completely or not at all, and never replaces another one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path, PurePosixPath

from rag import files
from rag.errors import IntakeError, Notice, SeedUnreadable
from rag.ingest import archives, file_records, formats, regular_files
from rag.ingest.curation.corrections import Correction
from rag.ingest.curation.corrections import load as load_corrections
from rag.ingest.curation.corrections import save as save_corrections
from rag.ingest.curation.known_files import KnownFiles
from rag.ingest.curation.seed_names import make_folder, printable, safe_name
from rag.ingest.curation.suggestions import suggest_date
from rag.ingest.records import Record
from rag.types import Article

MAX_FILES = 500
"""Files per upload; each member of an archive counts."""
MAX_BYTES = 200 * regular_files.MEGABYTE
"""Size limit of all files of one upload, unpacked."""
_LISTED_FILES = 10


@dataclass(frozen=True, slots=True)
class UploadedFile:
    """A file of an upload, and whether it can be added.

    `name` is its path below the seeds folder; `article` the first article that a build would read from
    it; `refusal` the reason why it is not added, None if it is. `ids` are those of all its articles: a
    feed or an export has many. `suggested` is a day that an undated article names, and that may be its
    date.
    """

    name: str
    content: bytes
    article: Article | None
    refusal: SeedUnreadable | None = None
    ids: tuple[str, ...] = ()

    @property
    def suggested(self) -> datetime | None:
        return suggest_date(self.article) if self.article else None


def examine(uploads: Sequence[Path], seeds: Path) -> list[UploadedFile]:
    """Read the uploads as a build would, and compare them with the seeds folder. Nothing is written.

    Each member of a .zip archive is a file of its own, with its folders in its name. Reading ends at
    `MAX_FILES` or `MAX_BYTES`; the last file is then refused for that reason. Raises `SeedsError` if
    there is no seeds folder.
    """
    known = KnownFiles(seeds)
    examined: list[UploadedFile] = []
    size = 0
    for name, content in _read_uploads(uploads):
        if isinstance(content, bytes):
            size += len(content)
        if len(examined) == MAX_FILES or size > MAX_BYTES:
            limit = MAX_BYTES // regular_files.MEGABYTE
            refusal = SeedUnreadable("upload-too-large", files=MAX_FILES, limit=limit)
            return [*examined, UploadedFile(printable(name), b"", None, refusal)]
        examined.append(_examine_file(name, content, known))
    return examined


def accept(
    uploads: Sequence[UploadedFile], seeds: Path, corrections: Mapping[str, Correction] | None = None
) -> list[str]:
    """Write the files that are not refused into the seeds folder, and return their names.

    `corrections` are by the id of an article, or by the name of a file with one article; others have no
    effect. A file appears under its name completely or not at all, with its corrections, and never
    replaces another one. Raises `SeedsError`, and writes nothing, if a correction cannot be saved;
    `IntakeError`, which lists written and failed files, if one could not be written; all are tried.
    """
    accepted = [upload for upload in uploads if not upload.refusal]
    before = load_corrections(seeds)
    # Saved first: a build that starts in between must not read an article without its correction.
    save_corrections(seeds, _of_articles(accepted, corrections or {}))
    outcomes = [(upload, _write(upload, seeds)) for upload in accepted]
    written = [upload.name for upload, reason in outcomes if not reason]
    if failed := [(upload, reason) for upload, reason in outcomes if reason]:
        unwritten = _of_articles([upload for upload, _ in failed], corrections or {})
        save_corrections(seeds, {name: before.get(name, Correction()) for name in unwritten})
        notices = [_failed(upload, reason) for upload, reason in failed]
        raise IntakeError(
            "upload-incomplete", folder=str(seeds), failed=_listed(notices), written=_listed(written)
        )
    return written


def _of_articles(
    uploads: Sequence[UploadedFile], corrections: Mapping[str, Correction]
) -> dict[str, Correction]:
    """Return the corrections of the articles in these files, by the ids of the articles."""
    single = (file for file in uploads if len(file.ids) == 1)
    named = {file.ids[0]: corrections[file.name] for file in single if file.name in corrections}
    ids = (identifier for file in uploads for identifier in file.ids)
    return named | {name: corrections[name] for name in ids if name in corrections}


def _write(upload: UploadedFile, seeds: Path) -> SeedUnreadable | None:
    """Write a file; return the reason if that failed."""
    try:
        *folders, name = PurePosixPath(safe_name(upload.name)).parts
        files.create(make_folder(seeds, folders) / name, upload.content)
    except SeedUnreadable as error:
        return error
    except FileExistsError:
        return SeedUnreadable("name-taken-meanwhile")
    except OSError as error:
        return SeedUnreadable("file-unwritable", cause=error.strerror or str(error))
    return None


def _failed(upload: UploadedFile, reason: SeedUnreadable) -> Notice:
    return Notice("upload-file-failed", {"name": upload.name, "reason": reason})


def _listed(items: Sequence[object]) -> list[object]:
    """Return the items that a message lists."""
    if not items:
        return [Notice("upload-files-none")]
    more = len(items) - _LISTED_FILES
    rest = [Notice("upload-files-more", {"count": more})] if more > 0 else []
    return [*items[:_LISTED_FILES], *rest]


def _read_uploads(uploads: Sequence[Path]) -> Iterator[tuple[str, bytes | SeedUnreadable]]:
    """Yield the name of every file and archive member, and its content or the reason of its refusal."""
    for path in uploads:
        try:
            if archives.is_archive(path.name):
                yield from archives.unpack(path)
            else:
                yield path.name, regular_files.read_bytes(path)
        except SeedUnreadable as error:
            yield path.name, error


def _examine_file(given: str, content: bytes | SeedUnreadable, known: KnownFiles) -> UploadedFile:
    name, article = printable(given), None
    ids: tuple[str, ...] = ()
    if isinstance(content, SeedUnreadable):
        return UploadedFile(name, b"", None, content)
    try:
        name = safe_name(given)
        article, ids = _articles(name, content)
        known.check(name, content)
    except SeedUnreadable as error:
        return UploadedFile(name, content, article, error, ids)
    known.add(name, content)
    return UploadedFile(name, content, article, None, ids)


def _articles(name: str, content: bytes) -> tuple[Article, tuple[str, ...]]:
    """Return the first article of a file and the ids of all. Raises `SeedUnreadable` if it has none.

    Records after the first article are counted, not read.
    """
    first, ids, refusals = None, [], list[SeedUnreadable]()
    try:
        for identifier, record in file_records.records(content, name):
            if isinstance(record, SeedUnreadable):
                refusals.append(record)
            elif first or (first := _read(record, refusals)):
                ids.append(identifier)
    except SeedUnreadable as error:
        refusals.append(error)
    if not first:
        raise refusals[0] if refusals else SeedUnreadable("article-empty")
    return first, tuple(ids)


def _read(record: Record, refusals: list[SeedUnreadable]) -> Article | None:
    try:
        return formats.read(record).article
    except SeedUnreadable as error:
        refusals.append(error)
        return None

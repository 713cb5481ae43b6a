"""Removal of articles from a seeds folder, which can be undone.

The file of an article is moved to a folder beside the seeds folder, `<seeds>.removed/<time>/`, under
the same path and with its corrections. An article that shares its file with others stays there, and
its correction leaves it out.
"""

from __future__ import annotations

import os
import re
import secrets
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import accumulate, count
from pathlib import Path, PurePosixPath

from rag import files
from rag.errors import ArticleMissing, RemovalFailed, SeedUnreadable
from rag.ingest import archives, folders, formats, regular_files
from rag.ingest.curation import corrections
from rag.ingest.curation.corrections import Correction
from rag.ingest.curation.seed_names import make_folder, printable

_STAMP = "%Y-%m-%dT%H-%M-%SZ"
_FOLDER = re.compile(r"(?P<stamp>\d{4}-\d\d-\d\dT\d\d-\d\d-\d\dZ)(?:-\d{1,6})?")
_NUMBERED = re.compile(r"(?P<file>.{1,4000})#\d{1,9}", re.DOTALL)
"""The id of an article in a file with several."""
_SHOWN_CHARACTERS = 200


@dataclass(frozen=True, slots=True)
class Removal:
    """A removed file, or an article that is left out of its file.

    `key` names the removal for `undo`. `id` is the id of the article; if all articles of a file were
    removed, the path of the file. `moment` is the time, None for an article that is left out.
    """

    key: str
    id: str
    moment: datetime | None = None


def remove(seeds: Path, ids: Sequence[str], folder: Path | None = None) -> list[Removal]:
    """Remove articles, or whole files, by their ids; the next build drops them.

    The files go to `folder`, by default the one beside the seeds folder. Raises `ArticleMissing`, and
    changes nothing, if an id has no file in the seeds folder; `RemovalFailed` if a file cannot be
    moved: those before it are then removed. Raises `SeedsError` for damaged corrections.
    """
    known = frozenset(_files(seeds))
    targets = {identifier: _file_of(seeds, identifier, known) for identifier in ids}
    done = _leave_out(seeds, [identifier for identifier, path in targets.items() if path != identifier])
    if whole := [identifier for identifier, path in targets.items() if path == identifier]:
        stamped = _new_folder(folder or _beside(seeds))
        done += [_move_away(seeds, stamped, name) for name in whole]
    return done


def removed(seeds: Path, folder: Path | None = None) -> list[Removal]:
    """Return the removals that can be undone, the last one first, then the articles left out."""
    root = folder or _beside(seeds)
    moved = [
        Removal(f"{stamped.name}/{name}", name, moment)
        for stamped, moment in sorted(_stamped(root), reverse=True)
        for name in _files(stamped)
    ]
    left_out = (name for name, known in corrections.load(seeds).items() if known.left_out)
    return [*moved, *(Removal(name, name) for name in left_out)]


def undo(seeds: Path, keys: Sequence[str], folder: Path | None = None) -> list[str]:
    """Undo removals by their keys, and return the ids of what is back.

    Raises `ArticleMissing`, and changes nothing, for an unknown key; `RemovalFailed` if another file
    has the place now, those before it are then restored.
    """
    known = {removal.key: removal for removal in removed(seeds, folder)}
    if unknown := [key for key in keys if key not in known]:
        raise _missing(unknown[0])
    chosen = [known[key] for key in dict.fromkeys(keys)]
    for removal in chosen:
        if removal.moment:
            stamp, _, name = removal.key.partition("/")
            _move_back(seeds, (folder or _beside(seeds)) / stamp, name)
    _take_in(seeds, [removal.id for removal in chosen if not removal.moment])
    return [removal.id for removal in chosen]


def _beside(seeds: Path) -> Path:
    path = seeds.resolve()
    return path.with_name(f"{path.name}.removed")


def _files(folder: Path) -> list[str]:
    """Return the paths below a folder of the files that a build reads; no path leads out of it."""
    return [path.relative_to(folder).as_posix() for path in folders.paths(folder)]


def _file_of(seeds: Path, identifier: str, known: frozenset[str]) -> str:
    """Return the path of the file that has an article. Raises `ArticleMissing`."""
    found = next((path for path in _paths(identifier) if path in known), None)
    if found is None:
        raise _missing(identifier)
    try:
        regular_files.check_regular(seeds / found)
        if found != identifier:
            formats.check_name(identifier)
    except SeedUnreadable as error:
        raise _missing(identifier) from error
    return found


def _paths(identifier: str) -> Iterator[str]:
    """Yield the paths of the files that may have an article: its own, a container, an archive."""
    yield identifier
    if match := _NUMBERED.fullmatch(identifier):
        yield match["file"]
    *folders_of_article, _ = accumulate(identifier.split("/"), "{}/{}".format)
    yield from filter(archives.is_archive, folders_of_article)


def _leave_out(seeds: Path, ids: Sequence[str]) -> list[Removal]:
    known = corrections.load(seeds)
    left_out = {name: replace(known.get(name, Correction()), left_out=True) for name in ids}
    corrections.save(seeds, left_out)
    return [Removal(name, name) for name in left_out]


def _take_in(seeds: Path, ids: Sequence[str]) -> None:
    known = corrections.load(seeds)
    corrections.save(seeds, {name: replace(known[name], left_out=False) for name in ids})


def _move_away(seeds: Path, stamped: Path, name: str) -> Removal:
    with _reported(name):
        entries = _corrections_of(seeds, name)
        corrections.merge(stamped, entries)
        _move(seeds / name, _place(stamped, name))
        corrections.save(seeds, dict.fromkeys(entries, Correction()))
    return Removal(f"{stamped.name}/{name}", name, _moment(stamped))


def _move_back(seeds: Path, stamped: Path, name: str) -> None:
    with _reported(name):
        entries = _corrections_of(stamped, name)
        target = _place(seeds, name)
        if os.path.lexists(target):
            raise RemovalFailed("restore-name-taken", id=printable(name))
        corrections.save(seeds, entries)
        _move(stamped / name, target)
        corrections.merge(stamped, dict.fromkeys(entries, Correction()))
    _delete_empty((stamped / name).parent, stamped.parent)


@contextmanager
def _reported(name: str) -> Iterator[None]:
    """Raise a `RemovalFailed` for what the file system refuses."""
    try:
        yield
    except SeedUnreadable as error:
        raise _failed(name, error) from error
    except OSError as error:
        raise _failed(name, error.strerror or str(error)) from error


def _failed(name: str, cause: object) -> RemovalFailed:
    return RemovalFailed("removal-failed", id=printable(name), cause=cause)


def _corrections_of(folder: Path, name: str) -> dict[str, Correction]:
    """Return the corrections of a file, and of the articles in it."""
    inside = (f"{name}/", f"{name}#")
    known = corrections.load(folder).items()
    return {key: value for key, value in known if key == name or key.startswith(inside)}


def _place(folder: Path, name: str) -> Path:
    *parents, last = PurePosixPath(name).parts
    return make_folder(folder, parents) / last


def _move(source: Path, target: Path) -> None:
    """Move a file, never replacing one; a crash leaves it in both places rather than in none."""
    try:
        target.hardlink_to(source)
    except FileExistsError:
        raise
    except OSError:
        _copy(source, target)  # no hard links there, or another disk
    files.sync(target.parent)
    try:
        source.unlink()
    except OSError:
        target.unlink()
        raise
    files.sync(source.parent)


def _copy(source: Path, target: Path) -> None:
    draft = target.with_name(f".{secrets.token_hex(8)}")
    try:
        shutil.copy2(source, draft, follow_symlinks=False)
        files.sync(draft)
        draft.rename(target)
    finally:
        draft.unlink(missing_ok=True)


def _delete_empty(folder: Path, end: Path) -> None:
    with suppress(OSError):
        while folder != end:
            folder.rmdir()
            folder = folder.parent


def _new_folder(root: Path) -> Path:
    """Make a folder that is named after the time, and numbered if there is one."""
    stamp = datetime.now(UTC).strftime(_STAMP)
    with _reported(stamp):
        root.mkdir(exist_ok=True)
        for number in count(1):
            stamped = root / (stamp if number == 1 else f"{stamp}-{number}")
            with suppress(FileExistsError):
                stamped.mkdir()
                files.sync(root)
                return stamped
    raise AssertionError


def _stamped(root: Path) -> Iterator[tuple[Path, datetime]]:
    """Yield the folders of the removals and their times."""
    for path in root.iterdir() if root.is_dir() else ():
        if _FOLDER.fullmatch(path.name) and path.is_dir() and not path.is_symlink():
            yield path, _moment(path)


def _moment(stamped: Path) -> datetime:
    match = _FOLDER.fullmatch(stamped.name)
    assert match
    return datetime.strptime(match["stamp"], _STAMP).replace(tzinfo=UTC)


def _missing(identifier: str) -> ArticleMissing:
    return ArticleMissing("article-missing", id=printable(identifier[:_SHOWN_CHARACTERS]))

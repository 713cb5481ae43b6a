"""Removal: what leaves the seeds folder, what comes back, and that nothing else can be moved."""

from __future__ import annotations

import errno
import os
import zipfile
from pathlib import Path

import pytest
from support.doubles import HashEncoder

import rag
from rag.errors import ArticleMissing, RemovalFailed, SeedsError
from rag.ingest.curation import corrections, removals
from rag.ingest.curation.corrections import Correction
from rag.ingest.seeds import read_seeds

_EXPORT = '[{"title": "港口", "text": "港口工人复工。"}, {"title": "渡轮", "text": "渡轮停航三天。"}]'


@pytest.fixture
def seeds(tmp_path: Path) -> Path:
    folder = tmp_path / "seeds"
    (folder / "sub").mkdir(parents=True)
    contents = {"a.txt": "今天下雨。", "sub/b.txt": "今天下雪。", "all.json": _EXPORT}
    for name, content in contents.items():
        (folder / name).write_text(content, encoding="utf-8")
    return folder


def ids(seeds: Path) -> list[str]:
    return [article.id for article in read_seeds(seeds)]


def tree(folder: Path) -> dict[str, bytes]:
    """Return the files below a folder, without the lock."""
    found = (path for path in folder.rglob("*") if path.is_file() and path.suffix != ".lock")
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in found}


def test_remove_moves_the_file_beside_the_folder_and_undo_brings_it_back(seeds: Path) -> None:
    before = tree(seeds)
    (removal,) = removals.remove(seeds, ["sub/b.txt"])
    assert ids(seeds) == ["a.txt", "all.json#1", "all.json#2"]
    assert removal.id == "sub/b.txt"
    assert removal.moment
    (stamped,) = (seeds.parent / "seeds.removed").iterdir()
    assert tree(stamped) == {"sub/b.txt": before["sub/b.txt"]}
    assert removals.removed(seeds) == [removal]
    assert removals.undo(seeds, [removal.key]) == ["sub/b.txt"]
    assert tree(seeds) == before
    assert removals.removed(seeds) == []
    assert list((seeds.parent / "seeds.removed").iterdir()) == []


def test_remove_takes_the_corrections_of_the_file_along(seeds: Path) -> None:
    title, left_out = Correction(title="新题"), Correction(left_out=True)
    corrections.save(seeds, {"all.json#1": left_out, "all.json#2": title, "a.txt": title})
    (removal,) = removals.remove(seeds, ["all.json"])
    assert corrections.load(seeds) == {"a.txt": title}
    removals.undo(seeds, [removal.key])
    assert corrections.load(seeds) == {"all.json#1": left_out, "all.json#2": title, "a.txt": title}
    assert list((seeds.parent / "seeds.removed").iterdir()) == []


def test_remove_of_an_article_in_a_container_leaves_it_out_and_keeps_its_correction(
    seeds: Path,
) -> None:
    with zipfile.ZipFile(seeds / "c.zip", "w") as archive:
        archive.writestr("x/d.txt", "今天下雨。")
        archive.writestr("x/e.json", _EXPORT)
    corrections.save(seeds, {"all.json#2": Correction(title="新题")})
    before = tree(seeds)
    inside = ["all.json#2", "c.zip/x/d.txt", "c.zip/x/e.json#1"]
    done = removals.remove(seeds, inside)
    assert [(removal.id, removal.moment) for removal in done] == [(name, None) for name in inside]
    assert ids(seeds) == ["a.txt", "all.json#1", "c.zip/x/e.json#2", "sub/b.txt"]
    assert not (seeds.parent / "seeds.removed").exists()
    assert removals.undo(seeds, [removal.key for removal in removals.removed(seeds)]) == inside
    assert tree(seeds) == before


def test_build_after_a_removal_drops_the_article_and_after_undo_adds_it(
    seeds: Path, tmp_path: Path
) -> None:
    index, encoder = tmp_path / "index", HashEncoder()
    rag.build(read_seeds(seeds), index, encoder)
    done = removals.remove(seeds, ["a.txt", "all.json#1"])
    report = rag.build(read_seeds(seeds), index, encoder)
    assert (report.removed, report.unchanged, report.failed) == (2, 2, ())
    removals.undo(seeds, [removal.key for removal in done])
    report = rag.build(read_seeds(seeds), index, encoder)
    assert (report.added, report.unchanged) == (2, 2)


def test_remove_of_the_same_name_again_keeps_both_files(seeds: Path) -> None:
    removals.remove(seeds, ["a.txt"])
    (seeds / "a.txt").write_text("另一篇。", encoding="utf-8")
    removals.remove(seeds, ["a.txt"])
    last, first = removals.removed(seeds)
    assert (last.id, first.id) == ("a.txt", "a.txt")
    removals.undo(seeds, [last.key])
    assert (seeds / "a.txt").read_text(encoding="utf-8") == "另一篇。"
    with pytest.raises(RemovalFailed, match="another file has this name") as error:
        removals.undo(seeds, [first.key])
    assert error.value.code == "restore-name-taken"
    assert (seeds / "a.txt").read_text(encoding="utf-8") == "另一篇。"
    assert removals.removed(seeds) == [first]


@pytest.mark.parametrize(
    "identifier",
    [
        *("", ".", "..", "/", "#", "sub", "sub/", "sub/../a.txt", "./a.txt", "a.txt/../../out.txt"),
        *(
            "../out.txt",
            "../out.txt#1",
            "link.txt",
            "linked/out.txt",
            ".hidden.txt",
            "corrections.json",
        ),
        *("none.txt", "a\0.txt", "a.txt#\ud800", "x" * 9000),
    ],
)
def test_remove_of_an_id_without_a_file_in_the_folder_changes_nothing(
    seeds: Path, tmp_path: Path, identifier: str
) -> None:
    (tmp_path / "out.txt").write_text("外面。", encoding="utf-8")
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere/out.txt").write_text("外面。", encoding="utf-8")
    (seeds / "link.txt").symlink_to(tmp_path / "out.txt")
    (seeds / "linked").symlink_to(tmp_path / "elsewhere", target_is_directory=True)
    (seeds / ".hidden.txt").write_text("x")
    corrections.save(seeds, {"a.txt": Correction(title="新题")})
    before = tree(tmp_path)
    for name in (identifier, str(tmp_path / "out.txt")):
        with pytest.raises(ArticleMissing):
            removals.remove(seeds, ["a.txt", name])
    assert tree(tmp_path) == before


@pytest.mark.parametrize("key", ["", "a.txt", "..", "../seeds/a.txt", "2020-01-01T00-00-00Z/a.txt"])
def test_undo_with_an_unknown_key_changes_nothing(seeds: Path, tmp_path: Path, key: str) -> None:
    (removal,) = removals.remove(seeds, ["sub/b.txt"])
    (seeds.parent / "seeds.removed" / "2020-01-01T00-00-00Z").symlink_to(seeds)
    before = tree(tmp_path)
    for name in (key, f"{removal.key}/../b.txt"):
        with pytest.raises(ArticleMissing):
            removals.undo(seeds, [removal.key, name])
    assert tree(tmp_path) == before


def test_undo_into_a_linked_folder_is_refused(seeds: Path, tmp_path: Path) -> None:
    (removal,) = removals.remove(seeds, ["sub/b.txt"])
    (seeds / "sub").rmdir()
    (tmp_path / "elsewhere").mkdir()
    (seeds / "sub").symlink_to(tmp_path / "elsewhere", target_is_directory=True)
    with pytest.raises(RemovalFailed) as error:
        removals.undo(seeds, [removal.key])
    assert error.value.parameters["cause"].code == "folder-not-folder"
    assert tree(tmp_path / "elsewhere") == {}
    assert removals.removed(seeds) == [removal]


def test_remove_to_another_disk_copies_the_file(seeds: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(self: Path, target: Path) -> None:
        raise OSError(errno.EXDEV, os.strerror(errno.EXDEV))

    monkeypatch.setattr(Path, "hardlink_to", refuse)
    content = (seeds / "a.txt").read_bytes()
    (removal,) = removals.remove(seeds, ["a.txt"])
    assert "a.txt" not in tree(seeds)
    assert list(tree(seeds.parent / "seeds.removed").values()) == [content]
    removals.undo(seeds, [removal.key])
    assert (seeds / "a.txt").read_bytes() == content


def test_remove_that_cannot_move_leaves_the_file_and_tells_why(
    seeds: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    unlink = Path.unlink

    def refuse(self: Path, *, missing_ok: bool = False) -> None:
        if self == seeds / "a.txt":
            raise PermissionError(errno.EACCES, "Permission denied")
        unlink(self, missing_ok=missing_ok)

    monkeypatch.setattr(Path, "unlink", refuse)
    before = tree(seeds)
    with pytest.raises(RemovalFailed, match=r"a\.txt cannot be moved \(Permission denied\)"):
        removals.remove(seeds, ["a.txt"])
    assert tree(seeds) == before
    assert removals.removed(seeds) == []


def test_remove_with_damaged_corrections_is_refused(seeds: Path) -> None:
    (seeds / "corrections.json").write_text("{")
    before = tree(seeds)
    for identifier in ("a.txt", "all.json#1"):
        with pytest.raises(SeedsError, match="cannot be read"):
            removals.remove(seeds, [identifier])
    assert tree(seeds) == before


def test_remove_from_the_folder_that_a_link_names_keeps_the_file_on_its_disk(
    seeds: Path, tmp_path: Path
) -> None:
    (tmp_path / "links").mkdir()
    (tmp_path / "links/archive").symlink_to(seeds, target_is_directory=True)
    (removal,) = removals.remove(tmp_path / "links/archive", ["a.txt"])
    assert removals.removed(seeds) == [removal]

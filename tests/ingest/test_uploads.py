"""What an administrator uploads: what is refused and why, and that the rest is whole in its place or not there."""

from __future__ import annotations

import errno
import os
import stat
import sys
import tracemalloc
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from support.doubles import SEEDS, HashEncoder

import rag
from rag.errors import IntakeError, SeedsError
from rag.ingest import seeds as reading
from rag.ingest import uploads as intake
from rag.ingest.uploads import Candidate, accept, examine

TEXT = b"<!--1704372301000-->\n[A title](https://news.example/1)\n---\n\n<p>Translator.</p>"


@pytest.fixture
def seeds(tmp_path: Path) -> Path:
    folder = tmp_path / "seeds"
    folder.mkdir()
    return folder


@pytest.fixture
def upload(tmp_path: Path) -> Callable[..., Path]:
    """Write a file as the page gets it, in a folder of its own."""

    def write(name: str, content: bytes = TEXT) -> Path:
        path = tmp_path / "uploads" / os.urandom(4).hex() / name
        path.parent.mkdir(parents=True)
        path.write_bytes(content)
        return path

    return write


@pytest.fixture
def pack(tmp_path: Path) -> Callable[..., Path]:
    """Write an archive with members of these names."""

    def write(*members: str | zipfile.ZipInfo, method: int = zipfile.ZIP_DEFLATED) -> Path:
        path = tmp_path / f"{os.urandom(4).hex()}.zip"
        with zipfile.ZipFile(path, "w", method) as archive:
            for number, member in enumerate(members):
                archive.writestr(member, TEXT + b"%d" % number)
        return path

    return write


def reasons(candidates: list[Candidate]) -> dict[str, str]:
    return {candidate.name: candidate.reason for candidate in candidates}


def files(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def test_what_is_uploaded_is_shown_then_put_into_the_folder_as_it_is(
    seeds: Path, upload: Callable[..., Path], pack: Callable[..., Path]
) -> None:
    name = "002_c97b2db276b89742.txt"
    given = (SEEDS / name).read_bytes()
    candidates = examine([upload(name, given), pack("2020/一月/a.txt", "b.txt")], seeds)
    assert files(seeds) == []
    assert [candidate.name for candidate in candidates] == [name, "2020/一月/a.txt", "b.txt"]
    article = candidates[0].article
    assert article
    assert article == reading.read(SEEDS / name, name)
    assert accept(candidates, seeds) == [name, "2020/一月/a.txt", "b.txt"]
    assert (seeds / name).read_bytes() == given
    assert [found.id for found in reading.read_seeds(seeds)] == [name, "2020/一月/a.txt", "b.txt"]
    umask = os.umask(0o022)
    os.umask(umask)
    assert stat.S_IMODE((seeds / name).stat().st_mode) == 0o666 & ~umask


def test_what_a_build_would_not_read_is_refused_for_the_same_reason(
    seeds: Path, tmp_path: Path, upload: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "MAX_BYTES", 1000)
    contents = {
        "empty.txt": b" ",
        "no-text.txt": b"<!--1-->\n[a](b)\n---\n",
        "other.json": b"{}",
        "binary.txt": b"\xff\xfe\x00",
        "large.txt": TEXT + bytes(1000),
        "damaged.zip": b"PK\x03\x04",
    }
    uploads = [upload(name, content) for name, content in contents.items()]
    (tmp_path / "link.txt").symlink_to(SEEDS / "000_0138e5db9875087d.txt")
    found = reasons(examine([*uploads, tmp_path / "link.txt", tmp_path / "gone.txt"], seeds))
    for name, content in contents.items():
        (seeds / name).write_bytes(content)
    (seeds / "link.txt").symlink_to("/etc/passwd")
    corpus = reading.read_seeds(seeds)
    assert list(corpus) == []
    expected = {failure.path: failure.reason for failure in corpus.failed}
    assert len(expected) == 7
    assert found == {**expected, "gone.txt": "No such file or directory"}
    assert accept(examine(uploads, seeds), seeds) == []


def test_a_missing_folder_is_named(tmp_path: Path, upload: Callable[..., Path]) -> None:
    with pytest.raises(SeedsError, match=r"no seeds folder at .*nowhere"):
        examine([upload("a.txt")], tmp_path / "nowhere")


NAMES = {
    "../../x.txt": "leads out of the archive",
    "a/../../b.txt": "leads out of the archive",
    "/etc/x.txt": "not a path below a folder",
    "//host/x.txt": "not a path below a folder",
    "C:\\x.txt": "not a path below a folder",
    "C:/x.txt": "not a path below a folder",
    "c:x.txt": "not a path below a folder",
    "..\\x.txt": "leads out of the archive",
    "a\\b.txt": "not a path below a folder",
    "new\nline.txt": "cannot be shown",
    "escape\x1b[2J.txt": "cannot be shown",
    "c1\x9b.txt": "cannot be shown",
    "reversed\u202etxt.exe": "cannot be shown",
    "CON": "keeps its name for a device",
    "nul.txt": "keeps its name for a device",
    "a/Com1 .tar.txt": "keeps its name for a device",
    "x" * 252 + ".txt": "too long",
    "字" * 84 + ".txt": "too long",
    "/".join(["folder" * 10] * 20) + "/a.txt": "too long",
    "inner.zip": "an archive inside an archive",
    "a/inner.ZIP": "an archive inside an archive",
}


@pytest.mark.parametrize("name", NAMES)
def test_a_name_that_leads_elsewhere_is_refused(
    seeds: Path, tmp_path: Path, pack: Callable[..., Path], name: str
) -> None:
    before = files(tmp_path)
    archive = pack(name)
    (candidate,) = examine([archive], seeds)
    assert NAMES[name] in candidate.reason
    assert candidate.name.isprintable()
    assert accept([candidate], seeds) == []
    if candidate.content:
        forced = Candidate(name, candidate.content, None, "")
        with pytest.raises(IntakeError, match=NAMES[name]):
            accept([forced], seeds)
    assert files(tmp_path) == sorted([*before, archive.name])


@pytest.mark.parametrize("name", ["../x.txt", ".hidden.txt", "a/.hidden/x.txt", "", "."])
def test_accept_trusts_no_name(seeds: Path, tmp_path: Path, name: str) -> None:
    with pytest.raises(IntakeError):
        accept([Candidate(name, TEXT, None, "")], seeds)
    assert files(tmp_path) == []


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ("what now?.txt", "what now_.txt"),
        ('He said: "b" <c> | *.txt', "He said_ _b_ _c_ _ _.txt"),
        ("U.S./x.txt", "U.S_/x.txt"),
        ("./a/.//b.txt", "a/b.txt"),
        ("trailing .txt . ", "trailing .txt_"),
        ("Être … 全角　空格.txt", "Être … 全角　空格.txt"),
        ("x" * 251 + ".txt", "x" * 251 + ".txt"),
        ("console.txt", "console.txt"),
        ("... and then.txt", None),
        (".hidden.txt", None),
    ],
)
def test_a_name_means_the_same_on_every_system(
    seeds: Path, upload: Callable[..., Path], pack: Callable[..., Path], given: str, name: str | None
) -> None:
    if name is None:
        (candidate,) = examine([upload(given)], seeds)
        assert "hidden" in candidate.reason
        return
    (candidate,) = examine([pack(given)], seeds)
    assert (candidate.name, candidate.reason) == (name, "")
    assert accept([candidate], seeds) == [name]
    assert files(seeds) == [name]


@pytest.mark.skipif(sys.platform != "linux", reason="such names exist on Linux only")
def test_a_name_that_is_not_unicode_is_refused_and_can_be_shown(
    seeds: Path, upload: Callable[..., Path], tmp_path: Path
) -> None:
    (candidate,) = examine([upload(os.fsdecode(b"caf\xe9.txt"))], seeds)
    assert "cannot be shown" in candidate.reason
    assert candidate.name == "caf\ufffd.txt"
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("caf\u00e9.txt", TEXT)
    path.write_bytes(path.read_bytes().replace("\u00e9".encode(), b"\xed\xa0"))
    (candidate,) = examine([path], seeds)
    assert "not an archive that can be read" in candidate.reason


def test_what_is_not_an_ordinary_member_is_refused(seeds: Path, pack: Callable[..., Path]) -> None:
    link = zipfile.ZipInfo("link.txt")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with pytest.warns(UserWarning, match="Duplicate"):
        path = pack(link, "a.txt", "a.txt", "__MACOSX/a.txt", ".DS_Store", "folder/")
    found = [(candidate.name, candidate.reason) for candidate in examine([path], seeds)]
    assert found == [
        ("a.txt", ""),
        ("a.txt", "twice in the archive"),
        ("link.txt", "not a regular file"),
    ]


@pytest.mark.parametrize("method", [zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
@pytest.mark.parametrize("lies", [False, True])
def test_a_bomb_is_refused_in_little_memory(
    seeds: Path, tmp_path: Path, method: int, lies: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "MAX_BYTES", 2**20)
    path, size = tmp_path / "bomb.zip", 200 * 2**20
    with zipfile.ZipFile(path, "w", method) as archive:
        archive.writestr("a.txt", bytes(size))
    if lies:
        path.write_bytes(path.read_bytes().replace(size.to_bytes(4, "little"), b"\0\0\1\0"))
    tracemalloc.start()
    (candidate,) = examine([path], seeds)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert candidate.reason
    assert candidate.content == b""
    assert peak < 20 * 2**20


def test_an_upload_is_read_up_to_so_many_files(
    seeds: Path, pack: Callable[..., Path], upload: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(intake, "MAX_FILES", 3)
    assert len(examine([pack("a.txt", "b.txt", "c.txt")], seeds)) == 3
    archive = pack(*(f"{n}.txt" for n in range(9)))
    *first, last = examine([upload("bad.txt", b""), archive, upload("after.txt", TEXT + b"9")], seeds)
    assert [candidate.name for candidate in first] == ["bad.txt", "0.txt", "1.txt"]
    assert last.name == "2.txt"
    assert last.reason.startswith("beyond the 3 files and 200 MB of one upload")
    assert (last.content, last.article) == (b"", None)
    assert accept([*first, last], seeds) == ["0.txt", "1.txt"]


def test_an_upload_is_read_up_to_so_many_bytes(
    seeds: Path, upload: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(intake, "MAX_BYTES", 2**20)
    uploads = [upload(f"{n}.txt", b"%d %s" % (n, b"words " * 60_000)) for n in range(4)]
    *first, last = examine(uploads, seeds)
    assert [candidate.name for candidate in first] == ["0.txt", "1.txt"]
    assert last.name == "2.txt"
    assert "files and 1 MB of one upload" in last.reason


def test_what_is_there_already_is_said(seeds: Path, upload: Callable[..., Path]) -> None:
    (seeds / "sub").mkdir()
    (seeds / "sub/old.txt").write_bytes(TEXT)
    (seeds / "taken.txt").write_bytes(TEXT + b"another")
    (seeds / "dangling.txt").symlink_to(seeds / "nowhere")
    (seeds / "folder.txt").mkdir()
    found = reasons(
        examine(
            [
                upload("new.txt"),
                upload("old.txt", TEXT + b"!"),
                upload("taken.txt", TEXT + b"different"),
                upload("dangling.txt", TEXT + b"1"),
                upload("folder.txt", TEXT + b"2"),
            ],
            seeds,
        )
    )
    taken = "its name is taken by a different file"
    assert found == {
        "new.txt": "the same bytes are in the folder already, as sub/old.txt",
        "old.txt": "",
        "taken.txt": taken,
        "dangling.txt": taken,
        "folder.txt": taken,
    }


def test_what_is_twice_in_the_upload_is_taken_once(
    seeds: Path, upload: Callable[..., Path], pack: Callable[..., Path]
) -> None:
    candidates = examine(
        [
            upload("a.txt"),
            upload("b.txt"),
            upload("a.txt", TEXT + b"!"),
            pack("a.txt/b.txt", "c/d.txt"),
            upload("c", TEXT + b"?"),
        ],
        seeds,
    )
    assert [(candidate.name, candidate.reason) for candidate in candidates] == [
        ("a.txt", ""),
        ("b.txt", "the same bytes are in the upload already, as a.txt"),
        ("a.txt", "another file of the upload has its name"),
        ("a.txt/b.txt", "another file of the upload has its name"),
        ("c/d.txt", ""),
        ("c", "another file of the upload has its name"),
    ]
    assert accept(candidates, seeds) == ["a.txt", "c/d.txt"]


@pytest.mark.parametrize("target", ["outside", "seeds/inside"])
def test_nothing_goes_through_a_link(
    seeds: Path, tmp_path: Path, pack: Callable[..., Path], target: str
) -> None:
    (tmp_path / target).mkdir()
    (seeds / "linked").symlink_to(tmp_path / target, target_is_directory=True)
    (candidate,) = examine([pack("linked/new/a.txt")], seeds)
    assert candidate.reason == "linked is there already and is not a folder"
    with pytest.raises(IntakeError, match="not a folder"):
        accept([Candidate("linked/new/a.txt", TEXT, None, "")], seeds)
    assert list((tmp_path / target).iterdir()) == []


def test_the_seeds_folder_itself_may_be_a_link(
    seeds: Path, tmp_path: Path, upload: Callable[..., Path]
) -> None:
    (tmp_path / "link").symlink_to(seeds, target_is_directory=True)
    assert accept(examine([upload("a.txt")], tmp_path / "link"), tmp_path / "link") == ["a.txt"]


@pytest.fixture(params=["links", "no links"])
def links(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Both kinds of file system."""
    if request.param == "no links":

        def refuse(self: Path, target: Path) -> None:
            raise PermissionError(errno.EPERM, "Operation not permitted", str(self))

        monkeypatch.setattr(Path, "hardlink_to", refuse)
    return str(request.param)


@pytest.mark.usefixtures("links")
def test_a_name_that_is_taken_meanwhile_is_left_alone(seeds: Path, upload: Callable[..., Path]) -> None:
    candidates = examine([upload(f"{n}.txt", TEXT + b"%d" % n) for n in range(3)], seeds)
    (seeds / "1.txt").write_bytes(b"of someone else")
    with pytest.raises(IntakeError) as error:
        accept(candidates, seeds)
    assert str(error.value) == (
        f"Not put into {seeds}: 1.txt (a file of that name has come into the folder meanwhile). "
        "Put there: 0.txt, 2.txt. Mend the cause, then upload again what is missing."
    )
    assert (seeds / "1.txt").read_bytes() == b"of someone else"
    assert files(seeds) == ["0.txt", "1.txt", "2.txt"]
    assert accept(examine([upload("3.txt", TEXT + b"3")], seeds), seeds) == ["3.txt"]


@pytest.mark.usefixtures("links")
def test_a_file_appears_whole_or_not_at_all(
    seeds: Path, upload: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    candidates = examine([upload("a.txt")], seeds)
    synced: list[list[Path]] = []
    fsync = os.fsync

    def watch(descriptor: int) -> None:
        synced.append(reading.read_seeds(seeds).paths())
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", watch)
    assert accept(candidates, seeds) == ["a.txt"]
    assert synced == [[], [seeds / "a.txt"]], "the file, then its folder"


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EROFS, errno.EIO])
@pytest.mark.parametrize("call", ["fsync", "open", "mkdir", "replace"])
def test_what_cannot_be_written_is_named_and_leaves_nothing(
    seeds: Path,
    upload: Callable[..., Path],
    pack: Callable[..., Path],
    call: str,
    code: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    candidates = examine([upload("a.txt"), pack("sub/b.txt")], seeds)

    def fail(*_: object, **__: object) -> None:
        raise OSError(code, os.strerror(code))

    with monkeypatch.context() as patch:
        patch.setattr(os if call == "fsync" else Path, call, fail)
        if call == "replace":
            patch.setattr(Path, "hardlink_to", fail)
        with pytest.raises(IntakeError, match=rf"sub/b\.txt \({os.strerror(code)}\)"):
            accept(candidates, seeds)
    assert files(seeds) == (["a.txt"] if call == "mkdir" else [])
    assert accept(examine([upload("c.txt", TEXT + b"c")], seeds), seeds) == ["c.txt"]


def test_a_long_list_of_failures_is_cut(seeds: Path, tmp_path: Path) -> None:
    candidates = [Candidate(f"{n:03}.txt", TEXT, None, "") for n in range(50)]
    with pytest.raises(IntakeError, match=r"009\.txt \(No such.*\) and 40 more\. Put there: nothing\."):
        accept(candidates, tmp_path / "gone")


def test_what_a_crash_leaves_behind_is_not_read(seeds: Path, upload: Callable[..., Path]) -> None:
    (seeds / ".upload-0123456789abcdef").write_bytes(TEXT[:-5])
    accept(examine([upload("a.txt")], seeds), seeds)
    report = rag.build(rag.read_seeds(seeds), seeds.parent / "index", HashEncoder())
    assert (report.added, report.failed) == (1, ())

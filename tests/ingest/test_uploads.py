"""Uploads: which files are refused with which code, and that a file is written completely or not at all."""

from __future__ import annotations

import errno
import os
import stat
import sys
import tracemalloc
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from support.doubles import SEEDS, HashEncoder

import rag
from rag.errors import IntakeError, SeedsError
from rag.i18n.translator import Translator
from rag.ingest import formats, regular_files, uploads
from rag.ingest.curation import corrections
from rag.ingest.curation.corrections import Correction
from rag.ingest.records import Record
from rag.ingest.seeds import read_seeds
from rag.ingest.uploads import UploadedFile, accept, examine

TEXT = b"<!--1704372301000-->\n[A title](https://news.example/1)\n---\n\n<p>Words.</p>"


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


def codes(examined: list[UploadedFile]) -> dict[str, str]:
    """Return the code of each file's refusal by name, "" for those that are not refused."""
    return {file.name: code(file) for file in examined}


def code(file: UploadedFile) -> str:
    return file.refusal.code if file.refusal else ""


def files(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def test_accept_after_examine_writes_the_same_bytes(
    seeds: Path, upload: Callable[..., Path], pack: Callable[..., Path]
) -> None:
    name = "002_c97b2db276b89742.txt"
    given = (SEEDS / name).read_bytes()
    examined = examine([upload(name, given), pack("2020/一月/a.txt", "b.txt")], seeds)
    assert files(seeds) == []
    assert [file.name for file in examined] == [name, "2020/一月/a.txt", "b.txt"]
    article = examined[0].article
    assert article
    assert article == formats.read(Record(name, given)).article
    assert accept(examined, seeds) == [name, "2020/一月/a.txt", "b.txt"]
    assert (seeds / name).read_bytes() == given
    assert [found.id for found in read_seeds(seeds)] == [name, "2020/一月/a.txt", "b.txt"]
    umask = os.umask(0o022)
    os.umask(umask)
    assert stat.S_IMODE((seeds / name).stat().st_mode) == 0o666 & ~umask


def test_examine_refuses_what_a_build_refuses_with_the_same_code(
    seeds: Path, tmp_path: Path, upload: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(regular_files, "MAX_BYTES", 1000)
    contents = {
        "empty.txt": b" ",
        "no-text.txt": b"<!--1-->\n[a](b)\n---\n",
        "other.json": b"{}",
        "binary.txt": b"\xff\xfe\x00",
        "large.txt": TEXT + bytes(1000),
        "damaged.zip": b"PK\x03\x04",
    }
    given = [upload(name, content) for name, content in contents.items()]
    (tmp_path / "link.txt").symlink_to(SEEDS / "000_0138e5db9875087d.txt")
    found = codes(examine([*given, tmp_path / "link.txt", tmp_path / "gone.txt"], seeds))
    for name, content in contents.items():
        (seeds / name).write_bytes(content)
    (seeds / "link.txt").symlink_to("/etc/passwd")
    corpus = read_seeds(seeds)
    assert list(corpus) == []
    expected = {failure.path: failure.code for failure in corpus.failed}
    assert len(expected) == 7
    assert found == {**expected, "gone.txt": "file-unreadable"}
    assert accept(examine(given, seeds), seeds) == []


def test_examine_without_a_seeds_folder_raises(tmp_path: Path, upload: Callable[..., Path]) -> None:
    with pytest.raises(SeedsError, match=r"no seeds folder at .*nowhere"):
        examine([upload("a.txt")], tmp_path / "nowhere")


NAMES = {
    "../../x.txt": "archive-path-unsafe",
    "a/../../b.txt": "archive-path-unsafe",
    "/etc/x.txt": "name-not-relative",
    "//host/x.txt": "name-not-relative",
    "C:\\x.txt": "name-not-relative",
    "C:/x.txt": "name-not-relative",
    "c:x.txt": "name-not-relative",
    "..\\x.txt": "archive-path-unsafe",
    "new\nline.txt": "name-unprintable",
    "escape\x1b[2J.txt": "name-unprintable",
    "c1\x9b.txt": "name-unprintable",
    "reversed\u202etxt.exe": "name-unprintable",
    "CON": "name-reserved",
    "nul.txt": "name-reserved",
    "a/Com1 .tar.txt": "name-reserved",
    "x" * 252 + ".txt": "name-too-long",
    "字" * 84 + ".txt": "name-too-long",
    "/".join(["folder" * 10] * 20) + "/a.txt": "name-too-long",
    "inner.zip": "archive-nested",
    "a/inner.ZIP": "archive-nested",
}


@pytest.mark.parametrize("name", NAMES)
def test_examine_and_accept_refuse_an_unsafe_name(
    seeds: Path, tmp_path: Path, pack: Callable[..., Path], name: str
) -> None:
    before = files(tmp_path)
    archive = pack(name)
    (examined,) = examine([archive], seeds)
    assert code(examined) == NAMES[name]
    assert examined.name.isprintable()
    assert accept([examined], seeds) == []
    if examined.content:
        forced = UploadedFile(name, examined.content, None)
        with pytest.raises(IntakeError) as error:
            accept([forced], seeds)
        (failure,) = error.value.parameters["failed"]
        assert failure.parameters["reason"].code == NAMES[name]
    assert files(tmp_path) == sorted([*before, archive.name])


@pytest.mark.parametrize("name", ["../x.txt", ".hidden.txt", "a/.hidden/x.txt", "", "."])
def test_accept_checks_names_itself(seeds: Path, tmp_path: Path, name: str) -> None:
    with pytest.raises(IntakeError):
        accept([UploadedFile(name, TEXT, None)], seeds)
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
def test_accept_makes_names_valid_on_every_system(
    seeds: Path, upload: Callable[..., Path], pack: Callable[..., Path], given: str, name: str | None
) -> None:
    if name is None:
        (examined,) = examine([upload(given)], seeds)
        assert code(examined) == "name-hidden"
        return
    (examined,) = examine([pack(given)], seeds)
    assert (examined.name, examined.refusal) == (name, None)
    assert accept([examined], seeds) == [name]
    assert files(seeds) == [name]


@pytest.mark.skipif(sys.platform != "linux", reason="such names exist on Linux only")
def test_examine_name_that_is_not_unicode_is_refused_and_printable(
    seeds: Path, upload: Callable[..., Path], tmp_path: Path
) -> None:
    (file,) = examine([upload(os.fsdecode(b"caf\xe9.txt"))], seeds)
    assert (file.name, code(file)) == ("caf\ufffd.txt", "name-unprintable")
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("caf\u00e9.txt", TEXT)
    path.write_bytes(path.read_bytes().replace("\u00e9".encode(), b"\xed\xa0"))
    (file,) = examine([path], seeds)
    assert code(file) == "archive-unreadable"


def test_examine_refuses_members_that_are_links_or_repeated(
    seeds: Path, pack: Callable[..., Path]
) -> None:
    link = zipfile.ZipInfo("link.txt")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with pytest.warns(UserWarning, match="Duplicate"):
        path = pack(link, "a.txt", "a.txt", "__MACOSX/a.txt", ".DS_Store", "folder/")
    assert [(file.name, code(file)) for file in examine([path], seeds)] == [
        ("a.txt", ""),
        ("a.txt", "archive-member-repeated"),
        ("link.txt", "file-not-regular"),
    ]


@pytest.mark.parametrize("method", [zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
@pytest.mark.parametrize("lies", [False, True])
def test_examine_zip_bomb_is_refused_in_little_memory(
    seeds: Path, tmp_path: Path, method: int, lies: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(regular_files, "MAX_BYTES", 2**20)
    path, size = tmp_path / "bomb.zip", 200 * 2**20
    with zipfile.ZipFile(path, "w", method) as archive:
        archive.writestr("a.txt", bytes(size))
    if lies:
        path.write_bytes(path.read_bytes().replace(size.to_bytes(4, "little"), b"\0\0\1\0"))
    tracemalloc.start()
    (file,) = examine([path], seeds)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert code(file) in ("archive-compression", "file-too-large", "archive-member-damaged")
    assert file.content == b""
    assert peak < 20 * 2**20


def test_examine_stops_at_the_limit_of_files(
    seeds: Path, pack: Callable[..., Path], upload: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploads, "MAX_FILES", 3)
    assert len(examine([pack("a.txt", "b.txt", "c.txt")], seeds)) == 3
    archive = pack(*(f"{n}.txt" for n in range(9)))
    *first, last = examine([upload("bad.txt", b""), archive, upload("after.txt", TEXT + b"9")], seeds)
    assert [file.name for file in first] == ["bad.txt", "0.txt", "1.txt"]
    assert last.name == "2.txt"
    assert str(last.refusal).startswith("Beyond the limit of 3 files and 200 MB per upload.")
    assert (last.content, last.article) == (b"", None)
    assert accept([*first, last], seeds) == ["0.txt", "1.txt"]


def test_examine_stops_at_the_limit_of_bytes(
    seeds: Path, upload: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploads, "MAX_BYTES", 2**20)
    given = [upload(f"{n}.txt", b"%d %s" % (n, b"words " * 60_000)) for n in range(4)]
    *first, last = examine(given, seeds)
    assert [file.name for file in first] == ["0.txt", "1.txt"]
    assert last.name == "2.txt"
    assert last.refusal
    assert (last.refusal.code, last.refusal.parameters["limit"]) == ("upload-too-large", 1)


def test_examine_refuses_content_and_names_that_the_folder_has(
    seeds: Path, upload: Callable[..., Path]
) -> None:
    (seeds / "sub").mkdir()
    (seeds / "sub/old.txt").write_bytes(TEXT)
    (seeds / "taken.txt").write_bytes(TEXT + b"another")
    (seeds / "dangling.txt").symlink_to(seeds / "nowhere")
    (seeds / "folder.txt").mkdir()
    examined = examine(
        [
            upload("new.txt"),
            upload("old.txt", TEXT + b"!"),
            upload("taken.txt", TEXT + b"different"),
            upload("dangling.txt", TEXT + b"1"),
            upload("folder.txt", TEXT + b"2"),
        ],
        seeds,
    )
    assert codes(examined) == {
        "new.txt": "content-known",
        "old.txt": "",
        "taken.txt": "name-taken",
        "dangling.txt": "name-taken",
        "folder.txt": "name-taken",
    }
    assert str(examined[0].refusal) == "Already in the archive (sub/old.txt)"


def test_examine_accepts_repeated_content_and_names_once(
    seeds: Path, upload: Callable[..., Path], pack: Callable[..., Path]
) -> None:
    examined = examine(
        [
            upload("a.txt"),
            upload("b.txt"),
            upload("a.txt", TEXT + b"!"),
            pack("a.txt/b.txt", "c/d.txt"),
            upload("c", TEXT + b"?"),
        ],
        seeds,
    )
    assert [(file.name, code(file)) for file in examined] == [
        ("a.txt", ""),
        ("b.txt", "upload-content-repeated"),
        ("a.txt", "upload-name-repeated"),
        ("a.txt/b.txt", "upload-name-repeated"),
        ("c/d.txt", ""),
        ("c", "upload-name-repeated"),
    ]
    assert str(examined[1].refusal) == "Same file as a.txt in this upload"
    assert accept(examined, seeds) == ["a.txt", "c/d.txt"]


@pytest.mark.parametrize("target", ["outside", "seeds/inside"])
def test_accept_writes_nothing_through_a_linked_folder(
    seeds: Path, tmp_path: Path, pack: Callable[..., Path], target: str
) -> None:
    (tmp_path / target).mkdir()
    (seeds / "linked").symlink_to(tmp_path / target, target_is_directory=True)
    (file,) = examine([pack("linked/new/a.txt")], seeds)
    assert str(file.refusal) == "linked already exists and is not a folder"
    with pytest.raises(IntakeError, match="not a folder"):
        accept([UploadedFile("linked/new/a.txt", TEXT, None)], seeds)
    assert list((tmp_path / target).iterdir()) == []


def test_accept_into_a_linked_seeds_folder_writes(
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
def test_accept_leaves_a_file_that_appeared_meanwhile(seeds: Path, upload: Callable[..., Path]) -> None:
    examined = examine([upload(f"{n}.txt", TEXT + b"%d" % n) for n in range(3)], seeds)
    (seeds / "1.txt").write_bytes(b"of someone else")
    with pytest.raises(IntakeError) as error:
        accept(examined, seeds)
    assert str(error.value) == (
        f"Not written to {seeds}: 1.txt (A file with this name was added in the meantime). "
        "Written: 0.txt and 2.txt. Fix the cause, then upload the missing files again."
    )
    assert Translator("zh-Hans").error(error.value) == (
        f"未能写入 {seeds}：1.txt（其间已有同名文件加入）。已写入：0.txt和2.txt。"
        "请排除原因，然后重新上传缺少的文件。"
    )
    assert (seeds / "1.txt").read_bytes() == b"of someone else"
    assert files(seeds) == ["0.txt", "1.txt", "2.txt"]
    assert accept(examine([upload("3.txt", TEXT + b"3")], seeds), seeds) == ["3.txt"]


@pytest.mark.usefixtures("links")
def test_accept_syncs_the_file_then_its_folder(
    seeds: Path, upload: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    examined = examine([upload("a.txt")], seeds)
    synced: list[list[Path]] = []
    fsync = os.fsync

    def watch(descriptor: int) -> None:
        synced.append(list(read_seeds(seeds).paths()))
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", watch)
    assert accept(examined, seeds) == ["a.txt"]
    assert synced == [[], [seeds / "a.txt"]], "the file, then its folder"


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EROFS, errno.EIO])
@pytest.mark.parametrize("call", ["fsync", "open", "mkdir", "replace"])
def test_accept_on_a_failing_disk_names_the_files_and_leaves_nothing(
    seeds: Path,
    upload: Callable[..., Path],
    pack: Callable[..., Path],
    call: str,
    number: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    examined = examine([upload("a.txt"), pack("sub/b.txt")], seeds)

    def fail(*_: object, **__: object) -> None:
        raise OSError(number, os.strerror(number))

    with monkeypatch.context() as patch:
        patch.setattr(os if call == "fsync" else Path, call, fail)
        if call == "replace":
            patch.setattr(Path, "hardlink_to", fail)
        with pytest.raises(
            IntakeError, match=rf"sub/b\.txt \(Cannot be written \({os.strerror(number)}\)\)"
        ):
            accept(examined, seeds)
    assert files(seeds) == (["a.txt"] if call == "mkdir" else [])
    assert accept(examine([upload("c.txt", TEXT + b"c")], seeds), seeds) == ["c.txt"]


def test_accept_with_many_failures_lists_ten(seeds: Path, tmp_path: Path) -> None:
    examined = [UploadedFile(f"{n:03}.txt", TEXT, None) for n in range(50)]
    with pytest.raises(IntakeError, match=r"009\.txt \(.*No such.*\), and 40 more\. Written: none\."):
        accept(examined, tmp_path / "gone")


def test_build_ignores_what_an_interrupted_upload_leaves(
    seeds: Path, upload: Callable[..., Path]
) -> None:
    (seeds / ".upload-0123456789abcdef").write_bytes(TEXT[:-5])
    accept(examine([upload("a.txt")], seeds), seeds)
    report = rag.build(rag.read_seeds(seeds), seeds.parent / "index", HashEncoder())
    assert (report.added, report.failed) == (1, ())


_EXPORT = (
    '[{"title": "空"}, {"title": "港口", "text": "港口工人复工。"}, {"title": "渡轮", "text": "停航三天。"}]'
).encode()


def test_examine_names_all_articles_of_a_file_and_shows_the_first(
    seeds: Path, upload: Callable[..., Path]
) -> None:
    export, single = examine([upload("all.json", _EXPORT), upload("a.txt")], seeds)
    assert export.article
    assert (export.article.title, export.ids) == ("港口", ("all.json#2", "all.json#3"))
    assert single.ids == ("a.txt",)
    assert accept([export, single], seeds) == ["all.json", "a.txt"]
    assert [found.id for found in read_seeds(seeds)] == ["a.txt", "all.json#2", "all.json#3"]
    assert examine([upload("empty.txt", b"")], seeds)[0].ids == ()


@pytest.mark.parametrize("name", ["corrections.json", "Corrections.JSON"])
def test_examine_refuses_a_file_with_the_name_of_the_corrections(
    seeds: Path, upload: Callable[..., Path], name: str
) -> None:
    assert codes(examine([upload(name, _EXPORT)], seeds)) == {name: "name-of-corrections"}


@pytest.mark.parametrize(
    ("name", "text", "suggested"),
    [
        ("a.txt", "2024年3月6日 渡轮停航\n\n渡轮停航三天。", True),
        ("a.txt", "渡轮停航\n\n渡轮公司2024年3月6日宣布，停航三天。", True),
        ("渡轮 2024-03-06.txt", "渡轮停航三天。", True),
        ("a.txt", "2024年3月6日\n\n渡轮停航三天。", False),  # read as its date
        ("a.txt", "渡轮停航三天。", False),
        ("a.txt", "渡轮公司2024年13月6日宣布，停航三天。", False),
    ],
)
def test_examine_suggests_a_day_that_an_undated_article_names(
    seeds: Path, upload: Callable[..., Path], name: str, text: str, suggested: bool
) -> None:
    (file,) = examine([upload(name, text.encode())], seeds)
    assert file.suggested == (datetime(2024, 3, 6, tzinfo=UTC) if suggested else None)


def test_accept_writes_corrections_by_the_name_of_a_file_or_the_id_of_an_article(
    seeds: Path, upload: Callable[..., Path], pack: Callable[..., Path]
) -> None:
    one, other = Correction(title="一"), Correction(published=datetime(2024, 3, 6, tzinfo=UTC))
    single = '[{"title": "机场", "text": "机场关闭。"}]'.encode()
    given = [
        upload("all.json", _EXPORT),
        upload("single.json", single),
        pack("x/a?.txt"),
        upload("bad.txt", b""),
    ]
    examined = examine(given, seeds)
    chosen = {"all.json#3": one, "single.json": other, "x/a_.txt": other}
    ignored = dict.fromkeys(("all.json", "bad.txt", "../out.txt"), one)
    accept(examined, seeds, corrections={**chosen, **ignored})
    (single_id,) = examined[1].ids
    assert set(corrections.load(seeds)) == {"all.json#3", single_id, "x/a_.txt"}
    found = {article.id: article for article in read_seeds(seeds)}
    assert found["all.json#3"].title == "一"
    assert found[single_id].published == other.published
    assert found["x/a_.txt"].published == other.published


def test_accept_of_a_file_that_cannot_be_written_keeps_the_earlier_corrections(
    seeds: Path, upload: Callable[..., Path]
) -> None:
    before = {"taken.txt": Correction(title="早")}
    corrections.save(seeds, before)
    examined = examine([upload("taken.txt"), upload("a.txt", TEXT + b"!")], seeds)
    (seeds / "taken.txt").write_bytes(b"another")
    late = Correction(title="晚")
    with pytest.raises(IntakeError):
        accept(examined, seeds, {"taken.txt": late, "a.txt": late})
    assert corrections.load(seeds) == {**before, "a.txt": late}
    assert files(seeds) == [".corrections.lock", "a.txt", "corrections.json", "taken.txt"]


def test_accept_with_corrections_that_cannot_be_saved_writes_nothing(
    seeds: Path, upload: Callable[..., Path]
) -> None:
    examined = examine([upload("a.txt")], seeds)
    with pytest.raises(SeedsError):
        accept(examined, seeds, {"a.txt": Correction(url="javascript:alert(1)")})
    (seeds / "corrections.json").write_text("{")
    with pytest.raises(SeedsError):
        accept(examined, seeds, {"a.txt": Correction(title="题")})
    assert not (seeds / "a.txt").exists()

"""What an index goes through: kills, failing disks, flipped bits, readers and builders at once.

With RAG_TEST_LONG set each is done as often as an archive may meet it in years; without, a few times.
"""

from __future__ import annotations

import errno
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import threading
import time
import zipfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import NamedTuple

import faiss
import numpy as np
import pytest
from support.doubles import ROOT, HashEncoder, make_article

import rag
from rag.errors import IndexBusy, IndexMissing, RagError, SeedsError
from rag.index import generations, maintenance
from rag.index.faiss_index import Index
from rag.ingest import formats
from rag.types import Article, Hit, Vectors

LONG = bool(os.environ.get("RAG_TEST_LONG"))
WORDS = [f"{a}{b}" for a in "春夏秋冬东南西北江河湖海" for b in "山水云风雷电雨雪"]
QUESTIONS = ["春山秋水的集装箱", "北海雷电与江风", "第3篇报道的标题"]


def write_seeds(folder: Path, articles: dict[str, int]) -> Path:
    """Feed dumps by name, each with the words that a seed chooses."""
    folder.mkdir(exist_ok=True)
    for path in folder.iterdir():
        if path.name not in articles:
            path.unlink()
    for name, seed in articles.items():
        rng = random.Random(seed)
        body = "".join(
            f"<p>{'，'.join(rng.choices(WORDS, k=12))}，第{seed}号集装箱。</p>" for _ in range(4)
        )
        content = f"<!--{1700000000000 + seed}-->\n[第{seed}篇报道的标题](https://a.example/{name})\n---\n\n{body}"
        path = folder / name
        if not path.exists() or path.read_text(encoding="utf-8") != content:
            path.write_text(content, encoding="utf-8")
    return folder


def answers(index: Path) -> list[list[Hit]]:
    return rag.load(index, HashEncoder()).search_batch(QUESTIONS, 5)


class Two(NamedTuple):
    """Two versions of an archive, and what a fresh index of each answers."""

    one: Path
    other: Path
    before: list[list[Hit]]
    after: list[list[Hit]]


@pytest.fixture
def two(tmp_path: Path) -> Two:
    one = write_seeds(tmp_path / "one", {f"{n:03}.txt": n for n in range(60)})
    other = write_seeds(tmp_path / "other", {f"{n:03}.txt": n + n % 3 * 100 for n in range(5, 70)})
    found = []
    for seeds in (one, other):
        rag.build(rag.read_seeds(seeds), tmp_path / f"index-{seeds.name}", HashEncoder())
        found.append(answers(tmp_path / f"index-{seeds.name}"))
    return Two(one, other, *found)


@pytest.fixture
def index(two: Two, tmp_path: Path) -> Path:
    """An index of the one version, then of the other."""
    for seeds in (two.one, two.other):
        rag.build(rag.read_seeds(seeds), tmp_path / "index", HashEncoder())
    return tmp_path / "index"


BUILDER = """
import sys
sys.path.insert(0, "tests")
import rag
from support.doubles import HashEncoder
encoder = HashEncoder()
print("ready", flush=True)
for seeds in sys.stdin:
    rag.build(rag.read_seeds(seeds.strip()), sys.argv[1], encoder)
    print("built", flush=True)
"""


class Builder:
    """A process of its own that builds an index, for as long as it is let."""

    def __init__(self, index: Path) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-c", BUILDER, str(index)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
        )
        self._wait()

    def _wait(self) -> None:
        assert self._process.stdout
        assert self._process.stdout.readline()

    def start(self, seeds: Path) -> None:
        assert self._process.stdin
        self._process.stdin.write(f"{seeds}\n")
        self._process.stdin.flush()

    def build(self, seeds: Path) -> None:
        self.start(seeds)
        self._wait()

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            assert pipe
            with suppress(BrokenPipeError):
                pipe.close()


def test_a_build_killed_at_any_moment_leaves_the_old_index_or_the_new(two: Two, tmp_path: Path) -> None:
    one, other, before, after = two
    index = tmp_path / "index"
    rag.build(rag.read_seeds(one), index, HashEncoder())
    started = time.monotonic()
    rag.build(rag.read_seeds(other), index, HashEncoder())
    seconds = time.monotonic() - started
    rng, expected = random.Random(1), after
    for _ in range(200 if LONG else 12):
        target, wanted = (one, before) if expected == after else (other, after)
        builder = Builder(index)
        builder.start(target)
        time.sleep(rng.uniform(0, 1.5 * seconds))
        builder.kill()
        found = answers(index)
        assert found in (expected, wanted)
        expected = found
        assert maintenance.check(index) == []
    rag.build(rag.read_seeds(one), index, HashEncoder())
    assert answers(index) == before
    files = {path.name for path in index.iterdir() if path.is_file()}
    assert files == {"CURRENT", ".lock", "report.json"}


def failing(number: int, code: int, patch: pytest.MonkeyPatch) -> Iterator[int]:
    """Let the write, fsync or replace with this number fail; yields how many there have been."""
    count = 0

    def wrap(call: Callable[..., object]) -> Callable[..., object]:
        def wrapped(*values: object, **options: object) -> object:
            nonlocal count
            if call.__name__ == "open" and not set("wa+") & set(str(values[1:])):
                return call(*values, **options)
            count += 1
            if count == number:
                raise OSError(code, os.strerror(code), str(values[0]))
            return call(*values, **options)

        return wrapped

    patch.setattr(os, "fsync", wrap(os.fsync))
    patch.setattr(faiss, "write_index", wrap(faiss.write_index))
    patch.setattr(shutil, "copyfile", wrap(shutil.copyfile))
    for name in ("replace", "write_text", "write_bytes", "mkdir", "open", "unlink"):
        patch.setattr(Path, name, wrap(getattr(Path, name)))
    while True:
        yield count


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EIO, errno.EACCES])
def test_a_write_that_fails_leaves_the_old_index_or_the_new(
    two: Two,
    tmp_path: Path,
    code: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    one, other, before, after = two
    index = tmp_path / "index"
    failed = 0
    for number in range(1, 100):
        shutil.rmtree(index, ignore_errors=True)
        rag.build(rag.read_seeds(one), index, HashEncoder())
        with monkeypatch.context() as patch:
            counter = failing(number, code, patch)
            next(counter)
            try:
                rag.build(rag.read_seeds(other), index, HashEncoder())
                done = next(counter) < number
            except OSError as error:
                assert error.errno == code
                failed += 1
                done = False
        assert answers(index) in (before, after)
        if done:
            break
        rag.build(rag.read_seeds(other), index, HashEncoder())
        assert answers(index) == after
        assert maintenance.check(index) == []
    assert done, "the last build met no failure"
    assert failed >= 12


def test_a_full_disk_is_named_and_the_old_index_stays(two: Two, tmp_path: Path) -> None:
    one, other, before, _ = two
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = ["mount", "-t", "tmpfs", "-o", "size=6m", "tmpfs", str(disk)]
    if not shutil.which("mount") or subprocess.run(mounted, capture_output=True).returncode:
        pytest.skip("no small file system can be mounted here")
    try:
        index = disk / "index"
        rag.build(rag.read_seeds(one), index, HashEncoder())
        room = shutil.disk_usage(disk).free
        (disk / "other").write_bytes(bytes(max(0, room - 300_000)))
        with pytest.raises(OSError, match=r"full|No space"):
            rag.build(rag.read_seeds(other), index, HashEncoder())
        assert answers(index) == before
        (disk / "other").unlink()
    finally:
        subprocess.run(["umount", "-l", str(disk)], check=True)


def damages(index: Path, rng: random.Random) -> tuple[str, Callable[[], int]]:
    """A way to damage one of the files, and how to make it good."""
    files = [index / "CURRENT", *sorted(index.glob("0*/*"))]
    path = rng.choice(files)
    content = path.read_bytes()
    kind = rng.choice(["flip", "flip", "truncate", "swap"])
    name = f"{kind} {path.relative_to(index)}"
    if kind == "flip":
        at, bit = rng.randrange(len(content)), 1 << rng.randrange(8)
        path.write_bytes(content[:at] + bytes([content[at] ^ bit]) + content[at + 1 :])
        return f"{name} at {at}", partial(path.write_bytes, content)
    if kind == "truncate":
        path.write_bytes(content[: rng.randrange(len(content))])
        return name, partial(path.write_bytes, content)
    other = rng.choice([file for file in files if file != path and file.read_bytes() != content])
    kept = other.read_bytes()
    path.write_bytes(kept)
    other.write_bytes(content)
    return (
        f"{name} with {other.relative_to(index)}",
        lambda: path.write_bytes(content) + other.write_bytes(kept),
    )


def test_damage_is_detected_and_never_answered_from(two: Two, index: Path) -> None:
    rng = random.Random(2)
    for _ in range(2000 if LONG else 120):
        name, mend = damages(index, rng)
        assert maintenance.check(index), name
        try:
            found = answers(index)
        except RagError:
            pass
        else:
            assert found == two.after, name
        mend()
    assert maintenance.check(index) == []


@pytest.mark.parametrize(
    ("name", "damage", "told"),
    [
        ("CURRENT", b"000009\n", "CURRENT names the generation 000002 again"),
        ("CURRENT", b"gone", "CURRENT names the generation 000002 again"),
        ("CURRENT", b"000001\n", "CURRENT names the generation 000002 again"),
        ("000002/vectors.faiss", b"", "the vectors of the generation 000002 are made anew"),
        ("000002/corpus.sqlite", b"", "the generation 000001 is in use again"),
        ("000002/manifest.json", b"gone", "the generation 000001 is in use again"),
        ("000002/manifest.json", b"{}", "the generation 000001 is in use again"),
        ("000001/vectors.faiss", b"", "000001, which was damaged and not in use, is removed"),
    ],
)
def test_what_can_be_derived_is_repaired(
    two: Two,
    index: Path,
    name: str,
    damage: bytes,
    told: str,
) -> None:
    _, other, before, after = two
    assert maintenance.repair(index, HashEncoder()) == []
    if damage == b"gone":
        (index / name).unlink()
    else:
        (index / name).write_bytes(damage)
    (done,) = maintenance.repair(index, HashEncoder())
    assert told in done
    assert maintenance.check(index) == []
    assert answers(index) == (before if "in use again" in told else after)
    rag.build(rag.read_seeds(other), index, HashEncoder())
    assert answers(index) == after


def test_a_rollback_goes_back_one_build(two: Two, index: Path) -> None:
    _, other, before, after = two
    assistant = rag.load(index, HashEncoder())
    generations.roll_back(index)
    assert answers(index) == before
    assistant.refresh()
    assert assistant.search_batch(QUESTIONS, 5) == before
    with pytest.raises(IndexMissing, match="no generation before 000001"):
        generations.roll_back(index)
    rag.build(rag.read_seeds(other), index, HashEncoder())
    assistant.refresh()
    assert assistant.search_batch(QUESTIONS, 5) == after


def test_readers_stay_with_one_generation_and_never_wait(tmp_path: Path) -> None:
    index = tmp_path / "index"
    versions = [
        write_seeds(
            tmp_path / f"v{version}", {f"{n:03}.txt": 1000 * version + n for n in range(version, 40)}
        )
        for version in (1, 2)
    ]
    rag.build(rag.read_seeds(versions[0]), index, HashEncoder())
    assistant = rag.load(index, HashEncoder())
    searches = 2000 if LONG else 150
    wrong: list[object] = []
    seen: set[int] = set()

    def ask(times: list[float]) -> None:
        rng = random.Random(threading.get_ident())
        for _ in range(searches):
            question = "，".join(rng.choices(WORDS, k=4))
            started = time.monotonic()
            try:
                hits = assistant.search(question, 5)
            except Exception as error:
                wrong.append(error)
                return
            times.append(time.monotonic() - started)
            said = {int(hit.passage.title[1:5]) // 1000 for hit in hits}
            seen.update(said)
            if len(said) != 1 or len(hits) != 5:
                wrong.append(hits)

    def all_ask() -> float:
        times: list[list[float]] = [[] for _ in range(8)]
        threads = [threading.Thread(target=ask, args=[each]) for each in times]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return float(np.quantile(np.concatenate(times), 0.95))

    quiet = all_ask()
    builder = Builder(index)
    stop = threading.Event()
    builds = 0

    def rebuild() -> None:
        nonlocal builds
        while not stop.is_set() and builds < 20:
            builds += 1
            builder.build(versions[builds % 2])
            time.sleep(0.5)

    rebuilding = threading.Thread(target=rebuild)
    rebuilding.start()
    busy = all_ask()
    while len(seen) < 2 and not wrong:
        all_ask()
    stop.set()
    rebuilding.join()
    builder.kill()
    assert wrong == []
    assert seen == {1, 2}
    print(f"p95 {1000 * quiet:.1f} ms quiet, {1000 * busy:.1f} ms during {builds} builds")
    assert busy < 6 * quiet, "three times on a quiet machine"


def test_a_new_generation_is_picked_up_and_the_old_one_closes(two: Two, tmp_path: Path) -> None:
    one, other, before, after = two
    index = tmp_path / "index"
    rag.build(rag.read_seeds(one), index, HashEncoder())
    assistant = rag.load(index, HashEncoder())
    assert assistant.search_batch(QUESTIONS, 5) == before
    close = assistant._retriever.index.corpus.close
    assert close.alive
    rag.build(rag.read_seeds(other), index, HashEncoder())
    deadline = time.monotonic() + 10
    while assistant.search_batch(QUESTIONS, 5) != after:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert not close.alive


def test_an_index_that_goes_bad_is_not_opened_instead(two: Two, tmp_path: Path) -> None:
    one, _, before, _ = two
    index = tmp_path / "index"
    rag.build(rag.read_seeds(one), index, HashEncoder())
    assistant = rag.load(index, HashEncoder())
    (index / "CURRENT").write_text("000007\n")
    with pytest.raises(RagError, match="000007"):
        assistant.refresh()
    rag.build([make_article("a", "别的模型。")], index, HashEncoder("other", "other-1"))
    with pytest.raises(RagError, match="the model other"):
        assistant.refresh()
    assert assistant.search_batch(QUESTIONS, 5) == before


def test_the_second_builder_is_told_who_is_first(tmp_path: Path) -> None:
    seeds = write_seeds(tmp_path / "seeds", {"a.txt": 1})
    code = (
        "import sys, time; from pathlib import Path; from rag.index import generations\n"
        "with generations.locked(Path(sys.argv[1])): print('held', flush=True); time.sleep(60)"
    )
    holder = subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path / "index")], stdout=subprocess.PIPE, cwd=ROOT
    )
    assert holder.stdout
    assert holder.stdout.readline() == b"held\n"
    with pytest.raises(IndexBusy, match=rf"Another build \(process {holder.pid} on .+, since 20"):
        rag.build(rag.read_seeds(seeds), tmp_path / "index", HashEncoder())
    holder.send_signal(signal.SIGKILL)
    holder.wait()
    holder.stdout.close()
    assert rag.build(rag.read_seeds(seeds), tmp_path / "index", HashEncoder()).added == 1


def test_the_clock_may_be_set_back(two: Two, tmp_path: Path) -> None:
    one, other, _, after = two
    index = tmp_path / "index"
    rag.build(rag.read_seeds(one), index, HashEncoder())
    later = time.time() + 1e6
    for path in (index / "CURRENT", index / "000001/manifest.json"):
        os.utime(path, (later, later))
    rag.build(rag.read_seeds(other), index, HashEncoder())
    assert answers(index) == after
    (index / "CURRENT").write_text("000001\n")  # as if killed before CURRENT was replaced
    os.utime(index / "CURRENT", (later, later))
    assert rag.load(index, HashEncoder()).manifest.articles == 60


def test_a_file_of_the_same_size_and_time_is_read_if_its_bytes_differ(tmp_path: Path) -> None:
    seeds = write_seeds(tmp_path / "seeds", {"a.txt": 1, "b.txt": 2})
    index = tmp_path / "index"
    rag.build(rag.read_seeds(seeds), index, HashEncoder())
    path = seeds / "a.txt"
    status, content = path.stat(), path.read_text(encoding="utf-8")
    path.write_text(content.replace("第1号", "第7号"), encoding="utf-8")
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert path.stat().st_size == status.st_size
    report = rag.build(rag.read_seeds(seeds), index, HashEncoder())
    assert (report.updated, report.unchanged) == (1, 1)


def test_only_what_changed_is_read_and_encoded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seeds = write_seeds(tmp_path / "seeds", {f"{n:03}.txt": n for n in range(50)})
    index = tmp_path / "index"
    rag.build(rag.read_seeds(seeds), index, HashEncoder())
    write_seeds(seeds, {f"{n:03}.txt": n + 500 * (n == 20) for n in range(50)})
    parsed: list[str] = []
    parse = formats.parse
    monkeypatch.setattr(
        "rag.ingest.seeds.parse", lambda text, name: parsed.append(name) or parse(text, name)
    )
    encoder = HashEncoder()
    report = rag.build(rag.read_seeds(seeds), index, encoder)
    assert (report.updated, report.unchanged) == (1, 49)
    assert parsed == ["020.txt"]
    assert encoder.encoded
    assert all("520" in text for text in encoder.encoded if "号" in text or "标题" in text)
    rag.build(rag.read_seeds(seeds), tmp_path / "fresh", HashEncoder())
    assert answers(index) == answers(tmp_path / "fresh")


def test_what_cannot_be_opened_now_stays_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seeds = write_seeds(tmp_path / "seeds", {"a.txt": 1, "b.txt": 2, "c.txt": 3})
    with zipfile.ZipFile(seeds / "b.zip", "w") as archive:
        for name, seed in (("d.txt", 4), ("e.txt", 5)):
            archive.write(write_seeds(tmp_path / "more", {name: seed}) / name, name)
    index = tmp_path / "index"
    assert rag.build(rag.read_seeds(seeds), index, HashEncoder()).added == 5
    before = answers(index)
    archived = (seeds / "b.zip").read_bytes()
    (seeds / "b.zip").write_bytes(archived[: len(archived) // 2])  # is being copied
    read = Path.read_bytes

    def refuse(path: Path) -> bytes:
        if path.name == "b.txt":
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        return read(path)

    monkeypatch.setattr(Path, "read_bytes", refuse)
    report = rag.build(rag.read_seeds(seeds), index, HashEncoder())
    assert (report.unchanged, report.removed) == (5, 0)
    assert [failure.path for failure in report.failed] == ["b.txt", "b.zip"]
    assert answers(index) == before
    report = rag.build(rag.read_seeds(seeds), index, HashEncoder(fingerprint="hash-2"))
    assert (report.unchanged, report.removed) == (5, 0)
    monkeypatch.undo()
    (seeds / "b.txt").unlink()
    (seeds / "b.zip").write_bytes(archived)
    report = rag.build(rag.read_seeds(seeds), index, HashEncoder())
    assert (report.unchanged, report.removed, report.failed) == (4, 1, ())


class Interrupted(HashEncoder):
    """Ctrl-C comes after so many batches."""

    def __init__(self, batches: int) -> None:
        super().__init__()
        self._left = batches

    def encode_passages(self, texts: list[str], progress: object = None) -> Vectors:  # type: ignore[override]
        if not self._left:
            raise KeyboardInterrupt
        self._left -= 1
        return super().encode_passages(texts)


def test_a_build_goes_on_where_it_was_interrupted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rag.index.vector_plan._BATCH", 50)
    seeds = write_seeds(tmp_path / "seeds", {f"{n:03}.txt": n for n in range(60)})
    index = tmp_path / "index"
    first = Interrupted(3)
    with pytest.raises(KeyboardInterrupt):
        rag.build(rag.read_seeds(seeds), index, first)
    assert len(first.encoded) == 150
    (spooled,) = index.glob(".encoded-*")
    spooled.write_bytes(spooled.read_bytes()[:-7])  # as a crash may leave it
    second = HashEncoder()
    report = rag.build(rag.read_seeds(seeds), index, second)
    assert report.encoded == len(second.encoded)
    assert not set(first.encoded[:149]) & set(second.encoded)
    assert list(index.glob(".encoded-*")) == []
    rag.build(rag.read_seeds(seeds), tmp_path / "fresh", HashEncoder())
    opened, fresh = Index.open(index), Index.open(tmp_path / "fresh")
    rows = range(fresh.manifest.vectors)
    assert np.array_equal(opened.vectors(rows), fresh.vectors(rows))


def test_a_seeds_folder_that_is_suddenly_empty_deletes_nothing(tmp_path: Path) -> None:
    seeds = write_seeds(tmp_path / "seeds", {"a.txt": 1})
    index = tmp_path / "index"
    rag.build(rag.read_seeds(seeds), index, HashEncoder())
    (seeds / "a.txt").unlink()
    with pytest.raises(SeedsError, match="--allow-empty"):
        rag.build(rag.read_seeds(seeds), index, HashEncoder())
    assert rag.load(index, HashEncoder()).manifest.articles == 1
    assert rag.build(rag.read_seeds(seeds), index, HashEncoder(), allow_empty=True).removed == 1
    assert answers(index) == [[], [], []]
    write_seeds(seeds, {"a.txt": 1})
    assert rag.build(rag.read_seeds(seeds), index, HashEncoder()).added == 1


WATCHER = """
import signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)  # a background job would ignore it
sys.path.insert(0, "tests")
import time
import rag
from support.doubles import HashEncoder
from rag.cli import main
class Slow(HashEncoder):
    def encode_passages(self, *values):
        time.sleep(2)
        return super().encode_passages(*values)
rag.SentenceEncoder = rag.builder.SentenceEncoder = lambda **_: Slow()
sys.exit(main(["watch", "--seeds", sys.argv[1], "--index", sys.argv[2]]))
"""


def test_watching_indexes_what_is_dropped_in_when_it_is_quiet(tmp_path: Path) -> None:
    seeds = write_seeds(tmp_path / "seeds", {"a.txt": 1})
    index = tmp_path / "index"
    watcher = subprocess.Popen(
        [sys.executable, "-c", WATCHER, str(seeds), str(index)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        cwd=ROOT,
    )
    assert watcher.stdout
    try:
        while not (index / ".builder").exists():
            assert watcher.poll() is None
        time.sleep(1)
        write_seeds(seeds, {"a.txt": 1, "c.txt": 3})  # while it builds for the first time
        assert "1 article (1 added" in watcher.stdout.readline()
        assert "Watching" in watcher.stdout.readline()
        assert "2 articles (1 added" in watcher.stdout.readline()
        whole = (seeds / "a.txt").read_text(encoding="utf-8").replace("第1号", "第8号")
        with (seeds / "b.txt").open("w", encoding="utf-8") as file:
            for start in range(0, len(whole), 200):  # written slowly
                file.write(whole[start : start + 200])
                file.flush()
                time.sleep(0.4)
        assert "3 articles (1 added" in watcher.stdout.readline()
        assert rag.load(index, HashEncoder()).search("第8号集装箱", 1)[0].passage.article_id == "b.txt"
        watcher.send_signal(signal.SIGINT)
        assert watcher.wait(20) == 130
    finally:
        watcher.kill()
        watcher.stdout.close()


def test_check_and_rollback_in_the_shell(
    two: Two,
    index: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from rag.cli import main

    one, other, before, _ = two
    monkeypatch.setattr(rag, "SentenceEncoder", lambda **_: HashEncoder())
    where = ["--index", str(index)]
    assert main(["check", *where]) == 0
    assert "No damage found" in capsys.readouterr().out
    (index / "000002/vectors.faiss").write_bytes(b"")
    assert main(["check", *where]) == 1
    assert "000002/vectors.faiss is not what was written" in capsys.readouterr().err
    assert main(["check", "--json", *where]) == 1
    assert json.loads(capsys.readouterr().out)["faults"][0]["path"] == "000002"
    assert main(["check", "--repair", *where]) == 0
    assert "Repaired: the vectors of the generation 000002" in capsys.readouterr().out
    rag.build(rag.read_seeds(one), index, HashEncoder())
    rag.build(rag.read_seeds(other), index, HashEncoder())
    assert main(["rollback", *where]) == 0
    assert "(60 articles)" in capsys.readouterr().out
    assert answers(index) == before


def test_an_article_from_python_changes_when_any_field_does(tmp_path: Path) -> None:
    article = make_article("a", "正文。")
    rag.build([article], tmp_path, HashEncoder())
    renamed: Article = make_article("a", "正文。", title="新的标题")
    report = rag.build([renamed], tmp_path, HashEncoder())
    assert (report.updated, report.unchanged) == (1, 0)
    (hit,) = rag.load(tmp_path, HashEncoder()).search("正文", 1)
    assert hit.passage.title == "新的标题"

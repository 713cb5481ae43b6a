"""Background builds: progress, outcomes, cancellation, and that nothing is left of them."""

from __future__ import annotations

import gc
import logging
import os
import signal
import subprocess
import sys
import threading
import time
import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from support import build_encoders
from support.archives import answers, write_seeds
from support.doubles import ROOT, SEEDS, HashEncoder

import rag
from rag.errors import IndexBusy, IndexMissing
from rag.i18n.translator import Translator
from rag.index import generations, maintenance
from rag.index.stores import open_store
from rag.protocols import Encoder
from rag.web.background_build import BackgroundBuild, State

SECONDS = 60


@pytest.fixture
def seeds(tmp_path: Path) -> Path:
    return write_seeds(tmp_path / "seeds", {f"{n:03}.txt": n for n in range(20)})


@pytest.fixture
def index(tmp_path: Path) -> Path:
    return tmp_path / "index"


Start = Callable[..., BackgroundBuild]


@pytest.fixture
def start(seeds: Path, index: Path) -> Iterator[Start]:
    """Start builds with an encoder; cancel those that still run at the end."""
    started = []

    def begin(encoder: Callable[[], Encoder] = HashEncoder, **options: float) -> BackgroundBuild:
        started.append(BackgroundBuild(seeds, index, encoder, **options))
        assert started[-1].start()
        return started[-1]

    yield begin
    for build in started:
        build.cancel()
        build.wait(SECONDS)


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + SECONDS
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def is_encoding(build: BackgroundBuild) -> bool:
    assert build.state.is_running, build.state
    return build.state.stage == "Encoding"


def is_unlocked(index: Path) -> bool:
    try:
        with generations.locked(index):
            return True
    except IndexBusy:
        return False


def child_processes() -> set[int]:
    """Return the ids of this process's children, zombies included."""
    children = set()
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) == os.getpid():
            children.add(int(stat.parent.name))
    return children


TIMES = ("seconds", "finished")


def test_build_makes_the_index_and_report_of_a_build_here(
    start: Start, seeds: Path, index: Path, tmp_path: Path
) -> None:
    (seeds / "other.json").write_text("{}")
    (seeds / "空.txt").write_text("")
    expected = rag.build(rag.read_seeds(seeds), tmp_path / "here", HashEncoder())
    state = start().wait(SECONDS)
    assert state == State(report=state.report)
    assert state.report
    assert state.report.seconds > 0
    assert state.report == rag.BuildReport(
        **{name: getattr(expected, name) for name in expected.__slots__ if name not in TIMES},
        **{name: getattr(state.report, name) for name in TIMES},
    )
    assert state.report.added == 20
    assert [failure.path for failure in state.report.failed] == ["other.json", "空.txt"]
    assert state.report.finished
    assert answers(index) == answers(tmp_path / "here")


def test_state_before_the_first_build_is_empty(seeds: Path, index: Path) -> None:
    build = BackgroundBuild(seeds, index, HashEncoder)
    build.cancel()
    assert build.state == build.wait() == State()
    assert not index.exists()


def test_state_shows_the_progress(start: Start) -> None:
    build = start(build_encoders.Slow)
    states: list[State] = []

    def follow() -> bool:
        if build.state not in states[-1:]:
            states.append(build.state)
        return not build.state.is_running

    wait_until(follow)
    assert states.pop().report
    assert {state.stage for state in states} == {"", "Reading articles", "Encoding"}
    done = [state.done for state in states if state.stage == "Encoding"]
    assert len(done) > 3
    assert done == sorted(done)
    (total,) = {state.total for state in states if state.stage == "Encoding"}
    assert done[-1] <= total
    assert len(done) < total / 4, "ten times a second, not at every text"


def test_noted_changes_wait_until_a_build_that_starts_later_has_applied_them(
    start: Start, seeds: Path
) -> None:
    build = start(build_encoders.Slow)
    build.note_changes(["001.txt", "002.txt"])
    assert build.wait(SECONDS).report
    assert build.changes == 2, "the build may have read them before"
    write_seeds(seeds, {"001.txt": 501, "002.txt": 502})
    assert build.start()
    build.note_changes(["002.txt"])
    assert build.changes == 2
    assert build.wait(SECONDS).report
    assert build.changes == 1


def test_noted_changes_still_wait_after_a_cancelled_build(seeds: Path, index: Path) -> None:
    build = BackgroundBuild(seeds, index, build_encoders.Endless)
    build.note_changes(["001.txt"])
    assert build.start()
    build.cancel()
    assert build.wait(SECONDS).is_cancelled
    assert build.changes == 1


def test_rollback_makes_the_earlier_index_the_outcome(seeds: Path, index: Path) -> None:
    rag.build(rag.read_seeds(seeds), index, HashEncoder())
    build, store = BackgroundBuild(seeds, index, HashEncoder), open_store(index)
    with pytest.raises(IndexMissing):
        build.roll_back(store)
    (seeds / "000.txt").unlink()
    rag.build(rag.read_seeds(seeds), index, HashEncoder())
    build.roll_back(store)
    assert build.state == State(restored=store.contents()[0])
    assert build.state.restored
    assert build.state.restored.articles == 20


def test_questions_are_answered_during_a_build(start: Start, seeds: Path, index: Path) -> None:
    rag.build(rag.read_seeds(seeds), index, HashEncoder())
    assistant = rag.load(index, HashEncoder())
    write_seeds(seeds, {f"{n:03}.txt": n + 500 for n in range(20)})
    build = start(build_encoders.Slow)
    wait_until(lambda: is_encoding(build))
    answered = 0
    while build.wait(0.01).is_running:
        assert len(assistant.search("春山秋水", 5)) == 5
        answered += 1
    assert answered > 20
    assert build.state.report
    wait_until(lambda: assistant.search("第512号集装箱", 1)[0].passage.article_id == "012.txt")


def test_cancelled_build_is_resumed_by_the_next(start: Start, seeds: Path, index: Path) -> None:
    rag.build(rag.read_seeds(seeds), index, HashEncoder())
    before = answers(index)
    write_seeds(seeds, {f"{n:03}.txt": n + 500 for n in range(20)})
    build = start(build_encoders.Slow)
    wait_until(lambda: is_encoding(build) and build.state.done > 60)
    build.cancel()
    build.cancel()
    cancelled = time.monotonic()
    assert build.wait(SECONDS) == State(is_cancelled=True)
    assert time.monotonic() - cancelled < 3
    assert answers(index) == before
    assert maintenance.check(index) == []
    assert {path.name for path in index.iterdir()} - {".lock"} > {"CURRENT", "000001"}
    assert not (index / "000002").exists()
    fresh = rag.build(rag.read_seeds(seeds), index.parent / "fresh", HashEncoder())
    assert build.start(), "another build can follow"
    report = build.wait(SECONDS).report
    assert report
    assert 0 < report.encoded <= fresh.encoded - 50
    assert answers(index) == answers(index.parent / "fresh")


@pytest.mark.parametrize("encoder", [build_encoders.Stuck, build_encoders.Stopped])
def test_cancelled_build_that_does_not_end_is_killed(
    start: Start, index: Path, encoder: Callable[[], Encoder]
) -> None:
    build = start(encoder, grace_seconds=0.5)
    wait_until(lambda: is_encoding(build))
    build.cancel()
    assert build.wait(SECONDS) == State(is_cancelled=True)
    assert is_unlocked(index)


def test_only_one_build_runs_at_a_time(start: Start, seeds: Path, index: Path) -> None:
    build = BackgroundBuild(seeds, index, build_encoders.Stuck, grace_seconds=0.5)
    begun: list[bool] = []
    barrier = threading.Barrier(8)

    def begin() -> None:
        barrier.wait()
        begun.append(build.start())

    threads = [threading.Thread(target=begin) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(begun) == [False] * 7 + [True]
    wait_until(lambda: is_encoding(build))
    assert not build.start()
    other = start().wait(SECONDS)
    assert str(other.error).startswith("Another build (process ")
    assert build.wait(0.01).is_running
    build.cancel()
    build.wait(SECONDS)


UNCHANGED = "The index is unchanged, and the next build reuses the encoded vectors."
NO_MODEL = "The MCP server needs a package. Run `pip install 'news-archive-rag[mcp]'`."


@pytest.mark.parametrize(
    ("encoder", "code", "message", "logged"),
    [
        (
            build_encoders.no_model,
            "build-failed-by-system",
            f"The index could not be built: {NO_MODEL}. {UNCHANGED} Fix the cause and build again.",
            None,
        ),
        (
            build_encoders.Killed,
            "build-ended",
            f"The build process ended unexpectedly, perhaps for lack of memory. {UNCHANGED} Build again.",
            "status -9",
        ),
        (
            build_encoders.Full,
            "build-failed-by-system",
            "The index could not be built: No space left on device. "
            f"{UNCHANGED} Fix the cause and build again.",
            "/secret/place",
        ),
        (
            build_encoders.Broken,
            "build-failed",
            "The index could not be built; the log of the program has the cause. "
            f"{UNCHANGED} Fix the cause and build again.",
            "RuntimeError: in /secret/place",
        ),
    ],
    ids=["no model", "killed", "full", "broken"],
)
def test_failed_build_has_a_coded_error_and_logs_the_cause(
    start: Start,
    encoder: Callable[[], Encoder],
    code: str,
    message: str,
    logged: str | None,
    caplog: pytest.LogCaptureFixture,
) -> None:
    with caplog.at_level(logging.ERROR, "rag.web.background_build"):
        state = start(encoder).wait(SECONDS)
    assert state == State(error=state.error)
    assert state.error
    assert (state.error.code, str(state.error)) == (code, message)
    assert "/secret/place" not in message
    assert (logged or "") in caplog.text
    assert bool(logged) == bool(caplog.text)
    chinese = Translator("zh-Hans").error(state.error)
    assert "已编码的向量会保留" in chinese
    assert ("MCP 服务需要" in chinese) == (encoder is build_encoders.no_model), "nested errors too"


def test_empty_folder_removes_nothing(start: Start, seeds: Path, index: Path) -> None:
    assert start().wait(SECONDS).report
    for path in seeds.iterdir():
        path.unlink()
    error = start().wait(SECONDS).error
    assert error
    assert "/" in str(error), "it names the folder"
    assert rag.load(index, HashEncoder()).manifest.articles == 20


@pytest.mark.parametrize(
    "encoder", [lambda: HashEncoder(), type("Main", (), {"__module__": "__main__"})]
)
def test_encoder_that_is_not_importable_raises(encoder: Callable[[], Encoder]) -> None:
    with pytest.raises(ValueError, match="cannot be imported"):
        BackgroundBuild("seeds", "index", encoder)


MAIN = """
print("the main program", flush=True)
import signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)  # a test in the background ignores it
sys.path += [{root!r}, {tests!r}]
import only_for_the_page
from rag.web.background_build import BackgroundBuild
from support import build_encoders
build = BackgroundBuild({seeds!r}, {index!r}, build_encoders.{encoder}, grace_seconds=1)
assert build.start()
while build.wait(0.01).is_running and build.state.stage != "Encoding":
    pass
print("encoding", flush=True)
{then}
print("built" if build.wait().report else build.state, flush=True)
"""

Program = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def program(tmp_path: Path, seeds: Path, index: Path) -> Iterator[Program]:
    """Run a main program that builds in the background, without an `if __name__` guard."""
    running = []

    def run(
        encoder: str, arguments: tuple[str, ...] = ("page.py",), then: str = ""
    ) -> subprocess.Popen[str]:
        values = {"root": str(ROOT), "tests": str(ROOT / "tests"), "seeds": str(seeds)}
        code = MAIN.format(**values, index=str(index), encoder=encoder, then=then)
        (tmp_path / "page.py").write_text(code)
        (tmp_path / "only_for_the_page.py").write_text("")
        foreign = tmp_path / "rag"
        foreign.mkdir()
        (foreign / "README.txt").write_text("a folder of the user's own")
        process = subprocess.Popen(
            [sys.executable, *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=tmp_path,
            env=os.environ | {build_encoders.RECORD: str(tmp_path / "record")},
            process_group=0,
        )
        running.append(process)
        return process

    yield run
    for process in running:
        process.kill()
        process.communicate()


@pytest.mark.parametrize("arguments", [("page.py",), ("-m", "page"), ("-c", "import page")])
def test_main_program_is_not_run_again(
    program: Program, tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    process = program("Recording", arguments)
    output, errors = process.communicate(timeout=SECONDS)
    assert output == "the main program\nencoding\nbuilt\n"
    assert set(errors.splitlines()) == {"as a library in C may", "as a library may"}
    nice, group, *modules = (tmp_path / "record").read_text().splitlines()
    assert int(nice) == min(os.nice(0) + 10, 19)
    assert int(group) != process.pid, "else Ctrl-C would reach the build"
    assert "rag.index.builder" in modules
    assert {"only_for_the_page", "page", "gradio", "torch", "transformers"}.isdisjoint(modules)


@pytest.mark.parametrize("encoder", ["Slow", "Stuck"])
@pytest.mark.parametrize("ending", ["killed", "interrupted", "exits"])
def test_build_ends_with_the_main_program(
    program: Program, index: Path, encoder: str, ending: str
) -> None:
    process = program(encoder, then="sys.exit()" if ending == "exits" else "")
    assert process.stdout
    assert process.stdout.readline() == "the main program\n"
    assert process.stdout.readline() == "encoding\n"
    started = time.monotonic()
    if ending == "killed":
        process.kill()
    elif ending == "interrupted":
        os.killpg(process.pid, signal.SIGINT)  # as Ctrl-C in the terminal
    _, errors = process.communicate(timeout=SECONDS)
    assert errors.count("KeyboardInterrupt") == (ending == "interrupted"), "of the main program alone"
    assert "Fatal" not in errors
    wait_until(lambda: is_unlocked(index))
    assert time.monotonic() - started < 5
    assert not (index / "CURRENT").exists()
    if encoder == "Slow":
        assert list(index.glob("0*")) == [], "the build has deleted its incomplete generation"


def test_builds_leave_no_process_thread_descriptor_or_memory(seeds: Path, index: Path) -> None:
    build = BackgroundBuild(seeds, index, HashEncoder)
    before = child_processes()
    used = []
    tracemalloc.start()
    for number in range(8):
        write_seeds(seeds, {f"{n:03}.txt": n + number for n in range(20)})
        assert build.start()
        if number % 3 == 2:
            build.cancel()
        state = build.wait(SECONDS)
        assert state.report or state.is_cancelled
        assert child_processes() <= before
        gc.collect()
        descriptors = len(list(Path("/proc/self/fd").iterdir())) if Path("/proc").exists() else 0
        used.append((descriptors, threading.active_count(), tracemalloc.get_traced_memory()[0]))
    tracemalloc.stop()
    (descriptors, threads, memory), last = used[1], used[-1]
    assert last[0] <= descriptors
    assert last[1] <= threads
    assert last[2] < memory + 200_000


@pytest.mark.model
def test_default_encoder_is_the_real_model(index: Path) -> None:
    build = BackgroundBuild(SEEDS, index)
    assert build.start()
    state = build.wait(10 * SECONDS)
    assert state.report
    assert state.report.added == 5
    fingerprint = rag.load(index, rag.SentenceEncoder()).manifest.fingerprint
    assert fingerprint == rag.SentenceEncoder().fingerprint

"""A build in the background: what it says, how it ends, and that nothing is left of it."""

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
from support.doubles import ROOT, SEEDS, HashEncoder
from test_endurance import answers, write_seeds

import rag
from rag.errors import IndexBusy
from rag.index import generations, maintenance
from rag.types import Encoder
from rag.web import background_build
from rag.web.background_build import Rebuild, State

SECONDS = 60


@pytest.fixture
def seeds(tmp_path: Path) -> Path:
    return write_seeds(tmp_path / "seeds", {f"{n:03}.txt": n for n in range(20)})


@pytest.fixture
def index(tmp_path: Path) -> Path:
    return tmp_path / "index"


Start = Callable[..., Rebuild]


@pytest.fixture
def start(seeds: Path, index: Path) -> Iterator[Start]:
    """Start a build with this encoder; what is left of it is ended."""
    started = []

    def begin(encoder: Callable[[], Encoder] = HashEncoder) -> Rebuild:
        started.append(Rebuild(seeds, index, encoder))
        assert started[-1].start()
        return started[-1]

    yield begin
    for each in started:
        each.cancel()
        each.wait(SECONDS)


def until(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + SECONDS
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def is_encoding(build: Rebuild) -> bool:
    assert build.state.is_running, build.state
    return build.state.stage == "Encoding"


def is_free(index: Path) -> bool:
    try:
        with generations.locked(index):
            return True
    except IndexBusy:
        return False


TIMES = ("seconds", "finished")


def test_it_builds_as_here(start: Start, seeds: Path, index: Path, tmp_path: Path) -> None:
    expected = rag.build(rag.read_seeds(seeds), tmp_path / "here", HashEncoder())
    build = start()
    state = build.wait(SECONDS)
    assert state == State(report=state.report)
    assert state.report
    assert state.report.seconds > 0
    assert state.report == rag.BuildReport(
        **{name: getattr(expected, name) for name in expected.__slots__ if name not in TIMES},
        **{name: getattr(state.report, name) for name in TIMES},
    )
    assert state.report.finished
    assert answers(index) == answers(tmp_path / "here")


def test_nothing_is_there_before_the_first_build(seeds: Path, index: Path) -> None:
    build = Rebuild(seeds, index, HashEncoder)
    build.cancel()
    assert build.state == build.wait() == State()
    assert not index.exists()


def test_it_says_how_far_it_is(start: Start) -> None:
    build = start(build_encoders.Slow)
    told = []

    def follow() -> bool:
        if build.state not in told[-1:]:
            told.append(build.state)
        return not build.state.is_running

    until(follow)
    assert told.pop().report
    assert {state.stage for state in told} == {"", "Reading articles", "Encoding"}
    done = [state.done for state in told if state.stage == "Encoding"]
    assert len(done) > 3
    assert done == sorted(done)
    (total,) = {state.total for state in told if state.stage == "Encoding"}
    assert done[-1] <= total
    assert len(done) < total / 4, "ten times a second, not at every text"


def test_refused_files_are_reported(start: Start, seeds: Path) -> None:
    (seeds / "other.json").write_text("{}")
    (seeds / "空.txt").write_text("")
    report = start().wait(SECONDS).report
    assert report
    assert report.added == 20
    assert report.failed[1] == rag.Failure("空.txt", "The file is empty", "file-empty")
    assert [failure.path for failure in report.failed] == ["other.json", "空.txt"]


def test_questions_are_answered_while_it_builds(start: Start, seeds: Path, index: Path) -> None:
    rag.build(rag.read_seeds(seeds), index, HashEncoder())
    assistant = rag.load(index, HashEncoder())
    write_seeds(seeds, {f"{n:03}.txt": n + 500 for n in range(20)})
    build = start(build_encoders.Slow)
    until(lambda: is_encoding(build))
    asked = 0
    while build.state.is_running:
        assert len(assistant.search("春山秋水", 5)) == 5
        asked += 1
    assert asked > 20
    assert build.state.report
    until(lambda: assistant.search("第512号集装箱", 1)[0].passage.article_id == "012.txt")


def test_a_cancelled_build_loses_nothing(start: Start, seeds: Path, index: Path) -> None:
    rag.build(rag.read_seeds(seeds), index, HashEncoder())
    before = answers(index)
    write_seeds(seeds, {f"{n:03}.txt": n + 500 for n in range(20)})
    build = start(build_encoders.Slow)
    until(lambda: is_encoding(build) and build.state.done > 60)
    build.cancel()
    build.cancel()
    started = time.monotonic()
    assert build.wait(SECONDS) == State(is_cancelled=True)
    assert time.monotonic() - started < 3
    assert answers(index) == before
    assert maintenance.check(index) == []
    assert {path.name for path in index.iterdir()} - {".lock"} > {"CURRENT", "000001"}
    assert not (index / "000002").exists()
    fresh = rag.build(rag.read_seeds(seeds), index.parent / "fresh", HashEncoder())
    assert build.start(), "after a cancelled build comes another"
    report = build.wait(SECONDS).report
    assert report
    assert 0 < report.encoded <= fresh.encoded - 50
    assert answers(index) == answers(index.parent / "fresh")


def test_what_does_not_heed_is_killed(
    start: Start, index: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(background_build, "_PATIENCE", 0.5)
    build = start(build_encoders.Stuck)
    until(lambda: is_encoding(build))
    build.cancel()
    assert build.wait(SECONDS) == State(is_cancelled=True)
    assert is_free(index)


def test_what_stands_still_is_killed(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(background_build, "_PATIENCE", 0.5)
    build = start(build_encoders.Slow)
    until(lambda: is_encoding(build))
    assert build._process
    assert os.getpgid(build._process.pid) != os.getpgrp(), "Ctrl-C would reach it, at work or not"
    os.kill(build._process.pid, signal.SIGSTOP)
    build.cancel()
    assert build.wait(SECONDS) == State(is_cancelled=True)


def test_one_build_at_a_time(start: Start, seeds: Path, index: Path) -> None:
    build = Rebuild(seeds, index, build_encoders.Slow)
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
    until(lambda: is_encoding(build))
    assert not build.start()
    other = start().wait(SECONDS)
    assert other.error.startswith("Another build (process ")
    assert other.error.endswith("Wait until it has finished, then build again.")
    assert build.wait(0.01).is_running
    build.cancel()
    build.wait(SECONDS)


@pytest.mark.parametrize(
    ("encoder", "error", "logged"),
    [
        (build_encoders.no_model, "The model is not to be had. Name another.", None),
        (
            build_encoders.Killed,
            "The build was ended from outside, or by a lack of memory. The index is as it was, and "
            "what was encoded is kept. Build again.",
            "status -9",
        ),
        (
            build_encoders.Full,
            "The index could not be built: No space left on device. The index is as it was, and what "
            "was encoded is kept. Build again once the cause is mended.",
            "/secret/place",
        ),
        (
            build_encoders.Broken,
            "The index could not be built; the log of the program says why. The index is as it was, "
            "and what was encoded is kept. Build again once the cause is mended.",
            "RuntimeError: in /secret/place",
        ),
    ],
    ids=["no model", "killed", "full", "broken"],
)
def test_what_went_wrong_is_said_in_plain_words(
    start: Start,
    encoder: Callable[[], Encoder],
    error: str,
    logged: str | None,
    caplog: pytest.LogCaptureFixture,
) -> None:
    with caplog.at_level(logging.ERROR, "rag.web.background_build"):
        assert start(encoder).wait(SECONDS) == State(error=error)
    assert (logged or "") in caplog.text
    assert bool(logged) == bool(caplog.text)


def test_an_empty_folder_takes_nothing_out(start: Start, seeds: Path, index: Path) -> None:
    assert start().wait(SECONDS).report
    for path in seeds.iterdir():
        path.unlink()
    assert "There is nothing to index" in start().wait(SECONDS).error
    assert rag.load(index, HashEncoder()).manifest.articles == 20


@pytest.mark.parametrize(
    "encoder", [lambda: HashEncoder(), type("Main", (), {"__module__": "__main__"})]
)
def test_an_encoder_that_cannot_be_imported_is_refused(encoder: Callable[[], Encoder]) -> None:
    with pytest.raises(ValueError, match="cannot be imported"):
        Rebuild("seeds", "index", encoder)


MAIN = """
print("the main program", flush=True)
import sys
sys.path += [{root!r}, {tests!r}]
import only_for_the_page
from rag.web import background_build
from support import build_encoders
rebuild._PATIENCE = 1
build = rebuild.Rebuild({seeds!r}, {index!r}, build_encoders.{encoder})
assert build.start()
while build.state.is_running and build.state.stage != "Encoding":
    pass
print("encoding", flush=True)
{then}
print("built" if build.wait().report else build.state, flush=True)
"""


@pytest.fixture
def program(tmp_path: Path, seeds: Path, index: Path) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Run a main program that builds in the background, without a guard for its name."""
    running = []

    def run(encoder: str, way: tuple[str, ...] = ("page.py",), then: str = "") -> subprocess.Popen[str]:
        values = {"root": str(ROOT), "tests": str(ROOT / "tests"), "seeds": str(seeds)}
        code = MAIN.format(**values, index=str(index), encoder=encoder, then=then)
        (tmp_path / "page.py").write_text(code)
        (tmp_path / "only_for_the_page.py").write_text("")
        process = subprocess.Popen(
            [sys.executable, *way],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=tmp_path,
            env=os.environ | {build_encoders.TOLD: str(tmp_path / "told")},
            process_group=0,
        )
        running.append(process)
        return process

    yield run
    for process in running:
        process.kill()
        process.communicate()


@pytest.mark.parametrize("way", [("page.py",), ("-m", "page"), ("-c", "import page")])
def test_the_main_program_is_not_run_again(
    program: Callable[..., subprocess.Popen[str]], tmp_path: Path, way: tuple[str, ...]
) -> None:
    said, complained = program("Telling", way).communicate(timeout=SECONDS)
    assert said == "the main program\nencoding\nbuilt\n"
    assert set(complained.splitlines()) == {"as a library in C may", "as a library may"}
    nice, *modules = (tmp_path / "told").read_text().splitlines()
    assert int(nice) == min(os.nice(0) + 10, 19)
    assert "rag.index.builder" in modules
    assert {"only_for_the_page", "page", "gradio", "torch", "transformers"}.isdisjoint(modules)


@pytest.mark.parametrize("encoder", ["Slow", "Stuck"])
@pytest.mark.parametrize("ended", ["killed", "interrupted", "at its end"])
def test_it_ends_with_the_main_program(
    program: Callable[..., subprocess.Popen[str]], index: Path, encoder: str, ended: str
) -> None:
    process = program(encoder, then="sys.exit()" if ended == "at its end" else "")
    assert process.stdout
    assert process.stdout.readline() == "the main program\n"
    assert process.stdout.readline() == "encoding\n"
    started = time.monotonic()
    if ended == "killed":
        process.kill()
    elif ended == "interrupted":
        os.killpg(process.pid, signal.SIGINT)  # as Ctrl-C in the terminal
    _, complained = process.communicate(timeout=SECONDS)
    assert complained.count("KeyboardInterrupt") == (ended == "interrupted"), "of the page alone"
    assert "Fatal" not in complained
    until(lambda: is_free(index))
    assert time.monotonic() - started < 5
    assert not (index / "CURRENT").exists()
    if encoder == "Slow":
        assert list(index.glob("0*")) == [], "it has put away what it had begun"


def test_nothing_is_left_of_many_builds(seeds: Path, index: Path) -> None:
    build = Rebuild(seeds, index, HashEncoder)
    used = []
    tracemalloc.start()
    for number in range(8):
        write_seeds(seeds, {f"{n:03}.txt": n + number for n in range(20)})
        assert build.start()
        if number % 3 == 2:
            build.cancel()
        state = build.wait(SECONDS)
        assert state.report or state.is_cancelled
        assert build._process
        assert build._process.returncode is not None, "nobody has asked how it ended"
        gc.collect()
        descriptors = len(list(Path("/proc/self/fd").iterdir())) if Path("/proc").exists() else 0
        used.append((descriptors, threading.active_count(), tracemalloc.get_traced_memory()[0]))
    tracemalloc.stop()
    (descriptors, threads, memory), last = used[1], used[-1]
    assert last[0] <= descriptors
    assert last[1] <= threads
    assert last[2] < memory + 200_000


@pytest.mark.model
def test_the_real_model_is_what_it_builds_with(index: Path) -> None:
    build = Rebuild(SEEDS, index)
    assert build.start()
    state = build.wait(10 * SECONDS)
    assert state.report
    assert state.report.added == 5
    fingerprint = rag.load(index, rag.SentenceEncoder()).manifest.fingerprint
    assert fingerprint == rag.SentenceEncoder().fingerprint

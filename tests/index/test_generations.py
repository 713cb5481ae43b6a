from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from support.archives import QUESTIONS, Versions, answers, write_seeds
from support.doubles import ROOT, HashEncoder

import rag
from rag.errors import IndexBusy, IndexMissing
from rag.index import generations
from rag.types import Article


def test_load_without_an_index_names_the_command(location: str) -> None:
    with pytest.raises(IndexMissing, match=r"There is no index in .*Run `rag build") as raised:
        rag.load(location)
    assert raised.value.code == "index-missing"


def test_build_after_a_killed_build_removes_its_leftovers(index: Path, articles: list[Article]) -> None:
    (index / "000002").mkdir()
    (index / "000002" / "corpus.sqlite").write_text("half")
    rag.build(articles[:2], index, HashEncoder())
    assert (index / "CURRENT").read_text().strip() == "000002"
    rag.build(articles[:1], index, HashEncoder())
    folders = sorted(path.name for path in index.iterdir() if path.is_dir())
    assert folders == ["000002", "000003"], "the live generation and the one before it"
    assert rag.load(index, HashEncoder()).manifest.articles == 1


def test_build_after_a_killed_first_build_removes_its_leftovers(
    tmp_path: Path, articles: list[Article]
) -> None:
    for name in ("000001", "000002", "000003"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "corpus.sqlite").write_text("half")
    rag.build(articles, tmp_path, HashEncoder())
    assert sorted(path.name for path in tmp_path.iterdir() if path.is_dir()) == ["000001"]


def test_build_leaves_folders_with_other_files_alone(tmp_path: Path, articles: list[Article]) -> None:
    for name in ("20240101", "000002", "99999999"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "photo.jpg").write_text("x")
    for count in (1, 2, 3, 2):
        rag.build(articles[:count], tmp_path, HashEncoder())
    for name in ("20240101", "000002", "99999999"):
        assert (tmp_path / name / "photo.jpg").exists()
    assert rag.load(tmp_path, HashEncoder()).manifest.articles == 2


def test_roll_back_makes_the_previous_generation_live(
    versions: Versions, versioned_index: Path
) -> None:
    assistant = rag.load(versioned_index, HashEncoder())
    generations.roll_back(versioned_index)
    assert answers(versioned_index) == versions.before
    assistant.refresh()
    assert assistant.search_batch(QUESTIONS, 5) == versions.before
    with pytest.raises(IndexMissing, match="no generation before 000001") as raised:
        generations.roll_back(versioned_index)
    assert raised.value.code == "generation-missing"
    rag.build(rag.read_seeds(versions.other), versioned_index, HashEncoder())
    assistant.refresh()
    assert assistant.search_batch(QUESTIONS, 5) == versions.after


def test_build_during_another_names_the_process_that_holds_the_lock(tmp_path: Path) -> None:
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
    with pytest.raises(
        IndexBusy, match=rf"Another build \(process {holder.pid} on .+, since 20"
    ) as raised:
        rag.build(rag.read_seeds(seeds), tmp_path / "index", HashEncoder())
    assert raised.value.code == "index-busy"
    (tmp_path / "index/.builder").write_text("half")
    with pytest.raises(IndexBusy, match="Another build is writing to") as raised:
        rag.build(rag.read_seeds(seeds), tmp_path / "index", HashEncoder())
    assert raised.value.code == "index-busy-unknown"
    holder.send_signal(signal.SIGKILL)
    holder.wait()
    holder.stdout.close()
    assert rag.build(rag.read_seeds(seeds), tmp_path / "index", HashEncoder()).added == 1


def test_build_within_a_build_is_refused(index: Path, articles: list[Article]) -> None:
    with generations.locked(index), pytest.raises(IndexBusy, match="Another build"):
        rag.build(articles, index, HashEncoder())


def test_current_is_followed_after_the_clock_was_set_back(versions: Versions, tmp_path: Path) -> None:
    index = tmp_path / "index"
    rag.build(rag.read_seeds(versions.one), index, HashEncoder())
    later = time.time() + 1e6
    for path in (index / "CURRENT", index / "000001/manifest.json"):
        os.utime(path, (later, later))
    rag.build(rag.read_seeds(versions.other), index, HashEncoder())
    assert answers(index) == versions.after
    (index / "CURRENT").write_text("000001\n")  # as if killed before CURRENT was replaced
    os.utime(index / "CURRENT", (later, later))
    assert rag.load(index, HashEncoder()).manifest.articles == 60


def test_load_of_a_copied_folder_works(index: Path, tmp_path: Path) -> None:
    copy = shutil.copytree(index, tmp_path / "an other # place?")
    assert rag.load(copy, HashEncoder()).search("集装箱")

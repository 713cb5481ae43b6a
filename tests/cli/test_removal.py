"""`rag remove` and `rag restore`, and what `rag explain` tells of corrections."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from support.cli import RunCommand

from rag.ingest.curation import corrections
from rag.ingest.curation.corrections import Correction

_EXPORT = '[{"title": "港口", "text": "港口工人复工。"}, {"title": "渡轮", "text": "渡轮停航三天。"}]'


@pytest.fixture
def seeds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "seeds"
    (folder / "sub").mkdir(parents=True)
    (folder / "sub/a.txt").write_text("今天下雨。", encoding="utf-8")
    (folder / "all.json").write_text(_EXPORT, encoding="utf-8")
    monkeypatch.setenv("RAG_SEEDS", str(folder))
    return folder


def test_remove_then_restore_brings_the_articles_back(run: RunCommand, seeds: Path) -> None:
    assert run("restore") == (0, "", "")
    status, out, _ = run("remove", "sub/a.txt", "all.json#2")
    assert status == 0
    assert [line.partition(".")[0] for line in out.splitlines()] == ["Removed all", "Removed sub/a"]
    assert not (seeds / "sub/a.txt").exists()
    status, out, _ = run("restore")
    moved, left_out = out.splitlines()
    assert (moved.endswith("Z/sub/a.txt"), left_out) == (True, "all.json#2")
    assert run("restore", moved, left_out)[0] == 0
    assert (seeds / "sub/a.txt").exists()
    assert run("restore") == (0, "", "")


def test_remove_of_an_unknown_article_is_status_1(run: RunCommand, seeds: Path) -> None:
    status, _, err = run("remove", "../sub/a.txt")
    assert status == 1
    assert "There is no article '../sub/a.txt'" in err
    assert run("restore", "nothing")[0] == 1
    assert (seeds / "sub/a.txt").exists()


def test_explain_names_the_correction_as_the_origin(run: RunCommand, seeds: Path) -> None:
    fields = {"title": "新题", "published": "2024-03-06", "source": "www.rfi.fr"}
    corrections.save(
        seeds, {"sub/a.txt": corrections.parse(fields), "all.json#2": Correction(left_out=True)}
    )
    status, out, _ = run("explain", str(seeds / "sub/a.txt"))
    assert status == 0
    lines = [" ".join(line.split()) for line in out.splitlines()]
    assert lines[0] == "sub/a.txt"
    assert "title 新题 (correction)" in lines
    assert "date 2024-03-06 00:00:00+00:00 (correction)" in lines
    assert "site www.rfi.fr (correction)" in lines
    status, out, _ = run("explain", str(seeds / "all.json"), "--json")
    kept, left_out = json.loads(out)["articles"]
    assert kept["origins"]["title"] == "file"
    assert left_out["refused"]["code"] == "article-left-out"


def test_explain_of_a_file_elsewhere_or_with_damaged_corrections(
    run: RunCommand, seeds: Path, tmp_path: Path
) -> None:
    (seeds / "corrections.json").write_text("{")
    (tmp_path / "a.txt").write_text("今天下雨。", encoding="utf-8")
    assert run("explain", str(tmp_path / "a.txt"))[0] == 0
    status, _, err = run("explain", str(seeds / "sub/a.txt"))
    assert status == 1
    assert "Correct the file, or move it away" in err

"""The commands `check` and `rollback`, and an index in Milvus on the command line."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from support.archives import answers, write_seeds
from support.doubles import HashEncoder, PatternReader

import rag
from rag.cli import main


def test_check_and_rollback_restore_the_index(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(rag, "SentenceEncoder", lambda **_: HashEncoder())
    one = write_seeds(tmp_path / "one", {f"{n:03}.txt": n for n in range(6)})
    other = write_seeds(tmp_path / "other", {f"{n:03}.txt": n + 100 for n in range(8)})
    index = tmp_path / "index"
    rag.build(rag.read_seeds(one), index, HashEncoder())
    before = answers(index)
    rag.build(rag.read_seeds(other), index, HashEncoder())
    where = ["--index", str(index)]
    assert main(["check", *where]) == 0
    assert "No damage found" in capsys.readouterr().out
    (index / "000002/vectors.faiss").write_bytes(b"")
    assert main(["check", *where]) == 1
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert "000002/vectors.faiss does not match its checksum" in err
    assert main(["check", "--json", *where]) == 1
    out, err = capsys.readouterr()
    assert err.count("\n") == 1
    (fault,) = json.loads(out)["faults"]
    assert (fault["path"], json.loads(out)["repaired"]) == ("000002", [])
    assert main(["check", "--repair", "--json", *where]) == 0
    assert json.loads(capsys.readouterr().out)["repaired"] == [
        "the vectors of generation 000002 were rebuilt from its texts"
    ]
    (index / "CURRENT").unlink()
    assert main(["check", "--repair", *where]) == 0
    assert "CURRENT names generation 000003 again" in capsys.readouterr().out
    rag.build(rag.read_seeds(one), index, HashEncoder())
    rag.build(rag.read_seeds(other), index, HashEncoder())
    assert main(["check", "--json", *where]) == 0
    assert json.loads(capsys.readouterr().out) == {"faults": [], "repaired": []}
    assert main(["rollback", *where]) == 0
    assert "(6 articles)" in capsys.readouterr().out
    assert answers(index) == before


def test_commands_work_on_an_index_in_milvus(
    new_location: Callable[[str], str],
    write_feed: Callable[..., Path],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    place = new_location("milvus")
    monkeypatch.setattr(rag, "SentenceEncoder", lambda **_: HashEncoder())
    monkeypatch.setattr(rag, "SpanReader", lambda **_: PatternReader())
    monkeypatch.setattr("rag.index.builder.SentenceEncoder", lambda **_: HashEncoder())
    monkeypatch.setenv("RAG_INDEX", place)

    def run(*arguments: str) -> str:
        status = main(arguments)
        out, err = capsys.readouterr()
        assert (status, err) == (0, "")
        return out

    seeds = str(write_feed("a.txt", "<p>平壤运送了6700个集装箱。</p>").parent)
    assert f"1 passage in {place};" in run("build", "--seeds", seeds)
    assert json.loads(run("search", "集装箱", "--json"))["hits"][0]["passage"]["article_id"] == "a.txt"
    assert run("ask", "多少集装箱？").startswith("6700")
    write_feed("b.txt", "<p>东京的樱花今年开得早。</p>", url="https://news.example/2")
    run("build", "--seeds", seeds)
    assert json.loads(run("info", "--json"))["sources"] == {"news.example": 2}
    assert place in run("info")
    assert f"No damage found in the index in {place}: every" in run("check")
    assert "(1 article)" in run("rollback")
    assert main(["rollback"]) == 1
    assert capsys.readouterr().err.startswith("rag: There is no generation before")

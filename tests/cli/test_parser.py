"""Command-line arguments."""

from __future__ import annotations

import pytest
from support.cli import RunCommand

from rag.cli.parser import build_parser


@pytest.mark.parametrize(
    "arguments",
    [["search", "x", "-k", "0"], ["search", "x", "-k", "many"], ["search"], [], ["fly"]],
)
def test_wrong_usage_is_status_2(run: RunCommand, arguments: list[str]) -> None:
    status, _, err = run(*arguments)
    assert status == 2
    assert err.startswith("usage: rag")
    assert "Traceback" not in err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["serve", "--port", "65536"], "must be at most 65535, not 65536"),
        (["serve", "--port", "0"], "must be a whole number of at least 1, not '0'"),
        (["serve", "--questions", "-1"], "must be a whole number of at least 0, not '-1'"),
        (["build", "--seeds", ""], "must name a folder"),
        (["info", "--index", ""], "must name a folder"),
        (["ask", "x", "--until", "2024-02-30"], "must be a day such as 2024-03-06"),
    ],
)
def test_invalid_value_names_what_is_valid(run: RunCommand, arguments: list[str], message: str) -> None:
    status, _, err = run(*arguments)
    assert status == 2
    assert message in err


def test_environment_variables_replace_the_default_folders(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAG_SEEDS", "my-seeds")
    monkeypatch.setenv("RAG_INDEX", "my-index")
    for command in ("build", "watch", "serve"):
        options = build_parser().parse_args([command])
        assert (options.seeds, options.index) == ("my-seeds", "my-index")
    monkeypatch.setenv("RAG_SEEDS", "")
    monkeypatch.setenv("RAG_INDEX", "")
    options = build_parser().parse_args(["build"])
    assert (options.seeds, options.index) == ("seeds", "index")


def test_help_stays_english(run: RunCommand, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    status, out, _ = run("check", "--help")
    assert status == 0
    assert "repair the index from its undamaged parts" in out

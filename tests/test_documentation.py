"""README.md and docs/ mention every public name, option, endpoint and environment variable."""

from __future__ import annotations

import argparse
import ast
import inspect
import re
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any, cast

import pytest
from support.doubles import ROOT

import rag
from rag.cli.parser import build_parser
from rag.web.api import endpoints

DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
USAGE = (ROOT / "docs/usage.md").read_text(encoding="utf-8")


def subparsers() -> dict[str, argparse.ArgumentParser]:
    actions = build_parser()._actions
    (commands,) = (item for item in actions if isinstance(item, argparse._SubParsersAction))
    return dict(commands.choices)


def options() -> dict[str, set[str]]:
    """The commands that have each option, "rag" for the options of the program itself."""
    users: dict[str, set[str]] = {}
    for command, parser in {"rag": build_parser(), **subparsers()}.items():
        for action in parser._actions:
            for option in action.option_strings:
                users.setdefault(option, set()).add(command)
    return users


def environment_variables() -> set[str]:
    names = set()
    for path in [*(ROOT / "rag").rglob("*.py"), ROOT / "app.py"]:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                names |= set(re.findall(r"\b(?:RAG|LC)_[A-Z_]+\b|\bFORWARDED_ALLOW_IPS\b", node.value))
    return names


def rows(heading: str) -> Iterator[list[str]]:
    """The cells of the table rows in a section of docs/usage.md."""
    section = re.split(r"^#+ ", USAGE.split(f"# {heading}\n", 1)[1], maxsplit=1, flags=re.M)[0]
    for line in section.splitlines():
        if line.startswith("| `"):
            yield [cell.strip() for cell in line.strip("|").split("|")]


def test_all_is_the_list_of_public_names() -> None:
    public = {
        name
        for name, value in vars(rag).items()
        if not name.startswith("_") and not inspect.ismodule(value) and name != "annotations"
    }
    assert set(rag.__all__) == public
    assert rag.__all__ == sorted(rag.__all__)


@pytest.mark.parametrize("name", rag.__all__)
def test_public_name_resolves_and_is_documented(name: str) -> None:
    assert getattr(rag, name)
    assert any(
        re.search(rf"\b{name}\b", document.read_text(encoding="utf-8")) for document in DOCUMENTS
    )


def test_usage_lists_every_command() -> None:
    assert {cells[0].split()[1].strip("`") for cells in rows("The shell")} == set(subparsers())


def test_usage_lists_every_option_with_its_commands() -> None:
    documented: dict[str, set[str]] = {}
    for cells in rows("Options"):
        users = set(cells[1].replace("`", "").split(", "))
        for option in re.findall(r"`(-{1,2}[a-z-]+)", cells[0]):
            documented[option] = users
    for option, users in options().items():
        expected = {"all"} if set(subparsers()) <= users else users
        assert documented.pop(option) == expected, option
    assert documented == {}


def test_usage_names_the_defaults_of_options() -> None:
    text = {cells[0].split()[0].strip("`"): cells[2] for cells in rows("Options")}
    for parser in subparsers().values():
        for action in parser._actions:
            if action.default and not isinstance(action.default, (bool, list)):
                option = action.option_strings[0] if action.option_strings else ""
                if option not in ("", "-h"):
                    assert str(action.default) in text[option], option


def test_usage_lists_every_environment_variable() -> None:
    documented = {name for cells in rows("Environment variables") for name in cells[0].split(", ")}
    used = {f"`{name}`" for name in environment_variables()}
    assert used > {"`RAG_INDEX`", "`RAG_PASSWORD`", "`LC_ALL`"}
    assert used - documented == set()


def test_api_document_has_a_section_for_every_endpoint() -> None:
    text = (ROOT / "docs/api.md").read_text(encoding="utf-8")
    names = [
        endpoint.__name__
        for endpoint in endpoints(cast(Any, SimpleNamespace(language_model=True)), ValueError)
    ]
    assert {"search", "write"} <= set(names)
    for name in names:
        assert re.search(rf"`{name}\b", text), name

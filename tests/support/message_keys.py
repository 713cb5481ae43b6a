"""Collects the message keys that the program uses, from the syntax trees of its code and templates.

A key is a literal: `translate("page.ask")`, `raise SeedsError("seeds-missing")`,
`Refusal(404, "not-found")`, `{{ translate("page.ask") }}`. An argument that is not a literal is *dynamic*:
a registry must list the keys that it can take.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass, field
from pathlib import Path

from jinja2 import Environment, nodes

from rag import errors
from rag.errors import RagError

Place = tuple[str, str]
"""A file, relative to the folder that is searched, and a dynamic argument in it, as source code."""


@dataclass
class Uses:
    """Keys that are used, with the files, and the places of dynamic arguments."""

    keys: dict[str, set[str]] = field(default_factory=dict)
    dynamic: set[Place] = field(default_factory=set)

    def add(self, path: str, key: str) -> None:
        self.keys.setdefault(key, set()).add(path)


def _error_classes() -> set[str]:
    members = vars(errors).items()
    return {
        name for name, member in members if isinstance(member, type) and issubclass(member, RagError)
    }


CODES: Mapping[str, tuple[str, int]] = {
    **dict.fromkeys(_error_classes(), ("error", 0)),
    "Notice": ("error", 0),
    "damaged": ("error", 1),
    "Refusal": ("http", 1),
}
"""Functions that take a code: the section of its message, and the position of the argument."""


def collect(folder: Path) -> Uses:
    """Return the uses in all Python files and templates below a folder."""
    uses = Uses()
    for path in sorted(folder.rglob("*.py")):
        name = path.relative_to(folder).as_posix()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            for section, argument in _arguments(node):
                _add_python(uses, name, section, argument)
    for path in sorted(folder.rglob("templates/*")):
        name = path.relative_to(folder).as_posix()
        for call in Environment().parse(path.read_text(encoding="utf-8")).find_all(nodes.Call):
            if isinstance(call.node, nodes.Name) and call.node.name == "translate":
                _add_template(uses, name, call.args[0])
    return uses


def problems(
    uses: Uses, known: Set[str], dynamic: Mapping[Place, Iterable[str]], others: Iterable[str] = ()
) -> list[str]:
    """Return each missing key, unused key and wrong entry of the registry of dynamic arguments.

    `others` are keys that are used in another way than by a call.
    """
    used = set(uses.keys).union(*dynamic.values(), others)
    places = {key: ", ".join(sorted(files)) for key, files in uses.keys.items()}
    return [
        *(f"missing: {key} ({places.get(key, 'dynamic')})" for key in sorted(used - known)),
        *(f"unused: {key}" for key in sorted(known - used)),
        *(f"dynamic, not registered: {place}" for place in sorted(uses.dynamic - set(dynamic))),
        *(f"registered, not found: {place}" for place in sorted(set(dynamic) - uses.dynamic)),
    ]


def _arguments(node: ast.AST) -> Iterator[tuple[str, ast.expr]]:
    """The arguments of a node that are keys (with the section "") or codes of a section."""
    if isinstance(node, ast.Subscript) and _calls(node.value, "catalogue"):
        yield "", node.slice
    if not isinstance(node, ast.Call):
        return
    if _is_translator(node.func) and node.args:
        yield "", node.args[0]
    name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    if name in CODES:
        section, position = CODES[name]
        keywords = {keyword.arg: keyword.value for keyword in node.keywords}
        if len(node.args) > position and not isinstance(node.args[position], ast.Starred):
            yield section, node.args[position]
        elif "code" in keywords:
            yield section, keywords["code"]


def _is_translator(function: ast.expr) -> bool:
    """Whether a call of it translates: `translate(…)`, `self.translate(…)`, `Translator(…)(…)`."""
    if isinstance(function, ast.Attribute):
        is_own = isinstance(function.value, ast.Name) and function.value.id == "self"
        return is_own and function.attr in ("translate", "_translate")
    return _calls(function, "Translator") or getattr(function, "id", "") == "translate"


def _calls(node: ast.expr, name: str) -> bool:
    return isinstance(node, ast.Call) and getattr(node.func, "id", "") == name


def _add_python(uses: Uses, path: str, section: str, argument: ast.expr) -> None:
    if isinstance(argument, ast.IfExp):
        _add_python(uses, path, section, argument.body)
        _add_python(uses, path, section, argument.orelse)
    elif isinstance(argument, ast.Constant) and isinstance(argument.value, str):
        uses.add(path, f"{section}.{argument.value}" if section else argument.value)
    else:
        uses.dynamic.add((path, ast.unparse(argument)))


def _add_template(uses: Uses, path: str, argument: nodes.Expr) -> None:
    if isinstance(argument, nodes.CondExpr):
        _add_template(uses, path, argument.expr1)
        if argument.expr2 is not None:
            _add_template(uses, path, argument.expr2)
    elif isinstance(argument, nodes.Const):
        uses.add(path, str(argument.value))
    else:
        uses.dynamic.add((path, _unparse(argument)))


def _unparse(expression: nodes.Expr) -> str:
    match expression:
        case nodes.Concat():
            return " ~ ".join(map(_unparse, expression.nodes))
        case nodes.Const():
            return repr(expression.value)
        case nodes.Name():
            return expression.name
        case nodes.Getattr():
            return f"{_unparse(expression.node)}.{expression.attr}"
        case _:
            return f"{type(expression).__name__} in line {expression.lineno}"

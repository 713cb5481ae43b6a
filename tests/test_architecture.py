"""Data flows one way: each module imports only what is before it, and each library has one home."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest
from support.doubles import ROOT

ORDER = (
    "errors types batching links language phrases periods dates habits body forms seeds passages lexical agreement "
    "stories weights default_model table network compiled reference encoder generations reports intake spool "
    "corpus_writer corpus ranking index index_writer vector_rows builder upkeep address milvus milvus_contents "
    "milvus_index milvus_writer store rebuild retriever quantities spans reader limits asgi calls guard assistant "
    "__init__ faults wording reasons views cards facets examples results holdings endpoints server desk terminal __main__ app"
).split()

HOMES = {
    "bs4": {"body"},
    "faiss": {"index", "index_writer"},
    "gradio": {"app", "desk"},
    "milvus_lite": {"milvus"},
    "openvino": {"network"},
    "pymilvus": {"milvus"},
    "rich": {"terminal"},
    "sentence_transformers": {"reference"},
    "sqlite3": {"corpus", "corpus_writer"},
    "torch": {"reference"},
    "transformers": {"reference"},
}

MODULES = {path.stem: path for path in [*(ROOT / "rag").glob("*.py"), ROOT / "app.py"]}


def imports(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def test_every_module_has_its_place() -> None:
    assert sorted(MODULES) == sorted(ORDER)


@pytest.mark.parametrize("name", ORDER)
def test_imports_never_point_back(name: str) -> None:
    later = set(ORDER[ORDER.index(name) :])
    for imported in imports(MODULES[name]):
        package, _, rest = imported.partition(".")
        target = rest.partition(".")[0] if package == "rag" else package
        assert target not in later or (name, target) == ("__main__", "app"), (
            f"{name} imports {imported}"
        )


@pytest.mark.parametrize("library", HOMES)
def test_a_library_is_used_in_its_home_only(library: str) -> None:
    users = {
        name
        for name, path in MODULES.items()
        if any(imported.partition(".")[0] == library for imported in imports(path))
    }
    assert users == HOMES[library]


def test_importing_the_package_loads_no_heavy_library() -> None:
    heavy = [
        "torch",
        "transformers",
        "sentence_transformers",
        "gradio",
        "py3langid",
        "scipy",
        "pymilvus",
        "grpc",
    ]
    code = f"import rag, sys; print([name for name in {heavy} if name in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert done.stdout.strip() == "[]"

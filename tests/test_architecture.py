"""Rules on imports that import-linter cannot check, and the contents of the wheel."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from support.doubles import ROOT

HEAVY = (
    "babel",
    "fastapi",
    "gradio",
    "grpc",
    "jinja2",
    "mcp",
    "py3langid",
    "pymilvus",
    "scipy",
    "sentence_transformers",
    "torch",
    "transformers",
    "uvicorn",
    "watchfiles",
    "rag.ingest.formats",
    "rag.ingest.file_records",
)
"""Libraries, and modules that read files, which only some uses of the package need."""


def loaded_after(code: str) -> list[str]:
    """Return which heavy libraries a new interpreter has loaded after running this code."""
    report = f"\nimport sys; print(*[name for name in {HEAVY} if name in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", code + report], capture_output=True, text=True, check=True, cwd=ROOT
    )
    return done.stdout.split("\n")[-2].split()


@pytest.mark.parametrize("module", ["rag", "rag.cli"])
def test_import_loads_no_heavy_library(module: str) -> None:
    assert loaded_after(f"import {module}") == []


def test_search_command_loads_no_library_of_the_page(index: Path) -> None:
    code = f"""
import sys
sys.path.insert(0, {str(ROOT / "tests")!r})
import rag
from support.doubles import HashEncoder
from rag.cli import main
rag.SentenceEncoder = lambda **_: HashEncoder()
main(["search", "集装箱的弹药", "--index", {str(index)!r}])
"""
    assert loaded_after(code) == []


def test_foreign_module_named_app_is_not_imported(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text("raise SystemExit('foreign app ran')")
    done = subprocess.run(
        [sys.executable, "-m", "rag", "serve", "--index", "index"],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT), "RAG_SEEDS": "no-such-folder"},
    )
    assert done.returncode == 1
    assert "no-such-folder" in done.stderr
    assert "foreign app ran" not in done.stdout + done.stderr


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """The files in a wheel that is built from a copy of the tracked files."""
    folder = tmp_path_factory.mktemp("wheel")
    source = folder / "source"
    shutil.copytree(ROOT / "rag", source / "rag", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE", "app.py"):
        shutil.copy(ROOT / name, source)
    build = "from setuptools import build_meta; print(build_meta.build_wheel('..'))"
    subprocess.run([sys.executable, "-c", build], check=True, capture_output=True, cwd=source)
    (path,) = folder.glob("*.whl")
    with zipfile.ZipFile(path) as archive:
        return archive.namelist()


def test_wheel_has_one_top_level_package(wheel: list[str]) -> None:
    folders = {name.partition("/")[0] for name in wheel}
    assert {name for name in folders if not name.endswith(".dist-info")} == {"rag"}


def test_wheel_has_every_file_of_the_package(wheel: list[str]) -> None:
    files = (path for path in (ROOT / "rag").rglob("*") if path.is_file())
    expected = {path.relative_to(ROOT).as_posix() for path in files if path.suffix != ".pyc"}
    assert expected - set(wheel) == set()

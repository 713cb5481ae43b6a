"""Where the files of a model are found, and when its fingerprint changes."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from support.models import HIDDEN

from rag.embedding.encoder import SentenceEncoder
from rag.embedding.model_files import find_folder, fingerprint


@pytest.mark.usefixtures("own_cache")
def test_a_model_in_the_cache_of_the_hub_is_found_by_name(
    tmp_path: Path, small_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import huggingface_hub.constants

    cached = tmp_path / "hub/models--someone--small"
    (cached / "refs").mkdir(parents=True)
    (cached / "refs/main").write_text("a" * 40)
    snapshot = cached / "snapshots" / ("a" * 40)
    shutil.copytree(small_model, snapshot)
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_CACHE", str(tmp_path / "hub"))
    assert find_folder("someone/small") == snapshot
    assert find_folder("someone/else") is None
    encoder = SentenceEncoder("someone/small")
    assert encoder.dim == HIDDEN
    assert encoder.fingerprint == SentenceEncoder(str(snapshot)).fingerprint


def test_a_model_is_found_by_path(small_model: Path) -> None:
    assert find_folder(str(small_model)) == small_model


def test_fingerprint_changes_with_settings_and_weights_only(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text("{}")
    weights = tmp_path / "model.safetensors"
    weights.write_bytes(bytes(10_000))
    first = fingerprint(tmp_path)
    (tmp_path / "README.md").write_text("about it")
    assert fingerprint(tmp_path) == first
    weights.write_bytes(bytes(9_999) + b"\1")
    second = fingerprint(tmp_path)
    (tmp_path / "config.json").write_text('{"dim": 3}')
    third = fingerprint(tmp_path)
    (tmp_path / "config.json").rename(tmp_path / "settings.json")
    assert len({first, second, third, fingerprint(tmp_path)}) == 4


def test_fingerprint_samples_large_files_from_start_to_end(tmp_path: Path) -> None:
    weights = tmp_path / "model.safetensors"
    size = 3_000_000
    weights.write_bytes(bytes(size))
    first = fingerprint(tmp_path)
    for place in (0, size // 256 * 128, size // 256 * 255):
        content = bytearray(size)
        content[place] = 1
        weights.write_bytes(content)
        assert fingerprint(tmp_path) != first

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from support.doubles import HashEncoder

import rag
from rag.errors import IndexDamaged, IndexMissing
from rag.i18n.translator import Translator
from rag.index import manifest
from rag.index.manifest import read_manifest
from rag.types import Article


def truncate(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-9])


def empty(path: Path) -> None:
    path.write_bytes(b"")


def flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


@pytest.mark.parametrize("name", ["manifest.json", "corpus.sqlite", "vectors.faiss", "CURRENT"])
@pytest.mark.parametrize("damage", [truncate, flip, Path.unlink, empty])
def test_load_of_a_damaged_file_raises_with_the_command_that_rebuilds_it(
    index: Path, articles: list[Article], name: str, damage: Callable[[Path], None]
) -> None:
    path = index / name if name == "CURRENT" else index / "000001" / name
    if (name, damage) == ("CURRENT", truncate):
        path.write_text("00000")
    else:
        damage(path)
    with pytest.raises((IndexDamaged, IndexMissing), match=f"rag build --index {index}") as raised:
        rag.load(index, HashEncoder())
    assert raised.value.code in ("index-damaged", "index-missing")
    assert f"rag build --index {index}" in Translator("zh-Hans").error(raised.value)
    assert rag.build(articles, index, HashEncoder()).added == 3
    assert rag.load(index, HashEncoder()).search("集装箱")[0].passage.article_id == "a"


def test_read_manifest_with_a_changed_count_is_damaged(index: Path) -> None:
    path = index / "000001" / "manifest.json"
    path.write_text(path.read_text().replace('"dim": 512', '"dim": 511'))
    with pytest.raises(IndexDamaged, match=r"000001/manifest\.json does not match its checksum"):
        rag.load(index, HashEncoder())


def test_read_manifest_of_another_format_names_both_versions(index: Path) -> None:
    path = index / "000001" / "manifest.json"
    path.write_text(path.read_text().replace('"format": 5', '"format": 2'))
    with pytest.raises(IndexDamaged, match="format is 2, this version reads 5") as raised:
        rag.load(index, HashEncoder())
    reason = raised.value.parameters["reason"]
    assert (reason.code, reason.parameters) == ("damage-format", {"found": 2, "supported": 5})
    assert "索引格式为 2" in Translator("zh-Hans").error(raised.value)


def test_read_manifest_verifies_a_sample_of_a_large_file_or_all_of_it(
    index: Path, articles: list[Article], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(manifest, "_LARGE", 0)
    rag.build(articles[:2], index, HashEncoder())
    path = index / "000002/corpus.sqlite"
    flip(path)  # in the middle, between the blocks of the sample
    read_manifest(path.parent)
    with pytest.raises(IndexDamaged, match=r"corpus\.sqlite does not match its checksum"):
        read_manifest(path.parent, whole=True)
    truncate(path)
    with pytest.raises(IndexDamaged, match=r"corpus\.sqlite does not match its checksum"):
        read_manifest(path.parent)

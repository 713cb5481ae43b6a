from __future__ import annotations

import os
import random
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from support.archives import Versions, answers
from support.doubles import HashEncoder

import rag
from rag.errors import IndexDamaged, RagError
from rag.i18n.translator import Translator
from rag.index import maintenance

LONG = bool(os.environ.get("RAG_TEST_LONG"))


def damages(index: Path, rng: random.Random) -> tuple[str, Callable[[], int]]:
    """Damage one of the files; return a description, and a function that restores it."""
    files = [index / "CURRENT", *sorted(index.glob("0*/*"))]
    path = rng.choice(files)
    content = path.read_bytes()
    kind = rng.choice(["flip", "flip", "truncate", "swap"])
    name = f"{kind} {path.relative_to(index)}"
    if kind == "flip":
        at, bit = rng.randrange(len(content)), 1 << rng.randrange(8)
        path.write_bytes(content[:at] + bytes([content[at] ^ bit]) + content[at + 1 :])
        return f"{name} at {at}", partial(path.write_bytes, content)
    if kind == "truncate":
        path.write_bytes(content[: rng.randrange(len(content))])
        return name, partial(path.write_bytes, content)
    other = rng.choice([file for file in files if file != path and file.read_bytes() != content])
    swapped = other.read_bytes()
    path.write_bytes(swapped)
    other.write_bytes(content)
    return (
        f"{name} with {other.relative_to(index)}",
        lambda: path.write_bytes(content) + other.write_bytes(swapped),
    )


def test_check_detects_every_damage_and_no_answer_comes_from_it(
    versions: Versions, versioned_index: Path
) -> None:
    rng = random.Random(2)
    for _ in range(2000 if LONG else 120):
        name, restore = damages(versioned_index, rng)
        assert maintenance.check(versioned_index), name
        try:
            found = answers(versioned_index)
        except RagError:
            pass
        else:
            assert found == versions.after, name
        restore()
    assert maintenance.check(versioned_index) == []


@pytest.mark.parametrize(
    ("name", "damage", "code", "message"),
    [
        ("CURRENT", b"000009\n", "repaired-current", "CURRENT names generation 000002 again"),
        ("CURRENT", b"gone", "repaired-current", "CURRENT names generation 000002 again"),
        ("CURRENT", b"000001\n", "repaired-current", "CURRENT names generation 000002 again"),
        ("000002/vectors.faiss", b"", "repaired-vectors", "the vectors of generation 000002 were"),
        ("000002/corpus.sqlite", b"", "repaired-rolled-back", "generation 000001 is in use again"),
        ("000002/manifest.json", b"gone", "repaired-rolled-back", "generation 000001 is in use again"),
        ("000002/manifest.json", b"{}", "repaired-rolled-back", "generation 000001 is in use again"),
        ("000001/vectors.faiss", b"", "repaired-removed", "generation 000001, which was damaged"),
    ],
)
def test_repair_of_a_damaged_file_restores_the_index_from_the_others(
    versions: Versions,
    versioned_index: Path,
    name: str,
    damage: bytes,
    code: str,
    message: str,
) -> None:
    assert maintenance.repair(versioned_index, HashEncoder()) == []
    if damage == b"gone":
        (versioned_index / name).unlink()
    else:
        (versioned_index / name).write_bytes(damage)
    (notice,) = maintenance.repair(versioned_index, HashEncoder())
    assert notice.code == code
    assert message in str(notice)
    assert Translator("zh-Hans").error(notice) != str(notice)
    assert maintenance.check(versioned_index) == []
    is_rolled_back = code == "repaired-rolled-back"
    assert answers(versioned_index) == (versions.before if is_rolled_back else versions.after)
    rag.build(rag.read_seeds(versions.other), versioned_index, HashEncoder())
    assert answers(versioned_index) == versions.after


def test_repair_without_an_intact_corpus_raises_what_is_damaged(index: Path) -> None:
    (index / "000001/corpus.sqlite").write_bytes(b"")
    (fault,) = maintenance.check(index)
    assert (fault.path, fault.code) == ("000001", "index-damaged")
    assert Translator().error(fault) == fault.reason
    assert "corpus.sqlite 与校验和不符" in Translator("zh-Hans").error(fault)
    with pytest.raises(IndexDamaged, match=r"corpus\.sqlite does not match its checksum"):
        maintenance.repair(index, HashEncoder())
    (index / "000001/manifest.json").unlink()
    (index / "CURRENT").write_text("000009\n")
    with pytest.raises(IndexDamaged, match="no complete generation"):
        maintenance.repair(index, HashEncoder())

"""Two versions of an archive and an index of both; built once, copied by the tests that change them."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from support.archives import Versions, answers, many_articles, write_seeds
from support.doubles import HashEncoder

import rag


@pytest.fixture(scope="session")
def versions(tmp_path_factory: pytest.TempPathFactory) -> Versions:
    """Two versions of an archive, to be read only."""
    return _versions(tmp_path_factory.mktemp("versions"), 60)


@pytest.fixture(scope="session")
def small_versions(tmp_path_factory: pytest.TempPathFactory) -> Versions:
    """Two versions of a small archive, to be read only; their indexes are beside them."""
    return _versions(tmp_path_factory.mktemp("versions"), 12)


def _versions(folder: Path, count: int) -> Versions:
    one = write_seeds(folder / "one", {f"{n:03}.txt": n for n in range(count)})
    names = range(5, count + 10)
    other = write_seeds(folder / "other", {f"{n:03}.txt": n + n % 3 * 100 for n in names})
    found = []
    for seeds in (one, other):
        rag.build(rag.read_seeds(seeds), folder / f"index-{seeds.name}", HashEncoder())
        found.append(answers(folder / f"index-{seeds.name}"))
    return Versions(one, other, *found)


@pytest.fixture(scope="session")
def two_generations(versions: Versions, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("generations") / "index"
    for seeds in (versions.one, versions.other):
        rag.build(rag.read_seeds(seeds), folder, HashEncoder())
    return folder


@pytest.fixture
def versioned_index(two_generations: Path, tmp_path: Path) -> Path:
    """An index of the first version, then of the other."""
    return shutil.copytree(two_generations, tmp_path / "versioned")


@pytest.fixture(scope="session")
def many_index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An index of 60 articles, to be read only."""
    folder = tmp_path_factory.mktemp("many")
    rag.build(many_articles(60), folder, HashEncoder())
    return folder

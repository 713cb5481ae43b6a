"""Archives and their servers, which tests only read."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from support.browser import served
from support.doubles import SEEDS, HashEncoder, PatternReader, three_articles

import rag


@pytest.fixture(scope="session")
def small(tmp_path_factory: pytest.TempPathFactory) -> rag.Assistant:
    index = tmp_path_factory.mktemp("small") / "index"
    rag.build(three_articles(), index, HashEncoder())
    return rag.load(index, HashEncoder(), PatternReader())


@pytest.fixture(scope="session")
def empty_seeds(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("seeds")


@pytest.fixture(scope="session")
def site(small: rag.Assistant, empty_seeds: Path) -> Iterator[str]:
    """The page and the MCP server without a password, the admin page with "other"."""
    with served(small, mcp=True, admin_password="other", seeds=empty_seeds) as address:
        yield address


@pytest.fixture(scope="session")
def locked_site(small: rag.Assistant, empty_seeds: Path) -> Iterator[str]:
    """The page and the MCP server with the password "secret", the admin page with "other"."""
    passwords = {"password": "secret", "admin_password": "other"}
    with served(small, mcp=True, seeds=empty_seeds, **passwords) as address:
        yield address


@pytest.fixture(scope="session")
def seeds_site(assistant: rag.Assistant) -> Iterator[str]:
    """The page of the five seeds with the real model, and the admin page with "secret"."""
    with served(assistant, seeds=SEEDS, admin_password="secret") as address:
        yield address

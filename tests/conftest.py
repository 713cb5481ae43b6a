"""Fixtures that the tests share."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from itertools import count
from pathlib import Path
from typing import Any

os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
os.environ["LC_ALL"] = "C.UTF-8"  # the command line, also in other processes, speaks English

import pytest

pytest.register_assert_rewrite("support.browser")
from support.browser import Visits, chromium
from support.doubles import SEEDS, STORES, HashEncoder, clear, three_articles

import rag
from rag.types import Article


@pytest.fixture
def encoder() -> HashEncoder:
    return HashEncoder()


@pytest.fixture
def articles() -> list[Article]:
    return three_articles()


@pytest.fixture(scope="session")
def new_location(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], str]]:
    """Return a function that makes new locations in a store; those in Milvus share one engine."""
    folder, numbers = tmp_path_factory.mktemp("places"), count()
    given = []

    def new(kind: str) -> str:
        number = next(numbers)
        if kind == "folder":
            return str(folder / f"index{number}")
        given.append(f"milvus+file:{folder / 'archives.db'}#test{number}")
        return given[-1]

    yield new
    for place in given:
        clear(place)


@pytest.fixture(params=STORES)
def location(request: pytest.FixtureRequest, new_location: Callable[[str], str]) -> Iterator[str]:
    """A location for an index, in each of the stores."""
    place = new_location(request.param)
    yield place
    clear(place)


@pytest.fixture(scope="session", params=STORES)
def archive(request: pytest.FixtureRequest, new_location: Callable[[str], str]) -> str:
    """An index of the three articles in each of the stores; tests only read it."""
    place = new_location(request.param)
    rag.build(three_articles(), place, HashEncoder())
    return place


@pytest.fixture
def index(tmp_path: Path, articles: list[Article], encoder: HashEncoder) -> Path:
    folder = tmp_path / "index"
    rag.build(articles, folder, encoder)
    return folder


@pytest.fixture(scope="session")
def seeds_index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The five seeds, indexed with the real model."""
    folder = tmp_path_factory.mktemp("seeds") / "index"
    rag.build(rag.read_seeds(SEEDS), folder)
    return folder


@pytest.fixture(scope="session")
def assistant(seeds_index: Path) -> rag.Assistant:
    return rag.load(seeds_index)


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    with chromium() as browser:
        yield browser


@pytest.fixture
def open_page(browser: Any) -> Iterator[Visits]:
    """Open pages; fail at the end if one logged a complaint or sent a request to another host."""
    with ExitStack() as stack:
        visits = Visits(browser, stack)
        yield visits
        visits.check()


@pytest.fixture
def write_feed(tmp_path: Path) -> Callable[..., Path]:
    """Write a file in the feed form into a seeds folder and return its path."""

    def write(name: str, body: str, title: str = "标题", url: str = "https://news.example/1") -> Path:
        path = tmp_path / "seeds" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"<!--1704372301000-->\n[{title}]({url})\n------\n\n{body}", encoding="utf-8")
        return path

    return write

"""Files that programs of others made are read as a person reads them.

`made.json` names the program of each file and what a person reads in it. Times without a zone are UTC.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import TypedDict

import pytest

from rag.ingest.seeds import read_seeds

MADE = Path(__file__).parent.parent / "data" / "made"
LIST = MADE / "made.json"


class ExpectedArticle(TypedDict):
    """What a person reads."""

    id: str
    title: str
    url: str
    published: str | None
    text: list[str]


class MadeFile(TypedDict):
    """A file and the program that made it."""

    file: str
    tool: str
    articles: list[ExpectedArticle]


EXPECTED: list[MadeFile] = json.loads(LIST.read_text("utf-8"))


@pytest.mark.parametrize("made", [pytest.param(made, id=made["file"]) for made in EXPECTED])
def test_a_made_file_is_read_as_a_person_reads_it(made: MadeFile, tmp_path: Path) -> None:
    shutil.copy(MADE / made["file"], tmp_path)

    seeds = read_seeds(tmp_path)
    articles: list[ExpectedArticle] = [
        {
            "id": article.id,
            "title": article.title,
            "url": article.url,
            "published": article.published.isoformat() if article.published else None,
            "text": article.text.split("\n\n"),
        }
        for article in seeds
    ]

    assert articles == made["articles"]
    assert seeds.failed == []


def test_every_made_file_has_an_expectation() -> None:
    files = {path.name for path in MADE.iterdir()} - {LIST.name}

    assert sorted(made["file"] for made in EXPECTED) == sorted(files)

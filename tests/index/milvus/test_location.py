from __future__ import annotations

from pathlib import Path

import pytest

from rag.errors import LocationInvalid
from rag.index.milvus.location import Address, parse
from rag.index.stores import FolderStore, open_store


@pytest.mark.parametrize(
    ("location", "expected", "shown"),
    [
        ("milvus+http://db:1953/news", Address("http://db:1953", "", "news"), "milvus+http://db:1953/news"),
        ("milvus+https://db/n_1", Address("https://db:19530", "", "n_1"), "milvus+https://db:19530/n_1"),
        (
            "milvus+http://u:p%40@[::1]/news",
            Address("http://[::1]:19530", "", "news", "u:p@"),
            "milvus+http://[::1]:19530/news",
        ),
        ("milvus+https://key@db/news", Address("https://db:19530", "", "news", "key"), "milvus+https://db:19530/news"),
        ("milvus+file:/x/y.db", Address("", "/x/y.db", "rag"), "milvus+file:/x/y.db#rag"),
        ("milvus+file:/x/y.db#b", Address("", "/x/y.db", "b"), "milvus+file:/x/y.db#b"),
    ],
)  # fmt: skip
def test_parse_of_a_location_returns_its_address(location: str, expected: Address, shown: str) -> None:
    assert (parse(location), str(parse(location))) == (expected, shown)


def test_parse_takes_the_token_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAG_MILVUS_TOKEN", "user:secret")
    found = parse("milvus+http://db/news")
    assert found
    assert (found.token, "secret" in str(found)) == ("user:secret", False)


@pytest.mark.parametrize(
    "location",
    [
        "milvus+http://db:19530",
        "milvus+http://db/a/b",
        "milvus+http://db/1x",
        "milvus+http://db:x/news",
        "milvus+ftp://db/news",
        "milvus+http:///news",
        "milvus+file:",
        "milvus+file:x#a b",
        "milvus://db/news",
    ],
)
def test_open_store_at_an_invalid_location_is_refused(location: str) -> None:
    with pytest.raises(LocationInvalid, match="must be milvus") as raised:
        open_store(location)
    assert raised.value.code == "location-invalid"


@pytest.mark.parametrize("folder", ["index", "milvus", "/x/milvus+http", "./milvus+http://x"])
def test_open_store_at_another_location_is_a_folder(folder: str) -> None:
    assert open_store(folder) == FolderStore(Path(folder))
    assert open_store(Path(folder)) == FolderStore(Path(folder))

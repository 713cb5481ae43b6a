from __future__ import annotations

import socket
import sys
import time
from pathlib import Path

import pytest
from support.doubles import HashEncoder

import rag
from rag.errors import ServerUnavailable
from rag.index.milvus import connection
from rag.index.stores import open_store
from rag.types import Article


def test_server_that_is_not_running_is_named_at_once_without_its_token(articles: list[Article]) -> None:
    location = "milvus+http://user:secret@127.0.0.1:1/news"
    encoder = HashEncoder()
    started = time.monotonic()
    for ask in (
        lambda: rag.load(location, encoder),
        lambda: rag.build(articles, location, encoder),
        lambda: open_store(location).check(),
    ):
        with pytest.raises(
            ServerUnavailable, match=r"Milvus at milvus\+http://127.0.0.1:1/news cannot"
        ) as raised:
            ask()
        assert "secret" not in str(raised.value)
    assert time.monotonic() - started < 3
    assert encoder.encoded == []


def test_server_that_does_not_answer_is_unavailable_after_the_timeout(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(connection, "_CONNECT_SECONDS", 0.3)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        started = time.monotonic()
        with pytest.raises(ServerUnavailable, match="Check that it is running"):
            rag.load(f"milvus+http://127.0.0.1:{silent.getsockname()[1]}/news", HashEncoder())
        assert time.monotonic() - started < 3


@pytest.mark.parametrize("package", ["pymilvus", "milvus_lite.server_manager"])
def test_load_without_the_package_names_the_command_that_installs_it(
    package: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(ServerUnavailable, match=r"Run `pip install 'news-archive-rag\[milvus\]'`"):
        rag.load(f"milvus+file:{tmp_path / 'x.db'}", HashEncoder())


def test_load_of_another_file_names_it(tmp_path: Path) -> None:
    (tmp_path / "x.db").write_text("notes")
    with pytest.raises(ServerUnavailable, match=r"x\.db cannot be opened"):
        rag.load(f"milvus+file:{tmp_path / 'x.db'}", HashEncoder())

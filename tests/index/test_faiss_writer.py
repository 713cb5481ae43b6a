from __future__ import annotations

from pathlib import Path

import faiss
import pytest
from support.doubles import HashEncoder

import rag
from rag.index.vectors import writer as faiss_writer
from rag.types import Article


def test_write_of_an_ann_index_on_a_full_disk_names_the_file(
    index: Path, articles: list[Article], monkeypatch: pytest.MonkeyPatch
) -> None:
    write = faiss.write_index

    def fail(written: faiss.Index, to: object, *rest: object) -> None:
        if isinstance(to, str):
            raise RuntimeError("Error in void faiss::write_index")
        write(written, to, *rest)

    monkeypatch.setattr(faiss, "write_index", fail)
    monkeypatch.setattr(faiss_writer, "EXACT", 0)
    with pytest.raises(
        OSError, match=r"nearest\.faiss cannot be written, perhaps because the disk is full"
    ):
        rag.build(articles[:1], index, HashEncoder())
    assert sorted(path.name for path in index.iterdir() if path.is_dir()) == ["000001"]

from __future__ import annotations

import errno
import json
import os
import zipfile
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from support.archives import RecordingSource, answers, write_seeds
from support.doubles import HashEncoder, make_article

import rag
from rag.errors import SeedsError
from rag.index import stores
from rag.text import passages
from rag.types import Article, Vectors


def test_build_of_unchanged_articles_encodes_and_writes_nothing(
    index: Path, articles: list[Article]
) -> None:
    before = (index / "CURRENT").read_text()
    encoder = HashEncoder()
    report = rag.build(articles, index, encoder)
    assert (report.added, report.updated, report.removed, report.unchanged) == (0, 0, 0, 3)
    assert report.encoded == 0
    assert encoder.encoded == []
    assert (index / "CURRENT").read_text() == before
    assert sorted(path.name for path in index.iterdir() if path.is_dir()) == ["000001"]


def test_build_encodes_only_changed_articles(location: str, articles: list[Article]) -> None:
    a, b, _ = articles
    rag.build(articles, location, HashEncoder())
    changed = make_article("b", "北极的海冰在九月降到了有记录以来的最低点。" * 4)
    new = make_article("d", "火星车在陨石坑里发现了古代湖泊的沉积物。" * 4)
    encoder = HashEncoder()
    report = rag.build([a, changed, new], location, encoder)
    assert (report.added, report.updated, report.removed, report.unchanged) == (1, 1, 1, 1)
    assert encoder.encoded
    assert not any("集装箱" in text for text in encoder.encoded)
    assistant = rag.load(location, HashEncoder())

    def top(question: str) -> str:
        return assistant.search(question, 1)[0].passage.article_id

    assert (top("集装箱的弹药"), top("海冰在九月"), top("火星车在陨石坑")) == ("a", "b", "d")
    found = {hit.passage.article_id for hit in assistant.search("奥运会的开幕式", 100)}
    assert found == {"a", "b", "d"}
    assert not any("樱花" in hit.passage.text for hit in assistant.search(b.text[:50], 100))


def test_build_of_reordered_articles_moves_their_vectors(
    location: str, articles: list[Article]
) -> None:
    rag.build(articles, location, HashEncoder())
    order = [make_article("0", "新来的排在最前面，所有的行号都变了。" * 5), *articles]
    rag.build(order, location, HashEncoder())
    opened = stores.open_store(location).open()
    encoder = HashEncoder()
    for number in range(opened.manifest.passages):
        (passage,) = opened.corpus.passages([number])
        (rows,) = opened.corpus.rows(passages=[number]).each()
        spans = opened.corpus.spans(range(rows.first, rows.end))
        assert spans[0] == (0, len(passage.text))
        for row, span in enumerate(spans, start=rows.first):
            text = passage.text[slice(*span)] or passage.title
            assert opened.vectors([row])[0] @ encoder.vector(text) > 0.99


def test_build_with_another_model_encodes_everything(location: str, articles: list[Article]) -> None:
    rag.build(articles, location, HashEncoder())
    encoder = HashEncoder(fingerprint="hash-2")
    report = rag.build(articles, location, encoder)
    assert report.unchanged == 3
    assert report.encoded == len(encoder.encoded) > 0
    assert report.model_changed
    assert not rag.build(articles, location, encoder).model_changed
    assert rag.load(location, encoder).search("集装箱")


def test_build_of_the_same_articles_writes_the_same_bytes(
    tmp_path: Path, articles: list[Article]
) -> None:
    hashes = []
    for name in ("one", "two"):
        rag.build(articles, tmp_path / name, HashEncoder())
        hashes.append(json.loads((tmp_path / name / "000001/manifest.json").read_text())["files"])
    assert hashes[0] == hashes[1]


def test_build_that_is_interrupted_leaves_the_old_index_and_no_files(
    index: Path, articles: list[Article]
) -> None:
    class Interrupted(HashEncoder):
        def encode_passages(self, *_: object, **__: object) -> Vectors:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        rag.build([*articles, make_article("d", "新文章。")], index, Interrupted())
    files = sorted(path.name for path in index.iterdir())
    assert files == [".lock", "000001", "CURRENT", "report.json"]
    assert len(rag.load(index, HashEncoder()).search("新文章", 100)) == 3


def test_build_with_another_window_length_replaces_the_generation(
    index: Path, articles: list[Article], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(passages, "WINDOW_CHARACTERS", 50)
    assert rag.build(articles, index, HashEncoder()).unchanged == 3
    assert (index / "CURRENT").read_text().strip() == "000002"


def test_build_of_articles_without_text_counts_them_without_hits(location: str) -> None:
    report = rag.build([make_article("a"), make_article("b")], location, HashEncoder())
    assert (report.added, report.passages) == (2, 0)
    assistant = rag.load(location, HashEncoder())
    assert assistant.search("集装箱") == []
    answer = assistant.ask("集装箱")
    assert (answer.text, answer.hit, answer.confidence) == ("", None, 0)


def test_build_of_nothing_is_refused_and_leaves_the_old_index(
    location: str, articles: list[Article], tmp_path: Path
) -> None:
    rag.build(articles, location, HashEncoder())
    empty = tmp_path / "empty"
    empty.mkdir()
    with pytest.raises(SeedsError, match=r"nothing to index in .*empty") as raised:
        rag.build(rag.read_seeds(empty), location, HashEncoder())
    assert raised.value.code == "nothing-to-index"
    (empty / "note.json").write_text("no article")
    with pytest.raises(SeedsError, match=r"note\.json was refused \(.+\)") as raised:
        rag.build(rag.read_seeds(empty), location, HashEncoder())
    assert (raised.value.code, raised.value.parameters["path"]) == ("nothing-indexed", "note.json")
    with pytest.raises(SeedsError, match="nothing to index in the given articles"):
        rag.build([], location, HashEncoder())
    assert rag.load(location, HashEncoder()).manifest.articles == 3


def test_build_with_a_refused_file_reports_it(write_feed: Callable[..., Path], tmp_path: Path) -> None:
    seeds = write_feed("good.txt", "<p>正文在这里。</p>").parent
    (seeds / "bad.json").write_text("no article")
    report = rag.build(rag.read_seeds(seeds), tmp_path / "index", HashEncoder())
    assert report.added == 1
    assert [failure.path for failure in report.failed] == ["bad.json"]


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"id": "a"}, "two articles have the id 'a'"),
        ({"text": "半个\ud83d"}, "not valid Unicode"),
        ({"published": datetime(2024, 1, 1)}, "has no time zone"),
    ],
)
def test_build_of_an_invalid_article_names_it(
    index: Path, articles: list[Article], wrong: dict[str, object], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        rag.build([*articles, make_article("x", "正文。", **wrong)], index, HashEncoder())
    assert rag.load(index, HashEncoder()).manifest.articles == 3


def test_build_reads_a_file_of_same_size_and_time_if_its_bytes_differ(tmp_path: Path) -> None:
    seeds = write_seeds(tmp_path / "seeds", {"a.txt": 1, "b.txt": 2})
    index = tmp_path / "index"
    rag.build(rag.read_seeds(seeds), index, HashEncoder())
    path = seeds / "a.txt"
    status, content = path.stat(), path.read_text(encoding="utf-8")
    path.write_text(content.replace("第1号", "第7号"), encoding="utf-8")
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert path.stat().st_size == status.st_size
    report = rag.build(rag.read_seeds(seeds), index, HashEncoder())
    assert (report.updated, report.unchanged) == (1, 1)


def test_build_copies_articles_whose_file_cannot_be_opened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seeds = write_seeds(tmp_path / "seeds", {"a.txt": 1, "b.txt": 2, "c.txt": 3})
    with zipfile.ZipFile(seeds / "b.zip", "w") as archive:
        for name, seed in (("d.txt", 4), ("e.txt", 5)):
            archive.write(write_seeds(tmp_path / "more", {name: seed}) / name, name)
    index = tmp_path / "index"
    assert rag.build(rag.read_seeds(seeds), index, HashEncoder()).added == 5
    before = answers(index)
    archived = (seeds / "b.zip").read_bytes()
    (seeds / "b.zip").write_bytes(archived[: len(archived) // 2])  # still being copied
    opened = Path.open

    def refuse(path: Path, *arguments: Any, **options: Any) -> Any:
        if path.name == "b.txt":
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        return opened(path, *arguments, **options)

    monkeypatch.setattr(Path, "open", refuse)
    report = rag.build(rag.read_seeds(seeds), index, HashEncoder())
    assert (report.unchanged, report.removed) == (5, 0)
    assert [failure.path for failure in report.failed] == ["b.txt", "b.zip"]
    assert answers(index) == before
    report = rag.build(rag.read_seeds(seeds), index, HashEncoder(fingerprint="hash-2"))
    assert (report.unchanged, report.removed) == (5, 0)
    monkeypatch.undo()
    (seeds / "b.txt").unlink()
    (seeds / "b.zip").write_bytes(archived)
    report = rag.build(rag.read_seeds(seeds), index, HashEncoder())
    assert (report.unchanged, report.removed, report.failed) == (4, 1, ())


def test_build_of_an_empty_folder_deletes_nothing_unless_allowed(tmp_path: Path) -> None:
    seeds = write_seeds(tmp_path / "seeds", {"a.txt": 1})
    index = tmp_path / "index"
    rag.build(rag.read_seeds(seeds), index, HashEncoder())
    (seeds / "a.txt").unlink()
    with pytest.raises(SeedsError, match="--allow-empty"):
        rag.build(rag.read_seeds(seeds), index, HashEncoder())
    assert rag.load(index, HashEncoder()).manifest.articles == 1
    assert rag.build(rag.read_seeds(seeds), index, HashEncoder(), allow_empty=True).removed == 1
    assert answers(index) == [[], [], []]
    write_seeds(seeds, {"a.txt": 1})
    assert rag.build(rag.read_seeds(seeds), index, HashEncoder()).added == 1


def test_build_of_given_articles_updates_one_whose_title_changed(tmp_path: Path) -> None:
    article = make_article("a", "正文。")
    rag.build([article], tmp_path, HashEncoder())
    renamed: Article = make_article("a", "正文。", title="新的标题")
    report = rag.build([renamed], tmp_path, HashEncoder())
    assert (report.updated, report.unchanged) == (1, 0)
    (hit,) = rag.load(tmp_path, HashEncoder()).search("正文", 1)
    assert hit.passage.title == "新的标题"


def test_build_reads_and_encodes_only_changed_files(tmp_path: Path) -> None:
    seeds = write_seeds(tmp_path / "seeds", {f"{n:03}.txt": n for n in range(50)})
    index = tmp_path / "index"
    rag.build(rag.read_seeds(seeds), index, HashEncoder())
    write_seeds(seeds, {f"{n:03}.txt": n + 500 * (n == 20) for n in range(50)})
    source, encoder = RecordingSource(seeds), HashEncoder()
    report = rag.build(source, index, encoder)
    assert (report.updated, report.unchanged) == (1, 49)
    assert source.read == ["020.txt"]
    assert encoder.encoded
    assert all("520" in text for text in encoder.encoded if "号" in text or "标题" in text)
    rag.build(rag.read_seeds(seeds), tmp_path / "fresh", HashEncoder())
    assert answers(index) == answers(tmp_path / "fresh")

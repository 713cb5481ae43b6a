"""Pages of every family of sites and every accident of the archives, written for these tests.

`data/archive/gold.json` says of each what must be read, what must survive and what must vanish.
"""

from __future__ import annotations

import json
import os
import stat
import time
import tracemalloc
import zipfile
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from support.doubles import DATA, SEEDS

from rag.errors import SeedUnreadable
from rag.ingest import formats, seeds

ARCHIVE = Path(__file__).parents[1] / "data" / "archive"
GOLD: list[dict[str, Any]] = json.loads((ARCHIVE / "gold.json").read_text(encoding="utf-8"))
NEWS, QUESTIONS = DATA / "news-dev", DATA / "newsqa-dev/questions.jsonl"
with_news = pytest.mark.skipif(not NEWS.is_dir(), reason=f"the news articles are not at {NEWS}")


def named(gold: dict[str, Any]) -> str:
    return str(gold["file"])


@pytest.mark.parametrize("gold", [g for g in GOLD if "refused" not in g], ids=named)
def test_a_page_is_read_as_a_person_would_read_it(gold: dict[str, Any]) -> None:
    article = seeds.read(ARCHIVE / gold["file"], gold["file"])
    published = gold["published"] and datetime.fromisoformat(gold["published"])
    assert (article.title, article.url) == (gold["title"], gold["url"])
    assert (article.published, article.source) == (published or None, gold["source"])
    assert article.language == gold["language"]
    assert [text for text in gold["survives"] if text not in article.text] == []
    assert [text for text in gold["vanishes"] if text in article.text] == []
    assert article.text == gold.get("is", article.text)


@pytest.mark.parametrize("gold", [g for g in GOLD if "refused" in g], ids=named)
def test_a_page_without_an_article_is_refused(gold: dict[str, Any]) -> None:
    with pytest.raises(SeedUnreadable, match=gold["refused"]):
        seeds.read(ARCHIVE / gold["file"], gold["file"])


def test_every_page_has_an_expectation() -> None:
    assert {path.name for path in ARCHIVE.iterdir()} == {*map(named, GOLD), "gold.json"}


@with_news
def test_real_articles_are_read_or_refused_with_a_reason() -> None:
    corpus = seeds.read_seeds(NEWS)
    started = time.process_time()
    articles = list(corpus)
    assert len(articles) >= 2_200
    assert len(articles) / (time.process_time() - started) > 100, "300 a second on a quiet machine"
    assert {failure.reason for failure in corpus.failed} <= {formats.NO_TEXT, "the file is empty"}
    assert all(article.title and article.text for article in articles)


@with_news
def test_answers_are_in_the_text_that_was_read() -> None:
    missing = []
    for line in QUESTIONS.read_text(encoding="utf-8").splitlines():
        question = json.loads(line)
        if question["answerable"]:
            name = question["file"]
            folder = SEEDS.parent if name.startswith("seeds/") else NEWS
            text = "".join(seeds.read(folder / name, name).text.split())
            if not any("".join(answer.split()) in text for answer in question["answers"]):
                missing.append(question["id"])
    assert missing == ["d014", "d043"], "the answers of these stand in a caption alone"


CASES = DATA / "hostile/html5lib-tree-construction"


@pytest.mark.skipif(not CASES.is_dir(), reason=f"the html5lib cases are not at {CASES}")
def test_markup_of_any_kind_is_read() -> None:
    cases = [
        case.split("\n#errors")[0]
        for path in sorted(CASES.glob("*.dat"))
        for case in path.read_text(encoding="utf-8").split("#data\n")[1:]
    ]
    assert len(cases) > 1_500
    for case in cases:
        article = formats.parse(f"[标题](https://news.example/1)\n---\n\n<p>正文。</p>{case}", "x")
        assert article.text.startswith("正文。")
        with suppress(SeedUnreadable):  # what is left open may swallow all
            formats.parse(case, "page.html")


def test_pipes_and_links_in_an_archive_folder_are_refused_at_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.zip")
    (tmp_path / "link.zip").symlink_to("/dev/zero")
    corpus = seeds.read_seeds(tmp_path)
    assert list(corpus) == []
    assert {failure.reason for failure in corpus.failed} == {"not a regular file"}


def test_a_zip_archive_is_read_as_a_folder(tmp_path: Path) -> None:
    note = (ARCHIVE / "note.txt").read_bytes()
    link = zipfile.ZipInfo("link.txt")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(tmp_path / "all.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(ARCHIVE / "bbc_old.txt", "2020/bbc.txt")
        archive.writestr("note.txt", note)
        archive.writestr("__MACOSX/note.txt", note)
        archive.writestr("data.json", "{}")
        archive.writestr(link, "/etc/passwd")
        archive.writestr("../out.txt", note)
        archive.writestr("inner.zip", note)
        archive.writestr("packed.txt", note, zipfile.ZIP_BZIP2)
        with pytest.warns(UserWarning, match="Duplicate"):
            archive.writestr("note.txt", note)
    corpus = seeds.read_seeds(tmp_path)
    assert [article.id for article in corpus] == ["all.zip/2020/bbc.txt", "all.zip/note.txt"]
    reasons = {failure.path: failure.reason for failure in corpus.failed}
    assert reasons.pop("all.zip/data.json").startswith("neither of the two")
    assert reasons.pop("all.zip/packed.txt").startswith("compressed in another way")
    assert reasons == {
        "all.zip/../out.txt": "its name leads out of the archive",
        "all.zip/inner.zip": "an archive inside an archive",
        "all.zip/link.txt": "not a regular file",
        "all.zip/note.txt": "twice in the archive",
    }


def test_a_bomb_is_refused_in_little_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seeds, "MAX_BYTES", 2**20)
    monkeypatch.setattr(seeds, "MAX_ARCHIVE_BYTES", 2**20)
    with zipfile.ZipFile(tmp_path / "bomb.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("0.txt", bytes(200 * 2**20))
        for number in range(1, 5):
            archive.writestr(f"{number}.txt", "正文。" * 80_000)
    tracemalloc.start()
    corpus = seeds.read_seeds(tmp_path)
    read = [article.id for article in corpus]
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert read == ["bomb.zip/1.txt", "bomb.zip/2.txt"]
    assert {failure.path for failure in corpus.failed} == {f"bomb.zip/{n}.txt" for n in (0, 3, 4)}
    assert peak < 50 * 2**20


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"PK\x05\x06" + bytes(10)])
def test_a_damaged_archive_is_named(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "damaged.zip").write_bytes(content)
    corpus = seeds.read_seeds(tmp_path)
    assert list(corpus) == []
    (failure,) = corpus.failed
    assert (failure.path, "not an archive" in failure.reason) == ("damaged.zip", True)

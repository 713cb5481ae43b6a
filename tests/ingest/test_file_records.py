"""Files of every form become records with names of their own."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path

import pytest
from support.pages import feed

from rag.errors import SeedUnreadable
from rag.ingest import file_records, regular_files
from rag.ingest.seeds import read_seeds

RSS = """<?xml version="1.0"?><rss version="2.0"><channel><title>报</title>
<item><title>甲</title><link>https://news.example/1</link><description>甲地今天下雨。</description></item>
<item><title>乙</title><link>https://news.example/2</link><description>乙地今天下雪。</description></item>
</channel></rss>"""
EXPORT = json.dumps([{"title": "丙", "text": "丙地今天刮风。", "date": "2024-05-10"}])


def names(content: str | bytes, name: str) -> list[str]:
    content = content.encode() if isinstance(content, str) else content
    return [record_name for record_name, _ in file_records.records(content, name)]


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("a.txt", "甲地今天下雨。", ["a.txt"]),
        ("a.xml", RSS, ["a.xml#1", "a.xml#2"]),
        ("renamed.html", RSS, ["renamed.html#1", "renamed.html#2"]),
        ("a.json", EXPORT, ["a.json#1"]),
        ("dump.txt", feed("<p>甲地今天下雨。</p>"), ["dump.txt"]),
        (
            "two.txt",
            f"{feed('<p>甲地今天下雨。</p>')}\n\n{feed('<p>乙地。</p>')}",
            ["two.txt#1", "two.txt#2"],
        ),
    ],
)
def test_records_of_a_file_are_named_by_the_file_and_their_place(
    name: str, content: str, expected: list[str]
) -> None:
    assert names(content, name) == expected


def test_records_of_a_file_beyond_the_limit_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(regular_files, "MAX_BYTES", 100)
    with pytest.raises(SeedUnreadable) as error:
        names("字" * 100, "a.txt")
    assert error.value.code == "file-too-large"


def test_seeds_with_several_articles_in_a_file_give_each_an_id(tmp_path: Path) -> None:
    (tmp_path / "news.xml").write_text(RSS, encoding="utf-8")
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("x/export.json", EXPORT)
    (tmp_path / "old.zip").write_bytes(packed.getvalue())
    seeds = read_seeds(tmp_path)
    articles = {article.id: article.text for article in seeds}
    assert articles == {
        "news.xml#1": "甲地今天下雨。",
        "news.xml#2": "乙地今天下雪。",
        "old.zip/x/export.json#1": "丙地今天刮风。",
    }
    assert seeds.failed == []
    assert [(remark.path, remark.code) for remark in seeds.remarks] == [
        ("news.xml#1", "remark-undated"),
        ("news.xml#2", "remark-undated"),
    ]


def test_digest_of_a_record_changes_with_what_the_file_says_about_it(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    digests = set()
    for title in ("甲", "乙"):
        path.write_text(json.dumps([{"title": title, "text": "今天下雨。"}]), encoding="utf-8")
        (item,) = read_seeds(tmp_path).items()
        digests.add(item.digest)
    assert len(digests) == 2

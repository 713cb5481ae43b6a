"""Feed dumps: the header, and several dumps in one file."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.doubles import DATA

from rag.ingest.texts import dumps
from rag.ingest.texts.dumps import Header

NEWS = DATA / "news-dev"
with_news = pytest.mark.skipif(not NEWS.is_dir(), reason=f"the news articles are not at {NEWS}")


def dump(number: int, *, epoch: str = "<!--1714000000000-->\n", body: str = "<p>正文。</p>") -> str:
    return f"{epoch}[港口{number}](https://port.example/{number})\n------\n\n{body}\n\n"


def names(content: str) -> list[str]:
    return [record.name for record in dumps.split(content, "a.txt")]


@pytest.mark.parametrize("title", ["[视频] 现场", "甲] 乙", "[甲](乙) 丙", "a [b](c) [d]"])
@pytest.mark.parametrize(
    "url", ["https://x.example/A_(B)", "https://x.example/?a=(b)&c=[d]", "http://[::1"]
)
def test_header_with_brackets_keeps_title_and_address(title: str, url: str) -> None:
    content = f"<!-- 1714000000 -->\n[{title}]({url})\n---\n<p>文。</p>"
    assert dumps.header(content) == Header("1714000000", title, url, "\n<p>文。</p>")


@pytest.mark.parametrize(
    "content",
    [
        "正文\n---\n正文",
        "[链接](https://x.example)",
        "[甲](https://x.example/1)\n\n正文里有[乙](https://x.example/2)\n---\n",
        "[空]()\n---\n",
        "---\ntitle: 甲\n---\n",
        "# 甲\n\n[链接](https://x.example)\n---\n",
    ],
)
def test_header_of_another_text_is_none(content: str) -> None:
    assert dumps.header(content) is None


@given(st.integers(1, 12), st.booleans())
def test_split_gives_each_dump_its_name_and_content(count: int, has_epoch: bool) -> None:
    parts = [
        dump(number, epoch="<!--1714000000000-->\n" if has_epoch else "") for number in range(count)
    ]
    records = list(dumps.split("".join(parts), "a/b.txt"))
    assert [record.content for record in records] == parts
    numbered = [f"a/b.txt#{number}" for number in range(1, count + 1)]
    assert [record.name for record in records] == (numbered if count > 1 else ["a/b.txt"])


def test_split_mixed_headers_and_leading_blank_lines_are_recognised() -> None:
    content = "\ufeff\n" + dump(1) + dump(2, epoch="") + dump(3, epoch="<!--1714000000-->\n\n")
    assert names(content) == ["a.txt#1", "a.txt#2", "a.txt#3"]


@pytest.mark.parametrize(
    "body",
    [
        "<p>见</p>\n\n[相关](https://x.example/r)\n---\n更多",
        "<p>见</p>\n[相关](https://x.example/r)\n---\n<p>更多</p>",
        "- 甲\n- 乙\n\n[相关](https://x.example/r)\n---\n<p>更多</p>",
        "[乙](https://x.example/q)\n\n[相关](https://x.example/r)\n---\n<p>更多</p>",
        "<!--1714000000000-->\n<p>更多</p>\n---\n",
        "<p>见</p>\n\n[相关](/r)\n---\n<p>更多</p>",
    ],
)
def test_split_link_above_a_rule_within_an_article_is_no_header(body: str) -> None:
    assert names(dump(1, body=body)) == ["a.txt"]


def test_split_text_without_a_header_is_one_record() -> None:
    content = "前言\n\n" + dump(1)
    assert [tuple(record)[:2] for record in dumps.split(content, "a.txt")] == [("a.txt", content)]


@with_news
def test_split_real_dumps_are_single() -> None:
    files = sorted(NEWS.rglob("*.md"))[::20]
    assert len(files) > 100
    for path in files:
        assert len(list(dumps.split(path.read_text(encoding="utf-8"), path.name))) == 1


@pytest.mark.parametrize(
    "content",
    [
        dump(1) + "[" + "](https://a" * 100_000,
        dump(1) + ("\n\n[" + "](https://a" * 170) * 500,
        dump(1) + "\n\n[a](https://a)\n---\n<" * 20_000,
        "[" + "](a" * 200_000 + ")\n---\n",
        dump(1) + "<!--" * 100_000,
    ],
)
def test_split_hostile_text_takes_bounded_time(content: str) -> None:
    started = time.process_time()
    list(dumps.split(content, "a.txt"))
    assert time.process_time() - started < 1

"""Formats of article files: dumps, pages, Markdown, text.

`data/archive/gold.json` gives for each page what the article is, which texts it has and which it must
not have.
"""

from __future__ import annotations

import json
import time
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from support.doubles import DATA, SEEDS
from support.pages import GNEWS, feed

from rag.errors import SeedUnreadable
from rag.ingest import formats
from rag.ingest.records import Record
from rag.ingest.seeds import read_seeds
from rag.types import Article

PAGES = Path(__file__).parents[1] / "data" / "archive"
GOLD: list[dict[str, Any]] = json.loads((PAGES / "gold.json").read_text(encoding="utf-8"))
NEWS, QUESTIONS = DATA / "news-dev", DATA / "newsqa-dev/questions.jsonl"
with_news = pytest.mark.skipif(not NEWS.is_dir(), reason=f"the news articles are not at {NEWS}")


def file_name(gold: dict[str, Any]) -> str:
    return str(gold["file"])


def parse(content: str, name: str) -> Article:
    return formats.read(Record(name, content)).article


def read_page(gold: dict[str, Any]) -> Article:
    return formats.read(Record(gold["file"], (PAGES / gold["file"]).read_bytes())).article


@pytest.mark.parametrize("gold", [g for g in GOLD if "refused" not in g], ids=file_name)
def test_read_page_gives_the_expected_article(gold: dict[str, Any]) -> None:
    article = read_page(gold)
    published = gold["published"] and datetime.fromisoformat(gold["published"])
    assert (article.title, article.url) == (gold["title"], gold["url"])
    assert (article.published, article.source) == (published or None, gold["source"])
    assert article.language == gold["language"]
    assert [text for text in gold["survives"] if text not in article.text] == []
    assert [text for text in gold["vanishes"] if text in article.text] == []
    assert article.text == gold.get("is", article.text)


@pytest.mark.parametrize("gold", [g for g in GOLD if "refused" in g], ids=file_name)
def test_read_page_without_an_article_is_refused(gold: dict[str, Any]) -> None:
    with pytest.raises(SeedUnreadable) as error:
        read_page(gold)
    assert error.value.code == gold["refused"]


def test_every_page_has_an_expectation() -> None:
    assert {path.name for path in PAGES.iterdir()} == {*map(file_name, GOLD), "gold.json"}


@with_news
def test_real_articles_are_read_or_refused_as_empty() -> None:
    corpus = read_seeds(NEWS)
    started = time.process_time()
    articles = list(corpus)
    assert len(articles) >= 2_200
    assert len(articles) / (time.process_time() - started) > 100, "300 a second on a quiet machine"
    assert {failure.code for failure in corpus.failed} <= {"article-empty", "file-empty"}
    assert all(article.title and article.text for article in articles)


@with_news
def test_real_articles_contain_the_answers_of_the_question_set() -> None:
    missing = []
    for line in QUESTIONS.read_text(encoding="utf-8").splitlines():
        question = json.loads(line)
        if question["answerable"]:
            name = question["file"]
            folder = SEEDS.parent if name.startswith("seeds/") else NEWS
            text = "".join(
                formats.read(Record(name, (folder / name).read_bytes())).article.text.split()
            )
            if not any("".join(answer.split()) in text for answer in question["answers"]):
                missing.append(question["id"])
    assert missing == ["d014", "d043"], "the answers of these are in captions only"


@pytest.mark.parametrize(
    "content",
    [
        feed("<ul>" * 8_000 + "正文。"),
        feed("<figure>" * 8_000 + "正文。" * 300),
        feed("<div>" * 8_000 + "<img><p>图像来源，AFP</p>" + "正文。"),
        "[" + "](a" * 200_000,
        "## x\n`d`" + "](a" * 200_000,
        GNEWS.format(date="1/1/2024 1:00 AM UTC", body="[[zh:" * 20_000),
    ],
    ids=["lists", "figures", "wrappers", "title", "meta", "marks"],
)
def test_parse_hostile_file_takes_bounded_time(content: str) -> None:
    started = time.monotonic()
    with suppress(SeedUnreadable):
        parse(content, "x")
    assert time.monotonic() - started < 10


@pytest.mark.parametrize(
    "title", ["[视频] 现场", "方括号[在]中间(和圆括号)", "结尾]", "引号“里”的话", "法国 - 中国"]
)
def test_parse_feed_title_with_brackets_keeps_them(title: str) -> None:
    article = parse(feed("<p>正文。</p>", title), "x")
    assert (article.title, article.url) == (title, "https://news.example/1")


def test_parse_feed_with_missing_or_absurd_epoch_has_no_time() -> None:
    assert parse(feed("正文。", head=""), "x").published is None
    assert parse(feed("正文。", head=f"<!--{'9' * 30}-->\n"), "x").published is None


def test_parse_gnews_markdown_gives_paragraphs_without_marks() -> None:
    body = (
        "[[zh:迈克]]尔·[[zh:奥汉]]隆说：\n\n## 小标题\n\n* 其一\n* **其二**\n\n"
        "![图](https://x/y.jpg)\n\n见[[[zh:路透社]]](https://x/[[zh:a]])。"
    )
    content = GNEWS.format(date="12/31/2023 12:05 AM UTC 电台", body=body).replace("\n", "\r\n")
    article = parse(content, "x")
    assert article.title == "平壤的[标题]"
    assert article.url == "https://gnews.org/articles/1"
    assert article.published == datetime(2023, 12, 31, 0, 5, tzinfo=UTC)
    assert article.text == "迈克尔·奥汉隆说：\n\n小标题\n\n其一\n\n其二\n\n见路透社。"


@pytest.mark.parametrize("date", ["", " 东京樱花团", "13/41/2023 1:00 AM UTC", "3/6/2024"])
def test_parse_gnews_without_a_date_has_no_time(date: str) -> None:
    assert parse(GNEWS.format(date=date, body="正文。"), "x").published is None


def test_parse_article_with_a_broken_address_has_no_source() -> None:
    content = "[标题](http://[::1)\n---\n\n<p>正文。</p>"
    assert parse(content, "x").source == ""


@pytest.mark.parametrize(
    ("name", "code", "message"),
    [
        (
            "x.xyz",
            "file-type-unknown",
            "Unsupported file type (.xyz). Use HTML, Markdown, text, PDF, a feed, JSON, CSV or WARC.",
        ),
        (
            "x",
            "file-type-missing",
            "The file name has no extension, and the content is no known format. "
            "Add .html, .md or .txt to the name.",
        ),
    ],
)
def test_parse_file_of_another_type_is_refused(name: str, code: str, message: str) -> None:
    with pytest.raises(SeedUnreadable) as error:
        parse("{}", name)
    assert (error.value.code, str(error.value)) == (code, message)


@pytest.mark.parametrize(
    ("charset", "encoding", "text"), [("gbk", "gb18030", "㐂的正文。"), ("big5", "big5", "正體字。")]
)
def test_read_page_with_a_declared_charset_uses_it(charset: str, encoding: str, text: str) -> None:
    page = f'<meta charset="{charset}"><p>'.encode() + text.encode(encoding)
    assert formats.read(Record("x.html", page)).article.text == text


def test_read_page_with_a_bad_byte_is_remarked() -> None:
    reading = formats.read(Record("x.html", "<p>渡轮停航三天。".encode() + b"\xff"))
    assert [remark.code for remark in reading.remarks] == ["remark-undated", "remark-replaced"]
    assert reading.article.text == "渡轮停航三天。\N{REPLACEMENT CHARACTER}"


@pytest.mark.parametrize(
    ("name", "day"),
    [
        ("2024-05-10-渡轮停航.md", "2024-05-10"),
        ("渡轮停航 (2024-05-10).md", None),
        ("20240510.md", None),
    ],
)
def test_read_without_another_date_takes_the_one_a_name_begins_with(name: str, day: str | None) -> None:
    published = parse("渡轮停航三天。", name).published
    assert (published and f"{published:%Y-%m-%d}") == day


def test_read_text_below_a_date_line_has_its_date_and_not_as_title() -> None:
    article = parse("2024年5月10日\n\n渡轮停航三天。", "渡轮.txt")
    assert article.published == datetime(2024, 5, 10, tzinfo=UTC)
    assert (article.title, article.text) == ("渡轮", "渡轮停航三天。")


def test_read_gnews_with_a_date_line_takes_its_zone_from_the_exact_time() -> None:
    content = GNEWS.format(date="4/15/2023 10:08 PM UTC", body="2023/04/16 06:08\n\n正文在此。")
    published = parse(content, "x").published
    assert published == datetime(2023, 4, 15, 22, 8, tzinfo=UTC)
    assert f"{published:%d %z}" == "16 +0800"

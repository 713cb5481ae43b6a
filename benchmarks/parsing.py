"""Measure the parser: `python -m benchmarks.parsing --data ../shared/data`.

Parses the articles of news-dev with `rag.ingest` and, from the same HTML, with trafilatura (in the
extra `bench`). Prints the shares with a title, an address and a time, the articles that still contain
boilerplate, and those whose text is less than half as long as with the other parser. Times are on one
core.
"""

from __future__ import annotations

import argparse
import re
import time
from collections import Counter
from pathlib import Path

import trafilatura
from markdown_it import MarkdownIt

import rag
from rag.errors import SeedUnreadable
from rag.ingest import formats
from rag.ingest.records import Record
from rag.ingest.seeds import read_seeds

LABELS = """
    获取更多RSS 图像来源 图片来源 图片版权 Image © Copyright 版权所有
    版权声明 分享 订阅 点击 广告 Related
    相关报道 相关新闻 相关阅读 延伸阅读 推荐阅读 更多内容 上一篇 下一篇
    责任编辑 责编 编辑： 作者： 记者： 翻译： 校对：
""".split()
BOILERPLATE = re.compile(rf"\W*({'|'.join(LABELS)})[^。！？]{{0,40}}", re.IGNORECASE)
"""A line that begins with a label and is not a sentence."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--list", action="store_true", help="list the articles with faults")
    options = parser.parse_args()
    folder = options.data / "news-dev"
    files = {path.relative_to(folder).as_posix(): path for path in read_seeds(folder).paths()}
    ours: dict[str, rag.Article] = {}
    refused: Counter[str] = Counter()
    started = time.process_time()
    for name, path in files.items():
        try:
            ours[name] = formats.read(Record(name, path.read_bytes())).article
        except SeedUnreadable as error:
            refused[str(error)] += 1
    seconds = time.process_time() - started
    markup = {name: html(path) for name, path in files.items()}
    started = time.process_time()
    theirs = {name: trafilatura.extract(page) or "" for name, page in markup.items()}
    their_seconds = time.process_time() - started

    print(f"{len(files)} files: {len(ours)} read; refused: {dict(refused) or 'none'}")
    for field in ("title", "url", "published"):
        share = sum(bool(getattr(article, field)) for article in ours.values()) / len(files)
        print(f"with {field:<11}{share:7.2%}")
    ours_a_second, theirs_a_second = len(files) / seconds, len(files) / their_seconds
    print(f"{ours_a_second:.0f} articles per second, trafilatura {theirs_a_second:.0f}")
    show_boilerplate("ours", {name: article.text for name, article in ours.items()}, options.list)
    show_boilerplate("trafilatura", theirs, False)
    texts = {name: ours[name].text if name in ours else "" for name in files}
    for name, one, other in (("ours", texts, theirs), ("trafilatura's", theirs, texts)):
        short = [name for name in files if 2 * size(one[name]) < size(other[name])]
        print(
            f"text of {name} less than half as long as the other's: {len(short)}, "
            f"{len(short) / len(files):.2%}"
        )
        if options.list and one is texts:
            for name in short:
                print(f"  {size(one[name])} of {size(other[name])}: {name}")


def html(path: Path) -> str:
    """Return the HTML of a file without its header; Markdown is rendered."""
    content = path.read_text(encoding="utf-8-sig", errors="replace").replace("\r\n", "\n")
    if content.lstrip().startswith("#"):
        content = re.split(r"^## .*\n+.*\n", content, maxsplit=1, flags=re.MULTILINE)[-1]
        content = re.sub(r"\[\[zh:|\]\]", "", content)
        content = MarkdownIt("commonmark", {"html": True}).render(content)
    else:
        content = re.split(r"^-{3,}[ \t]*$", content, maxsplit=1, flags=re.MULTILINE)[-1]
    return f"<html><body><article>{content}</article></body></html>"


def show_boilerplate(parser: str, texts: dict[str, str], naming: bool) -> None:
    """Print how many articles contain boilerplate, and with which labels."""
    labels: Counter[str] = Counter()
    articles = 0
    for name, text in texts.items():
        matches = [match for line in text.splitlines() if (match := BOILERPLATE.fullmatch(line))]
        labels.update({match[1] for match in matches})
        articles += bool(matches)
        for match in matches if naming else ():
            print(f"  {match[0]}: {name}")
    counts = ", ".join(f"{label} {count}" for label, count in labels.most_common())
    print(f"{parser}: boilerplate left in {articles / len(texts):.2%} of the articles ({counts})")


def size(text: str) -> int:
    """Count the characters without white space and punctuation."""
    return len(re.sub(r"[\W_]", "", text))


if __name__ == "__main__":
    main()

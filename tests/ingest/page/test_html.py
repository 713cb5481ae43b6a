"""HTML -> content lines."""

from __future__ import annotations

from contextlib import suppress

import pytest
from support.doubles import DATA
from support.pages import feed

from rag.errors import SeedUnreadable
from rag.ingest import formats

CASES = DATA / "hostile/html5lib-tree-construction"


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>一。</p><p>二。</p>", "一。\n\n二。"),
        ("<div>一。<br><br>二。</div>三。", "一。\n\n二。\n\n三。"),
        ("<p>普京与<b>金正恩</b>的<a href='/x'>会谈</a>。</p>", "普京与金正恩的会谈。"),
        ("<h2>小标题</h2><ul><li>其一</li><li>其二</li></ul>", "小标题\n\n其一\n\n其二"),
        (
            "<ul><li><a href='/1'>相关一</a></li><li><a href='/2'>相关二</a></li></ul><p>正文。</p>",
            "正文。",
        ),
        ("<p>正文。</p><figure><img><figcaption>说明</figcaption></figure>", "正文。"),
        ("<p>a&lt;b &amp; c</p><!-- 注释 -->", "a<b & c"),
        ("<p>半句<script>alert(1)</script>。</p><style>p{}</style>", "半句。"),
        ("<p>他于<time>3分钟前</time>抵达现场。</p><time>3 分钟前</time>", "他于3分钟前抵达现场。"),
        ("<p>零\u200b宽\u202e与\u2066控制\x07。</p>", "零宽与控制。"),
        ("<p>标题</p><p>正文。</p>", "正文。"),
        (
            "正文。<br><hr><div>获取更多RSS：<br><a href='https://feedx.xyz'>https://feedx.xyz</a></div>",
            "正文。",
        ),
        ("<figure><img>" + "<p>正文。</p>" * 200, "\n\n".join(["正文。"] * 200)),
        ("<p>两　字\u00a0 之 间</p>", "两 字 之 间"),
    ],
)
def test_lines_of_html_are_paragraphs(html: str, text: str) -> None:
    assert formats.parse(feed(html), "x").text == text


def test_lines_of_deep_or_unclosed_markup_are_read() -> None:
    assert formats.parse(feed("<div>" * 20_000 + "正文。"), "x").text == "正文。"
    assert formats.parse(feed("<p>一<p>二" + "<b>" * 5_000), "x").text == "一\n\n二"


@pytest.mark.skipif(not CASES.is_dir(), reason=f"the html5lib cases are not at {CASES}")
def test_lines_of_the_html5lib_cases_are_read() -> None:
    cases = [
        case.split("\n#errors")[0]
        for path in sorted(CASES.glob("*.dat"))
        for case in path.read_text(encoding="utf-8").split("#data\n")[1:]
    ]
    assert len(cases) > 1_500
    for case in cases:
        article = formats.parse(f"[标题](https://news.example/1)\n---\n\n<p>正文。</p>{case}", "x")
        assert article.text.startswith("正文。")
        with suppress(SeedUnreadable):  # open elements may swallow all text
            formats.parse(case, "page.html")

"""HTML -> content lines."""

from __future__ import annotations

import pytest
from support.doubles import DATA

from rag.ingest.page.html import HtmlArticle

CASES = DATA / "hostile/html5lib-tree-construction"


def read(html: str) -> str:
    return "\n\n".join(HtmlArticle(html).lines("标题", "news.example"))


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
        ("<p>码\u200d头\u200c重\u00ad开。</p>", "码头重开。"),
        ("<p>می\u200cخواهم</p>", "می\u200cخواهم"),
        ("<p>他说：&amp;ldquo;修好了&amp;#8221;。&amp;nbsp;</p>", "他说：“修好了”。"),
        ("<p>AT&amp;T 与 R&amp;foo; 都在。</p>", "AT&T 与 R&foo; 都在。"),
        ("<p>碼<br>頭<br>重<br>開</p><p>旅客很多。</p>", "碼頭重開\n\n旅客很多。"),
        ("<details><summary>票价</summary><p>每张九元。</p></details>", "票价\n\n每张九元。"),
        ("<p>ＡＢＣ公司１２艘。</p>", "ＡＢＣ公司１２艘。"),
        ("<table><tr><td>甲</td><td>52</td></tr></table><p>完了。</p>", "甲 | 52\n\n完了。"),
    ],
)
def test_lines_of_html_are_paragraphs(html: str, text: str) -> None:
    assert read(html) == text


def test_lines_of_a_live_blog_keep_the_time_with_its_entry() -> None:
    entries = [("15:20", "伤者增至九人。"), ("14:05", "伤者增至五人。"), ("13:00", "码头起火。")]
    html = "".join(f"<li><time>{time}</time><p>{text}</p><p>续。</p></li>" for time, text in entries)
    lines = HtmlArticle(html).lines("", "")
    assert lines[::2] == [f"{time} {text}" for time, text in entries]


def test_lines_of_two_times_above_an_article_join_nothing() -> None:
    html = "<div><time>5月1日 10:00</time><br><time>5月2日 11:00</time></div><p>码头起火。</p>"
    assert HtmlArticle(html).lines("", "")[-1] == "码头起火。"


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("<div id=app></div>", ["码头重开。", "旅客很多。"]),
        ("<p>码头……</p>", ["码头重开。", "旅客很多。"]),
        ("<p>码头重开，旅客很多。</p>", ["码头重开，旅客很多。"]),
    ],
)
def test_lines_of_a_page_without_its_body_are_those_of_its_metadata(
    html: str, expected: list[str]
) -> None:
    body = "码头重开。\n\n旅客很多。"
    assert HtmlArticle(html).lines("", "", body) == expected


def test_dropped_texts_are_cut_short_and_the_page_is_counted() -> None:
    page = HtmlArticle(
        f"<nav>首页</nav><footer>{'脚' * 300}</footer><p>{'文' * 400}。</p><style>p</style>"
    )
    page.lines("", "")
    assert [(len(dropped.text), dropped.rule) for dropped in page.dropped] == [
        (2, "element nav"),
        (200, "element footer"),
    ]
    assert page.page_characters == 701


def test_lines_of_a_frameset_are_none() -> None:
    html = "<title>框</title><frameset><frame src=a><noframes>需要框架。</noframes></frameset>"
    assert HtmlArticle(html).lines("", "") == []


def test_lines_of_deep_or_unclosed_markup_are_read() -> None:
    assert read("<div>" * 20_000 + "正文。") == "正文。"
    assert read("<p>一<p>二" + "<b>" * 5_000) == "一\n\n二"


@pytest.mark.skipif(not CASES.is_dir(), reason=f"the html5lib cases are not at {CASES}")
def test_lines_of_the_html5lib_cases_are_read() -> None:
    cases = [
        case.split("\n#errors")[0]
        for path in sorted(CASES.glob("*.dat"))
        for case in path.read_text(encoding="utf-8").split("#data\n")[1:]
    ]
    assert len(cases) > 1_500
    for case in cases:
        assert read(f"<p>正文。</p>{case}").startswith("正文。")
        read(case)

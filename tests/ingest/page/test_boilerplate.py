"""Boilerplate lines and the endings of titles; most rules are tested with whole pages in test_formats."""

from __future__ import annotations

import pytest
from support.pages import feed

from rag.ingest import boilerplate, formats
from rag.ingest.boilerplate import Line


@pytest.mark.parametrize(
    "text",
    [
        "图片版权归谁所有，这是本案的关键问题，法庭将在下周作出裁决，双方都说自己有理，外界普遍认为此案会拖上很久很久很久。",
        "记者：在上述情况里，有没有什么有代表性的案例呢？",
        "作者：太夸张了，四五千啊",
        "拜登政府官员订阅了该机构的每日安全简报，他们说这些简报里没有提到袭击。",
        "10年前",
        "他于3分钟前抵达。",
    ],
)
def test_content_lines_keep_sentences_that_resemble_boilerplate(text: str) -> None:
    assert formats.parse(feed(f"<p>{text}</p><p>完。</p>"), "x").text == f"{text}\n\n完。"


@pytest.mark.parametrize(
    ("stated", "title"),
    [
        ("换\n行 ", "换 行"),
        ("KAL&#x27;s cartoon", "KAL's cartoon"),
        ("访谈 – 法国国际广播电台 - RFI", "访谈"),
        ("访谈 - RFI", "访谈"),
        ("RFI", "RFI"),
        ("谈判 - BBC News 中文", "谈判"),
    ],
)
def test_title_is_unescaped_and_loses_the_name_of_its_site(stated: str, title: str) -> None:
    content = feed("<p>正文。</p>", stated).replace("news.example", "www.rfi.fr")
    assert formats.parse(content, "x").title == title


def test_content_lines_of_a_site_drop_its_own_boilerplate_only_there() -> None:
    lines = [Line("正文在这里。"), Line("请微信搜索某某"), Line("结尾在这里。")]
    assert boilerplate.content_lines(lines, "标题", "www.allnow.com") == [
        "正文在这里。",
        "结尾在这里。",
    ]
    assert len(boilerplate.content_lines(lines, "标题", "notallnow.com")) == 3

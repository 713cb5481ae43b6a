"""Boilerplate lines and the endings of titles; most rules are tested with whole pages in test_formats."""

from __future__ import annotations

import pytest

from rag.ingest.page import boilerplate
from rag.ingest.page.boilerplate import Line
from rag.ingest.records import Dropped


@pytest.mark.parametrize(
    "text",
    [
        "图片版权归谁所有，这是本案的关键问题，法庭将在下周作出裁决，双方都说自己有理，外界普遍认为此案会拖上很久很久很久。",
        "记者：在上述情况里，有没有什么有代表性的案例呢？",
        "作者：太夸张了，四五千啊",
        "拜登政府官员订阅了该机构的每日安全简报，他们说这些简报里没有提到袭击。",
        "10年前",
        "他于3分钟前抵达。",
        "请各国关注难民的处境，秘书长周二这样呼吁。",
        "欢迎外界关注选举，选委会说，结果将在周五公布。",
        "请旅客关注微信支付的风险，警方说。",
        "谷歌周二启用对JavaScript的新限制。",
        "图片来源成谜",
        "下一页是空白的，警方说账本被撕去了三张。",
        "上一篇论文花了他十年时间。",
        "Copyright 2021 saw a fall in the number of claims, the office said.",
        "All rights reserved seats were filled by women.",
        "照片来自一名渔民，显示栈桥已经断成两截。",
        "版权所有，他说，归全体作者。",
        "更多报道受到关注，这位编辑说。",
    ],
)
def test_content_lines_keep_sentences_that_resemble_boilerplate(text: str) -> None:
    lines = [text, "完。"]
    assert boilerplate.content_lines([*map(Line, lines)], "标题", "news.example") == (lines, [])


@pytest.mark.parametrize(
    ("stated", "title"),
    [
        ("访谈 – 法国国际广播电台 - RFI", "访谈"),
        ("访谈 - RFI", "访谈"),
        ("RFI", "RFI"),
        ("谈判 - BBC News 中文", "谈判"),
    ],
)
def test_title_loses_the_name_of_its_site(stated: str, title: str) -> None:
    assert boilerplate.without_suffix(stated, host="www.rfi.fr") == title


def test_content_lines_of_a_site_drop_its_own_boilerplate_only_there() -> None:
    lines = [Line("正文在这里。"), Line("请微信搜索某某"), Line("结尾在这里。")]
    assert boilerplate.content_lines(lines, "标题", "www.allnow.com") == (
        ["正文在这里。", "结尾在这里。"],
        [Dropped("请微信搜索某某", "allnow.com: 请?微信搜索.*")],
    )
    assert len(boilerplate.content_lines(lines, "标题", "notallnow.com")[0]) == 3


@pytest.mark.parametrize(
    ("text", "table"),
    [
        ("请关注我们的微信公众号", "ANY"),
        ("欢迎订阅本报电子报", "ANY"),
        ("请订阅后阅读全文", "ANY"),
        ("下一页：码头的历史", "ANY"),
        ("上一篇 码头的历史", "ANY"),
        ("Copyright 2019-2021 The Harbour Evening Post. All rights reserved.", "ANY"),
        ("© 海滨晚报", "ANY"),
        ("版权所有 海滨晚报", "ANY"),
        ("（图源：海滨晚报）", "ANY"),
        ("图/海滨晚报", "ANY"),
        ("This site requires JavaScript to work", "ANY"),
        ("编辑：王一", "FOOT"),
        ("标题", "repeated title"),
        ("获取更多RSS：", "after END_OF_ARTICLE"),
    ],
)
def test_content_lines_tell_the_rule_of_a_dropped_line(text: str, table: str) -> None:
    lines = [*map(Line, ["首段在这里。"] * 7), Line(text)]
    content, dropped = boilerplate.content_lines(lines, "标题", "")
    assert content == ["首段在这里。"] * 7
    assert [(line.text, line.rule.split(":")[0]) for line in dropped] == [(text, table)]


@pytest.mark.parametrize(
    "texts",
    [
        ["结果如下：", "林佩珊", "137", "何大海", "98", "弃权", "12"],
        ["结果如下：", "52%", "林佩珊", "47%", "何大海"],
        ["各队金牌数：", "31", "甲队", "9", "乙队"],
    ],
)
def test_content_lines_keep_the_numbers_of_results(texts: list[str]) -> None:
    assert boilerplate.content_lines([*map(Line, texts)], "标题", "")[0] == texts


@pytest.mark.parametrize(
    "texts",
    [
        ["1", "他说码头", "2", "已经修好", "3", "就要重开"],
        ["01", "开头", "正文在这里。"],
        ["正文在这里。", "2", "码头的历史"],
        ["正文在这里。", "17"],
    ],
)
def test_content_lines_drop_numbers_that_count_parts(texts: list[str]) -> None:
    content, dropped = boilerplate.content_lines([*map(Line, texts)], "标题", "")
    assert content == [text for text in texts if not text.isdigit()]
    assert {line.rule for line in dropped} == {"NUMBER"}

"""Elements beside the article go; its containers stay, whatever their labels are."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.ingest.page.aside_labels import _ASIDE_WORDS, _COMPANIONS, _CONTENT_WORDS
from rag.ingest.page.html import HtmlArticle

PARAGRAPHS = [
    "海滨市的渡轮码头周一重新开放，首日运送旅客两千四百人。港务局说，码头去年秋天被台风损坏，修理用了五个月。",
    "局长林佩珊在现场说，新的栈桥可以抵御十四级大风。工程花费三千八百万元，其中一半来自保险赔偿。",
    "渔民何大海说，停航期间他每天要绕行四十公里。他的三条船都停在邻县，油钱多花了近万元。",
    "码头旁的鱼市也在同一天开张，摊位从六十个增加到九十五个。市政府计划明年再建一座冷库，容量是三千吨。",
    "专家指出，码头的客流要到夏天才能恢复到从前的水平。去年同期每天的旅客约有三千一百人。",
]
WORDS = sorted(
    _ASIDE_WORDS | _COMPANIONS | _CONTENT_WORDS | {"has", "no", "open", "enabled", "zhang", "x1"}
)
NEWSLETTER = "订阅每日简报，早晨送达。"


def read(html: str) -> list[str]:
    return HtmlArticle(html).lines("", "")


def prose(paragraphs: list[str] = PARAGRAPHS) -> str:
    return "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs)


@given(
    names=st.lists(st.sampled_from(WORDS), min_size=3, max_size=3),
    separator=st.sampled_from(["-", "_", " "]),
    attribute=st.sampled_from(["class", "id"]),
    tag=st.sampled_from(["div", "article", "section", "body"]),
    ends=st.sampled_from(["<p>", "<br>"]),
)
@settings(max_examples=100, deadline=None)
def test_asides_article_in_a_container_with_any_label_is_read_whole(
    names: list[str], separator: str, attribute: str, tag: str, ends: str
) -> None:
    text = prose() if ends == "<p>" else "<br>".join(PARAGRAPHS)
    html = f"<h1>码头重开</h1><{tag} {attribute}='{separator.join(names)}'>{text}</{tag}>"
    assert read(html)[1:] == PARAGRAPHS


@pytest.mark.parametrize(
    "label",
    ["share-enabled", "author-lin", "has-sidebar", "promo-2021", "related-topic", "no-comments"],
)
def test_asides_rest_of_an_article_after_its_lead_is_read(label: str) -> None:
    html = f"<main><p>{PARAGRAPHS[0]}</p><div class='{label}'>{prose(PARAGRAPHS[1:])}</div></main>"
    assert read(html) == PARAGRAPHS


@pytest.mark.parametrize(
    ("aside", "rule"),
    [
        (f"<div class='newsletter-signup'><p>{NEWSLETTER}</p></div>", "class newsletter"),
        ("<div class='share-bar'>微博 微信 邮件</div>", "class share"),
        ("<div id='byline'>王一 李二</div>", "class byline"),
        ("<div class='related-links'><p>台风登陆东海岸，三人受伤。</p></div>", "class related"),
        (f"<section class='comments'>{prose(['读者说：我不信。'] * 30)}</section>", "class comments"),
        ("<nav>首页 国际 财经</nav>", "element nav"),
        ("<footer>海滨晚报社出版。</footer>", "element footer"),
        ("<div class='cookie-consent'>本站使用小型文本文件。</div>", "class cookie"),
        ("<news-share>微博</news-share>", "class share"),
        ("<span class='sr-only'>在新窗口打开</span>", "hidden"),
        ("<div style='position:absolute; left: -9999px'>跳到正文</div>", "hidden"),
        ("<div style='opacity: 0'>提示</div>", "hidden"),
        ("<div style='font-size:0px'>关键词</div>", "hidden"),
        ("<div style='clip: rect(0, 0, 0, 0)'>菜单</div>", "hidden"),
        ("<i aria-hidden='true'>放大</i>", "hidden"),
        ("<div hidden>弹出</div>", "hidden"),
        ("<textarea>写评论</textarea>", "element textarea"),
        ("<noscript>图片没有载入。</noscript>", "element noscript"),
    ],
)
def test_asides_beside_an_article_are_dropped_and_told(aside: str, rule: str) -> None:
    page = HtmlArticle(f"<article>{prose()}</article>{aside}")
    assert page.lines("", "") == PARAGRAPHS
    assert [dropped.rule for dropped in page.dropped] == [rule]


@pytest.mark.parametrize(
    "style", ["opacity:0.9", "font-size:0.8em", "left:-10px", "display:block", "opacity:1"]
)
def test_asides_style_that_hides_nothing_is_read(style: str) -> None:
    assert read(f"{prose()}<p style='{style}'>末段也要读。</p>")[-1] == "末段也要读。"


@pytest.mark.parametrize(
    "body",
    [
        "<div style='display:none'>{}</div>",
        "<div style='filter:blur(5px)'>{}</div>",
        "<div aria-hidden=true>{}</div>",
        "<p hidden>请开启脚本。</p><div class='x' hidden>{}</div>",
        "<noscript>{}</noscript>",
        "<p>首段。</p><textarea>{}",
        "<del>{}</del>",
    ],
)
def test_asides_hidden_text_is_read_where_nothing_else_is(body: str) -> None:
    lines = read(f"<h1>码头重开</h1>{body.format(prose())}")
    assert [line for line in lines if line in PARAGRAPHS] == PARAGRAPHS


def test_asides_hidden_consent_beside_hidden_text_stays_hidden() -> None:
    html = f"<div class=consent hidden><p>同意。</p></div><div hidden>{prose()}</div>"
    assert read(html) == PARAGRAPHS


def test_asides_struck_out_text_and_readings_are_left_out() -> None:
    html = (
        "<p>伤者是<del>十九</del><ins>八</ins>人，<s>昨天</s><strike>前天</strike>都已出院。</p>"
        "<p><ruby>横浜<rp>（</rp><rt>よこはま</rt><rp>）</rp></ruby>的港口没有关闭。</p>"
    )
    assert read(html) == ["伤者是八人，都已出院。", "横浜的港口没有关闭。"]

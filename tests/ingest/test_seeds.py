from __future__ import annotations

import os
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import unquote

import pytest
from support.doubles import SEEDS

from rag.errors import SeedsError, SeedUnreadable
from rag.ingest import formats, seeds

NOT_IN_ANY = (
    *(
        "feedx",
        "获取更多RSS",
        "分享",
        "图像来源",
        "Getty",
        "作者：",
        "分钟前",
        "返回",
        "README",
        "GNews",
    ),
    *(
        "[[zh:",
        "]]",
        "data-selfpromo",
        "noscript",
        "facebook",
        "<p>",
        "&amp;",
        "04/01/2024",
        "15/09/2023",
    ),
)

EXPECTED = {
    "000_0138e5db9875087d.txt": {
        "title": "俄罗斯正计划购买伊朗短程弹道导弹，已开始接收“数十枚朝鲜弹道导弹”",
        "url": "https://www.rfi.fr/cn/国际/20240104-俄罗斯正计划购买伊朗短程弹道导弹，已接收-数十枚朝鲜弹道导弹",
        "published": datetime(2024, 1, 4, 12, 45, 1, tzinfo=UTC),
        "source": "www.rfi.fr",
        "first": "据《华尔街日报》援引美国官员报导，",
        "last": "他指出：“俄罗斯的外交政策在很大程度上是以损害美国利益为基础的”。",
        "has": ["卡根（Frederick Kagan）", "47个国家", "“阿巴比尔”", "穆罕默德·巴盖里少将"],
    },
    "001_56e3897b65045e8c.txt": {
        "title": "朝鲜被指向俄罗斯提供武器 乌克兰战争中的平壤与莫斯科关系",
        "url": "https://www.bbc.com/zhongwen/simp/world-62853214",
        "published": datetime(2022, 9, 12, 13, 43, 2, tzinfo=UTC),
        "source": "www.bbc.com",
        "first": "近期有来自美国的消息表示，俄罗斯被迫从朝鲜购买军事装备，",
        "last": "但分析人士同时表示，莫斯科和平壤“抱团取暖”，也有可能影响国际社会因为核问题对朝鲜的制裁。",
        "has": [
            "\n\n政治外交全面支持\n\n",
            "\n\n能源、经济和军事\n\n",
            "1580亿欧元",
            "《纽约时报》",
        ],
        "not": ["武器消耗很大", "会面。", "资料图片", "关键词", "AFP", "秘密世界"],
    },
    "002_c97b2db276b89742.txt": {
        "title": "平壤希望从莫斯科那里得到什么？",
        "url": "https://gnews.org/articles/2371800",
        "published": datetime(2024, 3, 6, 22, 20, tzinfo=UTC),
        "source": "gnews.org",
        "first": "分析人士说，莫斯科拥有一系列军事技术可以向平壤提供，",
        "last": "只是说金正恩在访问期间查看了一辆奥鲁斯（Aurus）豪华车。",
        "has": [
            "约6700集装箱",
            "迈克尔·奥汉隆（Michael O'Hanlon）",
            "在同一月将其万里镜1号（Malligyong-1）",
        ],
    },
    "003_adbef3cad43c41d8.txt": {
        "title": "朝俄蜜月 美日韩：有军事协议将祭制裁",
        "url": "https://www.rfi.fr/cn/专栏检索/要闻解说/20230915-朝俄蜜月-美日韩-有军事协议将祭制裁",
        "published": datetime(2023, 9, 15, 15, 45, 2, tzinfo=UTC),
        "source": "www.rfi.fr",
        "first": "朝鲜领导人金正恩继续他对俄罗斯的特殊访问，",
        "last": '"在任何时候、不预设条件地 "与金正恩先生进行面对面会谈。',
        "has": ["\n\n莫斯科：没有任何协议\n\n", "\n\n中国会不满？\n\n", "苏-35 战斗机", "BM-21"],
        "not": ["艾米"],
    },
    "004_71ea4cf9bb007a11.txt": {
        "title": "白宫：朝鲜向俄罗斯提供导弹攻击乌克兰",
        "url": "https://www.rfi.fr/cn/欧洲/20240104-白宫-朝鲜向俄罗斯提供导弹攻击乌克兰",
        "published": datetime(2024, 1, 4, 21, 45, 1, tzinfo=UTC),
        "source": "www.rfi.fr",
        "first": "约翰·柯比表示，美国及其盟国现在将把这个问题提交给联合国安理会，",
        "last": "实施额外制裁。”",
        "has": ["1000多个集装箱", "超过一百万枚炮弹", "受到国际制裁——前者因入侵乌克兰"],
    },
}


@pytest.mark.parametrize("name", EXPECTED)
def test_a_seed_is_read_as_a_person_would_read_it(name: str) -> None:
    article = seeds.read(SEEDS / name, name)
    expected = EXPECTED[name]
    assert article.id == name
    assert article.title == expected["title"]
    assert unquote(article.url) == expected["url"]
    assert article.published == expected["published"]
    assert article.source == expected["source"]
    assert article.language == "zh-Hans"
    assert article.text.startswith(expected["first"])
    assert article.text.endswith(expected["last"])
    assert [text for text in expected["has"] if text not in article.text] == []
    assert [text for text in (*NOT_IN_ANY, *expected.get("not", [])) if text in article.text] == []
    assert all(paragraph.strip() == paragraph != "" for paragraph in article.text.split("\n\n"))


def test_all_seeds_are_read_in_order() -> None:
    corpus = seeds.read_seeds(SEEDS)
    assert [article.id for article in corpus] == sorted(EXPECTED)
    assert corpus.failed == []


GNEWS = (
    "###  [:house:返回](README.md)\n---\n\n\n## [[zh:平壤]]的[标题]\n"
    "`{date}` [轉載自GNews](https://gnews.org/articles/1)\n\n{body}\n"
)


def feed(body: str, title: str = "标题", head: str = "<!--1704372301000-->\n") -> str:
    return f"{head}[{title}](https://news.example/1)\n------\n\n{body}"


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
def test_html_becomes_paragraphs(html: str, text: str) -> None:
    assert formats.parse(feed(html), "x").text == text


def test_a_caption_goes_with_its_credit_and_the_neighbours_stay() -> None:
    picture = (
        "<div><div><img><p><span>图像来源，</span><span>AFP</span></p></div><p>会面的照片。</p></div>"
    )
    html = f"<main><div><p>{'前' * 200}</p></div><div>{picture}</div><div><p>后。</p></div></main>"
    assert formats.parse(feed(html), "x").text == f"{'前' * 200}\n\n后。"


@pytest.mark.parametrize(
    "html",
    [
        "<div><p>东京发生5级地震。</p><div><img><p>图像来源，AFP</p></div></div>",
        "<div><div><img><p>图像来源，AFP</p></div><p>东京发生5级地震。</p></div>",
        "<p>图片来源：Reuters<br>东京发生5级地震。</p>",
        "<p><img><br>图片来源：Reuters<br>东京发生5级地震。</p>",
        "<div><img><br>图片来源：Reuters<br></div><p>东京发生5级地震。</p>",
        "<p>图片来源：Reuters</p><p>东京发生5级地震。</p>",
        "<form><p>东京发生5级地震。</p></form>",
    ],
)
def test_a_short_article_keeps_its_text_beside_a_credit(html: str) -> None:
    assert formats.parse(feed(html), "x").text == "东京发生5级地震。"


def test_a_credit_is_a_whole_line() -> None:
    html = "<div><div><img>他说，图片来源：不明，仍在查。</div></div><p>完。</p>"
    assert formats.parse(feed(html), "x").text == "他说，图片来源：不明，仍在查。\n\n完。"


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
def test_a_sentence_is_not_taken_for_furniture(text: str) -> None:
    assert formats.parse(feed(f"<p>{text}</p><p>完。</p>"), "x").text == f"{text}\n\n完。"


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
def test_hostile_files_take_bounded_time(content: str) -> None:
    started = time.monotonic()
    with suppress(SeedUnreadable):
        formats.parse(content, "x")
    assert time.monotonic() - started < 10


@pytest.mark.parametrize(
    "title", ["[视频] 现场", "方括号[在]中间(和圆括号)", "结尾]", "引号“里”的话", "法国 - 中国"]
)
def test_a_title_may_hold_brackets(title: str) -> None:
    article = formats.parse(feed("<p>正文。</p>", title), "x")
    assert (article.title, article.url) == (title, "https://news.example/1")


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
def test_a_title_is_what_a_reader_would_call_it(stated: str, title: str) -> None:
    content = feed("<p>正文。</p>", stated).replace("news.example", "www.rfi.fr")
    assert formats.parse(content, "x").title == title


def test_the_epoch_line_may_be_missing_or_absurd() -> None:
    assert formats.parse(feed("正文。", head=""), "x").published is None
    assert formats.parse(feed("正文。", head=f"<!--{'9' * 30}-->\n"), "x").published is None


def test_markdown_becomes_paragraphs_without_marks() -> None:
    body = (
        "[[zh:迈克]]尔·[[zh:奥汉]]隆说：\n\n## 小标题\n\n* 其一\n* **其二**\n\n"
        "![图](https://x/y.jpg)\n\n见[[[zh:路透社]]](https://x/[[zh:a]])。"
    )
    content = GNEWS.format(date="12/31/2023 12:05 AM UTC 电台", body=body).replace("\n", "\r\n")
    article = formats.parse(content, "x")
    assert article.title == "平壤的[标题]"
    assert article.url == "https://gnews.org/articles/1"
    assert article.published == datetime(2023, 12, 31, 0, 5, tzinfo=UTC)
    assert article.text == "迈克尔·奥汉隆说：\n\n小标题\n\n其一\n\n其二\n\n见路透社。"


@pytest.mark.parametrize("date", ["", " 东京樱花团", "13/41/2023 1:00 AM UTC", "3/6/2024"])
def test_a_date_that_is_not_there_is_not_guessed(date: str) -> None:
    assert formats.parse(GNEWS.format(date=date, body="正文。"), "x").published is None


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "empty"),
        (b" \n ", "empty"),
        (b"<!--1-->\n[a](b)\n------\n", "no text"),
        (b"\xff\xfe\x00[", "not UTF-8"),
        (b"\x89PNG\r\n\x1a\n", "not UTF-8"),
    ],
)
def test_a_file_that_cannot_be_read_is_named_and_the_rest_is_read(
    write_feed: Callable[..., Path], content: bytes, reason: str
) -> None:
    good = write_feed("good.txt", "<p>正文。</p>")
    (good.parent / "sub").mkdir()
    (good.parent / "sub" / "bad.txt").write_bytes(content)
    corpus = seeds.read_seeds(good.parent)
    assert [article.id for article in corpus] == ["good.txt"]
    (failure,) = corpus.failed
    assert failure.path == "sub/bad.txt"
    assert reason in failure.reason
    assert len(list(corpus)) == len(corpus.failed) == 1, "a second pass starts afresh"


def test_what_is_no_ordinary_file_is_refused(write_feed: Callable[..., Path]) -> None:
    good = write_feed("good.txt", "<p>正文。</p>")
    (good.parent / ".hidden").write_text("x")
    (good.parent / "link.txt").symlink_to("/etc/passwd")
    os.mkfifo(good.parent / "pipe")
    with (good.parent / "huge.txt").open("wb") as file:
        file.truncate(seeds.MAX_BYTES + 1)
    corpus = seeds.read_seeds(good.parent)
    assert [article.id for article in corpus] == ["good.txt"]
    assert [failure.path for failure in corpus.failed] == ["huge.txt", "link.txt", "pipe"]


def test_a_folder_that_cannot_be_listed_is_named(
    write_feed: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    good = write_feed("good.txt", "<p>正文。</p>")
    (good.parent / "closed").mkdir()
    (good.parent / "linked").symlink_to(good.parent, target_is_directory=True)
    listing = os.scandir

    def refuse(path: Path | str) -> object:
        if Path(path).name == "closed":
            raise PermissionError(13, "Permission denied", str(path))
        return listing(path)

    monkeypatch.setattr(os, "scandir", refuse)
    corpus = seeds.read_seeds(good.parent)
    assert [article.id for article in corpus] == ["good.txt"]
    assert [failure.path for failure in corpus.failed] == ["closed", "linked"]


def test_deep_nesting_and_no_end_tags_are_read() -> None:
    assert formats.parse(feed("<div>" * 20_000 + "正文。"), "x").text == "正文。"
    assert formats.parse(feed("<p>一<p>二" + "<b>" * 5_000), "x").text == "一\n\n二"


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(SeedsError, match=r"no seeds folder at .*nowhere"):
        seeds.read_seeds(tmp_path / "nowhere")


def test_an_article_with_a_broken_address_is_read() -> None:
    content = "[标题](http://[::1)\n---\n\n<p>正文。</p>"
    assert formats.parse(content, "x").source == ""


def test_unreadable_is_an_error_for_users() -> None:
    with pytest.raises(SeedUnreadable):
        formats.parse("{}", "x.json")

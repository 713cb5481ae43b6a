"""A folder of seeds: which files are read, in which order, and which are refused with which code."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import unquote

import pytest
from support.doubles import SEEDS

from rag.errors import SeedsError
from rag.ingest import formats, regular_files
from rag.ingest.records import Record
from rag.ingest.seeds import read_seeds
from rag.reports import Failure

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
def test_read_each_seed_gives_the_article_without_boilerplate(name: str) -> None:
    article = formats.read(Record(name, (SEEDS / name).read_bytes())).article
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


def test_read_seeds_yields_articles_sorted_by_path() -> None:
    corpus = read_seeds(SEEDS)
    assert [article.id for article in corpus] == sorted(EXPECTED)
    assert corpus.failed == []


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "file-empty"),
        (b" \n ", "file-empty"),
        (b"<!--1-->\n[a](b)\n------\n", "article-empty"),
        (b"\x00\x01\x02\x03" * 9, "file-not-text"),
        (b"\x89PNG\r\n\x1a\n", "type-image"),
    ],
)
def test_read_seeds_with_a_bad_file_refuses_it_and_reads_the_rest(
    write_feed: Callable[..., Path], content: bytes, code: str
) -> None:
    good = write_feed("good.txt", "<p>正文。</p>")
    (good.parent / "sub").mkdir()
    (good.parent / "sub" / "bad.txt").write_bytes(content)
    corpus = read_seeds(good.parent)
    assert [article.id for article in corpus] == ["good.txt"]
    (failure,) = corpus.failed
    assert (failure.path, failure.code) == ("sub/bad.txt", code)
    assert len(list(corpus)) == len(corpus.failed) == 1, "a second pass starts afresh"


def test_failure_has_the_sentence_the_code_and_the_parameters(tmp_path: Path) -> None:
    (tmp_path / "paper.PDF").write_bytes(b"%PDF-1.7")
    (tmp_path / "table.xyz").write_bytes(b"ab")
    corpus = read_seeds(tmp_path)
    assert list(corpus) == []
    assert corpus.failed == [
        Failure(
            "paper.PDF",
            "A damaged PDF file (Stream has ended unexpectedly). Fetch or save it again.",
            "file-damaged",
            {"cause": "Stream has ended unexpectedly", "format": "PDF"},
        ),
        Failure(
            "table.xyz",
            "Unsupported file type (.xyz). Use HTML, Markdown, text, PDF, a feed, JSON, CSV or WARC.",
            "file-type-unknown",
            {"suffix": ".xyz"},
        ),
    ]


def test_read_seeds_refuses_links_pipes_and_large_files(write_feed: Callable[..., Path]) -> None:
    good = write_feed("good.txt", "<p>正文。</p>")
    (good.parent / ".hidden").write_text("x")
    (good.parent / "link.txt").symlink_to("/etc/passwd")
    os.mkfifo(good.parent / "pipe")
    with (good.parent / "huge.txt").open("wb") as file:
        file.truncate(regular_files.MAX_BYTES + 1)
    corpus = read_seeds(good.parent)
    assert [article.id for article in corpus] == ["good.txt"]
    assert {failure.path: failure.code for failure in corpus.failed} == {
        "huge.txt": "file-too-large",
        "link.txt": "file-not-regular",
        "pipe": "file-not-regular",
    }


def test_read_seeds_with_an_unlistable_or_linked_folder_refuses_it(
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
    corpus = read_seeds(good.parent)
    assert [article.id for article in corpus] == ["good.txt"]
    assert [failure.path for failure in corpus.failed] == ["closed", "linked"]


def test_read_seeds_of_a_missing_folder_raises(tmp_path: Path) -> None:
    with pytest.raises(SeedsError, match=r"no seeds folder at .*nowhere") as error:
        read_seeds(tmp_path / "nowhere")
    assert error.value.code == "seeds-missing"


def test_seeds_with_a_name_that_is_not_utf8_refuse_it_in_a_form_that_can_be_stored(
    tmp_path: Path,
) -> None:
    (tmp_path / "good.txt").write_text("今天下雨。", encoding="utf-8")
    (tmp_path / os.fsdecode(b"\xb1\xa8.txt")).write_text("今天下雪。", encoding="utf-8")
    seeds = read_seeds(tmp_path)
    assert [article.id for article in seeds] == ["good.txt"]
    assert [(failure.path, failure.code) for failure in seeds.failed] == [
        (r"\xb1\xa8.txt", "name-not-utf8")
    ]


def test_seeds_leave_out_litter_and_the_parts_of_a_saved_page_without_a_line(tmp_path: Path) -> None:
    for name in ("a.html", "河口报_files/frame.html", "a_files/ad.html", "Thumbs.db", "b.txt~"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("<p>今天下雨。</p>", encoding="utf-8")
    (tmp_path / "河口报_files/style.css").write_text("p {}", encoding="utf-8")
    (tmp_path / "my_files").mkdir()
    (tmp_path / "my_files/c.txt").write_text("今天下雪。", encoding="utf-8")
    seeds = read_seeds(tmp_path)
    assert [article.id for article in seeds] == ["a.html", "my_files/c.txt"]
    assert seeds.failed == []

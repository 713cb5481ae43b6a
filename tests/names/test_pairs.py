"""Pairs of names that a text prints."""

from __future__ import annotations

import pytest

from rag.names.pairs import NamePair, find_pairs


def found(text: str) -> list[tuple[str, str]]:
    return [(pair.chinese, pair.foreign) for pair in find_pairs(text)]


@pytest.mark.parametrize(
    ("text", "pair"),
    [
        ("韩国国防部长申源湜（Shin Wonshik）说", ("申源湜", "Shin Wonshik")),
        ("美国专家布鲁斯·贝克托尔（Bruce Bechtol）说", ("布鲁斯·贝克托尔", "Bruce Bechtol")),
        ("美國總統拜登 (Joe Biden) 表示", ("拜登", "Joe Biden")),
        ("嫌犯特洛伊‧博林（Troy Bohling，29岁）終身監禁", ("特洛伊‧博林", "Troy Bohling")),
        ("她在斯坦福大学 (Stanford University) 任教", ("斯坦福大学", "Stanford University")),
        ("城市密尔沃基市（Milwaukee）举办活动", ("密尔沃基市", "Milwaukee")),
        ("俄国防长绍伊古（Сергей Шойгу）说", ("绍伊古", "Сергей Шойгу")),
        ("俄国防长绍伊古（ショイグ）说", ("绍伊古", "ショイグ")),
        ("《最后之舞》（The Last Dance）热播", ("最后之舞", "The Last Dance")),
        ("组织“每日朝鲜”（Daily NK）报道", ("每日朝鲜", "Daily NK")),
        ("，世界卫生组织（WHO）呼吁", ("世界卫生组织", "WHO")),
        ("记者Shin Wonshik（申源湜）说", ("申源湜", "Shin Wonshik")),
        ("Bruce Bechtol (布鲁斯·贝克托尔) 说", ("布鲁斯·贝克托尔", "Bruce Bechtol")),
        ("加入CPTPP（全面与进步跨太平洋伙伴关系协定）", None),
        ("美国司法部长马基教授（Daniel Markey）认为", ("马基", "Daniel Markey")),
        ("候选人小约瑟夫·R·拜登（Joseph R. Biden Jr.）", ("小约瑟夫·R·拜登", "Joseph R. Biden Jr.")),
    ],
)
def test_pair_is_found(text: str, pair: tuple[str, str] | None):
    assert found(text) == ([pair] if pair else [])


@pytest.mark.parametrize(
    "text",
    [
        "请看图片（see picture）。",
        "这是一个错误（mistake）。",
        "他写道（@realDonaldTrump）：",
        "网址（https://example.com/）在此",
        "约5亿元（USD）左右",
        "腾讯（0700.HK）的微信",
        "图片（Getty Images）",
        "地区旅游总监（Sebastien Epiney）说",
        "外交委员会主席特拉维斯（Michael McCaul）",
        "有4家非政府组织（NGO）致信",
        "利用美国国家卫生院（NIH）的钱",
        "美国的特朗普国际酒店（Trump International Hotel）",
        "他（John）说",
    ],
)
def test_other_gloss_is_no_pair(text: str):
    assert found(text) == []


def test_start_is_the_place_of_the_chinese_name():
    text = (
        "第一段。\n\n总统拜登（Joe Biden）与普京（Vladimir Putin）通话，Antony Blinken（布林肯）在场。"
    )
    pairs = find_pairs(text)
    assert [text[p.start : p.start + len(p.chinese)] for p in pairs] == ["拜登", "普京", "布林肯"]
    assert pairs[0] == NamePair("拜登", "Joe Biden", 8)

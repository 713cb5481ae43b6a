"""Amounts are rendered whole and exactly, or not at all."""

from __future__ import annotations

import pytest
from babel.numbers import parse_decimal
from hypothesis import given
from hypothesis import strategies as st

from rag.rendering.numbers.amounts import find_amounts


def render(text: str, language: str = "en", currency: str | None = None) -> dict[str, str]:
    found = find_amounts(text, language, currency)
    return {
        text[gloss.start : gloss.end]: gloss.text.replace("\u202f", " ").replace("\xa0", " ")
        for gloss in found
    }


@pytest.mark.parametrize(
    "text, amount, expected",
    [
        ("运送了约6700个集装箱", "约6700个", "about 6,700"),
        ("约6700集装箱", "约6700", "about 6,700"),
        ("1000多个集装箱", "1000多个", "more than 1,000"),
        ("共6600万人", "6600万人", "66 million"),
        ("673万人", "673万人", "6.73 million"),
        ("1,234,567人", "1,234,567人", "1,234,567"),
        ("17.8845亿欧元", "17.8845亿欧元", "1,788,450,000 euros"),
        ("百分之三十四点五", "百分之三十四点五", "34.5%"),
        ("逾20%", "逾20%", "more than 20%"),
        ("三分之二的人", "三分之二", "2/3"),
        ("5亿美元", "5亿美元", "500 million US dollars"),
        ("人民币约5亿元", "人民币约5亿元", "about 500 million Chinese yuan"),
        ("30多亿卢布", "30多亿卢布", "more than 3 billion Russian rubles"),
        ("近500人", "近500人", "nearly 500"),
        ("不到300名", "不到300名", "fewer than 300"),
        ("不足5%", "不足5%", "less than 5%"),
        ("至少12枚", "至少12枚", "at least 12"),
        ("不超过500万美元", "不超过500万美元", "at most 5 million US dollars"),
        ("50万美元以上", "50万美元以上", "at least 500,000 US dollars"),
        ("152毫米炮弹", "152毫米", "152 mm"),
        ("三個多月", "三個多月", "more than 3 months"),
        ("20岁", "20岁", "20 years old"),
        ("1岁", "1岁", "1 year old"),
        ("5到6年", "5到6年", "5–6 years"),
        ("5至6亿美元", "5至6亿美元", "500 million–600 million US dollars"),
        ("百分之三到五", "百分之三到五", "3%–5%"),
        ("大约20分钟", "大约20分钟", "about 20 minutes"),
        ("至少5成的人", "至少5成", "at least 50%"),
        ("两到三个国家", "两到三个", "2–3"),
        ("跌幅在5%至6%之间", "5%至6%", "5%–6%"),
        ("30-40人", "30-40人", "30–40"),
        ("三到四成", "三到四成", "30%–40%"),
        ("低于2°C", "低于2°C", "less than 2°C"),
        ("罚五千元", "五千", "5,000"),
        ("两名男子", "两名", "2"),
        ("一年去5.5次", "5.5次", "5.5"),
        ("导致至少九人死亡", "至少九人", "at least 9"),
    ],
)
def test_amount_is_rendered_whole(text: str, amount: str, expected: str) -> None:
    assert render(text) == {amount: expected}


@pytest.mark.parametrize(
    "text",
    [
        "第三名",
        "五角大楼",
        "三星电子",
        "七国集团",
        "一带一路",
        "十二生肖",
        "万科",
        "四川九江",
        "一个国家",
        "两三年",
        "七八个人",
        "十几个人",
        "上百人",
        "数千人",
        "G20峰会",
        "COVID-19",
        "2比1获胜",
        "2024年",
        "15年退休",
        "光绪二十六年",
        "万科（2202）",
        "《1984》",
        "10:30",
        "下午3点",
        "零下5摄氏度",
        "三年级",
        "90年代",
        "零件",
        "两个半小时",
        "两年半",
        "至少1000人左右",
        "至少1000多人",
        "六、七年",
        "两位数",
        "四周的邻居",
        "七成五",
        "7成6",
        "三成都是",
        "共五",
        "以1-3落败",
        "9 李明\n10 张春景",
        "20倍以上",
        "二次元",
        "40多岁到70多岁",
        "1小时至19天",
        "增长11%至228万辆",
        "上升0.2个百分点至3.9%",
        "下降5%至6%",
        "400万千瓦",
        "1十九国",
        "得了20分",
        "18岁以下",
        "3-1",
    ],
)
def test_number_that_is_no_sure_amount_is_left(text: str) -> None:
    assert render(text) == {}


@pytest.mark.parametrize(
    "text, amount, expected",
    [
        ("纽约12人", "12人", "12"),
        ("没有超过500人", "500人", "500"),
        ("活不到65岁", "65岁", "65 years old"),
        ("近三年来", "三年", "3 years"),
    ],
)
def test_word_that_belongs_to_another_word_makes_no_rough_amount(
    text: str, amount: str, expected: str
) -> None:
    assert render(text) == {amount: expected}


def test_latest_or_nearly_before_a_length_of_time_is_decided_by_its_neighbours() -> None:
    assert render("历时近三年") == {"近三年": "nearly 3 years"}
    assert render("工作近三年，") == {}


def test_bare_currency_needs_the_country() -> None:
    assert render("2萬3900元") == {"2萬3900": "23,900"}
    assert render("2萬3900元", currency="TWD") == {"2萬3900元": "23,900 New Taiwan dollars"}


@pytest.mark.parametrize(
    "language, expected",
    [
        (
            "fr",
            [
                "environ 6 700",
                "500 millions de dollars des États-Unis",
                "300 millions d’euros",
                "34,5 %",
            ],
        ),
        ("de", ["etwa 6.700", "500 Millionen US-Dollar", "300 Millionen Euro", "34,5 %"]),
        (
            "es",
            [
                "alrededor de 6.700",
                "500 millones de dólares estadounidenses",
                "300 millones de euros",
                "34,5 %",
            ],
        ),
        ("ru", ["примерно 6 700", "500 миллионов долларов США", "300 миллионов евро", "34,5 %"]),
        ("ja", ["約6,700", "5億米ドル", "3億ユーロ", "34.5%"]),
        ("ko", ["약 6,700", "5억 미국 달러", "3억 유로", "34.5%"]),
        ("ar", ["حوالي 6,700", "500 مليون دولار أمريكي", "300 مليون يورو", "34.5%"]),
    ],
)
def test_amounts_have_the_form_of_the_language(language: str, expected: list[str]) -> None:
    assert list(render("约6700个、5亿美元、3亿欧元、34.5%", language).values()) == expected


def test_one_million_is_singular() -> None:
    assert render("100万人", "fr") == {"100万人": "1 000 000"}
    assert render("100万人", "de") == {"100万人": "1 Million"}


def test_language_without_words_for_rough_amounts_gets_exact_ones_only() -> None:
    assert render("约6700个，共1500万人", "fi") == {"1500万人": "15 miljoonaa"}


@pytest.mark.parametrize("language", ["", "xx", "not a tag"])
def test_unknown_language_gets_nothing(language: str) -> None:
    assert render("约6700个", language) == {}


@given(st.integers(1, 10**12))
def test_large_number_keeps_its_value(number: int) -> None:
    words = {"million": 10**6, "billion": 10**9, "trillion": 10**12}
    (text,) = render(f"共{number:,}人").values()
    digits, _, word = text.partition(" ")
    assert parse_decimal(digits, locale="en") * words.get(word, 1) == number

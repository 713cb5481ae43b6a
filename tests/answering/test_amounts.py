"""Amounts are whole, wherever a span cuts them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.answering.amounts import complete, counted

REACH = 40
DIGITS = "〇一二三四五六七八九"


def chinese(number: int) -> str:
    """Write a number below ten thousand in Chinese numerals."""
    text, zero = "", False
    for unit, name in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit = number // unit % 10
        if digit:
            text += ("零" if zero and text else "") + DIGITS[digit] + name
        zero = not digit
    return text or "零"


numbers = st.one_of(
    st.integers(1, 9999).map(str),
    st.integers(1000, 9_999_999).map("{:,}".format),
    st.integers(1, 9999).map(chinese),
    st.decimals(0, 999, places=1).map(str),
    st.tuples(st.integers(1, 99).map(chinese), st.integers(1, 9)).map(
        lambda pair: f"{pair[0]}点{DIGITS[pair[1]]}"
    ),
)
magnitudes = st.sampled_from(["", "万", "亿", "萬", "万亿"])
units = st.sampled_from("人 吨 元 美元 平方公里 个月 小时 辆 枚 公里 % 个 年 名 兆瓦".split())
roughly = st.sampled_from(["", "约", "大约", "近", "超过", "不到"])


@given(roughly, numbers, magnitudes, units, st.data())
def test_a_span_that_cuts_an_amount_is_extended_to_all_of_it(
    before: str, number: str, magnitude: str, unit: str, data: st.DataObject
) -> None:
    amount = before + number + magnitude + unit
    text = f"当局说，{amount}，消息传出。"
    first = text.index(amount)
    start = data.draw(st.integers(first + len(before), first + len(before + number) - 1))
    end = data.draw(st.integers(start + 1, first + len(amount)))
    start, end = complete(text, (start, end), REACH)
    assert text[start:end] == amount


@given(st.integers(1, 99).map(chinese))
def test_shares_are_whole(number: str) -> None:
    for amount in (f"百分之{number}", f"{number}分之一", f"百分之{number}点五"):
        text = f"占{amount}，"
        at = text.index(number)
        start, end = complete(text, (at, at + len(number)), REACH)
        assert text[start:end] == amount


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("在四川省成都市", "四川"),
        ("第三中学和第五中学", "三中"),
        ("这十分重要", "十分"),
        ("北约6国", "6国"),
        ("统一了意见", "统"),
    ],
)
def test_a_span_that_cuts_no_amount_is_left_alone(text: str, span: str) -> None:
    start = text.index(span)
    assert complete(text, (start, start + len(span)), REACH) == (start, start + len(span))


def test_the_first_character_of_the_noun_after_an_amount_is_left_out() -> None:
    assert complete("运送了6700集装箱", (3, 8), REACH) == (3, 7)
    assert complete("等6600万低收入人口", (1, 7), REACH) == (1, 6)


@pytest.mark.parametrize(
    ("one", "other", "is_same"),
    [
        ("约6700集装箱的弹药", "1000多个集装箱的装备", True),
        ("三百二十个集装箱", "上千个集装箱", True),
        ("14家猪肉加工厂", "21,639吨猪肉", False),
        ("死者有12人，", "伤者有30人，", False),
        ("约6700集装箱", "50万枚炮弹", False),
        ("没有数字的集装箱", "约6700集装箱", False),
    ],
)
def test_amounts_count_the_same_if_noun_and_counter_do(one: str, other: str, is_same: bool) -> None:
    first, second = (counted(text, (0, len(text))) for text in (one, other))
    assert first.is_same(second) is second.is_same(first) is is_same

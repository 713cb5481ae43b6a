"""Spans are extended to whole words, numbers and brackets."""

from __future__ import annotations

import pytest

from rag.answering.span_boundaries import tidy


@pytest.mark.parametrize(
    "text, span, tidied",
    [
        ("共有6700集装箱，", "00集", "6700"),
        ("价值 1,580.5 亿欧元", "580", "1,580.5 亿欧元"),
        ("见于《纽约时报》，周二", "《纽约时报》，", "《纽约时报》"),
        ("见于《纽约时报》，周二", "纽约时报》", "纽约时报"),
        ("见于《纽约时报》，周二", "《纽约时报", "《纽约时报》"),
        ("一架F-35战机", "35", "F-35"),
        ("运送了约6700集装箱", "6700", "约6700"),
        ("运送了大约 6700集装箱", "6700集装箱", "大约 6700集装箱"),
        ("运送了1000多个集装箱", "1000", "1000多个"),
        ("运送了6700集装箱的弹药", "6700集", "6700"),
        ("运送了6700枚炮弹", "6700枚", "6700枚"),
        ("超过三百万枚", "三百万枚", "超过三百万枚"),
        ("附近70人", "70人", "70人"),
        ("北约6国", "6国", "6国"),
        ("他去年9月访问俄罗斯", "9月", "去年9月"),
        ("她明年十月离任", "十月", "明年十月"),
        ("申源湜（Shin Wonshik）说", "（Shin Wonshik", "（Shin Wonshik）"),
        ("申源湜（Shin Wonshik）说", "申源湜（Shin", "申源湜（Shin"),
        ("韩国国防部长申源湜（Shin Wonshik）说", "源湜（Shin Wonshik）", "申源湜（Shin Wonshik）"),
        ("韩国国防部长申源湜（Shin Wonshik）说", "源湜", "申源湜"),
        ("警方刘伟（Liu Wei）说", "刘伟（Liu Wei）", "刘伟（Liu Wei）"),
        ("国务院前高官艾因霍恩（Robert Einhorn）", "艾因霍恩", "艾因霍恩"),
        ("乘坐Aurus汽车 ", "urus汽车 ", "Aurus汽车"),
        ("……！", "……！", ""),
        ("он сказал: 23 минуты.", "минут", "минуты"),
        ("(the Democrats’) said", "(the Democrats’", "(the Democrats’)"),
        ("（a】）", "（a】", "（a】）"),
        ("（美国之音”）", "（美国之音”", "（美国之音”）"),
        ("有\u200b5\ufeff个", "\u200b5\ufeff", "5"),
        ("------", "----", ""),
        ("北京大学的政治学教授", "的政治学教授", "政治学教授"),
        ("他去了，的确如此", "，的确如此", "的确如此"),
        ("他们说了解情况", "们说了解情况", "说了解情况"),
        ("美国的和日本的", "美国的和", "美国"),
        ("中华人民共和国", "中华人民共和", "中华人民共和"),
        ("此行的目的", "此行的目的", "此行的目的"),
        ("他的", "的", "的"),
    ],
)
def test_tidy_cuts_no_word_and_leaves_no_stray_sign(text: str, span: str, tidied: str) -> None:
    start = text.index(span)
    start, end = tidy(text, (start, start + len(span)))
    assert text[start:end] == tidied


def test_tidy_of_any_span_neither_begins_nor_ends_with_a_dangling_particle() -> None:
    text = "北京大学的政治学教授和他的学生们，在巴黎与记者见面的时候，谈了欧洲的未来。"
    spans = [(start, end) for start in range(len(text)) for end in range(start + 1, len(text) + 1)]

    tidied = [text[slice(*tidy(text, span))] for span in spans]

    long = [answer for answer in tidied if len(answer) > 2]
    assert len(long) > 300
    assert not [answer for answer in long if answer[0] in "的了们" or answer[-1] in "的和与在"]

"""Chinese units and currencies -> identifiers of CLDR and ISO 4217."""

from __future__ import annotations

from functools import cache
from typing import Literal, NamedTuple

import regex
from babel import Locale

from rag.text.scripts import MANY

MEASURES = {
    name: unit
    for unit, names in {
        "length-kilometer": "公里 千米",
        "length-meter": "米 公尺",
        "length-centimeter": "厘米 公分",
        "length-millimeter": "毫米",
        "length-micrometer": "微米",
        "length-nanometer": "纳米 納米",
        "length-mile": "英里",
        "length-foot": "英尺 呎",
        "length-inch": "英寸 英吋",
        "length-nautical-mile": "海里 浬",
        "area-square-kilometer": "平方公里 平方千米",
        "area-square-meter": "平方米 平方公尺",
        "area-square-mile": "平方英里",
        "area-square-foot": "平方英尺",
        "area-hectare": "公顷 公頃",
        "area-acre": "英亩 英畝",
        "volume-cubic-meter": "立方米 立方公尺",
        "volume-cubic-kilometer": "立方公里",
        "volume-milliliter": "毫升",
        "volume-liter": "公升",
        "mass-kilogram": "公斤 千克",
        "mass-tonne": "吨 噸 公吨 公噸",
        "mass-gram": "克",
        "mass-milligram": "毫克",
        "mass-microgram": "微克",
        "mass-pound": "英磅",
        "temperature-celsius": "摄氏度 攝氏度 ℃ °C",
        "energy-kilowatt-hour": "千瓦时 千瓦時",
        "power-kilowatt": "千瓦",
        "power-megawatt": "兆瓦",
        "power-gigawatt": "吉瓦",
        "duration-year": "年",
        "duration-month": "个月 個月",
        "duration-week": "周 週 星期 个星期 個星期 礼拜 个礼拜 禮拜 個禮拜",
        "duration-day": "天",
        "duration-hour": "小时 小時 个小时 個小時 个钟头 個鐘頭",
        "duration-minute": "分钟 分鐘",
        "duration-second": "秒 秒钟 秒鐘",
    }.items()
    for name in names.split()
}
"""Names of measures -> units of CLDR."""
_COLLOQUIAL = {
    "USD": "美元 美金",
    "EUR": "欧元 歐元",
    "GBP": "英镑 英鎊",
    "JPY": "日元 日圆 日圓",
    "HKD": "港元 港币 港幣",
    "TWD": "台币 台幣 新台币 新台幣 臺幣 新臺幣",
    "CNY": "人民币 人民幣 元人民币 元人民幣",
    "KRW": "韩元 韓元 韩圆 韓圜",
    "RUB": "卢布 盧布",
    "CAD": "加元",
    "AUD": "澳元",
    "CHF": "瑞郎 瑞士法郎",
    "THB": "泰铢 泰銖",
    "SGD": "新加坡元 坡币",
    "MYR": "令吉 林吉特 马币 馬幣",
    "VND": "越南盾",
    "INR": "印度卢比 印度盧比",
}
OWN_CURRENCY = "元"
"""The currency of the country that the text is about."""
_AGES = "岁歲"
_TENTH = "成"
_MANY = regex.compile(f"[{MANY}]")
_LONGEST = 8
"""Characters of the longest name of a currency before a number."""
COUNTERS = (
    "个個名位人枚件家辆輛架艘头頭匹只隻座栋棟部台臺篇幅套颗顆支把根片张張份条條项項款种種次起宗例册冊所间間场場户戶"
    "笔筆剂劑株棵"
)
"""Counters that add nothing to a number."""
_NO_UNIT = regex.compile(
    r"元[老首素旦月宵年帅帥]|克[拉里]|米[其兰蘭尔爾粉]|[周週][一二三四五六日末边邊围圍岁歲长長]|(?:星期|[礼禮]拜)[一二三四五六日天]"
    r"|[吨噸]位|公里[数數]|年[级級]|天[然安津王主气氣空文堂使才]|秒[杀殺]"
    r"|成[都功立为為员員本果长長分交绩績就型年人天品语語熟见見效全套名]"
)
"""Words that begin with the character of a unit."""


class Unit(NamedTuple):
    """What follows a number: the kind and identifier of its unit, and where it ends.

    `has_more` is whether it says "and some more": 三个多月.
    """

    kind: Literal["count", "money", "measure", "age", "tenth"]
    name: str
    end: int
    has_more: bool = False


def find_unit(text: str, at: int, currency: str | None) -> Unit:
    """Return the unit that a text has at a position; one without extent if there is none.

    `currency` is the code of a bare 元.
    """
    match = _pattern().match(text, at)
    if not match or _NO_UNIT.match(text, match.start("unit")):
        return Unit("count", "", at)
    name = _MANY.sub("", match["unit"])
    has_more = match["more"] is not None or name != match["unit"]
    if name in COUNTERS:
        return Unit("count", "", match.end("unit"))
    if name in MEASURES:
        return Unit("measure", MEASURES[name], match.end(), has_more)
    if name in _AGES:
        return Unit("age", "", match.end(), has_more)
    if name == _TENTH:
        return Unit("tenth", "", match.end(), has_more)
    codes = currencies()
    code = (
        currency if name == OWN_CURRENCY else codes.get(name) or codes[name.removeprefix(OWN_CURRENCY)]
    )
    return Unit("money", code, match.end(), has_more) if code else Unit("count", "", at)


def currency_before(text: str, at: int) -> tuple[str, int] | None:
    """Return the code of the currency that is named before a position, and where its name begins."""
    match = _before().search(text, max(0, at - _LONGEST), at)
    return (currencies()[match[1]], match.start()) if match else None


@cache
def currencies() -> dict[str, str]:
    """Return codes of ISO 4217 by the Chinese names of currencies: those of CLDR and usual ones."""
    codes: dict[str, str] = {}
    for script in ("Hans", "Hant"):
        for code, name in Locale("zh", script=script).currencies.items():
            if len(name) > 2 and name.isalpha():
                codes.setdefault(name, code)
    for code, names in _COLLOQUIAL.items():
        codes |= dict.fromkeys(names.split(), code)
    return codes


@cache
def _pattern() -> regex.Pattern[str]:
    """Return a pattern of all units; 多 may follow them, or stand between 个 and the noun."""
    names = [rf"{OWN_CURRENCY}?{name}" for name in currencies()]
    names += [regex.sub("^([个個])", rf"\1[{MANY}]?", name) for name in MEASURES]
    longest_first = "|".join(sorted([*names, *_AGES, _TENTH, OWN_CURRENCY], key=len, reverse=True))
    return regex.compile(rf"\s?(?P<unit>{longest_first}|[{COUNTERS}])(?P<more>[{MANY}])?")


@cache
def _before() -> regex.Pattern[str]:
    return regex.compile(rf"({'|'.join(sorted(currencies(), key=len, reverse=True))})\s?$")

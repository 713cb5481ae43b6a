"""Pinyin of Chinese personal names: 刘忆佳 -> Liu Yijia."""

from __future__ import annotations

import re

from rag.names.table import NameTable, key

_SURNAMES = (
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡"
    "贾丁魏薛叶阎余潘杜戴夏钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷"
    "钱汤尹黎易常武乔贺赖龚文庞樊兰殷施陶洪翟安颜倪严牛温芦季俞章鲁葛伍韦申尤毕聂丛焦向柳邢路"
    "岳齐沿梅莫庄辛管祝左涂谷祁时舒耿牟卜詹关苗凌费纪靳盛童欧甄项曲成游阳裴席卫查屈鲍位覃霍翁"
    "隋植甘景薄单包司柏宁柯阮桂闵解强柴华车冉房边辜吉饶刁瞿戚丘古米池滕晋苑邬臧畅宫来嵺苟全褚"
    "廉简娄盖符奚木穆党燕郎邸冀谈姬屠连郜晏栾郁商蒙计喻揭窦迟宇敖糜鄢冷卓花仇艾蓝都巩稽井练仲"
    "乐虞卞封竺冼原官衣楚佟栗匡宗"
)
_COMPOUND_SURNAMES = (
    "欧阳 司马 上官 诸葛 司徒 皇甫 尉迟 长孙 慕容 令狐 夏侯 公孙 东方 端木 宇文 轩辕 独孤 南宫".split()
)
_READINGS = {
    "单": "Shan",
    "曾": "Zeng",
    "仇": "Qiu",
    "区": "Ou",
    "解": "Xie",
    "查": "Zha",
    "翟": "Zhai",
    "盖": "Ge",
    "乐": "Yue",
    "覃": "Qin",
    "尉迟": "Yuchi",
    "长孙": "Zhangsun",
    "薄": "Bo",
    "都": "Du",
    "任": "Ren",
    "华": "Hua",
    "宁": "Ning",
    "卜": "Bu",
    "柏": "Bai",
    "褚": "Chu",
    "冼": "Xian",
    "车": "Che",
    "朴": "Piao",
}
"""Readings of surnames that the character has nowhere else, or not usually."""
_HAN = re.compile(r"[\u4e00-\u9fff]+")
_LONGEST_GIVEN = 2
_VOWELS = "aeo"
"""A syllable that begins with one needs an apostrophe before it: Xi'an."""


def transliterate(chinese: str) -> str:
    """Return the pinyin of a Chinese personal name, empty if a text hardly is one.

    It is one if a surname is followed by one or two characters, if it is no common word and in the
    table no other name, and if not all its characters are those that transliterate foreign names:
    贝克托尔 has no reliable form.
    """
    name = key(chinese)
    surname = name[:2] if name[:2] in _COMPOUND_SURNAMES else name[:1]
    given = name[len(surname) :]
    if not _HAN.fullmatch(name) or not 0 < len(given) <= _LONGEST_GIVEN:
        return ""
    if surname not in _SURNAMES and surname not in _COMPOUND_SURNAMES:
        return ""
    table = NameTable.load()
    if table.is_word(name) or table.is_foreign(name):
        return ""
    pinyin = f"{_READINGS.get(surname) or _pinyin(surname)} {_pinyin(given)}"
    known = table.names(name, "en")
    return pinyin if not known or known[0].casefold() == pinyin.casefold() else ""


def _pinyin(characters: str) -> str:
    from pypinyin import Style, lazy_pinyin

    syllables = lazy_pinyin(characters, style=Style.NORMAL, v_to_u=True)
    joined = syllables[0] + "".join(
        f"'{each}" if each[0] in _VOWELS else each for each in syllables[1:]
    )
    return joined.capitalize()

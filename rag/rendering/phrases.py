"""Chinese words beside the numbers, dates and names of an answer, which its rendering can leave out.

All patterns are for simplified characters.
"""

from __future__ import annotations

import regex

from rag.names.chinese_words import TITLES
from rag.text.scripts import MANY, NUMERALS

_NOT_IN_TITLES = r"的得了着过和与及或是在被把将对向从不非无未没说称指示告诉\d，。"
_TITLE = rf"(?:{'|'.join(sorted(TITLES, key=len, reverse=True))}|\p{{Han}}{{1,3}}学家)"
TITLE_BEFORE = regex.compile(rf"[^{_NOT_IN_TITLES}]{{0,16}}{_TITLE}\s?")
"""A title, office or profession, with what it belongs to, before the name of a person."""
ENDS_IN_TITLE = regex.compile(rf"{_TITLE}\s?\Z")
HONORIFIC_AFTER = regex.compile("先生|女士|小姐")
"""What follows the name of a person, and never that of an organisation or a country."""
SPEAKS = regex.compile(
    r"\s?(?:先生|女士|小姐|[则还也]?(?:说|表示|指出|认为|称(?!为)|告诉|透露|强调|写道|接受))"
)
"""What follows the name of a person in a sentence."""
_IN_NAME = r"\p{Latin}\d .,'’&-"
ORIGINAL_AFTER = regex.compile(
    rf"[》〉”」』\"]?\s?[（(]\s?(?!Getty|Reuters|AFP|AP\b|Photo|Image)"
    rf"(?P<name>\p{{Lu}}[{_IN_NAME}]*\p{{Ll}}[{_IN_NAME}]*)(?:[，,;；][^()（）]*)?[)）]"
)
"""The original of a name, which Chinese articles put in brackets after it; acronyms do not count."""
NAME = regex.compile(rf"[^{_NOT_IN_TITLES}、（）()]+")
"""What can be the name, with a title before it."""
FOREIGN_NAME_AFTER = regex.compile(r"[·•‧・．]|\s?[（(]\s?\p{Latin}")
"""What follows a part of a foreign name, and a name with its original."""
_SOUNDS = (
    "阿埃艾奥巴贝比伯布茨达德登蒂迪丁顿多厄尔菲费弗夫甘盖格戈哥古圭哈赫胡霍基吉加贾杰金卡凯坎考科克肯库拉莱兰朗劳勒雷里利"
    "列林隆卢鲁伦罗洛吕马迈麦曼梅门蒙米明莫姆穆纳奈内尼涅宁纽努诺欧帕潘佩彭皮普奇恰乔琼热荣茹瑞萨塞桑瑟森沙申圣施舍史斯苏索"
    "塔泰坦汤特提廷图托瓦万威韦维温沃武乌伍西希夏谢辛雅亚延扬耶伊因尤约泽扎詹珍兹朱佐施"
)
PART_OF_NAME = regex.compile(rf"(?<=[{_SOUNDS}])[{_SOUNDS}]")
"""The beginning of a part of a foreign name: both characters stand for sounds."""
OTHER_SINOGRAPHS = regex.compile("韩|朝鲜|日本|越南|首尔|平壤|东京|河内|金正恩")
"""What a sentence about people says whose names are written in Chinese and not read as Chinese."""
HYPHENS = regex.compile(r"(?<=\p{Han})[-‐–](?=\p{Han})")
COUNTED_WORD = regex.compile(rf"(?<=[\d{NUMERALS}几数多])[天年月日周个位名次家国]")
"""The beginning of a word that is counted: 天后 in 几天后 is no name."""
DIRECTION = regex.compile("[东西南北中]{1,3}[部方]")
"""No name, although some regions are called so."""

_COUNTER = "个名位只辆架艘部件枚颗发支根条张份幅套箱包瓶盒头匹家所项座栋间台把片棵株"
ENDS_IN_COUNTER = regex.compile(rf"[\d{NUMERALS}{MANY}几数{_COUNTER}]\Z")
"""The end of an amount that a noun can follow; a unit such as 公里 has none."""
_UNIT = f"{_COUNTER}元圆人例剂次集国种类票宗起批组篇首本册页站场轮局队对双门道口户层字句席"
"""What can follow a number and be left out by itself."""
_ESSENTIAL_UNIT = r"[成倍折度级点]|.?百分点|基点|光年|马赫|赫兹|[大千]卡"
_NOT_IN_NOUNS = "不没未无非第了着被把将和与及或是在比于至到每各"
_NOT_AT_END = "前后内外上下里中间起来时期止以的"
_NOUN = rf"(?:(?![{_NOT_IN_NOUNS}])\p{{Han}}){{1,7}}(?![{_NOT_IN_NOUNS}{_NOT_AT_END}])\p{{Han}}"
COUNTED_NOUN = regex.compile(
    rf"(?!{_ESSENTIAL_UNIT})(?:[{_UNIT}]|[{_UNIT}]?的?{_NOUN}|(?<=[{_COUNTER}])[州省市县城村镇岛字])"
)
"""What is counted, after a number."""
NOUN_OF_UNIT = regex.compile(rf"的{_NOUN}|时间")
"""What an amount with a unit is of: 30%的选民, 三周时间."""

JOINT = regex.compile(
    r"\s*(?:(?P<or>[，,、]?(?:或者|或|还是))|(?P<range>[至到~～])|(?P<hyphen>[—–-]+)"
    r"|(?P<and>[，,、]?(?:以及|[和与及跟同暨])|[、，,;；/]))\s*"
)
"""What stands between the members of a list, of alternatives, at the ends of a range."""
AND_OTHERS = regex.compile(r"等(?:国|人|地|多国)?\Z")
BEFORE = regex.compile(r"(?:位于|来自|在|于)(?=\p{Han})|[从自](?=.*[到至])")
"""What stands before a place, or before the ends of a range."""
PLACE_SUFFIX = regex.compile("[市省]")

ROUGHNESS = regex.compile(rf"(?:(?![\d{NUMERALS}至到和与、])[\p{{Han}}\s]){{0,4}}")
"""What may stand around the number of an amount: 超过, 左右, 多."""
YEAR_BEFORE = regex.compile(r"(?:(?![至到和与、])[\p{Han}\d\s]){0,6}")
"""What may stand before a part of a date: 去年, 2024年."""

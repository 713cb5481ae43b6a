r"""Unicode character classes, Chinese numerals and counters that several modules share.

The classes are parts of character sets, to be put between brackets. Those with `\p` are for the
package `regex`; sets with `--` need its flag `V1`.
"""

from __future__ import annotations

import re
import unicodedata

CJK = r"\p{Han}\p{Hiragana}\p{Katakana}"
"""Scripts of Chinese and Japanese."""
UNSPACED = rf"{CJK}\p{{Thai}}\p{{Lao}}\p{{Khmer}}"
"""Scripts without spaces between words."""
WORD_START = rf"[[\p{{L}}\p{{N}}\p{{M}}]--[{UNSPACED}]]"
"""A set: letters, numbers and marks of the scripts with spaces between words."""
WORD_REST = r"[[\p{L}\p{N}\p{M}]--\p{Han}]"
"""A set: what continues such a word after a hyphen, a point, a slash."""

ZEROS = "〇零"
ONE = "一"
ABOVE_ONE = "二两兩三四五六七八九"
MULTIPLIERS = "十百千万萬亿億"
"""Chinese numerals, traditional forms included, by the part they play in a number."""
NUMERALS = f"{ZEROS}{ONE}{ABOVE_ONE}{MULTIPLIERS}"
MANY = "多余餘"
"""After a numeral: "and some more"."""
COUNTERS = (
    "个個名人位枚件家国國年月日天时時分秒岁歲次回元美块塊角吨噸克斤米里尺寸升度级級倍成届屆期章条條种種类類只隻"
    "头頭匹辆輛架艘台臺部座栋棟间間层層楼樓户戶口所处處份张張本册冊页頁字句首篇幅套箱包瓶杯桶盒颗顆发發支把根"
    "片场場轮輪局队隊组組班批号號路站点點半世代周週季"
)
"""Chinese counters and units, written between a number and a noun."""

CONTROLS = r"\x00-\x1f\x7f-\x9f"
"""Control characters C0, DEL and C1. The next class leaves out those that are white space."""
INVISIBLE = (
    r"\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\xad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e"
    r"\u2060-\u206f\ufeff\ufff9-\ufffb\ufffe\uffff\ud800-\udfff\U000e0000-\U000e007f"
)
"""Characters without a visible form: controls, zero-width characters, bidi overrides, surrogates, tags.

Joiners (U+200C, U+200D) are visible by their effect on their neighbours.
"""
_INVISIBLE = re.compile(f"[{INVISIBLE}]")
_SPACE = re.compile(r"\s+")
_RADICALS = re.compile("[\u2e80-\u2fdf]")
_SIMPLIFIED_RADICALS = str.maketrans(
    "⺟⺠⻁⻄⻅⻆⻉⻋⻓⻔⻘⻙⻚⻛⻜⻝⻢⻣⻤⻥⻦⻧⻨⻩⻬⻮⻰⻳",
    "母民虎西见角贝车长门青韦页风飞食马骨鬼鱼鸟卤麦黄齐齿龙龟",
)
"""Radicals for which Unicode states no character."""


def without_radicals(text: str) -> str:
    """Return a text with characters for radicals, which what is copied from a PDF may have."""
    if not _RADICALS.search(text):
        return text
    text = text.translate(_SIMPLIFIED_RADICALS)
    return _RADICALS.sub(lambda match: unicodedata.normalize("NFKC", match[0]), text)


def clean(text: str) -> str:
    """Remove invisible characters, fold white space, and write characters for radicals."""
    return _SPACE.sub(" ", without_radicals(_INVISIBLE.sub("", text))).strip()

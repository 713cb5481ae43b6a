"""Spans of tokens -> spans of whole words, numbers and brackets."""

from __future__ import annotations

import regex

from rag.answering import amounts
from rag.text.scripts import WORD_REST, WORD_START
from rag.types import Span

LONGEST = 40
"""Most characters of an answer."""
_WORD = regex.compile(rf"(?V1){WORD_START}+(?:[.,'’-]{WORD_REST}+)*")
_SURNAMES = (
    "王李张張刘劉陈陳杨楊黄黃赵趙吴吳周徐孙孫马馬朱胡郭何林高罗羅郑鄭梁谢謝宋唐许許韩韓邓鄧冯馮曹彭曾肖蕭萧田董潘袁蔡蒋蔣余"
    "杜叶葉程魏苏蘇吕呂丁任卢盧姚沈钟鍾姜崔谭譚陆陸范汪廖石金韦韋贾賈夏付傅邹鄒熊白孟秦邱丘侯江尹薛段雷龙龍黎史陶毛贺賀"
    "顾顧龚龔郝邵万萬钱錢严嚴戴莫孔向汤湯习習文申朴裴柳权權池洪俞闵閔奇宣"
)
_CUT_NAME = regex.compile(rf"(?<=[{_SURNAMES}])\p{{Han}}{{1,2}}(?=\s?[（(]\p{{Lu}})")
"""A Chinese or Korean given name, with its Latin form after it, whose surname is cut off."""
_BRACKETS = dict(zip("（(《〈「『“‘【[", "）)》〉」』”’】]", strict=True))
_OUTSIDE = frozenset("，。、；：！？…·,.;:!?—–-")


def tidy(text: str, span: Span) -> Span:
    """Adjust a span so that it cuts no word, name, number or bracket, and ends in no punctuation.

    A number is given with its magnitude and unit, and with words such as 约 before it or 多 after it.
    """
    start, end = span
    while start < end and _is_outside(text[start]):
        start += 1
    while start < end and _is_outside(text[end - 1]):
        end -= 1
    for word in _WORD.finditer(text, max(0, start - 2 * LONGEST), end + 2 * LONGEST):
        if word.start() < start < word.end():
            start = word.start()
        if word.start() < end < word.end():
            end = word.end()
    start, end = amounts.complete(text, (start, end), LONGEST)
    if text[start : start + 1] not in _SURNAMES and _CUT_NAME.match(text, start):
        start -= 1
    inside = text[start:end]
    for opening, closing in _BRACKETS.items():
        if opening in inside and closing not in inside and text.startswith(closing, end):
            return start, end + 1
        if inside.endswith(closing) and opening not in inside:
            return tidy(text, (start, end - 1))
        if inside.startswith(opening) and closing not in inside:
            return tidy(text, (start + 1, end))
    return start, end


def _is_outside(character: str) -> bool:
    """Whether no answer begins or ends with this character: punctuation, space, invisible."""
    return character in _OUTSIDE or character.isspace() or not character.isprintable()

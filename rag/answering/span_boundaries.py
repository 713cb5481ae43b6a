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
_DANGLING_START = regex.compile(
    r"(?:的(?![士确確黎])|了(?![解结結不望])|之(?![前后後间間内內中一上下外])|[们們])+"
)
"""Particles and suffixes that belong to what stands before them, and are no beginning of a word."""
_DANGLING_END = regex.compile(
    r"(?:(?<!目)的|(?<![存所现現实實内內潜潛外])在|(?<![参參给給赠贈])[与與]"
    r"|(?<![共温溫饱飽缓緩平中总總调調柔谐諧])和|(?<![棉毛])被|(?<![服自侍随隨盲顺順遵听聽])[从從])+$"
)
"""Particles, conjunctions and prepositions that belong to what stands after them."""


def tidy(text: str, span: Span) -> Span:
    """Adjust a span so that it cuts no word, name, number or bracket, and ends in no punctuation.

    It does not begin with a particle such as 的, or end with one such as 和. A number is given with
    its magnitude and unit, and with words such as 约 before it or 多 after it.
    """
    start, end = _without_dangling(text, *span)
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


def _without_dangling(text: str, start: int, end: int) -> Span:
    """Return a span without punctuation at its ends, and without dangling words if anything is left."""
    while start < end and _is_outside(text[start]):
        start += 1
    while start < end and _is_outside(text[end - 1]):
        end -= 1
    first, last = _DANGLING_START.match(text, start, end), _DANGLING_END.search(text, start, end)
    begin, stop = first.end() if first else start, last.start() if last else end
    if (begin, stop) == (start, end) or begin >= stop:
        return start, end
    return _without_dangling(text, begin, stop)


def _is_outside(character: str) -> bool:
    """Whether no answer begins or ends with this character: punctuation, space, invisible."""
    return character in _OUTSIDE or character.isspace() or not character.isprintable()

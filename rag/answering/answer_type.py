"""The type of answer that a question asks for: an amount or a time, in eleven languages."""

from __future__ import annotations

import re

from rag.text.scripts import ABOVE_ONE, MULTIPLIERS, ONE, ZEROS

_AMOUNT = re.compile(
    r"\bhow (?:many|much|old|long|far|tall|high|deep|big|large|often|fast)\b"
    r"|\bwhat (?:percentage|proportion|price)\b"
    r"|多少|多大|多久|多[长長高远遠深重]|[幾几][个個名人次岁歲天枚位件辆輛艘架家种種条條米成]"
    r"|\bcombien\b|\bquel(?:le)? (?:somme|prix)|\bwie ?viele?n?\b"
    r"|\bwie (?:alt|lange|hoch|tief|weit|groß|teuer|oft)\b|\bcu[aá]nt[oa]s?\b"
    r"|\bсколько\b|\bкакую сумму\b"
    r"|いくつ|いくら|何[個人回枚台%冊分歳本]|どれ(?:くらい|ぐらい|だけ)"
    r"|몇|얼마|كم |\bbao nhiêu\b|\bmấy\b",
    re.IGNORECASE,
)
_TIME = re.compile(
    r"\bwh(?:at|ich) (?:year|date|day|month)\b|\bon what date\b|\bwhen (?:did|was|were|is|will|does)\b"
    r"|哪一?[年天]|哪[一个個]*月|[幾几][年月点點]|何[时時]|什[么麼][时時]候"
    r"|^quand\b|\bquel(?:le)? (?:jour|date|année|mois)|\bwann\b|\bcuándo\b"
    r"|\bqu[eé] (?:año|mes|d[ií]a|fecha)"
    r"|^когда\b|\bв каком году\b|何[年月日時]|いつ|언제|متى|\bngày nào\b|\bnăm nào\b",
    re.IGNORECASE,
)
_DATE = re.compile(r"(?:1[89]|20)\d\d ?年|\d{1,2} ?月(?: ?\d{1,2} ?[日号號])?|\d{1,2} ?[日号號]")
_ANY_NUMERAL = rf"\d{ZEROS}{ONE}{ABOVE_ONE}{MULTIPLIERS}"
_MOMENT = re.compile(
    rf"[{_ANY_NUMERAL}几幾]+ ?(?:年|月|日|号|號|[时時]|点|點|分(?!之)|周|週|天|世[纪紀]|星期|小[时時])"
    r"|\d{1,2}[:：]\d\d|(?:1[89]|20)\d\d"
    r"|[今昨前明后後当當次][天日晚晨早夜年]|[今昨明当當]天|[上本下这這][个個]?[周週月季]|[上下]半年"
    rf"|(?:[周週]|星期|[礼禮]拜)[{ONE}二三四五六日天末]|[年月][底初末中]|[凌清早]晨|[早晚]上|[上中下]午|午夜|傍晚|深夜|黎明"
    r"|[春夏秋冬][天季]|除夕|元旦|元宵|清明|端午|中秋|重[阳陽]|[国國][庆慶]|[圣聖][诞誕]|[\u4e00-\u9fff]{1,2}[节節]"
    r"|\b(?:Jan|Feb|Mar|Apr|May|June?|July?|Aug|Sept?|Oct|Nov|Dec)[a-z]*\b"
    r"|\b(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day\b|\b(?:yester|to)day\b",
    re.IGNORECASE,
)
_NUMERAL = re.compile(
    rf"\d|[{ABOVE_ONE}{MULTIPLIERS}半{ZEROS}]|{ONE}(?=[{MULTIPLIERS}半年月日天次成倍分])"
)


def find_places(question: str, text: str) -> list[int]:
    """Return positions in `text`, one of which an answer must include; empty if anything may answer.

    If the question asks for a time, they are those of years, days and hours, in numerals and in words.
    If it asks for an amount, they are those of digits and Chinese numerals, except in dates; 一 is a
    numeral only before a multiplier or a unit.
    """
    if _TIME.search(question):
        moments = [match.span() for match in _MOMENT.finditer(text)]
        return sorted(
            {at for start, end in moments for at in range(start, end) if not text[at].isspace()}
        )
    if not _AMOUNT.search(question):
        return []
    dates = [match.span() for match in _DATE.finditer(text)]
    return [
        match.start()
        for match in _NUMERAL.finditer(text)
        if not any(start <= match.start() < end for start, end in dates)
    ]

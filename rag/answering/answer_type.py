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
_NUMERAL = re.compile(
    rf"\d|[{ABOVE_ONE}{MULTIPLIERS}半{ZEROS}]|{ONE}(?=[{MULTIPLIERS}半年月日天次成倍分])"
)


def find_numerals(question: str, text: str) -> list[int]:
    """Return the positions of the digits and Chinese numerals in `text` that may be the answer.

    Empty if the question asks for neither an amount nor a time. Numerals in dates are left out if it
    asks for an amount; 一 is a numeral only before a multiplier or a unit.
    """
    asks_time = _TIME.search(question) is not None
    if not asks_time and not _AMOUNT.search(question):
        return []
    dates = [] if asks_time else [match.span() for match in _DATE.finditer(text)]
    return [
        match.start()
        for match in _NUMERAL.finditer(text)
        if not any(start <= match.start() < end for start, end in dates)
    ]

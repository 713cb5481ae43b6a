"""The type of answer that a question asks for: an amount or a time, in eleven languages."""

from __future__ import annotations

import re

from rag.text.scripts import ABOVE_ONE, MULTIPLIERS, ONE, ZEROS

_AMOUNT = re.compile(
    r"\bhow (?:many|much|old|long|far|tall|high|deep|big|large|fast)\b"
    r"|\bwhat (?:percentage|proportion|price)\b"
    r"|多少|多大|多久|多[长長高远遠深重]|[幾几][个個名人次岁歲天枚位件辆輛艘架家种種条條米成]"
    r"|\bcombien\b|\bquel(?:le)? (?:somme|prix)|\bwie ?viele?n?\b"
    r"|\bwie (?:alt|lange|hoch|tief|weit|groß|teuer)\b|\bcu[aá]nt[oa]s?\b"
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
_SHARE = re.compile(
    r"\bper ?cent|\bpercentage\b|\bwhat (?:share|proportion)\b|比例|比率|百分之|占比|[幾几]成"
    r"|\bpourcentage\b|\bquelle (?:part|proportion)\b|\bProzent|\bAnteil\b|\bporcentaje\b"
    r"|\bproporción\b|\bpercentuale\b|\bpercentagem\b|процент|\bкакая доля\b|割合|パーセント|何[%％]"
    r"|비율|퍼센트|몇 ?%|نسبة|phần trăm|\bt[ỷỉ] lệ\b|\bpersen|\byüzde\b|เปอร์เซ็นต์|ร้อยละ|प्रतिशत",
    re.IGNORECASE,
)
_AGE = re.compile(
    r"\bhow old\b|\bwhat age\b|[几幾][岁歲]|多大年[纪紀龄齡]|年[龄齡]|\bquel âge\b|\bwie alt\b"
    r"|\bqué edad\b|\bche età\b|\bque idade\b|何歳|몇 살|сколько лет (?:было|исполн)|bao nhiêu tuổi"
    r"|\bkaç yaşında",
    re.IGNORECASE,
)
_MONEY = re.compile(
    r"\bhow much\b.*\b(?:money|cost|worth|pay|paid|spend|spent|earn|earned)\b"
    r"|\bhow many (?:dollars|euros|pounds|yuan|rubles)\b"
    r"|\bwhat (?:price|sum|salary)\b"
    r"|多少(?:[钱錢]|[美欧歐日韩韓港台臺]?元|英[镑鎊]|[卢盧]布|人民[币幣])"
    r"|\bcombien d(?:'argent|e dollars|'euros)|\bwie viele? (?:Geld|Dollar|Euro)|\bcuánto dinero\b"
    r"|\bcuántos (?:dólares|euros)\b|сколько (?:денег|долларов|евро|рублей)|何(?:ドル|ユーロ|円|元)"
    r"|몇 (?:달러|유로|원)",
    re.IGNORECASE,
)
_PEOPLE = re.compile(
    r"\bhow many (?:people|persons|men|women|children|victims|soldiers|workers|residents)\b"
    r"|多少人|[几幾]个?人|\bcombien de (?:personnes|gens|morts)\b"
    r"|\bwie viele (?:Menschen|Personen|Tote)\b|\bcuánt[oa]s (?:personas|muertos)\b"
    r"|\bсколько (?:человек|людей)\b|何人|몇 명|bao nhiêu người|\bberapa orang\b|\bkaç kişi\b",
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


_NUMBER = rf"[\d.,{_ANY_NUMERAL}半几幾]+[多余餘来]?"
_CURRENCY = r"(?:[美欧歐日韩韓港台臺]?[元圆圓]|美金|英[镑鎊]|[卢盧]布|法郎|比索|[卢盧]比|里拉)"
_FITTING = (
    (
        _SHARE,
        re.compile(
            rf"{_NUMBER} ?[%％]|百分之{_NUMBER}|{_NUMBER}成|{_NUMBER}分之|\d+[:：比]\d|一半|[过過]半"
        ),
    ),
    (_AGE, re.compile(rf"{_NUMBER} ?[岁歲年旬]")),
    (_MONEY, re.compile(rf"{_NUMBER} ?{_CURRENCY}|[$€£¥] ?{_NUMBER}|人民[币幣]{_NUMBER}")),
)
"""Kinds of amounts, and what an answer of each kind looks like."""
_NOT_PEOPLE = re.compile(
    rf"{_NUMBER} ?(?:[%％]|{_CURRENCY}|公里|[平立]方|[千毫]?米|[公英]?吨|噸|公斤|[岁歲年月日])"
)


def find_places(question: str, text: str) -> list[int] | None:
    """Return positions in `text`, one of which an answer must include; None if anything may answer.

    If the question asks for a time, they are those of years, days and hours, in numerals and in words.
    If it asks for an amount, they are those of digits and Chinese numerals, except in dates; 一 is a
    numeral only before a multiplier or a unit. A share, an age and a sum of money need their unit; a
    number of people must not have another one. Empty if nothing in `text` can be the answer.
    """
    if _TIME.search(question):
        return _inside(_MOMENT, text)
    for asked, fitting in _FITTING:
        if asked.search(question):
            return _inside(fitting, text)
    is_people = _PEOPLE.search(question) is not None
    if not is_people and not _AMOUNT.search(question):
        return None
    excluded = {*_inside(_DATE, text), *(_inside(_NOT_PEOPLE, text) if is_people else ())}
    return [at for match in _NUMERAL.finditer(text) if (at := match.start()) not in excluded]


def _inside(pattern: re.Pattern[str], text: str) -> list[int]:
    """Return the positions of all characters in matches, but for white space."""
    return [
        at for match in pattern.finditer(text) for at in range(*match.span()) if not text[at].isspace()
    ]

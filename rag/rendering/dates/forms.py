"""The forms in which Chinese articles name days, months, years and decades.

Groups hold numbers as they are written; `moments.py` gives them a meaning.
"""

from __future__ import annotations

import regex

_MONTH = r"(?P<month>(?<![\d.．])(?:1[0-2]|0?[1-9])|十[一二]?|[一二三四五六七八九])"
_DAY = r"(?:[12]\d|3[01]|0?[1-9](?!\d)|[二三]?十[一二三四五六七八九]?|[一二三四五六七八九])"
_YEAR = r"(?:(?<!\d)(?:1[5-9]|20)\d\d|[一二][〇零○一二三四五六七八九]{3})"
_ERA = (
    r"(?P<era>民[国國]|令和|平成|昭和|大正)"
    r"\s?(?P<era_year>\d{1,3}|[一二三四五六七八九十百]{1,5}|元)\s?年"
)
_RELATIVE_YEAR = (
    r"(?P<relative_year>(?<![过過])去年|(?<![当當如现現])今年|(?<![说說聪聰光文])明年|(?<![以之目此当當年])前年)"
    r"(?![轻輕代龄齡纪紀级級度])"
)
_RELATIVE_MONTH = (
    r"(?P<relative_month>(?<!日)本月|[这這][个個]月|上[个個]月|下[个個]月|(?<![登以])上月(?![球亮台臺面饼餅])"
    r"|(?<![当當以])下月(?!薪))"
)
_WEEK = r"(?:星期|[周週]|[礼禮]拜)"
_WEEKDAY_BEFORE = (
    rf"(?:(?P<week>[上下本这這][个個]?)?{_WEEK}(?P<weekday>[一二三四五六日天])\s?(?P<open>[（(])?\s?)?"
)
_WEEKDAY_AFTER = (
    rf"(?:\s?[，,]?\s?(?P<bracket>[（(])?\s?{_WEEK}(?P<weekday>[一二三四五六日天])(?(bracket)\s?[)）])"
    r"|\s?[（(](?P<weekday>[一二三四五六日])[)）])?"
)
_DAYS = rf"(?P<day>{_DAY})(?:[日号號]?\s?[至到~～\-–—]\s?(?P<last_day>{_DAY}))?\s?[日号號]"
_MONTH_AND_DAYS = rf"{_MONTH}\s?月(?:份|\s?{_DAYS})?"

DATED = regex.compile(
    rf"{_WEEKDAY_BEFORE}(?P<core>"
    rf"(?:{_ERA}|(?P<year>{_YEAR})\s?年|{_RELATIVE_YEAR})(?:的?\s?{_MONTH_AND_DAYS})?"
    rf"|{_MONTH_AND_DAYS}|{_RELATIVE_MONTH}(?:\s?{_DAYS})?|(?<=[（(]\s?)(?P<day>{_DAY})[日号號]"
    rf"){_WEEKDAY_AFTER}(?(open)\s?[)）])"
)
"""A year, a month, a day or several of a month, and the day of the week before or after it."""
ISO = regex.compile(
    r"(?<![\d.\-/])(?P<year>(?:19|20)\d\d)(?P<mark>[-/.])(?P<month>\d\d?)(?P=mark)(?P<day>\d\d?)(?![\d.\-/])"
)
RELATIVE_DAY = regex.compile(
    r"(?P<name>(?<!大)前[天日]|昨[天日]|明[天日]|(?<![大以之])[后後]天|今[天日])"
    rf"(?:\s?[（(](?:{_MONTH}\s?月\s?)?(?P<day>{_DAY})\s?[日号號]?[)）]|(?<=天)(?![系集控]))"
)
"""A day relative to that of the article, with its date in brackets or without it."""
WEEKDAY = regex.compile(
    rf"(?<![每\d一两兩二三四五六几幾数數半])(?P<week>[上下本这這][个個]?)?{_WEEK}(?P<weekday>[一二三四五六日天])"
    r"(?![次个個人刊年岁歲报報]|[一二三四五六日至])"
)
DAY = regex.compile(
    r"(?<=[\p{Han}\p{P}\s])(?<![月、至到\-–—~～第每期续續连連等长長达達近历歷时時农農周週初满滿][\s]?)"
    r"(?P<day>[12]?\d|3[01])[日號号](?=[在于於上下晚早凌清中深公表宣报報称稱说說指发發举舉抵访訪会會与與对對就向致电電证證回接通召开開進进]|[，,])"
)
"""A day of the month alone, before what happened on it."""
YEARS = regex.compile(rf"(?P<year>{_YEAR})\s?年?\s?[至到~～\-–—]\s?(?P<last_year>{_YEAR})\s?年(?!代)")
DECADE = regex.compile(
    r"(?:(?:(?P<last_century>上[个個]?世[纪紀])|(?P<century>\d{2}|[一二]?十[一二三四五六七八九]?)世[纪紀])\s?)?"
    r"(?P<year>\d{2}(?:\d\d)?|[一二三四五六七八九]十)年代"
)

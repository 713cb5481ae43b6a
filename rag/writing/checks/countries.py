"""Countries that a sentence names, also as adjectives, and the ways in which Chinese names them."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

import regex

from rag.names.keys import chinese_key
from rag.rendering.formats import find_locale
from rag.text.terms import fold

_SHORT = dict(
    pair.split(":")
    for pair in (
        "US:美 CN:中 RU:俄 GB:英 FR:法 DE:德 JP:日 KR:韩 KP:朝 IN:印 AU:澳 UA:乌 IR:伊 TW:台 HK:港 "
        "VN:越 PH:菲 MM:缅 TH:泰 AT:奥 NL:荷"
    ).split()
)
_CHARACTERS = "".join(dict.fromkeys(_SHORT.values()))
_SEATS = {
    "US": "华盛顿 白宫 五角大楼",
    "CN": "北京",
    "RU": "莫斯科 克里姆林宫",
    "UA": "基辅",
    "GB": "伦敦 唐宁街",
    "IR": "德黑兰",
    "KP": "平壤",
    "KR": "首尔",
    "JP": "东京",
    "FR": "巴黎",
    "DE": "柏林",
    "IN": "新德里",
    "TW": "台北",
    "AU": "堪培拉",
    "CA": "渥太华",
    "IT": "罗马",
}
"""Capitals and seats of governments, which stand for their countries and the other way round."""
_MORE = {
    "US": "美国 美军 美媒 美联储 美股 美元 特朗普 川普 拜登 奥巴马",
    "CN": "中国 汉语 普通话 中共 中方 大陆 共国 内地 解放军 国务院 央行 我国 习近平 官媒 中央 全国 "
    "人民币",
    "RU": "俄罗斯 俄军 普京 苏联",
    "UA": "乌军",
    "GB": "英国 英军 英格兰 苏格兰 威尔士 不列颠",
    "IR": "伊中",
    "KP": "北韩 北朝鲜 金正恩",
    "KR": "南韩 韩军 大韩民国",
    "JP": "日媒 日方",
    "FR": "法军 马克龙",
    "DE": "德语 东德 西德",
    "IL": "以军 以方 以巴 巴以 美以 耶路撒冷",
    "PS": "加沙 哈马斯 以巴 巴以",
    "PK": "巴基斯坦 中巴 印巴",
    "IN": "印军 印方 印媒",
    "TW": "中华民国 国军 全国 蔡英文",
    "HK": "港府 特区 港人 港警 港媒",
    "AU": "澳洲 澳方",
    "NZ": "纽西兰",
    "CA": "加方 中加 美加 加中",
    "KH": "柬埔寨",
    "LA": "寮国",
    "IT": "义大利",
    "AE": "阿联酋",
    "SA": "沙特",
    "EU": "欧盟 欧洲 欧方 中欧 欧中 美欧 欧美",
}
"""Further words from which a text is seen to be about a country."""
_OTHER = {
    "US": "american americain us usa us-amerikanisch amerikanisch estadounidense norteamericano "
    "statunitens american americano американск сша eeuu etatsunis 美国 米国 미국 "
    "amerikali amerikan",
    "GB": "british briton britons uk britain england english britannique britisch "
    "britanico britannic "
    "британск scottish welsh royaumeuni イギリス 英国 영국",
    "NL": "dutch neerlandais",
    "CH": "swiss suisse schweizer svizzer",
    "MM": "burmese burma birman",
    "PH": "filipino",
    "TH": "thai",
    "FR": "french",
    "TR": "turkey turk turkish",
    "CZ": "czech",
    "RU": "soviet",
    "AT": "austriac",
    "EU": "eu ue ес europ euro европ ヨーロッパ 欧州 유럽",
    "CN": "chinois 中国 중국",
    "KP": "北朝鮮 북한",
    "KR": "韓国 한국",
    "TW": "taiwanes",
    "HK": "hongkong",
}
"""Further words for countries, folded, in the languages of readers; the ends may be declined."""
_BOTH_KOREAS = (
    "korea korean coree coreen coreenne koreanisch corea coreano coreana coreia корея корейский"
)
_LANGUAGES = dict(
    pair.split(":")
    for pair in (
        "es:ES ru:RU zh:CN fr:FR de:DE ja:JP it:IT pl:PL ko:KR nl:NL sv:SE da:DK no:NO fi:FI el:GR "
        "tr:TR uk:UA hu:HU cs:CZ ro:RO bg:BG vi:VN th:TH fa:IR he:IL my:MM ka:GE hy:AM "
        "et:EE lv:LV lt:LT"
    ).split()
)
"""Languages whose name is the adjective of a country."""
_SUFFIX = regex.compile(
    r"(?:s|n|ean\w*|een\w*|eo|ea|eos|eas|an|ans|ian|ians|ese|i|is|ish|er|ern|ers|e|es|a|as|os|o|na|no|nas|nos|nais\w*|en|ens|enne\w*"
    r"|ain\w*|ais\w*|ois\w*|ien\w*|ano|ana|anos|anas|ense\w*|eno\w*|ena\w*|és"
    r"|isch\w*|sch\w*|ischen|ani"
    r"|ск\w+|йск\w+|анск\w+|ийск\w+|ец|цы|цев|а|у|ы|е|и|ю|й|я|ой|ей|ом|ем|ии|ию|ию|ия|ией"
    r"|li|lı|lu|lü|in|ın|un|nin|nın|da|de|ta|te|ya|ye|ي|ية|ين|يين)?"
)
_WORD = regex.compile(r"[\p{L}\p{M}][\p{L}\p{M}.’'-]*")
_ARABIC_PREFIX = regex.compile(r"^[وفبلك]?(?:ال|لل)?")
_LEAST_STEM = 4
_EAST_ASIAN = ("zh", "ja", "ko")


class Country(NamedTuple):
    """A word of a sentence that names one of some countries, by their codes of ISO 3166."""

    start: int
    end: int
    codes: frozenset[str]


def find_countries(sentence: str, language: str) -> Iterator[Country]:
    """Yield the countries that a sentence names, as nouns or adjectives."""
    base = language.partition("-")[0]
    if base in _EAST_ASIAN:
        for match in _east_asian(base).finditer(sentence):
            yield Country(match.start(), match.end(), _names(base)[fold(match[0])])
        return
    for match in _of_several_words(base).finditer(sentence):
        yield Country(match.start(), match.end(), _names(base)[fold(match[0])])
    for match in _WORD.finditer(sentence):
        word = fold(match[0].split("'")[0].split("’")[0] or match[0])
        if base == "ar":
            word = _ARABIC_PREFIX.sub("", word)
        is_name = match[0][0].isupper()
        singular = word.removesuffix("s").removesuffix("e")
        if match[0][0].islower() and not {word, singular}.isdisjoint(_territories(base)):
            continue  # the Russian "того" is not Togo
        if codes := _codes(word, base, is_name):
            yield Country(match.start(), match.end(), codes)


def is_named(codes: frozenset[str], text_key: str) -> bool:
    """Whether a Chinese text, given its key, names one of some countries."""
    return any(_chinese(code).search(text_key) for code in codes)


def seat_of(chinese: str) -> frozenset[str]:
    """Return the codes of the countries whose capital or government has a Chinese name."""
    return frozenset(code for code, words in _SEATS.items() if chinese in words.split())


@cache
def _codes(word: str, language: str, is_name: bool) -> frozenset[str]:
    names = _names(language)
    if word in names and (is_name or len(word) > 2):
        return names[word]
    stems = [stem for stem in _stems(language) if word.startswith(stem)]
    for stem in sorted(stems, key=len, reverse=True):
        if len(word) > len(stem) and _SUFFIX.fullmatch(word, len(stem)):
            return _stems(language)[stem]
    return frozenset()


@cache
def _territories(language: str) -> frozenset[str]:
    locale = find_locale(language)
    return frozenset(map(fold, locale.territories.values())) if locale else frozenset()


@cache
def _names(language: str) -> dict[str, frozenset[str]]:
    """Return the codes of countries by their folded names in a language."""
    locale = find_locale(language)
    found: dict[str, set[str]] = {}
    for code, name in locale.territories.items() if locale else ():
        if len(code) == 2 and code.isalpha():
            found.setdefault(fold(name), set()).add(code)
    for code, words in _OTHER.items():
        for word in words.split():
            found.setdefault(word, set()).add(code)
    for tag, code in _LANGUAGES.items():
        if code and locale and language not in _EAST_ASIAN and (name := locale.languages.get(tag)):
            found.setdefault(fold(name), set()).add(code)
    for word in _BOTH_KOREAS.split():
        found[word] = {"KR", "KP"}
    return {name: frozenset(codes) for name, codes in found.items() if len(name) > 1}


@cache
def _of_several_words(language: str) -> regex.Pattern[str]:
    locale = find_locale(language)
    names = [name for name in (locale.territories.values() if locale else ()) if " " in name]
    known = sorted((name for name in names if fold(name) in _names(language)), key=len, reverse=True)
    return regex.compile(rf"\b(?:{'|'.join(map(regex.escape, known)) or '(?!)'})(?!\p{{L}})", regex.I)


@cache
def _stems(language: str) -> dict[str, frozenset[str]]:
    stems: dict[str, frozenset[str]] = {}
    for name, codes in _names(language).items():
        short = regex.sub(r"(?:ия|ий|[aeiouяиаеыйьoia]|ة)$", "", name)
        for stem in (name, short):
            if len(stem) >= (3 if language == "ar" else _LEAST_STEM):
                stems[stem] = stems.get(stem, frozenset()) | codes
    return stems


@cache
def _east_asian(language: str) -> regex.Pattern[str]:
    names = sorted((name for name in _names(language)), key=len, reverse=True)
    end = r"(?!\p{Hangul}{3})" if language == "ko" else ""  # particles are shorter
    return regex.compile(rf"(?:{'|'.join(map(regex.escape, names))}){end}")


@cache
def _chinese(code: str) -> regex.Pattern[str]:
    """Return a pattern of the Chinese names of a country in a key."""
    names = {chinese_key(word) for each in (_SEATS, _MORE) for word in each.get(code, "").split()}
    for tag in ("zh", "zh-Hant", "zh-Hant-HK"):
        if (locale := find_locale(tag)) and code in locale.territories:
            names.add(regex.sub(r"特别行政区$", "", chinese_key(locale.territories[code])))
    alternatives = [*map(regex.escape, names)]
    if short := _SHORT.get(code):
        before, after = (
            rf"(?<=[{_CHARACTERS}驻访赴对援抗反亲])",
            rf"(?=[{_CHARACTERS}方军媒籍商政企裔国语文])",
        )
        alternatives += [before + short, short + after]
    return regex.compile("|".join(alternatives) or "(?!)")

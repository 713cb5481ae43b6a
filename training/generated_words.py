"""Made-up amounts, days and names for the generated news, in the forms that Chinese news has them."""

from __future__ import annotations

import random
import tomllib
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from rag.answering.span_boundaries import tidy
from rag.names.table import NameTable

FOLDER = Path(__file__).parent / "generated"
LANGUAGES = "zh en fr de es pt it ru uk ja ko ar tr vi id hi th".split()
HELD_BACK_SYLLABLES = 8
_KINDS_OF_TOWNS = {
    "": "",
    "市": " City",
    "县": " County",
    "镇": " Town",
    "村": " Village",
    "乡": " Township",
    "区": " District",
}
_KIND_SHARE = 0.3
"""Places that have their kind in English, too."""
_DIGITS = "零一二三四五六七八九"
_FULL_WIDTH = str.maketrans("0123456789", "０１２３４５６７８９")
_ROUGH = ["约{}", "近{}", "至少{}", "超过{}", "大约{}", "逾{}", "多达{}"]
_RANGES: dict[str, tuple[int, int, Sequence[str]]] = {
    "dead": (2, 60, ["人", "人", "名村民"]),
    "injured": (2, 300, ["人", "人", "名工人"]),
    "missing": (2, 40, ["人", "人", "名乘客"]),
    "evacuated": (30, 60000, ["人", "户", "名群众"]),
    "houses": (5, 3000, ["间", "栋", "座"]),
    "infected": (5, 9000, ["人", "例"]),
    "people": (20, 90000, ["人", "人", "名"]),
    "workers": (20, 9000, ["名"]),
    "vehicles": (100, 400000, ["辆"]),
    "visitors": (100, 90000, ["人", "人次"]),
    "years": (2, 25, ["年"]),
    "hours": (2, 40, ["小时", "个小时", "天"]),
    "homes": (100, 90000, ["户"]),
    "arrested": (2, 90, ["人", "名"]),
    "containers": (40, 9000, ["个"]),
    "shells": (200, 900000, ["枚", "发"]),
    "grain": (200, 900000, ["吨"]),
    "seats": (2, 220, ["席", "个席位", "个议席"]),
    "goods": (20, 9000, ["元", "美元", "欧元"]),
    "price": (2, 900, ["元"]),
    "oldprice": (2, 900, ["元"]),
    "cars": (2000, 900000, ["辆"]),
}
_MONEY = ["元", "美元", "欧元", "元人民币", "英镑", "日元"]
_SUMS = ["{}万", "{}亿", "{}万", "H万", "{}万多", "约{}万", "近{}亿", "数百万", "上千万"]
_EXACT = {"seats", "years", "goods", "price", "oldprice"}


def read(name: str) -> dict[str, Any]:
    """Return one of the files of `generated/`."""
    return tomllib.loads((FOLDER / f"{name}.toml").read_text(encoding="utf-8"))


def part(items: Sequence[Any], held_back: bool) -> Sequence[Any]:
    """Return the last fifth of a list of five or more, or the rest of it; all of a shorter one."""
    cut = len(items) - len(items) // 5
    return items[cut:] if held_back and cut < len(items) else items[:cut]


def numeral(number: int) -> str:
    """Write a number below a hundred million with Chinese numerals."""
    if number >= 10000:
        rest = number % 10000
        return f"{numeral(number // 10000)}万" + (
            "" if not rest else ("零" if rest < 1000 else "") + numeral(rest)
        )
    text, is_gap = "", False
    for unit, name in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit, number = divmod(number, unit)
        if digit:
            text += ("零" if is_gap and text else "") + _DIGITS[digit] + name
        is_gap = not digit
    return text.removeprefix("一") if text.startswith("一十") else text


def amount(rng: random.Random, slot: str) -> str:
    """Return an amount that answers a slot, with its unit: whole for the program that reads it."""
    while True:
        text = _amount(rng, slot)
        if tidy(f"据称{text}", (2, 2 + len(text))) == (2, 2 + len(text)):
            return text


def _amount(rng: random.Random, slot: str) -> str:
    if slot == "score":
        return rng.choice(["{}比{}", "{}-{}", "{}：{}"]).format(rng.randint(3, 99), rng.randint(0, 98))
    if slot not in _RANGES:
        unit = rng.choice(_MONEY)
        number = rng.choice(["{}", "{}.{}"]).format(rng.randint(1, 900), rng.randint(1, 9))
        form = rng.choice(
            ["{}万", "{}亿", "{}万", "H万", "{}万多", "约{}万", "近{}亿", "数百万", "上千万"]
        )
        return form.replace("H", numeral(rng.randint(2, 900))).format(number) + unit
    low, high, units = _RANGES[slot]
    number = round(low * (high / low) ** rng.random())
    unit = rng.choice(units)
    return _written(rng, number, slot not in _EXACT) + unit


def _written(rng: random.Random, number: int, may_be_rough: bool) -> str:
    if may_be_rough and rng.random() < 0.35:
        return _rough(rng, number)
    form = rng.random()
    if number >= 10000 and form < 0.4:
        return f"{round(number / 10000, 1):g}万"
    if form < 0.25:
        return "两" if number == 2 else numeral(number)
    if form < 0.32:
        return str(number).translate(_FULL_WIDTH)
    return f"{number:,}" if form < 0.42 else str(number)


def _rough(rng: random.Random, number: int) -> str:
    size = 10 ** (len(str(number)) - 1)
    first = number // size
    if size == 1:
        return rng.choice([f"{max(number, 3)}", "数十", "十几", "十多"])
    if rng.random() < 0.4:
        return rng.choice(_ROUGH).format(_either(rng, round(number, 2 - len(str(number)))))
    if rng.random() < 0.5 and size <= 10**4:
        name = {10: "十", 100: "百", 1000: "千", 10000: "万"}[size]
        return rng.choice(["数", "几", "上" if size > 10 else "数"]) + name
    if size == 10**4:
        return rng.choice([f"{first}万多", f"近{first}万", f"{first}万余", f"约{numeral(first)}万"])
    return rng.choice([f"{first * size}多", f"{numeral(first * size)}多", f"约{first * size}"])


def _either(rng: random.Random, number: int) -> str:
    return str(number) if rng.random() < 0.5 else numeral(number)


def moment(rng: random.Random) -> str:
    """Return when something happened, as news tells it: a day in words, a weekday or a date."""
    names = read_once("names")
    month, day = rng.randint(1, 12), rng.randint(1, 28)
    values = {"p": rng.choice(names["parts"]), "d": rng.choice("一二三四五六"), "m": month, "n": day}
    values |= {"M": numeral(month), "N": numeral(day), "h": rng.randint(1, 23), "i": rng.randint(1, 59)}
    forms = names[rng.choice(["days", "weekdays", "periods", "feasts", "dates", "dates"])]
    form: str = rng.choice(forms)
    return form.format_map(values | {"y": rng.randint(2003, 2011)})


def person(rng: random.Random) -> str:
    """Return a Chinese or, in Chinese letters, foreign name that nobody known has."""
    names = read_once("names")
    if rng.random() < 0.35:
        return str(rng.choice(names["foreign"]))
    return str(rng.choice(names["surnames"].split()) + rng.choice(names["given"].split()))


class Name(NamedTuple):
    """A name in Chinese, and in the languages in which it is known."""

    chinese: str
    others: Mapping[str, str]


def town(rng: random.Random, held_back: bool) -> Name:
    """Return a place: an invented one in China or, less often, a real city."""
    names = read_once("names")
    if rng.random() < 0.35:
        return known(rng.choice(part(names["cities"].split(), held_back)))
    all_syllables = names["syllables"]
    chosen = all_syllables[-HELD_BACK_SYLLABLES:] if held_back else all_syllables[:-HELD_BACK_SYLLABLES]
    first, second = (each.split() for each in rng.sample(chosen, 2))
    chinese, latin, russian, korean, japanese = (a + b for a, b in zip(first, second, strict=True))
    suffix = rng.choice(list(_KINDS_OF_TOWNS))
    apostrophe = first[1] + "'" + second[1] if second[1][0] in "aeo" else latin
    others = dict.fromkeys(LANGUAGES[1:], apostrophe.capitalize())
    ukrainian = russian.translate(str.maketrans("иэы", "іеи"))
    if rng.random() < _KIND_SHARE:
        others["en"] += _KINDS_OF_TOWNS[suffix]
    others |= {"ru": russian.capitalize(), "uk": ukrainian.capitalize(), "ko": korean, "ja": japanese}
    return Name(chinese + suffix, others)


@cache
def known(chinese: str) -> Name:
    """Return a real name in the languages of the table of names."""
    table = NameTable.load()
    found = {language: table.names(chinese, language)[:1] for language in LANGUAGES[1:]}
    return Name(chinese, {language: names[0] for language, names in found.items() if names})


def translated(kind: str) -> list[Name]:
    """Return the parties or goods, in all languages."""
    columns = {language: read_once(language)[kind] for language in LANGUAGES}
    return [
        Name(chinese, {language: columns[language][at] for language in LANGUAGES[1:]})
        for at, chinese in enumerate(columns["zh"])
    ]


read_once = cache(read)

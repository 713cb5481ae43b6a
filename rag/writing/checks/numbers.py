"""Numbers of a text in any language: their values, their units, and whether other texts have them."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator
from fractions import Fraction
from functools import cache
from typing import NamedTuple

import regex

from rag.rendering.formats import find_locale
from rag.text import numerals
from rag.text.scripts import COUNTERS, MANY
from rag.writing.checks.units import PERCENT, unit_of
from rag.writing.checks.words import numbers as number_words
from rag.writing.checks.words.roughness import is_rough

_EAST_ASIAN = ("zh", "ja", "ko")
_KOREAN = str.maketrans("만억조천백십", "万亿兆千百十")
_HAN = numerals.NUMERALS + "兆"
_DIGITS = r"\d+(?:,\d{3})*(?:\.\d+)?"
_CHINESE = regex.compile(
    rf"(?P<whole>[百千]分之|[{_HAN}]+分之)?"
    rf"(?P<number>(?:{_DIGITS}|[{_HAN}]+)(?:[点點][{_HAN}]+)?(?:[{MANY}]?\s?[十百千万萬亿億兆]+(?:\s?\d+(?:\.\d+)?)?)*)"
)
_IN_NAME = regex.compile(r"(?:[A-Za-z]-?|\p{Hangul})$")
"""What joins a number to a name: F-16, 코로나19."""
_TENTHS = regex.compile(rf"([{_HAN}]|\d)成")
_DOUBLED = regex.compile(r"翻了?一?[番倍]|[两兩2二]倍|加倍")
_HALF = regex.compile(r"一半|半数|半數|[过過]半|[一二三四五六七八九\d][个個年天小]?半|半[个個年天小]")
_SPACED = regex.compile(
    r"(?<![\p{L}\d.,]|\p{L}-)\d+(?:[ \u00a0\u202f\u2009'’]\d{3}(?!\d))*(?:[.,]\d+)*"
    r"(?!\d|s\b|er\b|-[хе])"
)
_DECADES = regex.compile(r"\s(?:decade|décenni|jahrzehnt|década|decenni|десятилет|عقود)", regex.I)
_ONE = {
    "en": "a|one",
    "de": "eine[rn]?|ein",
    "pt": "um",
    "tr": "bir",
    "vi": "một",
}
"""The words for one before a multiplier, where they are not "un"."""
_SIGNIFICANT_ROUNDED = 3
"""Digits from which a number counts as the same without a word such as "about"."""


class Figure(NamedTuple):
    """A number: its range in the text, the values it may have, and the units it may be of."""

    start: int
    end: int
    values: frozenset[Fraction]
    units: frozenset[str]
    is_about: bool = False


def find_figures(text: str, language: str) -> list[Figure]:
    """Return the numbers of a text, in digits or words, in the order of their kinds.

    A number that is joined to letters, such as that of COVID-19, is a name.
    """
    text = _plain(text)
    base = language.partition("-")[0]
    found = _chinese(text, base) if base in _EAST_ASIAN else _spaced(text, base)
    return [
        Figure(start, end, values, unit_of(text, start, end, base), is_rough(text, start, end, base))
        for start, end, values in found
    ]


def evidence(text: str, language: str) -> list[Figure]:
    """Return every number that a passage can be read to name, parts of fractions included."""
    plain = _plain(text)
    figures = find_figures(text, language)
    for match in _CHINESE.finditer(plain):
        if match["number"][0] in _HAN and (value := numerals.value(match["number"])):
            figures.append(Figure(match.start(), match.end(), frozenset([value]), frozenset()))
        if match["whole"]:
            parts = (match["whole"].removesuffix("分之"), match["number"])
            shares = {value for part in parts if (value := numerals.value(part))}
            figures.append(Figure(match.start(), match.end(), frozenset(shares), frozenset()))
            if share := numerals.value(match.group()):
                figures.append(_percent(match, 100 * share))
    figures += [
        _percent(match, 10 * value)
        for match in _TENTHS.finditer(plain)
        if (value := numerals.value(match[1]))
    ]
    for pattern, value in ((_HALF, Fraction(1, 2)), (_DOUBLED, Fraction(2))):
        figures += [
            Figure(m.start(), m.end(), frozenset([value]), frozenset()) for m in pattern.finditer(plain)
        ]
    return figures


def is_among(figure: Figure, others: Iterable[Figure]) -> bool:
    """Whether one of some numbers has the value of a figure, in a unit that may be the same.

    A figure that the text calls rough may be the other number rounded, up or down, to fewer digits.
    """
    return any(
        _same(value, other_value, figure.is_about)
        for other in others
        if not figure.units or not other.units or figure.units & other.units
        for value in figure.values
        for other_value in other.values
    )


def _percent(match: regex.Match[str], value: Fraction) -> Figure:
    return Figure(match.start(), match.end(), frozenset([value]), frozenset([PERCENT]))


def _same(said: Fraction, true: Fraction, is_about: bool) -> bool:
    if said == true:
        return True
    digits, step = _significant(said)
    if not step or (not is_about and digits < _SIGNIFICANT_ROUNDED):
        return False
    below = step if said > step else step / 10
    return said - below < true < said + step and _significant(true)[0] > digits


def _significant(value: Fraction) -> tuple[int, Fraction]:
    """Return the number of significant digits, and the value of one in the last of them."""
    if not value:
        return 0, Fraction(0)
    step = Fraction(1)
    while value % step and step.denominator < 10**12:
        step /= 10
    while not value % (step * 10):
        step *= 10
    return len(str(abs(value) // step)), step


def _plain(text: str) -> str:
    """Return a text of the same length with digits and signs of numbers in ASCII."""
    signs = {"٫": ".", "٬": ",", "．": ".", "，": "，", "％": "%"}
    return "".join(str(unicodedata.decimal(c)) if c.isdecimal() else signs.get(c, c) for c in text)


Found = Iterator[tuple[int, int, frozenset[Fraction]]]


def _chinese(text: str, language: str) -> Found:
    if language == "ko":
        text = regex.sub(
            r"(?<=[\d\s만억조천백십])[만억조천백십]", lambda m: m[0].translate(_KOREAN), text
        )
    for match in _CHINESE.finditer(text):
        number = regex.sub(rf"[,\s{MANY}]", "", match["number"]).replace("兆", "万亿")
        whole = (match["whole"] or "").removesuffix("分之")
        value = numerals.value(number)
        if whole and value is not None and (of := numerals.value(whole)):
            value = 100 * value / of if whole == "百" else value / of
        if _IN_NAME.search(text, max(0, match.start() - 2), match.start()):
            continue
        if value is not None and (number[0].isdigit() or _counts(text, match, value)):
            begins_share = whole and whole != "百"
            start = match.start() if begins_share else match.start("number")
            yield start, match.end(), frozenset([value])


def _counts(text: str, match: regex.Match[str], value: Fraction) -> bool:
    """Whether a number in Chinese numerals is one, and not a part of a word such as 统一 or 万一."""
    follows = text[match.end() : match.end() + 1]
    return (
        bool(match["whole"])
        or (value > 1 and follows and follows in COUNTERS + "点點分%")
        or (len(match["number"]) > 1 and value > 10)
    )


def _spaced(text: str, language: str) -> Found:
    following = _multiplier_pattern(language)
    words = number_words.multipliers(language)
    for start, end, values in [*_digits(text, language), *_worded(text, language)]:
        if multiplier := following.match(text, end):
            values = frozenset(value * words[_known(multiplier[1], words)] for value in values)
            end = multiplier.end()
        if _DECADES.match(text, end):
            values |= {10 * value for value in values}
        yield start, end, values


def _digits(text: str, language: str) -> Found:
    for match in _SPACED.finditer(text):
        number = regex.sub(r"[ \u00a0\u202f\u2009'’]", "", match[0]).rstrip(".,")
        end = match.end() - (len(match[0]) - len(match[0].rstrip(".,")))
        yield match.start(), end, frozenset(_readings(number, language))


def _readings(number: str, language: str) -> Iterator[Fraction]:
    """The values of digits with points and commas, which may group them or begin the decimals."""
    parts = regex.split(r"[.,]", number)
    signs = regex.findall(r"[.,]", number)
    grouped = all(len(part) == 3 for part in parts[1:])
    if (len(set(signs)) == 1 and grouped) or not signs:
        yield Fraction("".join(parts))
    if (
        signs
        and (len(signs) == 1 or len(set(signs)) == 2)
        and not (grouped and signs[-1] != _decimal_sign(language))
    ):
        yield Fraction("".join(parts[:-1]) + "." + parts[-1])


@cache
def _decimal_sign(language: str) -> str:
    locale = find_locale(language)
    return str(locale.number_symbols.get("latn", {}).get("decimal", ".")) if locale else "."


def _worded(text: str, language: str) -> Found:
    values = number_words.cardinals(language)
    for match in _one_pattern(language).finditer(text):
        yield *match.span(), frozenset([Fraction(1)])
    if values:
        for match in _word_pattern(language).finditer(text):
            yield *match.span(), frozenset([Fraction(values[match[0].lower()])])


@cache
def _one_pattern(language: str) -> regex.Pattern[str]:
    """The words for one before a multiplier: "a million"."""
    following = _multiplier_pattern(language).pattern
    one = _ONE.get(language, "un")
    return regex.compile(rf"(?<!\p{{L}})(?:{one})(?={following})", regex.I)


@cache
def _word_pattern(language: str) -> regex.Pattern[str]:
    words = sorted(number_words.cardinals(language), key=len, reverse=True)
    return regex.compile(rf"(?<![\p{{L}}-])(?:{'|'.join(words)})(?![\p{{L}}])", regex.I)


@cache
def _multiplier_pattern(language: str) -> regex.Pattern[str]:
    words = sorted(number_words.multipliers(language), key=len, reverse=True)
    alternatives = "|".join(regex.escape(word) for word in words) or "(?!)"
    return regex.compile(rf"[\s\u00a0-]?((?:{alternatives})\p{{L}}{{0,2}})(?!\p{{L}})", regex.I)


def _known(word: str, words: dict[str, int]) -> str:
    """Return the longest word that a declined form begins with."""
    return max((each for each in words if word.lower().startswith(each)), key=len)

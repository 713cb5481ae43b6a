"""Words that call a number rough: "about", "more than", "nearly", in the languages of readers."""

from __future__ import annotations

from functools import cache

import regex

_ROUGH = {
    "en": (
        "about|around|some|roughly|approximately|over|(?:more|fewer|less) "
        "than|almost|nearly|close to|up to"
        "|under|below|above|at least|at most",
        "or (?:so|more)|plus",
    ),
    "fr": (
        "environ|quelque|autour de|presque|jusqu'à|près de?|plus de|moins de|au moins|au plus",
        "environ",
    ),
    "de": (
        "etwa|rund|ungefähr|über|knapp|nahezu|fast|circa|ca\\.|bis "
        "zu|gut|(?:mehr|weniger) als|mindestens"
        "|höchstens",
        "(?!)",
    ),
    "es": (
        "alrededor de|unos|unas|cerca de|casi|aproximadamente|hasta|(?:más|menos) de|al menos",
        "(?!)",
    ),
    "pt": ("cerca de|quase|aproximadamente|até|(?:mais|menos) de|pelo menos|uns|umas", "(?!)"),
    "it": ("circa|quasi|fino a|(?:più|meno) di|almeno|intorno a", "circa"),
    "ru": (
        "около|более(?: чем)?|свыше|почти|порядка|до|менее(?: чем)?|больше|примерно|не "
        "менее|как минимум",
        "(?!)",
    ),
    "tr": (
        "yaklaşık|neredeyse|en az|en fazla",
        "kadar|aşkın|civarında|'?[a-zü]*den fazla|'?[a-z]*dan fazla",
    ),
    "vi": ("khoảng|hơn|gần|ít nhất|chưa đến", "(?!)"),
    "ar": ("حوالي|نحو|أكثر من|ما يقرب من|أقل من|قرابة|بنحو", "(?!)"),
    "ja": ("約|およそ|ほぼ|少なくとも", "以上|超|余り|近く|ほど|程度|未満|以下|を超"),
    "ko": ("약|거의|최소|최대", "이상|넘|가까|정도|미만|이하|여"),
    "zh": ("约|約|大约|近|将近|超过|逾|至少|不到|超過", "多|余|左右|以上"),
}
"""Patterns of words that call a number rough: before it, and after it."""


def is_rough(text: str, start: int, end: int, language: str) -> bool:
    """Whether the words around a number at a range of a text call it rough."""
    before, after = _patterns(language)
    return bool(before.search(text, 0, start) or after.match(text, end))


@cache
def _patterns(language: str) -> tuple[regex.Pattern[str], regex.Pattern[str]]:
    before, after = _ROUGH.get(language, ("(?!)", "(?!)"))
    return (
        regex.compile(rf"(?:{before})\s?[$€£]?$", regex.I),
        regex.compile(rf"[^,.;，。]{{0,4}}?(?:{after})", regex.I),
    )

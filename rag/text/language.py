"""Identification of the language and script of a text."""

from __future__ import annotations

import re

from rag.text import language_identifier

_HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af]")
_KANA = re.compile(r"[\u3041-\u30ff\uff66-\uff9d]")
_HANGUL = re.compile(r"[\u1100-\u11ff\u3130-\u318f\uac00-\ud7af]")
_SAMPLE_CHARACTERS = 5000
"""Beginning of a text that is examined."""
_UNLIKELY = 0.3
"""A language less likely than the likeliest by this factor is not considered."""


def detect(text: str) -> str:
    """Return the BCP 47 tag of the main language of a text; "und" if it has no words.

    Chinese, Japanese and Korean are identified by their scripts, other languages by py3langid. Chinese
    is "zh-Hans" or "zh-Hant", or "zh" if all its characters are common to both scripts.
    """
    likely = probabilities(text)
    return max(likely, key=likely.__getitem__) if likely else "und"


def probabilities(text: str) -> dict[str, float]:
    """Return the probabilities of the likely languages of a text, by BCP 47 tag.

    Empty if it has no words. A short text in a script of many languages has several.
    """
    text = text[:_SAMPLE_CHARACTERS]
    letters = sum(map(str.isalpha, text))
    han, kana, hangul = (len(script.findall(text)) for script in (_HAN, _KANA, _HANGUL))
    if not letters:
        return {}
    if hangul * 5 > letters:
        return {"ko": 1.0}
    if (han + kana) * 5 > letters:
        return {"ja" if kana * 10 > han else _chinese(text): 1.0}
    ranked = language_identifier.load().rank(text)
    likely = {tag: float(p) for tag, p in ranked if p >= _UNLIKELY * ranked[0][1]}
    return {tag: p / sum(likely.values()) for tag, p in likely.items()}


def identifiable() -> set[str]:
    """Return the tags of the languages that `probabilities` can return."""
    return {tag for tag, _ in language_identifier.load().rank("")} - {"zh"} | {
        "ja",
        "ko",
        "zh-Hans",
        "zh-Hant",
    }


def _chinese(text: str) -> str:
    """Return the script whose national character set, GB 2312 or Big5, has more of the characters."""
    han = "".join(_HAN.findall(text))
    simplified, traditional = (len(han.encode(name, "ignore")) for name in ("gb2312", "big5"))
    if simplified == traditional:
        return "zh"
    return "zh-Hans" if simplified > traditional else "zh-Hant"

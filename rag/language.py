"""Which language a text is in."""

from __future__ import annotations

import re
from functools import lru_cache

_HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af]")
_KANA = re.compile(r"[\u3041-\u30ff\uff66-\uff9d]")
_HANGUL = re.compile(r"[\u1100-\u11ff\u3130-\u318f\uac00-\ud7af]")
_SAMPLE = 5000
"""Characters looked at: enough to be sure, whatever the length of the text."""


def detect(text: str) -> str:
    """Return the BCP 47 tag of the language `text` is mostly in, "und" where it has no words.

    Chinese, Japanese and Korean are told by script, Chinese as "zh-Hans" or "zh-Hant" by which
    characters it uses ("zh" where all are common to both); other languages by the package
    py3langid.
    """
    text = text[:_SAMPLE]
    letters = sum(map(str.isalpha, text))
    han, kana, hangul = (len(script.findall(text)) for script in (_HAN, _KANA, _HANGUL))
    if not letters:
        return "und"
    if hangul * 5 > letters:
        return "ko"
    if (han + kana) * 5 > letters:
        return "ja" if kana * 10 > han else _chinese(text)
    from py3langid.langid import classify

    return str(classify(text)[0])


def _chinese(text: str) -> str:
    simplified = traditional = 0
    for character in _HAN.findall(text):
        match _scripts(character):
            case (True, False):
                simplified += 1
            case (False, True):
                traditional += 1
    if simplified == traditional:
        return "zh"
    return "zh-Hans" if simplified > traditional else "zh-Hant"


@lru_cache(maxsize=16384)
def _scripts(character: str) -> tuple[bool, bool]:
    """Whether a character is in the standard set of the mainland (GB 2312) and of Taiwan (Big5)."""

    def within(encoding: str) -> bool:
        try:
            character.encode(encoding)
        except UnicodeEncodeError:
            return False
        return True

    return within("gb2312"), within("big5")

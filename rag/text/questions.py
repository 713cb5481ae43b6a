"""A question -> the form in which it is searched for and read: the same for each way to type it."""

from __future__ import annotations

import re
import unicodedata

import regex

_FULL_WIDTH = {
    code: folded
    for code in range(0xFF01, 0xFF5F)
    if (folded := unicodedata.normalize("NFKC", chr(code))).isalnum()
}
_QUOTES = {
    "“": "”",
    "„": "“",
    "«": "»",
    "‘": "’",
    "「": "」",
    "『": "』",
    "《": "》",
    "(": ")",
    "（": "）",
}
_QUOTES |= {mark: mark for mark in "\"'`*"}
_MARKS = "?？!！.。…؟;；,，、:： ¿¡·~～-–—"
_PLEASE = "|".join(
    [
        r"please|pls|plz|kindly",
        r"s'il (?:vous|te) pla[iî]t|svp|bitte|por favor|per favore|te rog|vă rog|lütfen",
        r"alstublieft|prosz[eę]|пожалуйста|будь ласка|παρακαλώ|من فضلك|لطفا|कृपया",
        r"xin hỏi|xin cho biết|làm ơn|tolong|mohon|กรุณา|โปรด|すみませんが?|실례지만",
        r"请问一?下?|請問一?下?|麻烦问一?下?|麻煩問一?下?|请教一?下?|請教一?下?",
    ]
)
_THANKS = "|".join(
    [
        r"thanks|thank you|thx|merci|danke|gracias|obrigad[oa]|grazie|спасибо|谢谢|謝謝|多谢|唔該",
        r"お願いします|教えてください|教えて下さい|부탁드립니다|부탁합니다",
    ]
)
_ADDRESS = re.compile(r"(?i:https?://)?[^\s/?。]+\.[^\s/?。]{2,}/\S+|(?i:https?://)\S+")
_OPENING = regex.compile(rf"(?V1i)(?:{_PLEASE})(?![\p{{L}}--\p{{Han}}])")
_CLOSING = regex.compile(rf"(?V1i)(?<![\p{{Latin}}\p{{Cyrillic}}])(?:{_PLEASE}|{_THANKS})$")


def normalize(question: str) -> str:
    """Return a question without what does not change its meaning.

    That is: quotes around it, marks at its ends, "please" in twenty languages, repeated white space
    and full-width letters and digits. If nothing else is in it, it stays as it is.
    """
    text = " ".join(question.translate(_FULL_WIDTH).split())
    before = ""
    while text and text != before:
        before = text
        text = _unquoted(text.strip(_MARKS))
        if match := _OPENING.match(text) or _CLOSING.search(text):
            text = text[: match.start()] + text[match.end() :]
    return text if any(map(str.isalnum, text)) else question


def addresses(question: str) -> list[str]:
    """Return the forms of the web address that a question is; empty if it is another text."""
    text = question.strip().partition("#")[0]
    if not _ADDRESS.fullmatch(text):
        return []
    rest = re.sub("^(?i:https?://)?", "", text).rstrip("/")
    bare = rest.partition("?")[0].rstrip("/")
    return [
        f"{scheme}://{form}{end}"
        for form in dict.fromkeys([rest, bare])
        for scheme in ("https", "http")
        for end in ("", "/")
    ]


def _unquoted(text: str) -> str:
    closing = _QUOTES.get(text[:1])
    inside = text[1:-1]
    if closing and text.endswith(closing) and len(text) > 1 and text[0] not in inside:
        return inside
    return text

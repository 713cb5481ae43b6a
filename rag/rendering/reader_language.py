"""The language that someone who asks a question reads."""

from __future__ import annotations

import regex

from rag.text.language import probabilities

_WIDESPREAD = frozenset("ar de el en es fa fr hi id it ja ko nl pl pt ro ru sv th tr uk vi".split())
"""Languages of many readers: likelier than a close relative, such as ms for id or gl for pt."""
_OF_SCRIPT = {"Latin": "en", "Cyrillic": "ru", "Arabic": "ar", "Devanagari": "hi"}
"""The most widespread language of each script that many languages share."""
_FEW_WORDS, _SOME_WORDS = 2, 4
"""So many words, which may all be names, tell nothing about the language but its script; and so many
only that it is a widespread one."""


def reader_language(question: str) -> str:
    """Return the BCP 47 tag of the language to render answers in; "" for Chinese, and without words.

    A question of few words gives the most widespread language of its script.
    """
    likely = probabilities(question)
    best = max(likely, key=likely.__getitem__, default="")
    if best.startswith("zh"):
        return ""
    best = max(likely, key=lambda tag: (tag in _WIDESPREAD, likely[tag]), default="")
    known_by = _FEW_WORDS if best in _WIDESPREAD else _SOME_WORDS
    return best if len(question.split()) > known_by else _of_script(question) or best


def _of_script(text: str) -> str:
    """Return the most widespread language of the script of a text; "" if no other shares the script."""
    counts = {script: len(regex.findall(rf"\p{{{script}}}", text)) for script in _OF_SCRIPT}
    script = max(counts, key=counts.__getitem__)
    return _OF_SCRIPT[script] if counts[script] * 2 > sum(map(str.isalpha, text)) else ""

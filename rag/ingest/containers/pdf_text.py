"""Joins the lines of the pages of a PDF into paragraphs, without what every page repeats."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise

from rag.ingest import dates
from rag.text.scripts import without_radicals

_EDGE_LINES = 2
_REPEATED_SHARE = 0.4
_SHORT = 0.75
"""A line that is narrower than this share of a full line ends a paragraph."""
_ALMOST_FULL = 0.92
"""The same for a line that ends a sentence."""
_SPACES = re.compile(r"\s+")
_DIGITS = re.compile(r"\d+")
_PAGE_NUMBER = re.compile(
    r"[-–—·]\s{0,3}\d{1,4}\s{0,3}[-–—·]"
    r"|第\s{0,3}[\d〇一二三四五六七八九十百]{1,5}\s{0,3}[页頁版]"
    r"(?:\s{0,3}[,，/]?\s{0,3}共\s{0,3}[\d〇一二三四五六七八九十百]{1,5}\s{0,3}[页頁版])?"
    r"|page\s{1,3}\d{1,4}(?:\s{1,3}of\s{1,3}\d{1,4})?",
    re.IGNORECASE,
)
_PRINTED_HEAD = re.compile(
    r"\d{1,4}[/.-]\d{1,2}[/.-]\d{1,4},? (?:[上下]午 ?)?\d{1,2}:\d{2}(?: ?[AP]M)?"
    r"(?:\s(?P<title>.{0,300}))?",
    re.IGNORECASE,
)
"""The line that browsers print above a page: the time of printing and the title."""
_PRINTED_FOOT = re.compile(r"(?P<url>(?:https?|file)://\S{1,2000}?)\s?\d{1,4}/\d{1,4}")
"""The line that they print below it: the address and the number of the page."""
_TITLE_LINES = 4
_HEAD_LINES = 6
_SENTENCE_END = re.compile(r"[。！？!?.…：:；;][”’」』）\")]{0,2}$")
_INDENTED = re.compile(r"\u3000|[ \t\xa0]{2}|[•●■◆▪]")
_HYPHENATED = re.compile(r"(?:(?<=[^\W_])-|\xad)$")
_LOWER_CASE = re.compile(r"[a-zß-öø-ÿ]")
_WITHOUT_SPACES = re.compile(
    r"[\u2e80-\u312f\u3190-\ua4cf\uf900-\ufaff\ufe30-\ufe4f\uff00-\uff60“”‘’—…]"
)
_SPACED_HAN = re.compile(r"(?<=[\u3400-\u9fff])[ \xa0](?=[\u3400-\u9fff])")
_HAN = re.compile(r"[\u3400-\u9fff]")
_LOOK_ALIKES = re.compile(r"[\uf900-\ufaff\ufb00-\ufb06]")
"""Compatibility forms and ligatures, which some programs write instead of the characters."""


def printed_address(pages: Sequence[str]) -> str:
    """Return the address that a browser printed at the edge of the first page; "" if there is none."""
    lines = [line.strip() for line in "".join(pages[:1]).splitlines() if line.strip()]
    found = (_PRINTED_FOOT.fullmatch(lines[place]) for place in sorted(_edges(lines)))
    url = next((match["url"] for match in found if match), "")
    return url if url.startswith("http") else ""


def join_pages(pages: Sequence[str], title: str = "") -> str:
    """Return the text of the pages, with a blank line between paragraphs.

    Running heads and feet are left out: lines that most pages repeat at their edge, but for the digits.
    """
    lines = [line for page in _without_running_lines(pages, title) for line in page]
    return "\n\n".join(_paragraphs(_with_title(lines, title)))


def _with_title(lines: list[str], title: str) -> list[tuple[str, bool]]:
    """Mark the lines that end a paragraph by what they say; join the first ones that are the title."""
    wanted, joined = _SPACES.sub("", title), ""
    count = 0
    for number, line in enumerate(lines[:_TITLE_LINES], 1):
        joined += _SPACES.sub("", line)
        if not wanted.startswith(joined):
            break
        # The title in the metadata may end with the name of the site.
        count = number
    heading = [("".join(lines[:count]), True)] if count else []
    rest = lines[count:]
    return heading + [
        (line, at < _HEAD_LINES and dates.is_date(line.strip())) for at, line in enumerate(rest)
    ]


def _without_running_lines(pages: Sequence[str], title: str) -> Iterator[list[str]]:
    split = [[_repaired(line) for line in page.splitlines() if line.strip()] for page in pages]
    seen = Counter(key for lines in split for key in {_key(lines[place]) for place in _edges(lines)})
    least = max(2, _REPEATED_SHARE * len(split))
    for lines in split:
        edges = _edges(lines)
        running = {place for place in edges if _is_running(lines[place], seen, least)}
        if any(_PRINTED_FOOT.fullmatch(lines[place].strip()) for place in edges):
            running |= {place for place in edges if _is_printed(lines[place].strip(), title)}
        yield [line for place, line in enumerate(lines) if place not in running]


def _edges(lines: Sequence[str]) -> set[int]:
    places = range(len(lines))
    return {*places[:_EDGE_LINES], *places[-_EDGE_LINES:]}


def _is_running(line: str, seen: Counter[str], least: float) -> bool:
    return seen[_key(line)] >= least or _PAGE_NUMBER.fullmatch(line.strip()) is not None


def _is_printed(line: str, title: str) -> bool:
    """Whether a browser printed a line at the edge of a page: time and title, or the address."""
    if head := _PRINTED_HEAD.fullmatch(line):
        return _SPACES.sub("", head["title"] or "") in _SPACES.sub("", title)
    return _PRINTED_FOOT.fullmatch(line) is not None


def _key(line: str) -> str:
    return _DIGITS.sub("0", _SPACES.sub("", line))


def _repaired(line: str) -> str:
    line = without_radicals(line.rstrip())
    line = _LOOK_ALIKES.sub(lambda match: unicodedata.normalize("NFKC", match[0]), line)
    closed, spaces = _SPACED_HAN.subn("", line)
    # A justified line is drawn character by character. One space, as in 记者 王明, is meant.
    return closed if spaces >= 3 and spaces * 2 >= len(_HAN.findall(line)) else line


def _paragraphs(lines: Sequence[tuple[str, bool]]) -> Iterator[str]:
    full = _full_width([line for line, _ in lines])
    pieces: list[str] = []
    for (line, is_end), (following, starts) in pairwise([*lines, ("", True)]):
        if starts and following and dates.is_date(following.strip()):
            is_end = True
        _append(pieces, line.strip())
        if is_end or not following or _INDENTED.match(following) or _ends_paragraph(line, full):
            yield "".join(pieces)
            pieces.clear()


def _full_width(lines: Sequence[str]) -> int:
    widths = sorted(map(_width, lines))
    return widths[len(widths) * 4 // 5] if widths else 0


def _width(line: str) -> int:
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in line)


def _ends_paragraph(line: str, full: int) -> bool:
    share = _ALMOST_FULL if _SENTENCE_END.search(line) else _SHORT
    return _width(line) < share * full


def _append(pieces: list[str], line: str) -> None:
    """Append a line to those of its paragraph, with what belongs between them."""
    if pieces and _HYPHENATED.search(pieces[-1]):
        if _LOWER_CASE.match(line) or pieces[-1].endswith("\xad"):
            pieces[-1] = pieces[-1][:-1]
    elif pieces and not (_WITHOUT_SPACES.match(pieces[-1][-1:]) or _WITHOUT_SPACES.match(line)):
        pieces.append(" ")
    pieces.append(line)

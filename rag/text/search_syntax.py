"""Search operators, as people know them from search engines: what is typed -> question and filters.

    "exact phrase"   -word   -"exact phrase"   site:rfi.fr   since:2024-03   until:2024-03-06

An operator begins where a word begins, so quotation marks and hyphens within a sentence stay text.
"""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import date

import regex

from rag.types import Filters, Span

_OPERATOR = regex.compile(
    r"""(?x)(?<!\S)(?:
      (?i:(?P<name>site|since|until)) [:：] (?P<value>\S+)
    | (?P<minus>[-－])? (?:"(?P<phrase>[^"\n]+)" | [“„](?P<curly>[^“”\n]+)[”“])
      (?=[\s,.?!;:，。？！；：]|$)
    | [-－](?P<word>[\p{L}\p{M}\p{N}_]*\p{L}[\p{L}\p{M}\p{N}_'’-]*) (?!\S)
    )"""
)
_DAY = regex.compile(r"(?a)(\d{4})(?:-(\d\d?)(?:-(\d\d?))?)?")
_SPACES = regex.compile(r"\s{2,}")


@dataclass(frozen=True, slots=True)
class Operator:
    """An operator in a text: its kind, its value, and its range of characters.

    `kind` is "phrase", "without", "site", "since" or "until".
    """

    kind: str
    value: str
    span: Span


@dataclass(frozen=True, slots=True)
class Search:
    """A text without its operators, and the filters that they stand for.

    The words of a phrase stay in the `question`. Both may be empty.
    """

    question: str
    filters: Filters
    operators: tuple[Operator, ...]


def parse(text: str) -> Search:
    """Read the operators of a text. What is no operator, such as an impossible day, stays text."""
    operators = tuple(_operators(text))
    filters = Filters()
    if sites := [operator.value for operator in operators if operator.kind == "site"]:
        filters["source"] = sites
    if phrases := [operator.value for operator in operators if operator.kind == "phrase"]:
        filters["phrases"] = phrases
    if without := [operator.value for operator in operators if operator.kind == "without"]:
        filters["without"] = without
    for operator in operators:
        if operator.kind == "since":
            filters["since"] = _day(operator.value, is_last=False)
        elif operator.kind == "until":
            filters["until"] = _day(operator.value, is_last=True)
    return Search(_question(text, operators), filters, operators)


def remove(text: str, operator: Operator) -> str:
    """Return a text without one of its operators; the words of a phrase stay."""
    return _tidy(_without(text, operator))


def _operators(text: str) -> list[Operator]:
    found = []
    for match in _OPERATOR.finditer(text):
        if name := match["name"]:
            kind, value = name.lower(), match["value"]
            if kind != "site" and _day(value, is_last=False) is None:
                continue
        elif value := match["phrase"] or match["curly"]:
            kind = "without" if match["minus"] else "phrase"
        else:
            kind, value = "without", match["word"]
        if any(map(str.isalnum, value)):
            found.append(Operator(kind, value.strip(), match.span()))
    return found


def _question(text: str, operators: tuple[Operator, ...]) -> str:
    for operator in reversed(operators):
        text = _without(text, operator)
    return _tidy(text)


def _without(text: str, operator: Operator) -> str:
    start, end = operator.span
    kept = operator.value if operator.kind == "phrase" else ""
    return f"{text[:start]}{kept}{text[end:]}"


def _tidy(text: str) -> str:
    return str(_SPACES.sub(" ", text)).strip()


def _day(text: str, *, is_last: bool) -> date | None:
    """Return the first or the last day of a year, a month or a day; None for another text."""
    match = _DAY.fullmatch(text)
    if not match:
        return None
    year, month, day = (int(part) if part else None for part in match.groups())
    try:
        first = date(year or 0, month or 1, day or 1)
    except ValueError:
        return None
    if day or not is_last:
        return first
    month = month or 12
    return first.replace(month=month, day=monthrange(first.year, month)[1])

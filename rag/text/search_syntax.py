"""Search operators, as people know them from search engines: what is typed -> question and filters.

    "exact phrase"   -word   -"exact phrase"   site:rfi.fr   lang:zh   since:2024-03   until:2024-03-06

An operator begins and ends where a word does, so that quotation marks and hyphens within a sentence
stay text. Quotation marks may be curly, signs full-width. 「」 and «» stay text.
"""

from __future__ import annotations

from dataclasses import dataclass

import regex

from rag.text.date_expressions import Period
from rag.types import Filters, Span

_MOST = 20
"""Operators that are read; what is typed after them stays text."""
_START = r"(?<!\S)"
_END = r"(?=[,.?!;:，。？！；：]{0,3}(?:\s|$))"
_CHARACTER = r"[\p{L}\p{M}\p{N}_]"
_OPERATOR = regex.compile(
    rf"""(?x){_START}(?:
      (?i:(?P<name>site|lang|language|since|until)) [:：] (?P<value>[^\s:：]\S{{0,199}}?)
    | (?P<minus>[-－−])?
      (?:["＂](?P<phrase>[^"＂\n]{{1,200}})["＂] | [“„](?P<curly>[^“”„\n]{{1,200}})[”“])
    | [-－−](?P<word>\p{{L}}{_CHARACTER}{{0,99}}(?:[.&/'’-]{_CHARACTER}{{1,99}}){{0,9}})
    ){_END}"""
)
_LOOKS_LIKE_ONE = regex.compile(
    rf"(?i){_START}[-－−]?(?:site|lang|language|since|until|before|after|intitle|inurl|filetype)"
    r"[:：]\S{1,99}"
)
_SPACES = regex.compile(r"\s{2,}+")


@dataclass(frozen=True, slots=True)
class Operator:
    """An operator in a text: its kind, its value, and its range of characters.

    `kind` is "phrase", "without", "site", "language", "since" or "until".
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
    """Read the operators of a text. What is no operator, such as an impossible day, stays text.

    Several sites are alternatives. Of several days the narrowest counts, of several languages the last.
    """
    operators = tuple(_operators(text)[:_MOST])
    return Search(_question(text, operators), _filters(operators), operators)


def remove(text: str, operator: Operator) -> str:
    """Return a text without one of its operators; the words of a phrase stay."""
    return _tidy(_without(text, operator))


def not_understood(text: str) -> list[str]:
    """Return what looks like an operator of a search engine but is text, such as "-site:rfi.fr"."""
    found = {match.span(): match.group() for match in _LOOKS_LIKE_ONE.finditer(text)}
    starts = {operator.span[0] for operator in _operators(text)}
    return [operator for (start, _), operator in found.items() if start not in starts]


def _operators(text: str) -> list[Operator]:
    found = [
        Operator(*_kind_and_value(match), match.span())
        for match in _OPERATOR.finditer(text)
        if any(map(str.isalnum, match.group()))
    ]
    return [each for each in found if each.kind not in ("since", "until") or Period.parse(each.value)]


def _kind_and_value(match: regex.Match[str]) -> tuple[str, str]:
    if name := match["name"]:
        kind = name.lower()
        return "language" if kind == "lang" else kind, match["value"]
    if word := match["word"]:
        return "without", word
    return "without" if match["minus"] else "phrase", (match["phrase"] or match["curly"]).strip()


def _filters(operators: tuple[Operator, ...]) -> Filters:
    filters = Filters()
    if sites := _values(operators, "site"):
        filters["source"] = sites
    if languages := _values(operators, "language"):
        filters["language"] = languages[-1]
    if since := _periods(operators, "since"):
        filters["since"] = max(period.first for period in since)
    if until := _periods(operators, "until"):
        filters["until"] = min(period.last for period in until)
    if phrases := _values(operators, "phrase"):
        filters["phrases"] = phrases
    if without := _values(operators, "without"):
        filters["without"] = without
    return filters


def _values(operators: tuple[Operator, ...], kind: str) -> list[str]:
    return list(dict.fromkeys(operator.value for operator in operators if operator.kind == kind))


def _periods(operators: tuple[Operator, ...], kind: str) -> list[Period]:
    return [period for value in _values(operators, kind) if (period := Period.parse(value))]


def _question(text: str, operators: tuple[Operator, ...]) -> str:
    for operator in reversed(operators):
        text = _without(text, operator)
    if operators and not any(map(str.isalnum, text)):
        return ""
    return _tidy(text)


def _without(text: str, operator: Operator) -> str:
    start, end = operator.span
    kept = operator.value if operator.kind == "phrase" else ""
    return f"{text[:start]}{kept}{text[end:]}"


def _tidy(text: str) -> str:
    return str(_SPACES.sub(" ", text)).strip()

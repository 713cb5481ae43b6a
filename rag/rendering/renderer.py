"""Answers and sentences of Chinese articles in the reader's language: 约6700集装箱 -> "about 6,700".

An answer is rendered whole or not at all, as a member or a list of members (`members.py`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date
from functools import lru_cache
from typing import TypedDict, Unpack

import regex
from babel.lists import format_list

from rag.names.keys import simplified
from rag.names.known import KnownNames
from rag.rendering import phrases
from rag.rendering.dates.dates import find_dates
from rag.rendering.formats import find_locale
from rag.rendering.members import Members
from rag.rendering.names import NameGlosses
from rag.rendering.numbers.amounts import find_amounts
from rag.text.terms import normal
from rag.types import Gloss, Span

_NO_LETTERS = regex.compile(r"[^\p{L}\p{N}%]")


class Context(TypedDict):
    """What the rendering of a text depends on: keyword arguments of `render` and `glosses`.

    `language` is a BCP 47 tag, `day` that of the article, `currency` the ISO 4217 code of a bare 元.
    """

    language: str
    day: date | None
    currency: str | None
    names: KnownNames


def glosses(text: str, span: Span, **context: Unpack[Context]) -> list[Gloss]:
    """Return the amounts, dates and names in a range of a Chinese text, in order, without overlaps.

    Of two that overlap the longer one counts. What reads the same in both languages is left out, and so
    is a name beside which the text itself prints the foreign one.
    """
    names = NameGlosses(text, context["language"], context["names"])
    return [
        gloss
        for gloss in _find(text, span, names, context)
        if span[0] <= gloss.start and gloss.end <= span[1]
        if _differs(gloss, text) and not phrases.ORIGINAL_AFTER.match(text, gloss.end)
    ]


def render(text: str, span: Span, **context: Unpack[Context]) -> Gloss | None:
    """Return what a range of a Chinese text says in a language, whole; None where that is unsure."""
    names = NameGlosses(text, context["language"], context["names"])
    found = [_reduced(gloss, span, text) for gloss in _find(text, span, names, context)]
    if not find_locale(context["language"]) or any(_crosses(gloss, span) for gloss in found):
        return None
    members = Members(text, simplified(text), found, context["language"], names)
    rendering = members.render(*span) or _render_list(members, span)
    return rendering if rendering and _differs(rendering, text) else None


def _render_list(members: Members, span: Span) -> Gloss | None:
    start, end = span
    if others := phrases.AND_OTHERS.search(members.plain, start, end):
        end = others.start()
    joints = [
        joint
        for joint in phrases.JOINT.finditer(members.plain, start, end)
        if not any(gloss.start < joint.end() and joint.start() < gloss.end for gloss in members.glosses)
    ]
    starts = [start, *(joint.end() for joint in joints)]
    ends = [*(joint.start() for joint in joints), end]
    rendered = [members.render(*each) for each in zip(starts, ends, strict=True)]
    known = [member for member in rendered if member]
    if len(known) < len(rendered):
        return None
    kinds = {joint.lastgroup for joint in joints}
    if "hyphen" in kinds and known[0].kind == "name":
        return None
    text = _join([member.text for member in known], kinds, members.language)
    if not text:
        return None
    is_transliteration = any(member.is_transliteration for member in known)
    return Gloss(*span, f"{text}…" if others else text, known[0].kind, is_transliteration)


def _join(members: Sequence[str], kinds: set[str | None], language: str) -> str:
    """Join members as a language does; "" for a range that has not two ends."""
    if kinds & {"range", "hyphen"}:
        return " – ".join(members) if len(members) == 2 else ""
    return format_list(members, "or" if "or" in kinds else "standard", find_locale(language))


def _find(text: str, span: Span, names: NameGlosses, context: Context) -> list[Gloss]:
    """Return the amounts and dates of a text, and the names of a range of it, without overlaps."""
    numbers = _find_numbers(text, context["language"], context["day"], context["currency"])
    return _longest([*numbers, *names.find(span)])


@lru_cache(maxsize=8)  # an answer and its sentence have the same text
def _find_numbers(
    text: str, language: str, day: date | None, currency: str | None
) -> tuple[Gloss, ...]:
    return (*find_dates(text, language, day), *find_amounts(text, language, currency))


def _longest(found: Iterable[Gloss]) -> list[Gloss]:
    """Return the longest of overlapping glosses, in order; of equally long ones the first."""
    chosen: list[Gloss] = []
    for gloss in sorted(found, key=lambda gloss: gloss.start - gloss.end):
        if all(gloss.end <= other.start or other.end <= gloss.start for other in chosen):
            chosen.append(gloss)
    return sorted(chosen, key=lambda gloss: gloss.start)


def _reduced(gloss: Gloss, span: Span, text: str) -> Gloss:
    """Return a gloss as one of the part of it within a range, if the rest only says how it is meant.

    For 9月 in 去年9月 "September 2023" is right, and for 6700 in 约6700 "about 6,700".
    """
    start, end = max(span[0], gloss.start), min(span[1], gloss.end)
    if start >= end:
        return gloss
    before, after = text[gloss.start : start], text[end : gloss.end]
    if gloss.kind == "date":
        is_same = not after and phrases.YEAR_BEFORE.fullmatch(before)
    else:
        is_same = phrases.ROUGHNESS.fullmatch(before) and phrases.ROUGHNESS.fullmatch(after)
    return replace(gloss, start=start, end=end) if is_same else gloss


def _crosses(gloss: Gloss, span: Span) -> bool:
    """Whether a gloss begins or ends within a range and is not inside it."""
    start, end = span
    return gloss.start < end and start < gloss.end and not (start <= gloss.start and gloss.end <= end)


def _differs(gloss: Gloss, text: str) -> bool:
    """Whether a gloss differs from what it renders in more than spaces and punctuation."""
    return _letters(gloss.text) != _letters(text[gloss.start : gloss.end])


def _letters(text: str) -> str:
    letters: str = _NO_LETTERS.sub("", normal(text))
    return letters.casefold()

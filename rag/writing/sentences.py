"""The text of a language model, as it arrives -> whole sentences with their citations."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Literal

import regex

from rag.text.scripts import clean

Begins = Literal["", "paragraph", "item"]

_NUMBERS = r"\^?(?:(?i:passages?|sources?|段落|來源|来源)\s*)?\d{1,3}(?:\s*[,，、;；–—-]\s*\^?\d{1,3})*"
_BRACKETED = rf"[\[［【〔]\s*{_NUMBERS}\s*(?:†[^\]］】〕\n]{{0,40}})?[\]］】〕]"
_ROUND = r"[(（]\s*\d{1,2}(?:\s*[,，、]\s*\d{1,2})*\s*[)）]"
_CITATION = regex.compile(rf"(?<!\s)\s*+{_BRACKETED}")
_LAST_ROUND = regex.compile(rf"(?<![)）\s])(?:\s*{_ROUND})++(?=[.!?。！？؟।]*$)")
_CITED_BEFORE = regex.compile(rf"{_BRACKETED}$")
_UNCLOSED = regex.compile(r"\s*[\[［【〔(（][^\]］】〕)）]{0,40}$")
_RANGE = regex.compile(r"(\d{1,3})(?:\s*[–—-]\s*\^?(\d{1,3}))?")
_LONGEST_RANGE, _LONGEST_CITATION = 8, 80
_ITEM = regex.compile(r"\s*(?:(?:[-*•·–]|\d{1,2}[.)])\s+|\d{1,2}[、）]\s*|[(（]\d{1,2}[)）]\s*)")
_NEXT_ITEM = regex.compile(rf"\n{_ITEM.pattern}")
_MARKUP = regex.compile(r"\*\*|__|`+|^\s*#{1,6}\s+|^\s*>\s+")
_LEAD_IN = (":", "：")
_LETTER = regex.compile(r"\p{L}")
_UNSURE = frozenset(".…!?")
"""End marks that also occur within a sentence."""
_END = regex.compile(
    rf"""(?P<mark>(?<![.!?。！？…؟۔।॥։။៕])[.!?。！？…؟۔।॥։။៕]++)["'”’」』》〉）)»*_]*+(?P<cited>(?:\s*(?:{_BRACKETED}|{_ROUND}))*+)"""
    r"(?=(?P<gap>\s*)(?P<next>\S))"
    rf"|(?P<unmarked>(?<![\]］】〕\s])(?:\s*{_BRACKETED})++)(?=\s+[\p{{Thai}}\p{{Lao}}\p{{Khmer}}\p{{Myanmar}}])"
)
_ABBREVIATION = regex.compile(
    r"(?:^|[\s(（“\"'.])(?:\p{Lu}|Mr|Mrs|Ms|Dr|Prof|St|No|Jr|Sr|Inc|Ltd|Co|Corp|Gen|Sen|Rep|Gov|Lt|Col|vs"
    r"|approx|ca|e\.g|i\.e|z\. ?B|bzw|Nr|Mio|Mrd|sog|Mme|env|art|Sra|EE|pág|núm|aprox"
    r"|г|гг|млн|млрд|тыс|им|т\. ?е|т\. ?д|ул|див|напр)$"
)
_ORDINAL = regex.compile(r"(?:^|\s)\d{1,2}$")
_WITH_ORDINALS = frozenset("bs cs da de et fi fo hr hu is lb lv nb nn no pl sk sl sr tr".split())
"""Languages that write a point after an ordinal number."""
_GROWTH = 1.02
_LONGEST_QUOTATION = 600
"""Characters. After that many, a mark that opens one is taken for a slip."""
_PAIRS = tuple(zip("“「『«（(《", "”」』»）)》", strict=True))


@dataclass(frozen=True, slots=True)
class Sentence:
    """A whole sentence without citations and markup, and the numbers that it cites.

    `has_end` says whether it ends as a sentence does: the last one of a text that breaks off may not.
    """

    text: str
    citations: tuple[int, ...]
    begins: Begins
    has_end: bool


class SentenceStream:
    """Splits a text that arrives in pieces; gives each sentence once the next one has begun."""

    def __init__(self, language: str) -> None:
        self._has_ordinals = language.partition("-")[0] in _WITH_ORDINALS
        self._rest = ""
        self._examined = 0
        self._is_within_line = False

    def add(self, piece: str) -> list[Sentence]:
        """Return the sentences that are known to be whole with this piece, in order."""
        self._rest += piece
        if len(self._rest) < self._examined * _GROWTH:
            return []  # or a long sentence would be examined again with each of its pieces
        self._examined = len(self._rest)
        *whole, last = self._fragments() or [_Fragment(0, 0, "")]
        sentences = [_sentence(self._rest, fragment) for fragment in whole]
        if whole:
            self._rest, self._is_within_line = self._rest[last.start :], not last.begins
            self._examined = len(self._rest)
        return sentences

    def finish(self) -> list[Sentence]:
        """Return what is left at the end of the text: a sentence, or nothing."""
        fragments = self._fragments()
        sentences = [_sentence(self._rest, fragment) for fragment in fragments]
        self._rest = ""
        return [sentence for sentence in sentences if sentence.text]

    def _fragments(self) -> list[_Fragment]:
        """Return the sentences of the rest; marks and citations alone belong to the one before."""
        fragments: list[_Fragment] = []
        joins_next = False
        for fragment in self._parts():
            content = self._rest[fragment.start : fragment.end]
            if fragments and (joins_next or _is_bare(content)):
                fragments[-1] = replace(fragments[-1], end=fragment.end)
            else:
                fragments.append(fragment)
            joins_next = _CITATION.sub("", content).rstrip("*_ ").endswith(_LEAD_IN)
        return fragments

    def _parts(self) -> Iterator[_Fragment]:
        for line in regex.finditer(r"[^\n]+", self._rest):
            is_first = not (self._is_within_line and line.start() == 0)
            begins: Begins = ""
            start = line.start()
            if is_first:
                item = _ITEM.match(line[0])
                begins = "item" if item else "paragraph"
            for end in self._ends(line[0]):
                yield _Fragment(start, line.start() + end, begins)
                start, begins = line.start() + end, ""

    def _ends(self, line: str) -> Iterator[int]:
        item = _ITEM.match(line)
        start = item.end() if item else 0
        for match in _END.finditer(line, start):
            if self._is_end(line[start : match.start()], line[start : match.end()], match):
                yield match.end()
                start = match.end()
        if line[start:].strip():
            yield len(line)

    def _is_end(self, before: str, sentence: str, match: regex.Match[str]) -> bool:
        if match["unmarked"]:
            return True
        if len(sentence) <= _LONGEST_QUOTATION and _is_open(sentence):
            return False
        if (
            match["cited"]
            or _CITED_BEFORE.search(before[-_LONGEST_CITATION:])
            or not _UNSURE.issuperset(match["mark"])
        ):
            return True
        if not match["gap"] or match["next"].islower():
            return False
        if match["mark"] != ".":
            return True
        is_ordinal = self._has_ordinals and _ORDINAL.search(before)
        return not is_ordinal and not _ABBREVIATION.search(before)


@dataclass(frozen=True, slots=True)
class _Fragment:
    start: int
    end: int
    begins: Begins


def split(pieces: Iterable[str], language: str) -> Iterator[Sentence]:
    """Yield the sentences of a text in the BCP 47 language as its pieces arrive.

    If the pieces end with an exception, the last sentence comes only if it has an end and a citation;
    then the exception follows.
    """
    stream = SentenceStream(language)
    try:
        for piece in pieces:
            yield from stream.add(piece)
    except Exception:
        yield from (last for last in stream.finish() if last.has_end and last.citations)
        raise
    yield from stream.finish()


def _sentence(text: str, fragment: _Fragment) -> Sentence:
    raw = text[fragment.start : fragment.end]
    if fragment.begins == "item" and (item := _ITEM.match(raw)):
        raw = raw[item.end() :]
    raw = _NEXT_ITEM.sub(" ", raw)
    citations = _CITATION.findall(raw)
    plain = clean(_MARKUP.sub("", _CITATION.sub("", raw))).strip("*_ ")
    if not citations and (last := _LAST_ROUND.search(plain)):
        citations = [last[0]]
        plain = plain[: last.start()] + plain[last.end() :]
    has_end = bool(regex.search(r"""[.!?。！？…؟۔।॥։။៕]["'”’」』》〉）)»]*$""", plain))
    return Sentence(plain, tuple(_numbers(citations)), fragment.begins, has_end)


def _numbers(citations: Iterable[str]) -> list[int]:
    """Return the numbers of citations, each once, ranges included."""
    numbers: dict[int, None] = {}
    for citation in citations:
        for first, last in _RANGE.findall(citation.partition("†")[0]):
            start, end = int(first), int(last or first)
            is_range = 0 < end - start < _LONGEST_RANGE
            numbers |= dict.fromkeys(range(start, end + 1) if is_range else (start, end))
    return list(numbers)


def _is_open(text: str) -> bool:
    """Whether a quotation or a bracket has begun in a text and not ended."""
    unequal = any(text.count(opening) > text.count(closing) for opening, closing in _PAIRS)
    return unequal or text.count('"') % 2 == 1


def _is_bare(content: str) -> bool:
    """Whether a part has nothing but citations and marks, or the beginning of a citation."""
    return _UNCLOSED.fullmatch(content) is not None or not _LETTER.search(_CITATION.sub("", content))

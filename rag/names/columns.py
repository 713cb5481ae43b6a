"""The files of the table of names, column by column.

A file is a zip archive. Each language has a column, a text file whose line *n* has the names of row *n*
separated by tabs, the usual one first. A column is read when it is first asked for.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterator, Sequence
from functools import cache, cached_property
from pathlib import Path
from zipfile import ZipFile

import numpy as np
import regex

from rag.text.terms import normal

CHINESE, ENGLISH, CLDR = "zh", "en", "cldr"
"""Columns that have a part of their own; `CLDR` has keys such as `territory:FR`."""
CHARACTERS = "characters"
"""The file of the characters that mostly transliterate."""
WORDS = "words"
"""The file of the common words of Chinese texts, names among them, most frequent first."""
SAME = "="
"""In a cell: the usual English name. Before a key: an acronym."""
_NOT_IN_KEYS = regex.compile(r"(?V1)[^\p{L}\p{M}\p{N}ー々〇=\t\n]")
_ACRONYM = re.compile(r"(?<![^\t\n])(?=[A-Z]{2,3}(?![^\t\n]))")


class Column:
    """Lines of text, held as bytes; iterable."""

    def __init__(self, content: bytes) -> None:
        self._content = content
        ends = np.flatnonzero(np.frombuffer(content, np.uint8) == ord("\n"))
        self._starts = np.concatenate([[0], ends + 1])

    def __getitem__(self, row: int) -> str:
        return self._content[self._starts[row] : self._starts[row + 1] - 1].decode()

    def __iter__(self) -> Iterator[str]:
        return iter(self.text.splitlines())

    @property
    def text(self) -> str:
        """All lines, each with its end."""
        return self._content.decode()


class Rows:
    """The rows of several files, one after another."""

    def __init__(self, paths: Sequence[Path]) -> None:
        self._paths = paths
        self._columns: dict[str, Column] = {}

    def column(self, name: str) -> Column:
        """Return a column; its lines are empty in a file that lacks it."""
        if name not in self._columns:
            parts = (_member(path, name) or self._blank(path) for path in self._paths)
            self._columns[name] = Column(b"".join(parts))
        return self._columns[name]

    def _blank(self, path: Path) -> bytes:
        return b"\n" * _member(path, CHINESE).count(b"\n")

    @cached_property
    def digest(self) -> str:
        """Digest of the files."""
        return hashlib.sha256(b"".join(path.read_bytes() for path in self._paths)).hexdigest()[:16]

    @cached_property
    def languages(self) -> frozenset[str]:
        """The languages that have a column, besides Chinese."""
        names: set[str] = set()
        for path in self._paths:
            with ZipFile(path) as file:
                names.update(name.removesuffix(".txt") for name in file.namelist())
        return frozenset(name for name in names if len(name) == len(ENGLISH)) - {CHINESE}

    @cached_property
    def characters(self) -> frozenset[str]:
        """The characters that mostly transliterate foreign names."""
        return frozenset("".join(_member(path, CHARACTERS).decode().strip() for path in self._paths))

    @cached_property
    def ranks(self) -> dict[str, int]:
        """The common words of Chinese texts with their ranks, 0 for the most frequent one."""
        words = "".join(_member(path, WORDS).decode() for path in self._paths).split()
        return {word: rank for rank, word in enumerate(words)}


def _member(path: Path, name: str) -> bytes:
    with ZipFile(path) as file:
        member = f"{name}.txt"
        return file.read(member) if member in file.namelist() else b""


def folded_names(column: str) -> str:
    """Return the names of a column, or one name, without case, accents, spaces and punctuation.

    An acronym of two or three letters begins with "=".
    """
    text = unicodedata.normalize("NFKC", _ACRONYM.sub(SAME, column))
    return text.translate({ord(character): _folded(character) for character in set(text)})


@cache
def _folded(character: str) -> str:
    return str(_NOT_IN_KEYS.sub("", normal(character).casefold()))

"""Texts that show which names people use; see `name_table.py`."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

from benchmarks import sets
from rag.names.table import key
from training import encoder_data

_NTREX = dict(
    pair.split("=")
    for pair in (
        "en=src.eng fr=ref.fra es=ref.spa nl=ref.nld ru=ref.rus ja=ref.jpn ko=ref.kor tr=ref.tur "
        "vi=ref.vie he=ref.heb el=ref.ell"
    ).split()
)
_QUESTIONS = {
    "en": ["tydiqa-lang/*english*"],
    "ru": ["tydiqa-lang/*russian*"],
    "ko": ["tydiqa-lang/*korean*"],
    "fr": ["piaf/*.json.gz"],
    "ja": ["jsquad/*.json.gz", "jaquad/jaquad_train_000*"],
}
"""Sets of questions below `DATA/qa` whose passages are read."""


def news(data: Path) -> str:
    """Return the Chinese news and passages of questions, simplified."""
    articles = [article.text for article in sets.news(data, small=False).articles()]
    articles += [article.text for article, _ in encoder_data.cmrc(data).values()]
    for pattern in ("drcd/*.json*", "qa/crud-news/*.json.gz"):
        for found in sorted(data.glob(pattern)):
            articles += _contexts(json.loads(encoder_data.read(found)))
    return key("\n".join(articles))


def text(data: Path, tag: str) -> str:
    """Return news and passages in a language; empty if there are none."""
    if tag not in _NTREX:
        return ""
    path = data / f"parallel/ntrex/newstest2019-{_NTREX[tag]}.txt"
    texts = [encoder_data.read(path if path.exists() else path.with_name(f"{path.name}.gz"))]
    for pattern in _QUESTIONS.get(tag, ()):
        for found in sorted((data / "qa").glob(pattern)):
            texts += _contexts(json.loads(encoder_data.read(found)))
    return "\n".join(texts)


def _contexts(value: Any) -> Iterator[str]:
    if isinstance(value, list):
        for each in value:
            yield from _contexts(each)
    elif isinstance(value, dict):
        yield from ([value["context"]] if "context" in value else _contexts(list(value.values())))


def count_names(names: Collection[str], text: str, *, is_spaced: bool) -> Counter[str]:
    """Count the names in a text: the longest one at each place, whole words if spaces divide them."""
    begins: dict[str, set[int]] = {}
    known = set(names)
    for name in known:
        begins.setdefault(name[:2], set()).add(len(name))
    lengths = {begin: sorted(found, reverse=True) for begin, found in begins.items()}
    counts: Counter[str] = Counter()
    at = 0
    while at < len(text):
        end = at + 1
        if not (is_spaced and at and text[at - 1].isalpha()):
            for length in lengths.get(text[at : at + 2], ()):
                name = text[at : at + length]
                if name in known and not (is_spaced and text[at + length : at + length + 1].isalpha()):
                    counts[name] += 1
                    end = at + length
                    break
        at = end
    return counts


def ordinary_words(text: str) -> frozenset[str]:
    """Return the words of a text that have a small letter more often than a capital."""
    words = Counter(word for word in text.replace("’", "'").split() if word.isalpha())
    return frozenset(
        word for word, count in words.items() if word.islower() and count > words[word.capitalize()]
    )


def count_words(words: Collection[str], text: str) -> Counter[str]:
    """Count the words of a Chinese text, the longest ones from the left."""
    known = set(words)
    lengths: dict[str, set[int]] = {}
    for word in known:
        lengths.setdefault(word[:2], set()).add(len(word))
    longest = {begin: sorted(found, reverse=True) for begin, found in lengths.items()}
    counts: Counter[str] = Counter()
    at = 0
    while at < len(text):
        fitting = (n for n in longest.get(text[at : at + 2], ()) if text[at : at + n] in known)
        length = next(fitting, 1)
        counts[text[at : at + length]] += 1
        at += length
    return counts

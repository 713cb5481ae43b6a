"""Questions on generated news in seventeen languages, from frames that inflect no names."""

from __future__ import annotations

import operator
import random
import re
from collections.abc import Mapping, Sequence

import opencc

from training.generated_words import LANGUAGES, Name, read_once

_CAREFUL = ("fr", "de", "es", "pt", "it")
"""Languages in which the names of buildings need an article after a preposition."""
_ARTICLES = ("fr", "it", "pt")
_KIND = re.compile(" (?:City|County|Town|Village|Township|District)$")
_BARE_SHARE, _LOWER_SHARE = 0.25, 0.2
_COMPLICATE = opencc.OpenCC("s2t")


def facility(town: Name, at: int) -> Name:
    """Return the building of a number that is called after a place."""
    forms = {language: read_once(language)["facilities"][at] for language in LANGUAGES}
    bare = {language: _KIND.sub("", name) for language, name in town.others.items()}
    others = {language: forms[language].format(x=name) for language, name in bare.items()}
    return Name(forms["zh"].format(x=town.chinese.rstrip("市县镇村乡区")), others)


def about_event(
    rng: random.Random, slot: str, event: str, subject: Name, predicate: str, is_building: bool = False
) -> dict[str, str]:
    """Return a question about what happened at a place, in the languages that have its name."""
    kind = read_once("events")[event]
    asked = {
        "zh": _pick(rng, "zh", slot).format(
            x=subject.chinese, e=rng.choice(kind["n"].split("|")), v=predicate.removeprefix("附近")
        )
    }
    for language, name in subject.others.items():
        data = read_once(language)
        noun = data["events"][event]
        bare = {"n": noun.removeprefix("the "), "y": name.removeprefix("the ")}
        values = {"x": name, "e": noun} | bare
        frames = [*data["questions"][slot]]
        if language == "en":
            verbs = kind["v"].split("|") if kind["v"] else []
            frames = [frame for frame in frames if verbs or "{w}" not in frame]
            values["w"] = rng.choice(verbs) if verbs else ""
        elif slot not in ("when", "where"):
            values |= {"c": rng.choice(frames)}
            frames = data["questions"]["join"]
        if is_building and language in _CAREFUL:
            frames = [frame for frame in frames if "{X}" in frame or ", {x})" in frame] or frames
        asked[language] = _filled(rng.choice(frames), values)
    return _varied(rng, asked)


def about_actor(
    rng: random.Random, slot: str, forms: Sequence[Name], letter: str = "a"
) -> dict[str, str]:
    """Return a question about what a country, party or town did, or goods cost, by one of its names.

    Languages with an article before countries take the last name, that of the capital.
    """
    actor = rng.choice(forms)
    actor = Name(
        actor.chinese,
        {
            language: (forms[-1] if language in _ARTICLES else actor).others.get(language, "")
            for language in actor.others
        },
    )
    asked = {"zh": _pick(rng, "zh", slot).format_map({letter: actor.chinese})}
    for language, name in filter(operator.itemgetter(1), actor.others.items()):
        asked[language] = _filled(_pick(rng, language, slot), {letter: name})
    return _varied(rng, asked)


def in_year(asked: Mapping[str, str], year: int) -> dict[str, str]:
    """Ask of one year."""
    return {
        language: f"{year}年{text}" if language.startswith("zh") else _with_year(text, year)
        for language, text in asked.items()
    }


def _with_year(text: str, year: int) -> str:
    mark = text[-1] if text[-1] in "?？؟" else ""
    return f"{text.removesuffix(mark).rstrip()} ({year}){mark}"


def _pick(rng: random.Random, language: str, slot: str) -> str:
    return str(rng.choice(read_once(language)["questions"][slot]))


def _filled(frame: str, values: Mapping[str, str]) -> str:
    upper = {key.upper(): value[:1].upper() + value[1:] for key, value in values.items()}
    return frame.format_map({**values, **upper})


def _varied(rng: random.Random, asked: dict[str, str]) -> dict[str, str]:
    """Leave out marks and capitals, as people do, and add traditional Chinese."""
    for language, text in asked.items():
        if rng.random() < _BARE_SHARE:
            text = text.rstrip("?？؟").rstrip()
        if language not in ("de", "tr") and rng.random() < _LOWER_SHARE:
            text = text.lower()
        asked[language] = text
    return {**asked, "zh-Hant": _COMPLICATE.convert(asked["zh"])}

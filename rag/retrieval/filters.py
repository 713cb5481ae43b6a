"""Filters as people write them -> filters of an archive, and why nothing passes them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from urllib.parse import urlsplit

from rag.errors import Notice
from rag.index.base import SearchIndex
from rag.index.phrases import articles_with
from rag.text.language_names import find_tag
from rag.text.phrases import Phrase
from rag.text.pinyin import is_pinyin
from rag.text.search_syntax import not_understood
from rag.types import Filter

_LISTED = 8
"""Sites or languages that a hint lists."""
_QUOTED = 100
"""Characters of a phrase that a hint quotes."""


def make_filter(
    source: str | Sequence[str] | None = None,
    since: date | None = None,
    until: date | None = None,
    language: str | None = None,
    phrases: Sequence[str] = (),
    without: Sequence[str] = (),
) -> Filter | None:
    """Return the filter of these limits, None if there is none. A time without a zone is in UTC.

    A phrase without a letter or a digit limits nothing.
    """
    only = Filter(
        sources=_several(source),
        since=_with_zone(since),
        until=_with_zone(until),
        language=language,
        phrases=tuple(phrase for phrase in _several(phrases) if Phrase(phrase)),
        without=tuple(phrase for phrase in _several(without) if Phrase(phrase)),
    )
    return None if only == Filter() else only


def _several(given: str | Sequence[str] | None) -> tuple[str, ...]:
    return (given,) if isinstance(given, str) else tuple(given or ())


def _with_zone(limit: date | None) -> date | None:
    if isinstance(limit, datetime) and limit.tzinfo is None:
        return limit.replace(tzinfo=UTC)
    return limit


def understand(only: Filter, counts: Mapping[str, Mapping[str, int]]) -> Filter:
    """Return a filter with the site and the language as the archive writes them.

    A site may be given without "www." or as an address, a language by its name or another tag. What is
    not understood stays as it is. `counts` are those of `Corpus.counts`.
    """
    sources = tuple(_find_site(source, counts["sources"]) or source for source in only.sources)
    language = only.language and (find_tag(only.language, _known(counts["languages"])) or only.language)
    return replace(only, sources=sources, language=language)


def explain(
    question: str, only: Filter | None, counts: Mapping[str, Mapping[str, int]]
) -> list[Notice]:
    """Return what to change in a question or its filter that found nothing.

    That is an operator that is none, a site or a language that the archive lacks, days in the wrong
    order, or pinyin. `explain_phrases` explains the rest.
    """
    notices = [
        Notice("hint-operator", {"operator": operator[:_QUOTED]})
        for operator in not_understood(question)
    ]
    only = only or Filter()
    for source in only.sources:
        if not _find_site(source, counts["sources"]):
            known = _most(counts["sources"])
            notices.append(Notice("hint-source", {"source": source, "known": known}))
    if only.language and not find_tag(only.language, _known(counts["languages"])):
        known = _most(counts["languages"])
        notices.append(Notice("hint-language", {"language": only.language, "known": known}))
    if only.since and only.until and _day(only.since) > _day(only.until):
        limits = {"since": only.since.isoformat(), "until": only.until.isoformat()}
        notices.append(Notice("hint-dates", limits))
    if is_pinyin(question) and any(tag.startswith("zh") for tag in counts["languages"]):
        notices.append(Notice("hint-pinyin"))
    return notices


def explain_phrases(index: SearchIndex, only: Filter) -> list[Notice]:
    """Return why the phrases of a filter that passes nothing do so; nothing if it passes something."""
    absent = [phrase for phrase in only.phrases if not articles_with(index.corpus, phrase).size]
    if absent:
        return [Notice("hint-phrase", {"phrase": phrase[:_QUOTED]}) for phrase in absent]
    if _passes(index, only):
        return []
    if only.without and _passes(index, replace(only, without=())):
        words = [word[:_QUOTED] for word in only.without]
        return [Notice("hint-without", {"words": words})]
    if len(only.phrases) > 1 and not _passes(index, Filter(phrases=only.phrases)):
        return [Notice("hint-phrases")]
    return []


def _passes(index: SearchIndex, only: Filter) -> bool:
    """Whether an article passes a filter."""
    return index.manifest.vectors > 0 and bool(index.nearest(index.vectors([0])[0], 1, only))


def _day(limit: date) -> date:
    return limit.date() if isinstance(limit, datetime) else limit


def _find_site(given: str, sites: Collection[str]) -> str | None:
    """Return the site that a host, a domain or an address means; None if that is unknown or unclear."""
    host = _host(given)
    by_name = {site.lower(): site for site in sites if site}
    if host in by_name or (www := f"www.{host}") in by_name:
        return by_name[host if host in by_name else www]
    if (bare := host.removeprefix("www.")) in by_name:
        return by_name[bare]
    below = [site for name, site in by_name.items() if "." in host and name.endswith(f".{host}")]
    return below[0] if len(below) == 1 else None


def _host(given: str) -> str:
    text = given.strip().lower()
    try:
        return urlsplit(text if "//" in text else f"//{text}").hostname or text
    except ValueError:
        return text


def _known(counts: Mapping[str, int]) -> list[str]:
    return [name for name in counts if name not in ("", "und")]


def _most(counts: Mapping[str, int]) -> list[str]:
    return sorted(_known(counts), key=lambda name: -counts[name])[:_LISTED]

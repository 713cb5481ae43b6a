"""Filters as HTML: those that are active, and the sites, languages and dates to choose from."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from markupsafe import Markup

from rag.i18n.translator import Translator
from rag.text import search_syntax
from rag.web.rendering import render
from rag.web.views.query import Query
from rag.web.views.results.groups import FoundArticle
from rag.web.views.results.site_colours import SiteColours

_SITES, _ALL_SITES, _LANGUAGES = 10, 100, 20
"""Sites that are listed, those that are listed folded, and languages."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A filter to choose or to remove; `colour` is the number of a site's colour."""

    name: str
    address: str
    is_chosen: bool
    colour: int | None = None


@dataclass(frozen=True, slots=True)
class Chip:
    """An active filter, and the address of the result without it."""

    name: str
    address: str


def show_chips(query: Query, translate: Translator) -> Markup:
    """Return the active filters, each as a link that removes it."""
    chips = active_filters(query, translate)
    if not chips:
        return Markup()
    return render("chips.html", translate, chips=chips, all=without_filters(query).address())


def active_filters(query: Query, translate: Translator) -> list[Chip]:
    """Return the active filters: those of the address, then the operators in the question."""
    return [*_chosen(query, translate), *_typed(query)]


def without_filters(query: Query) -> Query:
    """Return a query without its filters, chosen or typed."""
    return replace(query, question=query.asked, sites=(), language="", since=None, until=None)


def _chosen(query: Query, translate: Translator) -> Iterator[Chip]:
    for site in query.sites:
        yield Chip(site, query.address(sites=_others(query.sites, site)))
    if query.language:
        yield Chip(translate.language(query.language), query.address(language=""))
    if query.since or query.until:
        dates = translate("page.only-dates", first=query.since or "…", last=query.until or "…")
        yield Chip(dates, query.address(since=None, until=None))


def _typed(query: Query) -> Iterator[Chip]:
    text = query.question or ""
    for operator in query.operators:
        rest = search_syntax.remove(text, operator)
        yield Chip(text[slice(*operator.span)], query.address(question=rest))


def _others(sites: Iterable[str], site: str) -> tuple[str, ...]:
    return tuple(other for other in sites if other.lower() != site.lower())


def show_filters(
    found: Sequence[FoundArticle],
    counts: Mapping[str, Mapping[str, int]],
    query: Query,
    translate: Translator,
) -> Markup:
    """Return the filters to choose from.

    `found` are the articles of the result if no site were chosen, `counts` the articles of the archive
    by "sources" and "languages".
    """
    sites = _sites(found, counts["sources"], query)
    listed = max(_SITES, len(query.sites))
    colours = SiteColours(counts["sources"])
    return render(
        "filters.html",
        translate,
        query=query,
        active=len(active_filters(query, translate)),
        sites=[_site(site, query, colours) for site in sites[:listed]],
        more_sites=[_site(site, query, colours) for site in sites[listed : listed + _ALL_SITES]],
        all_sites=len(sites),
        unlisted=len(sites[listed + _ALL_SITES :]),
        languages=_languages(counts["languages"], query, translate),
    )


def _sites(found: Sequence[FoundArticle], archive: Mapping[str, int], query: Query) -> list[str]:
    """Return the sites of the archive: the chosen ones, those of most articles found, the others."""
    counts = Counter(article.passage.source for article in found)
    ranked = [*_by_count(counts), *_by_count(archive)]
    names = {site.lower(): site for site in ranked if site}
    chosen = [site.lower() for site in query.sites]
    return [names.get(key, key) for key in dict.fromkeys([*chosen, *map(str.lower, ranked)]) if key]


def _by_count(counts: Mapping[str, int]) -> list[str]:
    return sorted(counts, key=lambda name: (-counts[name], name))


def _site(site: str, query: Query, colours: SiteColours) -> Choice:
    rest = _others(query.sites, site)
    is_chosen = len(rest) < len(query.sites)
    sites = rest if is_chosen else (*query.sites, site)
    return Choice(site, query.address(sites=sites), is_chosen, colours.of(site))


def _languages(counts: Mapping[str, int], query: Query, translate: Translator) -> list[Choice]:
    return [
        Choice(
            name=translate.language(tag),
            address=query.address(language="" if tag == query.language else tag),
            is_chosen=tag == query.language,
        )
        for tag in _by_count(counts)[:_LANGUAGES]
    ]

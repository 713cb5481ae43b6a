"""The colours of the sites: the same for a site in every result."""

from __future__ import annotations

from collections.abc import Mapping

COLOURS = 6
"""Colours in the style sheet; the next number is the grey of all other sites."""


class SiteColours:
    """The numbers of colours by site: those of the sites with the most articles in the archive."""

    def __init__(self, counts: Mapping[str, int]) -> None:
        """Rank the sites of an archive, given the number of articles of each."""
        named = [site for site in counts if site]
        ranked = sorted(named, key=lambda site: (-counts[site], site))
        self._numbers = {site: number for number, site in enumerate(ranked[:COLOURS])}

    def of(self, site: str) -> int:
        """Return the number of a site's colour, `COLOURS` for a site without its own."""
        return self._numbers.get(site, COLOURS)

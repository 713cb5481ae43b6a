"""The currency that an article means by 元 alone."""

from __future__ import annotations

_BY_COUNTRY = {"cn": "CNY", "tw": "TWD"}
"""ISO 4217 codes by the end of the host of a site whose country has one currency for 元."""


def currency_of(source: str) -> str | None:
    """Return the ISO 4217 code of 元 on a site, given its host; None where it is unsure.

    A site of another country, or of none, may write about either side of the Taiwan Strait, and one of
    Hong Kong about both and its own.
    """
    return _BY_COUNTRY.get(source.lower().rpartition(".")[2])

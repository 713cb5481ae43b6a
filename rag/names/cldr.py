"""Names of countries, languages and currencies in every language of CLDR."""

from __future__ import annotations


def names(key: str, language: str) -> tuple[str, ...]:
    """Return the name of a key such as `territory:FR`; empty if the key or the language is unknown."""
    from babel import Locale, UnknownLocaleError

    kind, _, code = key.partition(":")
    try:
        locale = Locale.parse(language, sep="-")
    except (UnknownLocaleError, ValueError):
        return ()
    tables = {
        "territory": locale.territories,
        "language": locale.languages,
        "currency": locale.currencies,
    }
    name = tables[kind].get(code) if kind in tables else None
    return (name,) if name else ()

"""Deletes what no generation in Milvus needs any more."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from contextlib import suppress

from rag.errors import RagError
from rag.index.milvus.client import Server
from rag.index.milvus.connection import MANIFEST
from rag.index.milvus.manifest import SHARED, Contents
from rag.index.milvus.numbering import ABSENT, Numbering

_KEYS = 1000
"""Keys per request."""


def tidy(server: Server, live: str | None) -> int | None:
    """Delete the rows and collections that neither the live generation needs nor the one before it.

    They are left by uploads that did not end, by rollbacks, and of articles that went two builds ago.
    Returns a number for the next upload to the collections of the live generation, None if it needs
    collections of its own.
    """
    known = {name: _contents(server, name) for name in server.parts()}
    readable = {name: contents for name, contents in known.items() if contents}
    kept = _kept(readable, live)
    current = kept.get(live or "")
    if current is None or current.layout < SHARED:
        _drop_others(server, kept, live)
        return None
    sharing = {name: known for name, known in readable.items() if known.base == current.base}
    _delete_rows(server, current, sharing, kept)
    _drop_others(server, kept, live)
    unread = known.keys() - readable.keys() - {contents.base for contents in kept.values()}
    return None if unread else max(contents.upload for contents in sharing.values()) + 1


def drop_superseded(server: Server, live: str) -> None:
    """Drop the collections that neither the live generation needs nor the one before it.

    Their rows in collections that are shared remain until the next upload, for those that still search.
    """
    readable = {name: contents for name in server.parts() if (contents := _contents(server, name))}
    _drop_others(server, _kept(readable, live), live)


def _contents(server: Server, generation: str) -> Contents | None:
    with suppress(RagError):
        return Contents.read(server, generation)
    return None


def _kept(known: Mapping[str, Contents], live: str | None) -> dict[str, Contents]:
    """The live generation and the one before it, as far as they can be read."""
    if live is None or live not in known:
        return {}
    before = known[live].previous
    return {name: known[name] for name in (live, before) if name and name in known}


def _delete_rows(
    server: Server, live: Contents, sharing: Mapping[str, Contents], kept: Collection[str]
) -> None:
    """Delete the articles and terms that only generations have that are not kept."""
    others = [contents for name, contents in sharing.items() if name not in kept]
    needed = [contents for name, contents in sharing.items() if name in kept]
    articles = {*live.dead}
    for contents in others:
        for first, count in contents.runs["articles"]:
            articles |= {*range(first, first + count)}
    for contents in needed:
        keys = sorted(articles)
        numbers = Numbering(contents.runs["articles"]).numbers(keys)
        articles = {key for key, number in zip(keys, numbers, strict=True) if number == ABSENT}
    keys = sorted(articles)
    for start in range(0, len(keys), _KEYS):
        some = keys[start : start + _KEYS]
        for part, field in (("rows", "article"), ("passages", "article"), ("articles", "number")):
            server.delete(f"{live.base}_{part}", f"{field} in {some}")
    if others:
        last = max(contents.terms for contents in needed)
        server.delete(f"{live.base}_terms", f"number > {last}")


def _drop_others(server: Server, kept: Mapping[str, Contents], live: str | None) -> None:
    """Drop the collections that these generations do not need; never those of the live one."""
    bases = {contents.base for contents in kept.values()}
    for generation, collections in server.parts().items():
        if generation in kept or generation == live:
            continue
        manifest = f"{generation}_{MANIFEST}"
        server.drop([name for name in collections if generation not in bases or name == manifest])

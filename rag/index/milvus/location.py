"""Locations of indexes in Milvus."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote, urlsplit, urlunsplit

from rag.errors import LocationInvalid

_SCHEME = "milvus+"
_COLLECTION = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,127}")
_PORT = 19530


class Address(NamedTuple):
    """An index in Milvus: `uri` of a server or `path` of an embedded engine, and a collection."""

    uri: str
    path: str
    collection: str
    token: str = ""

    def __str__(self) -> str:
        """The location without the token."""
        if self.path:
            return f"{_SCHEME}file:{self.path}#{self.collection}"
        return f"{_SCHEME}{self.uri}/{self.collection}"


def parse(location: str) -> Address | None:
    """Parse a location; None if it is a folder. Raises `LocationInvalid`.

    The token of a server is the user and password in the location, otherwise RAG_MILVUS_TOKEN.
    """
    if not location.startswith((_SCHEME, "milvus:")):
        return None
    rest = location.removeprefix(_SCHEME)
    if rest.startswith("file:"):
        name, _, collection = rest.removeprefix("file:").partition("#")
        address = Address("", str(Path(name).absolute()) if name else "", collection or "rag")
    else:
        address = _server(rest)
    if not (address.uri or address.path) or not _COLLECTION.fullmatch(address.collection):
        raise LocationInvalid("location-invalid")
    return address


def _server(location: str) -> Address:
    parts = urlsplit(location)
    try:
        host, port = parts.hostname, parts.port or _PORT
    except ValueError:
        host = None
    if parts.scheme not in ("http", "https") or not host:
        return Address("", "", "")
    host = f"[{host}]" if ":" in host else host
    token = ":".join(unquote(part) for part in (parts.username, parts.password) if part)
    return Address(
        uri=urlunsplit((parts.scheme, f"{host}:{port}", "", "", "")),
        path="",
        collection=parts.path.removeprefix("/"),
        token=token or os.environ.get("RAG_MILVUS_TOKEN", ""),
    )

"""The locations of indexes that are not in a folder."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote, urlsplit, urlunsplit

from rag.errors import LocationInvalid

_SCHEME = "milvus+"
_FORMS = "milvus+http://HOST:19530/COLLECTION or milvus+file:PATH"
_COLLECTION = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,127}")
_PORT = 19530


class Address(NamedTuple):
    """Where in Milvus an index is: a server's `uri`, or the `path` of an embedded one, and a name."""

    uri: str
    path: str
    collection: str
    token: str = ""

    def __str__(self) -> str:
        """The location without what must not be shown."""
        if self.path:
            return f"{_SCHEME}file:{self.path}#{self.collection}"
        return f"{_SCHEME}{self.uri}/{self.collection}"


def address(location: str) -> Address | None:
    """Read a location; None where it is a folder. Raises `LocationInvalid`.

    The token of a server is the user and password in the location, or else RAG_MILVUS_TOKEN.
    """
    if not location.startswith((_SCHEME, "milvus:")):
        return None
    rest = location.removeprefix(_SCHEME)
    if rest.startswith("file:"):
        name, _, collection = rest.removeprefix("file:").partition("#")
        found = Address("", str(Path(name).absolute()) if name else "", collection or "rag")
    else:
        found = _served(rest)
    if not (found.uri or found.path) or not _COLLECTION.fullmatch(found.collection):
        raise LocationInvalid(
            f"{_SCHEME}… must be {_FORMS}, COLLECTION of letters, digits and _. Name the index so."
        )
    return found


def _served(location: str) -> Address:
    parts = urlsplit(location)
    try:
        host, port = parts.hostname, parts.port or _PORT
    except ValueError:
        host = None
    if parts.scheme not in ("http", "https") or not host:
        return Address("", "", "")
    host = f"[{host}]" if ":" in host else host
    token = ":".join(unquote(said) for said in (parts.username, parts.password) if said)
    return Address(
        uri=urlunsplit((parts.scheme, f"{host}:{port}", "", "", "")),
        path="",
        collection=parts.path.removeprefix("/"),
        token=token or os.environ.get("RAG_MILVUS_TOKEN", ""),
    )

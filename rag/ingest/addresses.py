"""The addresses of articles: copies in archives and caches lead back to the original."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, unquote, urldefrag, urljoin, urlsplit

_ADDRESS = re.compile(r"https?:/{1,2}[^/\s]", re.IGNORECASE)
_ENCODED = re.compile(r"https?%3A%2F%2F", re.IGNORECASE)
_ARCHIVES = re.compile(
    r"(?:^|\.)(?:web\.archive\.org|archive\.(?:today|is|ph|md|li|vn|fo)|archive-it\.org|arquivo\.pt"
    r"|webarchive\.[\w.-]{2,40}|webcitation\.org|perma\.cc|ghostarchive\.org|swap\.stanford\.edu"
    r"|12ft\.io|outline\.com|1ft\.io|removepaywall\.com|r\.jina\.ai|txtify\.it)$"
)
"""Hosts that have the address of the original in the path of the copy."""
_CACHES = re.compile(
    r"(?:^|\.)(?:webcache\.googleusercontent\.com|cc\.bingj\.com|google\.[a-z.]{2,6})$"
)
"""Hosts that have the address of the original in the query."""
_CACHE_QUERY = re.compile(r"cache:(?:[\w-]{6,20}:)?(\S+)")
_AMP_HOSTS = re.compile(r"(?:^|\.)(?:cdn\.ampproject\.org|google\.[a-z.]{2,6}|bing-amp\.com)$")
_AMP_PATH = re.compile(r"/(?:amp|[acivrw])/(?P<secure>s/)?(?P<address>[^/]+\.[^/]+(?:/.*)?)")
_WITHOUT_SCHEME = re.compile(
    r"/(?:web/)?\d{4,14}\*?(?:[a-z]{2}_)?/(?P<address>[\w-]+\.[\w.:-]+(?:/.*)?)$"
)
_LAYERS = 3
"""Copies of copies that are followed."""


def original(url: str) -> str:
    """Return the address of the original of a copy in a web archive or a cache, without its fragment.

    Other addresses stay as they are. Parameters of tracking stay: programs of readers may know an
    article by them.
    """
    url = url.strip()
    for _ in range(_LAYERS):
        inner = _inner(url)
        if not inner:
            break
        url = inner
    return _without_fragment(url)


def host(url: str) -> str:
    """Return the host of an address in lower case, without its port; "" if the address is invalid."""
    try:
        return (urlsplit(url.strip()).hostname or "").rstrip(".")
    except ValueError:
        return ""


def resolve(base: str, url: str) -> str:
    """Return the absolute address of a link on the page `base`; "" if there is none for the web."""
    try:
        absolute = urljoin(base.strip(), url.strip())
        scheme = urlsplit(absolute).scheme
    except ValueError:
        return ""
    return absolute if scheme in ("http", "https") and host(absolute) else ""


def is_home(url: str) -> bool:
    """Whether an address is that of a site, not of a page: it has neither a path nor a query."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.path in ("", "/") and not parts.query


def _inner(url: str) -> str:
    """Return the address that a copy names as its original; "" if the address is not a copy's."""
    name = host(url)
    if not name:
        return ""
    if _AMP_HOSTS.search(name) and (inner := _in_amp_path(url)):
        return inner
    if _ARCHIVES.search(name):
        return _in_path(url)
    return _in_query(url) if _CACHES.search(name) else ""


def _in_path(url: str) -> str:
    """Return the address in the path or the query of another: /web/2024id_/http://…"""
    start = url.index("//") + 2
    if match := _ADDRESS.search(url, start):
        return _complete(url[match.start() :])
    if match := _ENCODED.search(url, start):
        return _complete(unquote(url[match.start() :].partition("&")[0]))
    match = _WITHOUT_SCHEME.search(url)
    return f"http://{match['address']}" if match else ""


def _in_query(url: str) -> str:
    parameters = parse_qs(urlsplit(url).query)
    texts = [value for name in ("q", "u", "url") for value in parameters.get(name, [])]
    for text in texts:
        match = _CACHE_QUERY.match(text)
        inner = match[1].partition(" ")[0] if match else text
        if match or _ADDRESS.match(inner):
            return _complete(inner)
    return ""


def _in_amp_path(url: str) -> str:
    parts = urlsplit(url)
    match = _AMP_PATH.fullmatch(parts.path)
    if not match:
        return ""
    query = f"?{parts.query}" if parts.query else ""
    return f"{'https' if match['secure'] else 'http'}://{match['address']}{query}"


def _complete(url: str) -> str:
    """Repair an address that lost a slash in a path, or its scheme; "" if it has no host."""
    scheme, separator, rest = url.partition(":/")
    if not separator:
        scheme, rest = "http", url
    url = f"{scheme.lower()}://{rest.lstrip('/')}"
    return url if "." in host(url) or host(url) == "localhost" else ""


def _without_fragment(url: str) -> str:
    """Return an address without its fragment, unless a site of one page has its articles there."""
    try:
        bare, fragment = urldefrag(url)
    except ValueError:
        return url
    return url if fragment.startswith(("/", "!")) else bare

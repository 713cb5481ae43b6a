"""The reading aid: its script, its popup, and the words of an article with readings and senses."""

from __future__ import annotations

import gzip
import hashlib
import json
import math
import re
from collections.abc import Mapping
from functools import lru_cache

from fastapi import FastAPI
from fastapi.responses import HTMLResponse, JSONResponse, Response
from starlette.requests import Request

import rag
from rag.errors import ArticleMissing, DictionaryMissing, RagError
from rag.rendering.readings.dictionary import LICENCE, Dictionary
from rag.rendering.readings.reading_aid import AidedText, aid
from rag.serialization import to_json
from rag.web.frame import STATIC
from rag.web.rendering import render
from rag.web.request_language import translator_of
from rag.web.security.rate_limit import RateLimiter
from rag.web.site import Site

_ARTICLES, _SECONDS = 60, 60
"""Articles whose words a visitor may get at once, and the seconds in which as many become possible."""
_CHARACTERS = 20_000
"""Characters of an article whose words are looked up: a second of work."""
_KEPT = 50
"""Articles whose words the cache holds, 70 kB for one of usual length."""
_LANGUAGE = re.compile(r"(?:^|,)\s*([a-z]{2,3})\b")
_CHINESE, _TRADITIONAL = "zh", "zh-Hant"
_FILES = {"js": "text/javascript", "css": "text/css"}


def register(app: FastAPI, site: Site) -> None:
    """Add the addresses of the reading aid, which pages load when it is turned on."""
    limiter = RateLimiter(_ARTICLES, _SECONDS)

    @lru_cache(maxsize=_KEPT)
    def content(article: str, language: str, generation: str) -> bytes:
        found = to_json(_words(site, article, language))
        return json.dumps(found, ensure_ascii=False, separators=(",", ":")).encode()

    for ending, media_type in _FILES.items():
        _add_file(app, f"dictionary.{ending}", media_type)

    @app.get("/dictionary.html")
    def popup(request: Request) -> Response:
        translate = translator_of(request)
        try:
            Dictionary.load()
        except DictionaryMissing as error:
            return _refusal(request, 503, error)
        return HTMLResponse(render("dictionary.html", translate, licence=LICENCE))

    @app.get("/dictionary")
    def words(request: Request, article: str = "") -> Response:
        language = _reader_language(request)
        headers = _validators(request, site, language)
        if headers["etag"] in request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers=headers)
        if wait := limiter.take(request.client.host if request.client else ""):
            translate = translator_of(request)
            detail = translate("page.aid-often", count=math.ceil(wait))
            return JSONResponse({"detail": detail}, 429)
        try:
            found = content(article, language, site.assistant.manifest.created)
        except ArticleMissing as error:
            return _refusal(request, 404, error)
        except DictionaryMissing as error:
            return _refusal(request, 503, error)
        return _packed(request, found, headers)


def _add_file(app: FastAPI, name: str, media_type: str) -> None:
    content = (STATIC / name).read_bytes()
    app.get(f"/{name}")(lambda: Response(content, media_type=media_type))


def _reader_language(request: Request) -> str:
    """Return the first language of the browser that is not Chinese: names are shown in it."""
    accepted = _LANGUAGE.findall(request.headers.get("accept-language", "").lower())
    return next((language for language in accepted if language != _CHINESE), "en")


def _validators(request: Request, site: Site, language: str) -> dict[str, str]:
    """Return headers that stay the same until a build changes the archive, or an update the program."""
    state = (str(request.url), language, site.assistant.manifest.created, rag.__version__)
    digest = hashlib.blake2b(repr(state).encode(), digest_size=16).hexdigest()
    return {
        "etag": f'W/"{digest}"',
        "cache-control": "no-cache",
        "vary": "Accept-Language, Accept-Encoding",
    }


def _words(site: Site, identifier: str, language: str) -> AidedText:
    """Return the words of an article; none of one that is not in Chinese.

    Raises `ArticleMissing` and `DictionaryMissing`.
    """
    article = site.assistant.article(identifier)
    if not article.language.startswith(_CHINESE):
        return AidedText((), {})
    return aid(
        article.text[:_CHARACTERS],
        Dictionary.load(),
        site.assistant.names,
        language,
        traditional=article.language.startswith(_TRADITIONAL),
    )


def _packed(request: Request, content: bytes, headers: Mapping[str, str]) -> Response:
    encoding = {}
    if "gzip" in request.headers.get("accept-encoding", ""):
        content, encoding = gzip.compress(content), {"content-encoding": "gzip"}
    return Response(content, media_type="application/json", headers={**headers, **encoding})


def _refusal(request: Request, status: int, error: RagError) -> JSONResponse:
    return JSONResponse({"detail": translator_of(request).error(error)}, status)

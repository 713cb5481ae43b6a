"""All results of a question as a file: CSV, JSON, BibTeX or RIS."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from urllib.parse import quote

from fastapi import FastAPI
from fastapi.responses import Response
from starlette.requests import Request

from rag.serialization import to_json
from rag.types import Answer
from rag.web.routes.questions import respond
from rag.web.site import Site
from rag.web.views.query import Query
from rag.web.views.results.found import Found, find
from rag.web.views.sharing.bibliography import bibtex, ris

_COLUMNS = (
    "question",
    "rank",
    "answer",
    "rendering",
    "title",
    "site",
    "date",
    "language",
    "address",
    "sentence",
    "passage",
    "article_id",
)
_FORMULA = tuple("=+-@＝＋－＠\t\r\n")
"""Beginnings of a text that a spreadsheet would calculate."""
_BYTE_ORDER_MARK = "\ufeff"
"""Without it Excel does not read a file as UTF-8."""
_NOT_WORDS = re.compile(r"[\W_]+")
_NAME_CHARACTERS = 60


def register(app: FastAPI, site: Site) -> None:
    """Add the files that the results of a question can be taken along as."""
    _add(app, site, "csv", "text/csv", _csv)
    _add(app, site, "json", "application/json", _json)
    _add(app, site, "bib", "application/x-bibtex", _bibtex)
    _add(app, site, "ris", "application/x-research-info-systems", _ris)


def _add(
    app: FastAPI,
    site: Site,
    ending: str,
    media_type: str,
    write: Callable[[Answer, Sequence[Found]], str],
) -> None:
    def show(query: Query) -> Response:
        content = write(*find(site.assistant, query))
        headers = {"content-disposition": _disposition(query, ending)}
        return Response(content, headers=headers, media_type=media_type)

    @app.get(f"/export.{ending}")
    def export(request: Request) -> Response:
        return respond(site, request, show)


def _disposition(query: Query, ending: str) -> str:
    """Return the header that makes a response a file named after the question."""
    name = _NOT_WORDS.sub("-", query.asked)[:_NAME_CHARACTERS].strip("-")
    return f"attachment; filename=results.{ending}; filename*=UTF-8''{quote(name)}.{ending}"


def _csv(answer: Answer, found: Sequence[Found]) -> str:
    file = io.StringIO(newline="")
    writer = csv.writer(file)
    writer.writerow(_COLUMNS)
    writer.writerows(map(_as_text, _row(answer.question, each)) for each in found)
    return _BYTE_ORDER_MARK + file.getvalue()


def _row(question: str, found: Found) -> tuple[str, ...]:
    passage = found.hit.passage
    return (
        question,
        str(found.rank),
        found.answer,
        found.rendering,
        passage.title,
        passage.source,
        passage.published.strftime("%Y-%m-%d") if passage.published else "",
        passage.language,
        passage.url,
        passage.text[slice(*found.hit.highlight)],
        passage.text,
        passage.article_id,
    )


def _as_text(cell: str) -> str:
    """Return a cell that no spreadsheet calculates: `'` marks a text."""
    return f"'{cell}" if cell.startswith(_FORMULA) else cell


def _json(answer: Answer, found: Sequence[Found]) -> str:
    hits = tuple(each.hit for each in found)
    return json.dumps(to_json(replace(answer, hits=hits)), ensure_ascii=False, indent=1)


def _bibtex(_: Answer, found: Sequence[Found]) -> str:
    return "\n".join(bibtex(each.hit) for each in found)


def _ris(_: Answer, found: Sequence[Found]) -> str:
    return "\r\n".join(ris(each.hit) for each in found)

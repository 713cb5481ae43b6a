"""What a language model writes for the page: an answer as a stream, a translation, a whole question."""

from __future__ import annotations

import json
import logging
from collections.abc import AsyncIterator, Callable, Generator, Iterator, Sequence
from functools import partial
from inspect import GEN_RUNNING, getgeneratorstate
from itertools import takewhile
from operator import eq
from typing import Annotated

from anyio import CapacityLimiter
from anyio.to_thread import run_sync
from fastapi import FastAPI
from fastapi.responses import HTMLResponse, JSONResponse, Response, StreamingResponse
from markupsafe import Markup
from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request

from rag.errors import RagError, TooManyQuestions
from rag.i18n.translator import Translator
from rag.types import Hit, Passage
from rag.web import error_log
from rag.web.request_language import translator_of
from rag.web.site import Site
from rag.web.views.query import Query
from rag.web.views.results.found import read, search
from rag.web.views.writing import show_outcome, show_sentences, show_translation
from rag.writing.prompts import Turn
from rag.writing.records import Written
from rag.writing.settings import WritingSettings

_AT_ONCE = 8
"""Requests to the model that wait in a thread at the same time."""
_LONGEST = 3000
"""Characters that are translated at once."""
_LINES = "application/x-ndjson"
_UNBUFFERED = {"cache-control": "no-store", "x-accel-buffering": "no"}
"""Headers of a stream that no proxy may hold back; the second one is nginx's."""
_log = logging.getLogger(__name__)


class _Body(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class AnswerRequest(_Body):
    """The question and its filters, as the query string of the page."""

    address: Annotated[str, Field(max_length=30_000)]


class TranslationRequest(_Body):
    """A range of the text of an article, and the language to translate it into."""

    article: Annotated[str, Field(max_length=1000)]
    start: Annotated[int, Field(ge=0)]
    end: Annotated[int, Field(ge=0)]
    into: Annotated[str, Field(pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8}){0,2}$")]


class TurnRequest(_Body):
    """A question that was asked before, and its answer."""

    question: Annotated[str, Field(max_length=2000)]
    answer: Annotated[str, Field(max_length=2000)] = ""


class RewriteRequest(_Body):
    """A follow-up question, and the questions and answers before it."""

    question: Annotated[str, Field(min_length=1, max_length=2000)]
    turns: Annotated[list[TurnRequest], Field(max_length=10)]


def register(app: FastAPI, site: Site) -> None:
    """Add the addresses for what a language model writes, if the site has one."""
    if site.writing is None:
        return
    threads = CapacityLimiter(_AT_ONCE)

    async def respond(request: Request, write: Callable[[Translator], Response]) -> Response:
        """Count a request and respond to it in a thread, or say why there is no response."""
        translate = translator_of(request)
        try:
            site.limiter.ask(request.client.host if request.client else "")
            return await run_sync(write, translate, limiter=threads)
        except TooManyQuestions as error:
            return _refused(429, translate.error(error))
        except RagError as error:
            return _refused(400, translate.error(error))
        except Exception as error:
            _log.error("a text could not be written: %s", error_log.where(error))
            return _refused(500, translate("page.failed"))

    @app.post("/write")
    async def write(request: Request, asked: AnswerRequest) -> Response:
        def answer(translate: Translator) -> Response:
            lines = _lines(site, Query.parse(asked.address), translate)
            return StreamingResponse(
                _in_threads(lines, threads), headers=_UNBUFFERED, media_type=_LINES
            )

        return await respond(request, answer)

    @app.post("/translate")
    async def translate(request: Request, asked: TranslationRequest) -> Response:
        return await respond(request, partial(_translate, site, asked))

    @app.post("/rewrite")
    async def rewrite(request: Request, asked: RewriteRequest) -> Response:
        return await respond(request, partial(_rewrite, site, asked))


async def _in_threads(
    lines: Generator[str, None, None], threads: CapacityLimiter
) -> AsyncIterator[str]:
    """Yield the lines of a generator, and close it after its next line when nobody reads any more."""
    try:
        while (line := await run_sync(next, lines, None, limiter=threads)) is not None:
            yield line
    finally:
        if getgeneratorstate(lines) != GEN_RUNNING:  # it is in its thread if the server ends
            lines.close()


def _lines(site: Site, query: Query, translate: Translator) -> Generator[str, None, None]:
    """Yield the answer to a question as it is written, each line a JSON object.

    A line has the HTML of the sentences after the first `from` ones, which stay as they are; there may
    be none. The last line has the `outcome`, which stands below them, and whether the model has
    `failed`, or an `error` in words.
    """
    try:
        yield from _written(site, query, translate)
    except RagError as error:
        yield _line(error=translate.error(error))
    except Exception as error:
        _log.error("an answer could not be written: %s", error_log.where(error))
        yield _line(error=translate("page.failed"))


def _written(site: Site, query: Query, translate: Translator) -> Iterator[str]:
    hits = search(site.assistant, query)
    answer = read(site.assistant, query, hits)
    written, shown = Written(query.asked, "und"), list[Markup]()
    for written in site.assistant.stream(query.asked, hits=hits, answer=answer):
        # Until a sentence has passed the checks, the answer may be withheld.
        sentences = show_sentences(written, query, translate) if written.sound else []
        kept = _same(shown, sentences)
        yield _line(**{"from": kept, "html": Markup().join(sentences[kept:])})
        shown = sentences
    outcome = show_outcome(written, query, _model(site), translate)
    yield _line(outcome=outcome, failed=written.error is not None)


def _same(first: Sequence[Markup], second: Sequence[Markup]) -> int:
    """Return the number of items with which both sequences begin."""
    return sum(takewhile(bool, map(eq, first, second)))


def _line(**values: object) -> str:
    return json.dumps(values, ensure_ascii=False) + "\n"


def _translate(site: Site, asked: TranslationRequest, translate: Translator) -> Response:
    article = site.assistant.article(asked.article)
    passage = Passage.of(article, asked.article, (asked.start, min(asked.end, asked.start + _LONGEST)))
    title = site.assistant.translate(article.title, asked.into)
    text = site.assistant.translate(Hit(passage, 0.0, (0, len(passage.text))), asked.into)
    if fault := title.error or text.error:
        return _refused(502, translate.error(fault))
    return HTMLResponse(show_translation(title, text, _model(site), translate))


def _rewrite(site: Site, asked: RewriteRequest, translate: Translator) -> Response:
    turns = [Turn(turn.question, turn.answer) for turn in asked.turns]
    rewriting = site.assistant.rewrite(asked.question, turns)
    notice = translate.error(rewriting.notice) if rewriting.notice else translate("page.rewritten")
    return JSONResponse({"question": rewriting.question, "notice": notice})


def _model(site: Site) -> WritingSettings:
    assert site.writing
    return site.writing


def _refused(status: int, detail: str) -> JSONResponse:
    return JSONResponse({"detail": detail}, status)

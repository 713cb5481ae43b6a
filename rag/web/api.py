"""The endpoints that programs call by name, over HTTP or MCP: checked arguments, results as JSON."""

# Gradio makes schemas of the annotations: they must not be strings here.

import functools
import inspect
import logging
import operator
import reprlib
from collections.abc import Callable, Sequence
from dataclasses import is_dataclass
from datetime import date, datetime
from types import UnionType
from typing import Any, TypedDict, get_args, get_origin, get_type_hints

from rag.assistant import Assistant
from rag.errors import ArgumentError, ArticleMissing, QuestionError, WritingUnavailable
from rag.i18n.translator import Translator
from rag.serialization import to_json
from rag.types import Answer, Article, Hit
from rag.web import error_log
from rag.writing.records import WrittenReport, report

DEFAULT_HITS, MAX_HITS = 5, 50
_MOST_PHRASES, _LONGEST_PHRASE = 20, 200
_LONGEST_TAG = 35
"""Characters of a BCP 47 tag."""
_log = logging.getLogger(__name__)


def endpoints(assistant: Assistant, error: Callable[[str], Exception]) -> list[Callable[..., Any]]:
    """Return the functions `search`, `ask`, `get_article`, and `write` if a language model is set up.

    They raise nothing but `error`, made from a message that tells what is wrong with the request and
    nothing about this machine.
    """
    endpoint = functools.partial(_endpoint, error=error)

    @endpoint
    def search(
        question: str,
        k: int = DEFAULT_HITS,
        source: str | None = None,
        since: str | None = None,
        until: str | None = None,
        language: str | None = None,
        phrases: list[str] | None = None,
        without: list[str] | None = None,
    ) -> list[Hit]:
        """Find the passages of news articles that best match a question, best first.

        Args:
            question: what to search for, in words, in any language
            k: number of passages, from 1 to 50
            source: only articles of this site, such as www.rfi.fr
            since: only articles from this day on, such as 2024-03-06
            until: only articles up to the end of this day
            language: only articles in this language (BCP 47), such as zh-Hant
            phrases: only articles that contain each of these phrases word for word
            without: only articles that contain none of these words or phrases
        """
        filters = _filters(source, since, until, language, phrases, without)
        return assistant.search(question, _count(k), **filters)

    @endpoint
    def ask(
        question: str,
        source: str | None = None,
        since: str | None = None,
        until: str | None = None,
        language: str | None = None,
        phrases: list[str] | None = None,
        without: list[str] | None = None,
    ) -> Answer:
        """Answer a question with a quote from a news article; the text is empty without an answer.

        Args:
            question: what to answer, in words, in any language
            source: only from articles of this site, such as www.rfi.fr
            since: only from articles from this day on, such as 2024-03-06
            until: only from articles up to the end of this day
            language: only from articles in this language (BCP 47), such as zh-Hant
            phrases: only from articles that contain each of these phrases word for word
            without: only from articles that contain none of these words or phrases
        """
        filters = _filters(source, since, until, language, phrases, without)
        return assistant.ask(question, **filters)

    @endpoint
    def get_article(article_id: str) -> Article:
        """Return a whole news article.

        Args:
            article_id: the article_id of a passage in a result
        """
        return assistant.article(_text("article_id", article_id))

    writing = [endpoint(_writer(assistant))] if assistant.language_model else []
    return [search, ask, get_article, *writing]


def _writer(assistant: Assistant) -> Callable[..., WrittenReport]:
    def write(
        question: str,
        reader_language: str | None = None,
        source: str | None = None,
        since: str | None = None,
        until: str | None = None,
        language: str | None = None,
        phrases: list[str] | None = None,
        without: list[str] | None = None,
    ) -> WrittenReport:
        """Let a language model answer from the passages found, and check each of its sentences.

        Args:
            question: what to answer, in words, in any language
            reader_language: the language to write in (BCP 47), such as fr; that of the question if none
            source: only from articles of this site, such as www.rfi.fr
            since: only from articles from this day on, such as 2024-03-06
            until: only from articles up to the end of this day
            language: only from articles in this language (BCP 47), such as zh-Hant
            phrases: only from articles that contain each of these phrases word for word
            without: only from articles that contain none of these words or phrases
        """
        filters = _filters(source, since, until, language, phrases, without)
        tag = _text("reader_language", reader_language or "")[:_LONGEST_TAG] or None
        return report(assistant.write(question, reader_language=tag, **filters))

    return write


def _endpoint(function: Callable[..., Any], error: Callable[[str], Exception]) -> Callable[..., Any]:
    @functools.wraps(function)
    def call(*arguments: Any, **named: Any) -> Any:
        try:
            return to_json(function(*arguments, **named))
        except (ArgumentError, QuestionError, ArticleMissing, WritingUnavailable) as fault:
            raise error(str(fault)) from fault
        except Exception as fault:
            _log.error("an endpoint failed: %s", error_log.where(fault))
            raise error(Translator()("http.archive-unavailable")) from fault

    result = _json_type(get_type_hints(function)["return"])
    call.__signature__ = inspect.signature(function).replace(return_annotation=result)  # type: ignore[attr-defined]
    return call


def _json_type(kind: Any) -> Any:
    """Return the type of `to_json(value)` for values of this type.

    Gradio makes no schema of a datetime or a Sequence, and calls no field of a dataclass required.
    """
    origin, parts = get_origin(kind), get_args(kind)
    if isinstance(kind, type) and is_dataclass(kind):
        fields = {name: _json_type(hint) for name, hint in get_type_hints(kind).items()}
        return TypedDict(kind.__name__, fields)  # type: ignore[operator]
    if origin in (list, Sequence):
        return list[_json_type(parts[0])]  # type: ignore[misc]
    if origin is UnionType:
        return functools.reduce(operator.or_, map(_json_type, parts))
    return str if kind is datetime else kind


def _filters(
    source: Any, since: Any, until: Any, language: Any, phrases: Any, without: Any
) -> dict[str, Any]:
    return {
        "source": _text("source", source or "") or None,
        "since": _day("since", since),
        "until": _day("until", until),
        "language": _text("language", language or "") or None,
        "phrases": _texts("phrases", phrases or []),
        "without": _texts("without", without or []),
    }


def _text(name: str, value: Any) -> str:
    try:
        return str.encode(value).decode()
    except (TypeError, UnicodeEncodeError):
        raise ArgumentError("argument-not-text", name=name, value=reprlib.repr(value)) from None


def _texts(name: str, values: Any) -> list[str]:
    if not isinstance(values, list) or len(values) > _MOST_PHRASES:
        raise _not_texts(name, values)
    texts = [_text(name, value) for value in values]
    if any(len(text) > _LONGEST_PHRASE for text in texts):
        raise _not_texts(name, values)
    return texts


def _not_texts(name: str, values: Any) -> ArgumentError:
    limits = {"most": _MOST_PHRASES, "longest": _LONGEST_PHRASE}
    return ArgumentError("argument-not-texts", name=name, **limits, value=reprlib.repr(values))


def _count(k: Any) -> int:
    if k is None:
        return DEFAULT_HITS
    if isinstance(k, bool) or not isinstance(k, (int, float)) or k != k // 1:
        raise ArgumentError("argument-not-whole", name="k", value=reprlib.repr(k))
    if k > MAX_HITS:
        raise ArgumentError("argument-too-large", name="k", limit=MAX_HITS, value=reprlib.repr(int(k)))
    if k < 1:
        raise ArgumentError("argument-too-small", name="k", limit=1, value=reprlib.repr(int(k)))
    return int(k)


def _day(name: str, text: Any) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except (TypeError, ValueError):
        raise ArgumentError("argument-not-a-day", name=name, value=reprlib.repr(text)) from None

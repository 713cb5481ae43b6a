"""What programs may ask for by name, over HTTP or MCP: the arguments checked, the results as JSON."""

# The annotations are made into schemas: they must not be strings here.

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
from rag.errors import ArticleMissing, QuestionError
from rag.types import Answer, Article, Hit, to_json
from rag.web import error_log

DEFAULT_HITS, MOST_HITS = 5, 50
_log = logging.getLogger(__name__)


def endpoints(assistant: Assistant, error: Callable[[str], Exception]) -> list[Callable[..., Any]]:
    """The functions `search`, `ask` and `get_article`.

    All that they raise is an `error`, of a sentence that says what is wrong with the request and
    nothing about this machine.
    """
    told = functools.partial(_told, error=error)

    @told
    def search(
        question: str,
        k: int = DEFAULT_HITS,
        source: str | None = None,
        since: str | None = None,
        until: str | None = None,
        language: str | None = None,
    ) -> list[Hit]:
        """Find the passages of news articles that answer a question best, best first.

        Args:
            question: what to look for, in words, in any language
            k: how many passages, from 1 to 50
            source: only articles of this site, such as www.rfi.fr
            since: only articles from this day on, such as 2024-03-06
            until: only articles up to the end of this day
            language: only articles in this language (BCP 47), such as zh-Hant
        """
        return assistant.search(question, _count(k), **_filters(source, since, until, language))

    @told
    def ask(
        question: str,
        source: str | None = None,
        since: str | None = None,
        until: str | None = None,
        language: str | None = None,
    ) -> Answer:
        """Answer a question in the words of a news article; the text is empty where none says it.

        Args:
            question: what to answer, in words, in any language
            source: only from articles of this site, such as www.rfi.fr
            since: only from articles from this day on, such as 2024-03-06
            until: only from articles up to the end of this day
            language: only from articles in this language (BCP 47), such as zh-Hant
        """
        return assistant.ask(question, **_filters(source, since, until, language))

    @told
    def get_article(article_id: str) -> Article:
        """Return a whole news article.

        Args:
            article_id: the article_id of a passage that was found
        """
        _text("article_id", article_id)
        return assistant.article(article_id)

    return [search, ask, get_article]


def _told(function: Callable[..., Any], error: Callable[[str], Exception]) -> Callable[..., Any]:
    @functools.wraps(function)
    def call(*arguments: Any, **named: Any) -> Any:
        try:
            return to_json(function(*arguments, **named))
        except (QuestionError, ArticleMissing, ValueError) as fault:
            raise error(str(fault)) from fault
        except Exception as fault:
            _log.error("an endpoint failed: %s", error_log.where(fault))
            raise error("The archive cannot answer just now. Try again later.") from fault

    sent = _type_sent(get_type_hints(function)["return"])
    call.__signature__ = inspect.signature(function).replace(return_annotation=sent)  # type: ignore[attr-defined]
    return call


def _type_sent(kind: Any) -> Any:
    """The type of what `to_json` makes of a value of some type."""
    origin, parts = get_origin(kind), get_args(kind)
    if isinstance(kind, type) and is_dataclass(kind):
        fields = {name: _type_sent(hint) for name, hint in get_type_hints(kind).items()}
        return TypedDict(kind.__name__, fields)  # type: ignore[operator]
    if origin in (list, Sequence):
        return list[_type_sent(parts[0])]  # type: ignore[misc]
    if origin is UnionType:
        return functools.reduce(operator.or_, map(_type_sent, parts))
    return str if kind is datetime else kind


def _filters(source: Any, since: Any, until: Any, language: Any) -> dict[str, Any]:
    for name, value in (("source", source), ("language", language)):
        _text(name, value or "")
    return {
        "source": source or None,
        "since": _day(since),
        "until": _day(until),
        "language": language or None,
    }


def _text(name: str, value: Any) -> None:
    if not isinstance(value, str):
        raise ValueError(f"{name} must be text, not {reprlib.repr(value)}")


def _count(k: Any) -> int:
    if k is None:
        return DEFAULT_HITS
    if isinstance(k, bool) or not isinstance(k, (int, float)) or k != k // 1:
        raise ValueError(f"k must be a whole number, not {reprlib.repr(k)}")
    if k > MOST_HITS:
        raise ValueError(f"k must be at most {MOST_HITS}, not {reprlib.repr(int(k))}")
    return int(k)


def _day(text: Any) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except (TypeError, ValueError):
        raise ValueError(f"a day must be like 2024-03-06, not {reprlib.repr(text)}") from None

"""A whole article as HTML: its text with a marked range, its reprints, the articles beside it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

from markupsafe import Markup

from rag.answering.sentences import sentence_around
from rag.assistant import Assistant
from rag.i18n.translator import Translator
from rag.types import Article, Hit, Passage, Span
from rag.web.rendering import render
from rag.web.views.addresses import article_address
from rag.web.views.query import Query
from rag.web.views.sharing.citations import is_web, passage_url

_MARK = re.compile(r"(?a)(\d{1,9})-(\d{1,9})")
_PARAGRAPH_END = "\n\n"


class Piece(NamedTuple):
    """A stretch of a paragraph; `mark` is "first" at the start of the marked range, "" outside it."""

    text: str
    mark: str


def show_article(
    article: Article, mark: Span | None, back: str, assistant: Assistant, translate: Translator
) -> Markup:
    """Return an article as HTML; `back` is the address of the result that it was opened from, or ""."""
    catalogue = assistant.catalogue
    return render(
        "article_page.html",
        translate,
        article=article,
        paragraphs=[list(_pieces(article.text, span, mark)) for span in _paragraphs(article.text)],
        mark=mark,
        back=back,
        original=_original(article, mark),
        hit=_hit(article, mark),
        reprints=catalogue.reprints(article.id),
        beside=catalogue.beside(article.id),
        article_address=article_address,
    )


def show_missing(translate: Translator) -> Markup:
    """Return what to do about an article that the archive lacks."""
    return render("article_missing.html", translate)


def find_mark(text: str, article: Article) -> Span | None:
    """Return the range of the article's text that "120-180" means; None if there is no such range."""
    if not (match := _MARK.fullmatch(text)):
        return None
    start, end = int(match[1]), int(match[2])
    return _trimmed(article.text, (start, end)) if start < end <= len(article.text) else None


def way_back(query: str) -> str:
    """Return the address of the result with this query string; "" if it is not that of a question."""
    parsed = Query.parse(query)
    return f"/{parsed.address(page=parsed.page)}" if parsed.question else ""


def _original(article: Article, mark: Span | None) -> str:
    if not is_web(article.url):
        return ""
    return passage_url(article.url, article.text, mark or (0, 0))


def _hit(article: Article, mark: Span | None) -> Hit:
    """The marked range to cite, or the first sentence."""
    whole = Passage.of(article, article.id, (0, len(article.text)))
    return Hit(whole, 1.0, mark or sentence_around(article.text, (0, 1)))


def _paragraphs(text: str) -> Iterator[Span]:
    start = 0
    for paragraph in text.split(_PARAGRAPH_END):
        if trimmed := _trimmed(text, (start, start + len(paragraph))):
            yield trimmed
        start += len(paragraph) + len(_PARAGRAPH_END)


def _trimmed(text: str, span: Span) -> Span | None:
    """Return a range without the white space at its ends, None if it has nothing else."""
    part = text[slice(*span)]
    if not (length := len(part.strip())):
        return None
    start = span[0] + len(part) - len(part.lstrip())
    return start, start + length


def _pieces(text: str, paragraph: Span, mark: Span | None) -> Iterator[Piece]:
    start, end = paragraph
    first, last = (min(max(cut, start), end) for cut in mark or (end, end))
    for left, right in pairwise((start, first, last, end)):
        if left < right:
            is_marked = (left, right) == (first, last)
            starts = mark is not None and mark[0] == left
            yield Piece(text[left:right], "" if not is_marked else "first" if starts else "more")

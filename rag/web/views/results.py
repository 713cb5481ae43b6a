"""A view -> the page that shows it: the answer, its evidence, how to narrow it, or why nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from html import escape

from rag.assistant import Assistant
from rag.i18n.translator import Translator
from rag.retrieval.retriever import MAX_QUESTION_CHARACTERS
from rag.text import date_expressions
from rag.types import Hit
from rag.web.views import filters as facets
from rag.web.views import passages as cards
from rag.web.views.passages import Context
from rag.web.views.query import LAST_PAGE, PAGE_PASSAGES, View

_MOST = LAST_PAGE * PAGE_PASSAGES


def show_home(assistant: Assistant, examples: Sequence[str], words: Translator) -> str:
    """What the archive holds, and questions to begin with."""
    links = "".join(
        f'<li><a class="go" href="{escape(View(question).address())}"><bdi>{escape(question)}</bdi>'
        "</a></li>"
        for question in examples
    )
    return (
        f'<section class="home"><p>{words("page.intro")}</p>'
        f'<p class="note">{_about(assistant, words)}</p>'
        + (f'<h2>{words("page.examples")}</h2><ul class="examples">{links}</ul>' if links else "")
        + "</section>"
    )


def _about(assistant: Assistant, words: Translator) -> str:
    manifest, months = assistant.manifest, _months(assistant)
    if not manifest.articles:
        return words("page.no-articles")
    return words(
        "about",
        articles=words.number(manifest.articles),
        passages=words.number(manifest.passages),
        first=months[0] if months else words("page.no-date"),
        last=months[-1] if months else words("page.no-date"),
    )


def _months(assistant: Assistant) -> list[str]:
    return [month for month in assistant.counts()["months"] if month]


def show_results(assistant: Assistant, view: View, words: Translator) -> str:
    """Answer the question of a view from the articles that pass its filters.

    Raises what `Assistant.search` raises; a question that cannot be asked is told in plain words.
    """
    question = view.question or ""
    if not any(map(str.isalnum, question)):
        return cards.show_error(words("page.question-empty"))
    if len(question) > MAX_QUESTION_CHARACTERS:
        limit = words.number(MAX_QUESTION_CHARACTERS)
        return cards.show_error(
            words("page.question-long", count=words.number(len(question)), limit=limit)
        )
    hits = _search(assistant, view)
    if not hits:
        return facets.show_chosen(view, words) + _show_nothing(assistant, view, words)
    start = PAGE_PASSAGES * (view.page - 1)
    shown = hits[start : start + PAGE_PASSAGES] or hits[:PAGE_PASSAGES]
    answer = assistant.read(question, hits[:PAGE_PASSAGES]) if view.page == 1 else None
    marked = cards.marked(answer) if answer else {}
    around = assistant.neighbours([hit.passage for hit in shown])
    passages = "".join(
        cards.show_card(hit, words, marked.get(hit.passage.id), Context(*context))
        for hit, context in zip(shown, around, strict=True)
    )
    heading = words("page.passages" if answer and answer.hit else "closest")
    told = cards.show_answer(answer, words) if answer else ""
    why = _show_why(assistant, view, words) if answer and not answer.hit else ""
    found = facets.articles(hits, view)
    return (
        f'<div class="columns"><div class="evidence">{facets.show_chosen(view, words)}{told}{why}'
        f"{facets.show_timeline(found, view, words)}"
        f'<section><h2 tabindex="-1">{heading}</h2>{passages}</section>'
        f"{_show_pages(len(hits), view, words)}"
        f'<p class="actions"><button type="button" data-share>{words("page.share")}</button></p></div>'
        f'<aside class="filters" aria-label="{words("page.filter")}">'
        f"{_show_filters(assistant, hits, view, words)}</aside></div>"
    )


def _search(assistant: Assistant, view: View) -> list[Hit]:
    return assistant.search(view.question or "", _MOST, **view.filters)


def _show_filters(assistant: Assistant, hits: Sequence[Hit], view: View, words: Translator) -> str:
    def found(wider: View) -> list[facets.Found]:
        return facets.articles(hits if wider == view else _search(assistant, wider), wider)

    sources, languages = found(replace(view, source="")), found(replace(view, language=""))
    return facets.show_filters(found(view), sources, languages, len(hits), view, words)


def _show_nothing(assistant: Assistant, view: View, words: Translator) -> str:
    """That no article passes the filters, and what there is without each of them."""
    if not view.is_filtered:
        return cards.show_status(words("page.no-articles"))
    items = []
    for name, wider in (
        (view.source, replace(view, source="")),
        (view.language and words.language(view.language), replace(view, language="")),
        (words("page.dates"), replace(view, since=None, until=None)),
    ):
        if wider != view and (hits := _search(assistant, wider)):
            label = words("page.remove", name=f"<bdi>{escape(name)}</bdi>")
            count = len(facets.articles(hits, wider))
            items.append(
                f'<li><a class="go" href="{escape(wider.address())}">{label} '
                f'<span class="count">{count}</span></a></li>'
            )
    hint = f"<p>{words('page.nothing-hint')}</p><ul>{''.join(items)}</ul>" if items else ""
    return f'<div class="box status" tabindex="-1"><p>{words("page.nothing")}</p>{hint}</div>'


def _show_why(assistant: Assistant, view: View, words: Translator) -> str:
    """What may be the reason that the archive has no answer."""
    said = [words("page.try-without" if view.is_filtered else "try")]
    period, months = date_expressions.find_period(view.question or ""), _months(assistant)
    if period and months and not months[0] <= period.first.isoformat()[:7] <= months[-1]:
        asked = period.first.isoformat()[:7]
        said.insert(0, words("page.outside", asked=asked, first=months[0], last=months[-1]))
    return f'<p class="note why">{" ".join(said)} {_about(assistant, words)}</p>'


def _show_pages(hits: int, view: View, words: Translator) -> str:
    last = -(-hits // PAGE_PASSAGES)
    if last <= 1:
        return ""
    links = "".join(
        f'<li><a class="go" href="{escape(view.address(page=number))}" '
        f'aria-label="{words("page.page", number=number)}"'
        f"{' aria-current=page' if number == view.page else ''}>{number}</a></li>"
        for number in range(1, last + 1)
    )
    return f'<nav aria-label="{words("page.pages")}"><ol class="pages">{links}</ol></nav>'

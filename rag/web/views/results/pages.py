"""The question page as HTML: the articles, the filters, the answer, or why there is nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from markupsafe import Markup

from rag.assistant import Assistant
from rag.i18n.translator import Translator
from rag.types import Answer, Hit, Span
from rag.web.rendering import render
from rag.web.views.addresses import article_address
from rag.web.views.boxes import show_error
from rag.web.views.query import PAGE_ARTICLES, Query
from rag.web.views.results import filters, nothing
from rag.web.views.results.answers import show_answer
from rag.web.views.results.found import answer_spans, in_order, read, search
from rag.web.views.results.groups import FoundArticle, group_by_article, page_of
from rag.web.views.results.passages import Card, Neighbours, show_card
from rag.web.views.results.site_colours import SiteColours
from rag.web.views.results.timeline import show_timeline
from rag.web.views.writing import show_follow_up, show_panel, translation_language
from rag.writing.follow_ups import is_follow_up
from rag.writing.prompts import Turn

_NEWEST = 5
_CLOSEST = 3
"""Articles that a refusal names."""
_ANY_TURNS = (Turn(""),)
"""Stands for what was asked before: only the browser of the visitor knows that."""


def show_home(assistant: Assistant, examples: Sequence[str], translate: Translator) -> Markup:
    """Return the page without a question: the archive, and examples or else the newest articles."""
    return render(
        "home.html",
        translate,
        about=nothing.describe(assistant, translate),
        examples=[(question, Query(question).address()) for question in examples],
        newest=[] if examples else assistant.newest(_NEWEST),
        article_address=article_address,
    )


def show_results(assistant: Assistant, query: Query, translate: Translator) -> Iterator[Markup]:
    """Yield the passages that were found, then what reading them changes: the answer, cards, a heading.

    Each element of the second part takes the place of the one with the same id. There is no second part
    where nothing is read: without passages, and on a further page. Raises what `Assistant.search` and
    `Assistant.read` raise.
    """
    if query.operators and not query.asked:
        yield nothing.show_no_question(query, translate)
        return
    hits = search(assistant, query)
    if not hits:
        yield nothing.show_no_articles(
            assistant, lambda wider: _find(assistant, wider), query, translate
        )
        return
    found = group_by_article(hits)
    ordered = in_order(found, query.order, lambda article: article.passage)
    into = translation_language(query, translate) if assistant.language_model else ""
    page = _Page(assistant, query, translate, page_of(ordered, query.page), into)
    yield page.show_found(hits, found)
    if page.has_answer:
        yield page.show_read(read(assistant, query, hits), found[:_CLOSEST])


def show_unread(message: str, translate: Translator) -> Markup:
    """Return an error message that takes the place of the answer."""
    return _show_place(show_error(message, translate), translate)


@dataclass(frozen=True, slots=True)
class _Page:
    """A page of a result: the articles on it, and what its parts share.

    `into` is the language that quotations can be translated into, "" for none. `beside` keeps the
    neighbours of passages by their ids.
    """

    assistant: Assistant
    query: Query
    translate: Translator
    articles: Sequence[FoundArticle]
    into: str
    beside: dict[str, Neighbours] = field(default_factory=dict)

    @property
    def has_answer(self) -> bool:
        """Whether the page has the answer: the first one does."""
        return self.query.page == 1

    def show_found(self, hits: Sequence[Hit], found: Sequence[FoundArticle]) -> Markup:
        """Return the page without what reading adds to it, which has its place."""
        query, translate = self.query, self.translate
        counts = self.assistant.counts()
        writing = self.assistant.language_model
        of_any_site = _of_any_site(self.assistant, found, query)
        return render(
            "results.html",
            translate,
            query=query,
            chips=filters.show_chips(query, translate),
            answer=_show_place(Markup(), translate) if self.has_answer else Markup(),
            incomplete=is_follow_up(query.asked, _ANY_TURNS),
            written=show_panel(query, len(hits), writing, translate)
            if writing and self.has_answer
            else Markup(),
            follow_up=show_follow_up(writing, translate) if writing else Markup(),
            timeline=show_timeline(found, SiteColours(counts["sources"]), query, translate),
            heading=self._show_heading(is_refused=False),
            articles=len(found),
            passages=len(hits),
            cards=self._show_cards(Card.of(name, each, {}) for name, each in self._named()),
            pages=range(1, -(-len(found) // PAGE_ARTICLES) + 1),
            filters=filters.show_filters(of_any_site, counts, query, translate),
        )

    def show_read(self, answer: Answer, closest: Sequence[FoundArticle]) -> Markup:
        """Return the elements that an answer changes: its place, cards that hold it, the heading."""
        query, translate = self.query, self.translate
        names = {article.passage.article_id: name for name, article in self._named()}
        if answer.hit:
            shown = show_answer(answer, query, names, translate, self.into)
            changed = self._show_answered(answer_spans(answer))
        else:
            passages = [article.passage for article in closest]
            shown = nothing.show_refusal(answer, passages, names, self.assistant, query, translate)
            changed = [self._show_heading(is_refused=True)]
        return Markup().join([_show_place(shown, translate), *changed])

    def _named(self) -> Iterator[tuple[str, FoundArticle]]:
        """Yield the identifier of the card of each article, and the article."""
        return ((f"card-{n}", article) for n, article in enumerate(self.articles, start=1))

    def _show_answered(self, answers: Mapping[str, Span]) -> list[Markup]:
        """Return the cards of the articles that hold an answer."""
        return self._show_cards(
            Card.of(name, article, answers)
            for name, article in self._named()
            if any(hit.passage.id in answers for hit in article.hits)
        )

    def _show_cards(self, cards: Iterable[Card]) -> list[Markup]:
        cards = list(cards)
        passages = [card.best.passage for card in cards]
        if new := [passage for passage in passages if passage.id not in self.beside]:
            neighbours = self.assistant.neighbours(new)
            self.beside.update({p.id: each for p, each in zip(new, neighbours, strict=True)})
        return [
            show_card(card, self.query, self.translate, self.beside[passage.id], self.into)
            for card, passage in zip(cards, passages, strict=True)
        ]

    def _show_heading(self, *, is_refused: bool) -> Markup:
        values = {"is_refused": is_refused, "is_first": not self.has_answer}
        return render("passages_heading.html", self.translate, **values)


def _show_place(content: Markup, translate: Translator) -> Markup:
    """Return the place of the answer, empty as long as there is no content."""
    return render("answer_place.html", translate, content=content)


def _find(assistant: Assistant, query: Query) -> list[FoundArticle]:
    return group_by_article(search(assistant, query))


def _of_any_site(
    assistant: Assistant, found: Sequence[FoundArticle], query: Query
) -> Sequence[FoundArticle]:
    return _find(assistant, replace(query, sites=())) if query.sites else found

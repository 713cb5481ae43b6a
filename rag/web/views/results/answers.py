"""The answer to a question as HTML: how sure, in which sentence, who agrees and who does not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from markupsafe import Markup

from rag.answering import no_answer
from rag.answering.sentences import sentence_around, shortened
from rag.i18n.translator import Translator
from rag.rendering.answers import explained
from rag.types import Alternative, Answer, Hit, Passage
from rag.web.rendering import render
from rag.web.views.addresses import article_address
from rag.web.views.query import Query
from rag.web.views.results.quotations import Quotation, quote_sentence

_GLOSSES = 12
"""Numbers, dates and names of a sentence that are explained."""
_NO_REASONS = Markup()


def show_answer(
    answer: Answer,
    query: Query,
    cards: Mapping[str, str],
    translate: Translator,
    into: str = "",
    reasons: Markup = _NO_REASONS,
) -> Markup:
    """Return the answer in its sentence, with its source, agreement and different answers.

    `cards` are the identifiers of the cards below by article. `into` is the language that quotations
    can be translated into, "" for none. `reasons` are shown with a refusal.
    """
    if answer.hit is None:
        refusal = no_answer.no_answer(answer.question)
        return render("refused.html", translate, answer=answer, refusal=refusal, reasons=reasons)
    is_unsure = no_answer.is_unsure(answer.confidence)
    return render(
        "answer.html",
        translate,
        answer=answer,
        quotation=_quotation(answer, answer.hit, query),
        is_unsure=is_unsure,
        is_short=answer.kind == "span" and not is_unsure,
        confidence=translate(no_answer.confidence_key(answer.confidence)),
        published_in=_foreign_language(answer.hit.passage, translate),
        agreeing=_agreeing(answer.supporting, cards),
        others=[(other, _alternative(other, query)) for other in answer.alternatives],
        glosses=explained(answer)[:_GLOSSES],
        note=f"{answer.text} = {answer.rendering.text}" if answer.rendering else "",
        cards=cards,
        into=into,
    )


def _quotation(answer: Answer, hit: Hit, query: Query) -> Quotation:
    is_span = answer.kind == "span"
    sentence = answer.sentence if is_span else (answer.start, answer.end)
    return quote_sentence(hit, sentence, answer.focus, query)


def _alternative(other: Alternative, query: Query) -> Quotation:
    text, span = other.hit.passage.text, (other.start, other.end)
    sentence = shortened(text, sentence_around(text, span), span)
    return quote_sentence(other.hit, sentence, span, query)


def _agreeing(supporting: Sequence[Hit], cards: Mapping[str, str]) -> list[tuple[Passage, str]]:
    """Return a passage of each article that gives the same answer, and the address of the article."""
    by_article = {hit.passage.article_id: hit.passage for hit in supporting}
    return [
        (passage, f"#{cards[article]}" if article in cards else article_address(article))
        for article, passage in by_article.items()
    ]


def _foreign_language(passage: Passage, translate: Translator) -> str:
    """Return the name of the language of a passage; "" for the page's own, or one without a name."""
    language, own = passage.language.partition("-")[0], translate.locale.partition("-")[0]
    name = translate.language(language)
    return "" if language in (own, "und", name) else name

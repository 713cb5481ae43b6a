"""The answer to a question as HTML: how sure, in which sentence, who agrees and who does not."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from markupsafe import Markup

from rag.answering import no_answer
from rag.answering.sentences import sentence_around, shortened
from rag.i18n.translator import Translator
from rag.rendering.answers import explained
from rag.types import Alternative, Answer, Hit, Passage
from rag.web.rendering import render
from rag.web.views.addresses import places
from rag.web.views.query import Query
from rag.web.views.results.quotations import Quotation, quote_sentence

_GLOSSES = 12
"""Numbers, dates and names of a sentence that are explained."""


def show_answer(
    answer: Answer, query: Query, cards: Mapping[str, str], translate: Translator, into: str = ""
) -> Markup:
    """Return the answer in its sentence, with its source, agreement and different answers.

    `cards` are the identifiers of the cards below by article. `into` is the language that quotations
    can be translated into, "" for none. Raises `ValueError` for a refusal.
    """
    if answer.hit is None:
        raise ValueError("a refusal has no sentence to show")
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
        agreeing=places(_each_article(answer.supporting), cards),
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


def _each_article(hits: Iterable[Hit]) -> Iterable[Passage]:
    return {hit.passage.article_id: hit.passage for hit in hits}.values()


def _foreign_language(passage: Passage, translate: Translator) -> str:
    """Return the name of the language of a passage; "" for the page's own, or one without a name."""
    language, own = passage.language.partition("-")[0], translate.locale.partition("-")[0]
    name = translate.language(language)
    return "" if language in (own, "und", name) else name

"""What a language model has written, as HTML: an answer with its citations, a translation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from markupsafe import Markup

from rag.errors import Notice
from rag.i18n.translator import Translator
from rag.rendering.reader_language import reader_language
from rag.types import Hit
from rag.web.rendering import render
from rag.web.views.addresses import article_address
from rag.web.views.query import Query
from rag.writing.records import Written, WrittenSentence
from rag.writing.settings import WritingSettings
from rag.writing.writing_assistant import MOST_HITS


class Citation(NamedTuple):
    """A citation by its number; without an address if there is no such passage.

    `passage` is the id of the passage, by which the page finds it among its results.
    """

    number: int
    address: str
    passage: str


def translation_language(query: Query, translate: Translator) -> str:
    """Return the language of the question, for one in Chinese that of the page."""
    return reader_language(query.asked) or translate.locale


def show_panel(query: Query, passages: int, settings: WritingSettings, translate: Translator) -> Markup:
    """Return the place of a written answer, which names the host before anything is sent to it.

    `passages` is the number of passages that were found.
    """
    return render(
        "writing.html",
        translate,
        address=query.address(order=""),
        passages=min(passages, MOST_HITS),
        host=settings.host,
        model=model_name(settings, translate),
    )


def show_follow_up(settings: WritingSettings, translate: Translator) -> Markup:
    """Return the box for a follow-up question, and the words of the scripts that use the model."""
    return render("follow_up.html", translate, host=settings.host)


def show_sentences(written: Written, query: Query | None, translate: Translator) -> list[Markup]:
    """Return each sentence; one with a fault is struck out, with the reasons in words.

    They have their citations, which lead back to the result of the query from other pages. Without a
    query they are those of a translation, which cites nothing but its original.
    """
    return [
        render(
            "written_sentence.html",
            translate,
            sentence=sentence,
            citations=_citations(sentence, written.hits, query) if query else [],
            reasons=[_reason(fault, query is None, translate) for fault in sentence.faults],
            language=written.language,
            is_first=number == 0,
        )
        for number, sentence in enumerate(written.sentences)
    ]


def show_outcome(
    written: Written, query: Query, settings: WritingSettings, translate: Translator
) -> Markup:
    """Return what stands below a complete answer: a fault, who has written it, and from what."""
    return render(
        "written_outcome.html",
        translate,
        written=written,
        notice=translate.error(written.notice) if written.notice else "",
        withheld=show_sentences(written, query, translate) if written.is_withheld else [],
        sources=[
            (hit.passage, _citation(n, hit, query)) for n, hit in enumerate(written.hits, start=1)
        ],
        host=settings.host,
        model=model_name(settings, translate),
    )


def show_translation(
    title: Written, text: Written, settings: WritingSettings, translate: Translator
) -> Markup:
    """Return the translations of the title and the text of a quotation, marked as such."""
    return render(
        "translated.html",
        translate,
        title=show_sentences(title, None, translate),
        text=show_sentences(text, None, translate),
        host=settings.host,
        model=model_name(settings, translate),
    )


def model_name(settings: WritingSettings, translate: Translator) -> str:
    """Return the name of the model, or what it is called without one."""
    return settings.model or translate("page.language-model")


def _reason(fault: Notice, is_of_translation: bool, translate: Translator) -> str:
    if is_of_translation:
        fault = replace(fault, parameters={**fault.parameters, "passages": translate("page.original")})
    return translate.error(fault)


def _citations(sentence: WrittenSentence, hits: Sequence[Hit], query: Query) -> list[Citation]:
    return [
        _citation(number, hits[number - 1], query)
        if 0 < number <= len(hits)
        else Citation(number, "", "")
        for number in sentence.citations
    ]


def _citation(number: int, hit: Hit, query: Query) -> Citation:
    passage, (start, end) = hit.passage, hit.highlight
    place = passage.start + start, passage.start + end
    return Citation(number, article_address(passage.article_id, place, query.address()), passage.id)

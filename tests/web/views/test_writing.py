"""Written sentences and translations as HTML."""

from __future__ import annotations

import re

from support.hits import make_hit

from rag.errors import Notice
from rag.i18n.translator import Translator
from rag.web.views.query import Query
from rag.web.views.writing import show_outcome, show_panel, show_sentences, show_translation
from rag.writing.records import Written, WrittenSentence
from rag.writing.settings import WritingSettings

ENGLISH = Translator("en")
SETTINGS = WritingSettings("http://llm.example:8080/v1", "qwen3")
QUERY = Query("谁？", sites=("news.example",))
FAULT = Notice("written-meaning", {"passages": "[1]"})


def written(*sentences: WrittenSentence, **fields: object) -> Written:
    values = {"language": "en", "hits": (make_hit("第一段。"),), "is_complete": True, **fields}
    return Written("谁？", sentences=sentences, **values)  # type: ignore[arg-type]


def test_show_sentences_links_only_citations_of_passages_that_exist() -> None:
    (shown,) = show_sentences(written(WrittenSentence("He.", (1, 0, 2))), QUERY, ENGLISH)
    assert re.findall(r'href="(/article/[^?]*)[^>]*>\[(\d)\]', shown) == [("/article/x", "1")]
    assert "[0]" in shown
    assert "[2]" in shown


def test_show_sentences_begins_paragraphs_and_items_on_a_line_of_their_own() -> None:
    begins = ("paragraph", "", "item", "paragraph")
    sentences = [WrittenSentence("He.", begins=each) for each in begins]
    shown = show_sentences(written(*sentences), QUERY, ENGLISH)
    assert ["<br>" in each for each in shown] == [False, False, True, True]
    assert ["•" in each for each in shown] == [False, False, True, False]


def test_show_sentences_escapes_texts_and_reasons() -> None:
    fault = Notice("written-number", {"text": "<b>", "passages": "[1]"})
    (shown,) = show_sentences(written(WrittenSentence("<i>", (), (fault,))), QUERY, ENGLISH)
    assert "<del" in shown
    assert "&lt;i&gt;" in shown
    assert "&lt;b&gt;" in shown


def test_show_translation_names_the_original_in_reasons_and_cites_nothing() -> None:
    text = written(WrittenSentence("He.", (1,), (FAULT,)))
    shown = show_translation(written(), text, SETTINGS, ENGLISH)
    assert "There is nothing like it in the original." in shown
    assert "[1]" not in shown
    assert "title" not in shown


def test_show_outcome_of_a_fault_without_sentences_names_no_writer() -> None:
    fault = Notice("llm-timeout", {"host": "llm.example:8080"})
    shown = show_outcome(written(error=fault), QUERY, SETTINGS, ENGLISH)
    assert "took too long" in shown
    assert "Written by" not in shown


def test_show_panel_counts_the_passages_that_can_be_sent() -> None:
    assert "8 passages go to llm.example:8080" in show_panel(QUERY, 50, SETTINGS, ENGLISH)
    assert "and 1 passage go to" in show_panel(QUERY, 1, SETTINGS, ENGLISH)
    unnamed = WritingSettings("http://llm.example/v1")
    assert "where a language model writes" in show_panel(QUERY, 3, unnamed, ENGLISH)

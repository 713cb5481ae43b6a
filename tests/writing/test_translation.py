"""Tests of `rag.writing.translation`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from support.hits import make_hit

from rag.errors import Notice
from rag.writing.prompts import Message
from rag.writing.settings import WritingSettings
from rag.writing.translation import Translations, as_hit
from rag.writing.writer import Check


class Echo:
    """A model that repeats what it is asked and counts its calls."""

    settings = WritingSettings("http://localhost/v1")

    def __init__(self) -> None:
        self.tokens: list[int] = []

    def stream(self, messages: Sequence[Message], max_tokens: int | None = None) -> Iterator[str]:
        raise AssertionError

    def complete(self, messages: Sequence[Message], max_tokens: int | None = None) -> str:
        self.tokens.append(max_tokens or 0)
        return messages[-1].content.split("\n")[1]


def sound() -> Check:
    return lambda sentence, citations: []


def test_translations_keep_the_last_ones_by_text_and_language() -> None:
    model = Echo()
    translations = Translations(model, most=2)
    for text, language in [
        ("一。", "en"),
        ("二。", "en"),
        ("一。", "en"),
        ("三。", "en"),
        ("一。", "en"),
    ]:
        translations.translate(as_hit(text), language, sound)
    assert len(model.tokens) == 3
    translations.translate(as_hit("二。"), "en", sound)
    translations.translate(as_hit("二。"), "fr", sound)
    assert len(model.tokens) == 5


def test_translation_of_the_same_text_cites_the_hit_that_is_asked_for() -> None:
    translations = Translations(Echo())
    first, second = make_hit("一。", name="a"), make_hit("一。", name="b")
    assert translations.translate(first, "en", sound).hits == (first,)
    assert translations.translate(second, "en", sound).hits == (second,)


def test_translation_may_be_longer_than_its_text_but_not_than_the_context() -> None:
    model = Echo()
    translations = Translations(model)
    for length in (1, 100, 100_000):
        translations.translate(as_hit("字" * length), "en", sound)
    assert model.tokens == [60, 300, model.settings.context // 2]


def test_translation_with_a_wrong_sentence_shows_its_fault() -> None:
    def check(sentence: str, citations: Sequence[int]) -> list[Notice]:
        return [Notice("written-uncited")] if sentence == "二。" else []

    written = Translations(Echo()).translate(as_hit("一。二。"), "en", lambda: check)
    assert [sentence.is_sound for sentence in written.sentences] == [True, False]
    assert written.shown == written.sentences

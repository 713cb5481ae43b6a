"""Tests of `rag.rendering.readings.reading_aid`."""

from __future__ import annotations

import pytest
from support.names import FewNames, FewPairs

from rag.names.known import CountedPair, KnownNames
from rag.rendering.readings.dictionary import Dictionary
from rag.rendering.readings.reading_aid import AidedText, aid

DICTIONARY = Dictionary.of(
    "還 还 [hai2] /still/\n還 还 [huan2] /to pay back/\n平壤 平壤 [Ping2 rang3] /Pyongyang/\n".encode()
)
NAMES = KnownNames(
    FewNames({("平壤", "fr"): ("Pyongyang", "Pyong"), ("亚当·斯密", "en"): ("Adam Smith",)}),
    FewPairs([CountedPair("申源湜", "Shin Wonshik", 2), CountedPair("申源湜", "Shin Won-sik", 1)]),
)


def shown(aided: AidedText) -> dict[str, list[str]]:
    """The words of each run, with the places at which they are."""
    return {
        run: [f"{place}:{aided.words[number].text}" for place, number in words]
        for run, words in aided.runs.items()
    }


def test_aid_gives_the_words_of_each_run_once() -> None:
    aided = aid("平壤还说，平壤。平壤还说!", DICTIONARY)
    assert shown(aided) == {"平壤还说": ["0:平壤", "2:还", "3:说"], "平壤": ["0:平壤"]}
    assert [word.text for word in aided.words] == ["平壤", "还", "说"]


@pytest.mark.parametrize("text", ["还钱，还在", "還錢，還在"])
def test_aid_begins_with_the_reading_that_the_text_means(text: str) -> None:
    aided = aid(text, DICTIONARY)
    readings = [word.readings[0].pinyin for word in aided.words if word.text == text[0]]
    assert readings == ["huán", "hái"]


def test_aid_reads_what_the_dictionary_lacks_without_senses() -> None:
    (word,) = aid("龘", DICTIONARY).words
    assert [(reading.pinyin, reading.senses) for reading in word.readings] == [("dá", ())]


def test_aid_has_no_reading_of_a_character_without_one() -> None:
    unread = "\U000323af"
    assert [word.readings for word in aid(unread, DICTIONARY).words] == [()]


def test_aid_shows_names_in_the_language_of_the_reader_or_in_english() -> None:
    text = "申源湜和亚当·斯密在平壤"
    aided = aid(text, DICTIONARY, NAMES, "fr")
    names = {word.text: word.names for word in aided.words if word.names}
    assert names == {
        "申源湜": ("Shin Wonshik", "Shin Won-sik"),
        "亚当·斯密": ("Adam Smith",),
        "平壤": ("Pyongyang",),
    }
    assert shown(aided)[text][0] == "0:申源湜"


def test_aid_counts_points_between_names_and_marks_of_characters() -> None:
    aided = aid("还·平壤\U000e0100还", DICTIONARY)
    assert list(shown(aided).values()) == [["0:还", "2:平壤\U000e0100", "5:还"]]
    assert [word.readings[0].pinyin for word in aided.words] == ["hái", "Píng rǎng"]

"""Tests of `rag.writing.sentences`."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from rag.writing.sentences import Sentence, SentenceStream, split


def parts(text: str, language: str = "en") -> list[tuple[str, tuple[int, ...]]]:
    """Return sentences and citations, which are the same however the text arrives."""
    whole = list(split([text], language))
    assert list(split(list(text), language)) == whole
    return [(sentence.text, sentence.citations) for sentence in whole]


@pytest.mark.parametrize(
    ("cited", "numbers"),
    [
        ("It left [1].", (1,)),
        ("It left. [1]", (1,)),
        ("It left[1][3].", (1, 3)),
        ("It left [1, 2].", (1, 2)),
        ("It left [1; 2].", (1, 2)),
        ("It left [1]\n[2].", (1, 2)),
        ("It left [2-4].", (2, 3, 4)),
        ("It left [1-90].", (1, 90)),
        ("It left 【1】.", (1,)),
        ("It left【1†source】.", (1,)),
        ("It left ［２］.", (2,)),
        ("It left [^1].", (1,)),
        ("It left [passage 3].", (3,)),
        ("It left [Passages 1, 2].", (1, 2)),
        ("It left (1).", (1,)),
        ("It left. (1)(2)", (1, 2)),
        ("It left (1, 2)", (1, 2)),
        ("[4] It left.", (4,)),
        ("It [1] left [1].", (1,)),
        ("It left [99].", (99,)),
        ("It left.", ()),
        ("It left [a].", ()),
        ("It left (2024) [1].", (1,)),
    ],
)
def test_split_reads_the_forms_of_citations(cited: str, numbers: tuple[int, ...]) -> None:
    ((text, citations),) = parts(cited)
    assert citations == numbers
    assert "[1]" not in text
    assert text.startswith("It left") or text == "It left."


@pytest.mark.parametrize(
    ("language", "text", "sentences"),
    [
        ("en", "The U.S. said 3.5 per cent [1]. It fell. [2]", ["The U.S. said 3.5 per cent.", "It fell."]),
        ("en", "Mr. Smith left at 5 p.m. on Monday [1].", ["Mr. Smith left at 5 p.m. on Monday."]),
        ("en", 'He said: "We won. It is over." [1] They left [1].', ['He said: "We won. It is over."', "They left."]),
        ("en", "Is it so? Yes! No… perhaps [1].", ["Is it so?", "Yes!", "No… perhaps."]),
        ("de", "Am 6. März kamen ca. 3 Mio. an [1]. Das war viel [1].", ["Am 6. März kamen ca. 3 Mio. an.", "Das war viel."]),
        ("en", "It was March 6. The ship left [1].", ["It was March 6.", "The ship left."]),
        ("fr", "Est-ce vrai ? M. Macron l’a dit [1] !", ["Est-ce vrai ?", "M. Macron l’a dit !"]),
        ("ru", "В 2023 г. ушло 6,7 тыс. контейнеров [1]. Много [1].", ["В 2023 г. ушло 6,7 тыс. контейнеров.", "Много."]),
        ("zh-Hans", "运了6700个[1]。韩国说：“到了。很多。”[2]美国否认【3】。", ["运了6700个。", "韩国说：“到了。很多。”", "美国否认。"]),
        ("ja", "送った[1]。多い[2]。", ["送った。", "多い。"]),
        ("ko", "보냈다 [1]. 많다 [2].", ["보냈다.", "많다."]),
        ("ar", "أرسلت ٦٧٠٠ حاوية [١]. هل هذا صحيح؟ نعم [2].", ["أرسلت ٦٧٠٠ حاوية.", "هل هذا صحيح؟", "نعم."]),
        ("hi", "भेजे गए [1]। बहुत हैं [2]।", ["भेजे गए।", "बहुत हैं।"]),
        ("th", "ส่งตู้ [1] ได้รับ [2]", ["ส่งตู้", "ได้รับ"]),
    ],
)  # fmt: skip
def test_split_ends_sentences_as_the_language_does(
    language: str, text: str, sentences: list[str]
) -> None:
    assert [sentence for sentence, _ in parts(text, language)] == sentences


def test_split_keeps_paragraphs_and_items_and_drops_markup() -> None:
    text = "## **Shells** are short [1]. Many left [2].\n\nReasons:\n- `War` [1]\n2. __Cold__ (3)\n（3）Rain [2]"
    assert [(each.text, each.begins, each.citations) for each in split([text], "en")] == [
        ("Shells are short.", "paragraph", (1,)),
        ("Many left.", "", (2,)),
        ("Reasons: War", "paragraph", (1,)),
        ("Cold", "item", (3,)),
        ("Rain", "item", (2,)),
    ]


def test_split_leaves_no_markup_and_no_invisible_characters() -> None:
    assert parts("a\u202eb\u200b <b>c</b>\x1b[2J [1].") == [("ab <b>c</b>[2J.", (1,))]


def test_stream_gives_a_sentence_only_when_the_next_one_has_begun() -> None:
    stream = SentenceStream("en")
    assert stream.add("It left [1") == []
    assert stream.add("].") == []
    assert stream.add(" [2]\n\n[3]") == []
    assert stream.add(" Th") == [Sentence("It left.", (1, 2), "paragraph", True)]
    assert stream.add("ey came. [") == []
    assert stream.add("4]") == []
    assert stream.finish() == [Sentence("They came.", (3, 4), "paragraph", True)]


def broken(*pieces: str) -> Iterator[str]:
    yield from pieces
    raise ConnectionError


@pytest.mark.parametrize(
    ("last", "kept"),
    [
        ("Many left [2].", 2),
        ("Many left", 1),
        ("Many left.", 1),
        ("Many left [2]", 1),
        ("Many left [", 1),
    ],
)
def test_split_of_a_broken_text_keeps_its_last_sentence_only_if_it_is_whole(
    last: str, kept: int
) -> None:
    got = []
    with pytest.raises(ConnectionError):
        for sentence in split(broken("It left [1]. ", last), "en"):
            got.append(sentence.text)
    assert got == ["It left.", "Many left."][:kept]


def test_split_of_nothing_is_nothing() -> None:
    assert parts(" \n\n ") == []
    assert parts("[1]") == []

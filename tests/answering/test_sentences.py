"""The sentence that holds an answer."""

from rag.answering.sentences import LONGEST, sentence_around, shortened

TEXT = "船在六月出发。因为有暴风雨，船长决定返回港口。“七月再出发！”他说。"


def quoted(span: tuple[int, int], text: str = TEXT) -> str:
    return text[slice(*span)]


def find(part: str, text: str = TEXT) -> tuple[int, int]:
    at = text.index(part)
    return at, at + len(part)


def test_the_sentence_around_a_span_is_whole() -> None:
    assert quoted(sentence_around(TEXT, find("暴风雨"))) == "因为有暴风雨，船长决定返回港口。"
    assert quoted(sentence_around(TEXT, find("六月"))) == "船在六月出发。"


def test_a_span_that_crosses_sentences_gets_both() -> None:
    assert quoted(sentence_around(TEXT, find("出发。因为"))) == TEXT[: TEXT.index("“")]


def test_a_short_sentence_is_not_shortened() -> None:
    sentence = sentence_around(TEXT, find("暴风雨"))
    assert shortened(TEXT, sentence, find("暴风雨")) == sentence


def test_a_long_sentence_is_shortened_to_whole_clauses_around_the_span() -> None:
    clauses = [f"第{number:02}支船队在{number:02}日离开港口" for number in range(20)]
    text = "，".join(clauses) + "。"
    span = find("10日", text)
    found = quoted(shortened(text, (0, len(text)), span), text)
    assert "第10支船队在10日离开港口" in found
    assert LONGEST / 2 < len(found) <= LONGEST
    assert set(found.split("，")) <= set(clauses)


def test_a_clause_that_is_too_long_is_kept_whole() -> None:
    text = "字" * 300 + "，短。"
    assert quoted(shortened(text, (0, len(text)), (100, 110)), text) == "字" * 300

from __future__ import annotations

import pytest

from rag.answering.no_answer import confidence_key, no_answer
from rag.i18n.translator import Translator

QUESTIONS = {
    "ar": "كم عدد الحاويات التي شحنتها بيونغ يانغ؟",
    "de": "Wie viele Container hat Pjöngjang verschickt?",
    "en": "how many containers did Pyongyang ship?",
    "es": "¿Cuántos contenedores envió Pyongyang?",
    "fr": "Combien de conteneurs Pyongyang a-t-il expédiés ?",
    "ja": "平壌はコンテナをいくつ送りましたか？",
    "ko": "평양은 컨테이너를 몇 개 보냈습니까?",
    "ru": "Сколько контейнеров отправил Пхеньян?",
    "zh-Hans": "朝鲜运送了多少集装箱？",
    "zh-Hant": "朝鮮運送了多少個貨櫃？",
}


@pytest.mark.parametrize("language", QUESTIONS)
def test_no_answer_is_in_the_language_of_the_question(language: str) -> None:
    assert no_answer(QUESTIONS[language]).language == language


def test_no_answer_differs_in_each_language() -> None:
    assert len({no_answer(question).text for question in QUESTIONS.values()}) == len(QUESTIONS)


@pytest.mark.parametrize("question", ["12345?", "Ilang container ang ipinadala ng Pyongyang?"])
def test_no_answer_to_an_unknown_language_is_english(question: str) -> None:
    assert no_answer(question).language == "en"


def test_no_answer_to_chinese_of_unclear_script_is_simplified() -> None:
    assert no_answer("何人？").language == "zh-Hans"


@pytest.mark.parametrize(
    ("question", "direction"), [(QUESTIONS["ar"], "rtl"), (QUESTIONS["ja"], "ltr")]
)
def test_no_answer_has_the_direction_of_its_script(question: str, direction: str) -> None:
    assert no_answer(question).direction == direction


@pytest.mark.parametrize(
    ("confidence", "words"),
    [
        (1.0, "Very probably right"),
        (0.9, "Very probably right"),
        (0.89, "Probably right"),
        (0.7, "Probably right"),
        (0.69, "Not sure – check the passage"),
        (0.0, "Not sure – check the passage"),
    ],
)
def test_confidence_key_at_each_level_has_its_words(confidence: float, words: str) -> None:
    assert Translator("en")(confidence_key(confidence)) == words

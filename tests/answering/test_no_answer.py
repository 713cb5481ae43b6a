from __future__ import annotations

import pytest

from rag.answering.no_answer import absent, confidence_key

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
def test_it_is_said_in_the_language_of_the_question(language: str) -> None:
    assert absent(QUESTIONS[language]).language == language


def test_each_language_has_words_of_its_own() -> None:
    assert len({absent(question).text for question in QUESTIONS.values()}) == len(QUESTIONS)


@pytest.mark.parametrize("question", ["12345?", "Ilang container ang ipinadala ng Pyongyang?"])
def test_other_languages_are_answered_in_english(question: str) -> None:
    assert absent(question).language == "en"


def test_chinese_of_either_script_is_answered_in_simplified() -> None:
    assert absent("何人？").language == "zh-Hans"


@pytest.mark.parametrize(
    "confidence, level",
    [
        (1.0, "high"),
        (0.8, "high"),
        (0.79, "medium"),
        (0.6, "medium"),
        (0.59, "low"),
        (0.0, "low"),
    ],
)
def test_confidence_key_depends_on_the_probability(confidence: float, level: str) -> None:
    assert confidence_key(confidence) == f"page.confidence-{level}"

from __future__ import annotations

import pytest

from rag.text import language


@pytest.mark.parametrize(
    ("text", "tag"),
    [
        ("韩国国防部长说，平壤已向俄罗斯运送了弹药。", "zh-Hans"),
        ("韓國國防部長說，平壤已向俄羅斯運送了彈藥。", "zh-Hant"),
        ("布鲁金斯学会（Brookings Institution）的奥汉隆（Michael O'Hanlon）说", "zh-Hans"),
        ("平壌はコンテナをいくつ送りましたか？", "ja"),
        ("평양은 컨테이너를 몇 개 보냈습니까?", "ko"),
        ("how many containers did Pyongyang ship to Russia this year?", "en"),
        ("Combien de conteneurs la Corée du Nord a-t-elle envoyés ?", "fr"),
        ("Сколько контейнеров отправила Северная Корея в этом году?", "ru"),
        ("2024 — 12:30 !!!", "und"),
        ("", "und"),
    ],
)
def test_detect_language_and_script(text: str, tag: str) -> None:
    assert language.detect(text) == tag


def test_probabilities_of_a_short_text_are_of_several_languages() -> None:
    likely = language.probabilities("Сколько контейнеров?")
    assert sum(likely.values()) == pytest.approx(1)
    assert {"ru", "uk"} <= set(likely)
    assert likely["ru"] == max(likely.values())
    assert language.probabilities("平壤") == {"zh": 1.0}
    assert language.probabilities("12:30 …") == {}


def test_every_language_that_is_identified_is_identifiable() -> None:
    texts = (
        "平壤。",
        "韓國國防部長說",
        "コンテナをいくつ",
        "컨테이너",
        "how many?",
        "Сколько?",
        "مرحبا بكم",
    )
    found = {tag for text in texts for tag in language.probabilities(text)} - {"zh"}
    assert {"zh-Hant", "ja", "ko", "en", "ru", "ar"} <= found <= language.identifiable()
    assert not {"und", "zh", "tlh"} & language.identifiable()

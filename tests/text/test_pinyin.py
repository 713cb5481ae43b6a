"""Recognition of pinyin."""

from __future__ import annotations

import pytest

from rag.text.pinyin import is_pinyin


@pytest.mark.parametrize(
    "text",
    [
        "chaoxian yunsong le duoshao jizhuangxiang",
        "Cháoxiǎn yùnsòngle duōshǎo jízhuāngxiāng?",
        "nüzi lüxing Xi'an zenme zou",
        "Hanguo 2024 nian xuanju",
    ],
)
def test_is_pinyin_of_syllables_with_or_without_tones_is_true(text: str) -> None:
    assert is_pinyin(text)


@pytest.mark.parametrize(
    "text",
    [
        "how many containers did Pyongyang ship?",
        "combien de conteneurs",
        "ninguna mujer",
        "quante navi",
        "nani ga okita no ka",
        "he can",
        "2024",
        "",
        "朝鲜运送了多少集装箱？",
    ],
)
def test_is_pinyin_of_another_language_is_false(text: str) -> None:
    assert not is_pinyin(text)

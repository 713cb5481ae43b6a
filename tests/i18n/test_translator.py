"""The languages of the page: all of them say everything, and nothing is mixed."""

from __future__ import annotations

import re
from string import Formatter

import pytest
from support.doubles import ROOT

from rag.i18n import translator
from rag.i18n.translator import Translator, catalogue, locales, preferred

HAN = re.compile(r"[\u4e00-\u9fff]")
WORD = re.compile(r"[A-Za-z]{2,}")
NAMES = {"Markdown", "seeds", "zip", "MB"}


@pytest.mark.parametrize("locale", locales())
def test_every_language_says_everything(locale: str) -> None:
    for key, said in catalogue(locale).items():
        fields = {name for _, name, _, _ in Formatter().parse(said) if name}
        english = {name for _, name, _, _ in Formatter().parse(catalogue("en")[key]) if name}
        assert fields == english, key
        assert said.strip()
        plain = re.sub(r"\{\w+\}", "", said)
        if locale == "en":
            assert not HAN.search(said), key
        else:
            assert set(WORD.findall(plain)) <= NAMES, key


def test_no_script_has_characters_of_the_other() -> None:
    from opencc import OpenCC

    to_simplified, to_traditional = OpenCC("t2s").convert, OpenCC("s2tw").convert
    for key, said in catalogue("zh-Hans").items():
        assert to_simplified(said) == said, key
    for key, said in catalogue("zh-Hant").items():
        assert to_traditional(said) == said, key


def test_every_key_is_used_and_every_use_has_a_key() -> None:
    sources = [*(ROOT / "rag").glob("*.py"), ROOT / "app.py"]
    code = "\n".join(path.read_text(encoding="utf-8") for path in sources if path.name != "wording.py")
    used = set(re.findall(r"""["']([a-z]+(?:[- ][a-z]+)*)["']""", code))
    assert set(catalogue("en")) - used == set()
    called = re.findall(r"""\b(?:words|_I18N|i18n)\(\s*["']([^"']+)["']""", code)
    assert set(called) <= set(catalogue("en"))


@pytest.mark.parametrize(
    ("accepted", "locale"),
    [
        (["zh-CN", "en"], "zh-Hans"),
        (["zh"], "zh-Hans"),
        (["zh-TW"], "zh-Hant"),
        (["zh-HK", "zh-CN"], "zh-Hant"),
        (["zh-Hant-MO"], "zh-Hant"),
        (["zh-Hans-HK"], "zh-Hans"),
        (["fr", "zh-TW"], "zh-Hant"),
        (["de-DE", "en-GB", "zh"], "en"),
        (["de"], "en"),
        ([], "en"),
        (["", "*"], "en"),
    ],
)
def test_the_first_language_that_is_spoken_counts(accepted: list[str], locale: str) -> None:
    assert preferred(accepted) == locale


def test_languages_have_names() -> None:
    assert Translator("en").language("zh-Hant") == "Chinese (Traditional)"
    assert Translator("zh-Hans").language("zh-Hans") == "中文 (简体)"
    assert Translator("zh-Hant").language("ja") == "日文"
    assert Translator("en").language("und") == "unknown"
    for odd in ("", "<b>", "x" * 300, "../..", "zh-😀"):
        assert Translator("en").language(odd) == odd
    assert Translator("../etc").locale == translator.DEFAULT

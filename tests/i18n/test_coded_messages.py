"""Reasons, nested errors and stages are translated by their codes."""

from __future__ import annotations

import re

import pytest

from rag.errors import IntakeError, Notice
from rag.i18n.translator import Translator, locales
from rag.reports import Failure, Stage

HAN = re.compile(r"[\u4e00-\u9fff]")


@pytest.mark.parametrize(
    ("locale", "sentence"),
    [("en", "Larger than 20 MB"), ("zh-Hans", "大于 20 MB"), ("zh-Hant", "大於 20 MB")],
)
def test_reason_of_a_failure_is_translated_by_its_code(locale: str, sentence: str) -> None:
    failure = Failure("a.txt", "Larger than 20 MB", "file-too-large", {"limit": 20})
    assert Translator(locale).reason(failure) == sentence


@pytest.mark.parametrize("code", ["", "of-a-later-version"])
def test_reason_without_a_known_code_is_the_english_sentence(code: str) -> None:
    assert Translator("zh-Hans").reason(Failure("a.txt", "Something new", code)) == "Something new"


@pytest.mark.parametrize(("locale", "text"), [("en", "a, b, and none"), ("zh-Hans", "a、b和无")])
def test_error_joins_a_sequence_as_the_language_does(locale: str, text: str) -> None:
    items = ["a", "b", Notice("upload-files-none")]
    error = IntakeError("upload-incomplete", folder="seeds", failed=items, written="c")
    assert text in Translator(locale).error(error)


@pytest.mark.parametrize("locale", locales())
def test_every_stage_has_a_name(locale: str) -> None:
    names = [Translator(locale)(stage.key) for stage in Stage]
    assert len(set(names)) == len(Stage)
    assert all(HAN.search(name) for name in names) or not locale.startswith("zh")
    assert names == list(Stage) or locale != "en"

"""Catalogues agree with each other, and the translator picks the right message."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from string import Formatter

import pytest
from babel import Locale

from rag.errors import RagError
from rag.i18n.translator import (
    CATALOGUES,
    DEFAULT,
    Message,
    Translator,
    catalogue,
    locales,
    preferred,
)
from rag.reports import Failure

HAN = re.compile(r"[\u4e00-\u9fff]")
CODE = re.compile(
    r"`[^`]*`|\{[^}]*\}|https?://\S*|[a-z]+:|--[a-z-]+|\.[a-z]+\b|[A-Za-z]+[./_=+0-9][A-Za-z0-9./_=+:]*"
)
"""Commands, placeholders, addresses, options, search operators, extensions of files, and paths."""
WORD = re.compile(r"[A-Za-z]{2,}")
NAMES = {"archive", "data", "deflate", "gz", "null", "rar", "seeds", "tar", "zip"}
"""Words that Chinese sentences share with English ones; names with a capital letter are not listed."""


def forms(message: Message) -> Mapping[str, str]:
    return {"other": message} if isinstance(message, str) else message


def sentences(locale: str) -> Iterator[tuple[str, str]]:
    for key, message in catalogue(locale).items():
        for text in forms(message).values():
            yield key, text


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


def plural_categories(locale: str) -> set[str]:
    return {*Locale.parse(locale, sep="-").plural_form.tags, "other"}


@pytest.mark.parametrize("locale", locales())
def test_catalogue_has_the_keys_and_placeholders_of_the_english_one(locale: str) -> None:
    assert set(catalogue(locale)) == set(catalogue(DEFAULT))
    for key, message in catalogue(locale).items():
        english = placeholders(forms(catalogue(DEFAULT)[key])["other"])
        for form, text in forms(message).items():
            assert text.strip(), key
            may_omit = {"count"} if form != "other" else set()
            assert english - may_omit <= placeholders(text) <= english, (key, form)


@pytest.mark.parametrize("locale", locales())
def test_plural_messages_have_the_categories_of_their_language(locale: str) -> None:
    for key, english in catalogue(DEFAULT).items():
        message = catalogue(locale)[key]
        is_plural = not isinstance(english, str)
        if is_plural:
            assert "count" in placeholders(forms(message)["other"]), key
        expected = plural_categories(locale) if is_plural else {"other"}
        assert set(forms(message)) == expected, key


@pytest.mark.parametrize("locale", locales())
def test_catalogue_file_is_sorted_within_sections(locale: str) -> None:
    text = (CATALOGUES / f"{locale}.json").read_text(encoding="utf-8")
    sections = json.loads(text)
    assert text == json.dumps(sections, indent=1, ensure_ascii=False) + "\n"
    for name, section in sections.items():
        if name != "locale":
            assert list(section) == sorted(section), name


def test_chinese_catalogues_leave_no_english_words() -> None:
    for locale in ("zh-Hans", "zh-Hant"):
        for key, text in sentences(locale):
            english = " ".join(forms(catalogue(DEFAULT)[key]).values())
            for word in WORD.findall(CODE.sub(" ", text)):
                is_name = word != word.lower() and word in english
                assert is_name or word in NAMES or key.startswith("locale."), (key, word)
    assert not any(HAN.search(text) for _, text in sentences("en"))


def test_chinese_catalogues_do_not_mix_scripts() -> None:
    from opencc import OpenCC

    to_simplified, to_traditional = OpenCC("t2s").convert, OpenCC("s2tw").convert
    for key, text in sentences("zh-Hans"):
        assert to_simplified(text) == text, key
    for key, text in sentences("zh-Hant"):
        assert to_traditional(text) == text, key


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
        (["tlh-001", "en-GB", "zh"], "en"),
        (["tlh"], "en"),
        ([], "en"),
        (["", "*"], "en"),
    ],
)
def test_preferred_is_the_first_language_with_a_catalogue(accepted: list[str], locale: str) -> None:
    assert preferred(accepted) == locale


def test_language_returns_the_name_or_the_tag() -> None:
    assert Translator("en").language("zh-Hant") == "Chinese (Traditional)"
    assert Translator("zh-Hans").language("zh-Hans") == "中文 (简体)"
    assert Translator("zh-Hant").language("ja") == "日文"
    assert Translator("en").language("und") == "unknown"
    for odd in ("", "<b>", "x" * 300, "../..", "zh-😀"):
        assert Translator("en").language(odd) == odd


def test_translator_of_an_unknown_locale_is_english() -> None:
    assert Translator("../etc").locale == DEFAULT


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Catalogues of which one, Russian, has no counterpart in the program."""
    shutil.copy(CATALOGUES / "en.json", tmp_path)
    russian = {
        "locale": {"name": "Русский", "gradio": "ru"},
        "cli": {
            "files": {
                "one": "{count} файл",
                "few": "{count} файла",
                "many": "{count} файлов",
                "other": "{count} файла",
            }
        },
        "error": {
            "disk-is-full": "Диск заполнен ({cause}).",
            "no-space": "нет места на {device}",
        },
    }
    (tmp_path / "ru.json").write_text(json.dumps(russian), encoding="utf-8")
    (tmp_path / "pt-BR.json").write_text("{}", encoding="utf-8")
    return tmp_path


def test_a_new_language_is_one_file(folder: Path) -> None:
    assert locales(folder) == ("en", "pt-BR", "ru")
    assert preferred(["de", "ru-RU", "en"], folder) == "ru"
    assert preferred(["pt-br"], folder) == "pt-BR"
    assert Translator("ru", folder)("locale.name") == "Русский"
    assert Translator("ru").locale == DEFAULT


def test_plural_form_follows_the_rules_of_the_language(folder: Path) -> None:
    translate = Translator("ru", folder)
    counts = [1, 2, 5, 21, 1.5]
    texts = [translate("cli.files", count=count) for count in counts]
    assert texts == ["1 файл", "2 файла", "5 файлов", "21 файл", "1.5 файла"]


def test_call_with_an_unknown_key_or_a_missing_value_raises_key_error(folder: Path) -> None:
    translate = Translator("ru", folder)
    with pytest.raises(KeyError):
        translate("cli.missing")
    with pytest.raises(KeyError):
        translate("cli.files")
    with pytest.raises(KeyError):
        translate("error.disk-is-full")


def test_error_translates_errors_among_its_parameters(folder: Path) -> None:
    translate = Translator("ru", folder)
    error = RagError("disk-is-full", cause=RagError("no-space", device="sda"))
    assert translate.error(error) == "Диск заполнен (нет места на sda)."
    free_text = RagError("The model of somebody else has failed.")
    assert translate.error(free_text) == str(free_text) == "The model of somebody else has failed."


def test_reason_of_an_unknown_code_is_the_english_sentence(folder: Path) -> None:
    translate = Translator("ru", folder)
    assert translate.reason(Failure("a", "no space", "no-space", {"device": "b"})) == "нет места на b"
    assert translate.reason(Failure("a", "a reason of an older build")) == "a reason of an older build"
    assert translate.reason(Failure("a", "too old", "removed-code")) == "too old"

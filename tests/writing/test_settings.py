"""Tests of `rag.writing.settings`."""

from __future__ import annotations

import pytest

from rag.errors import WritingUnavailable
from rag.writing import settings
from rag.writing.settings import WritingSettings


@pytest.mark.parametrize(
    "variables", [{}, {settings.URL: " "}, {settings.MODEL: "x", settings.KEY: "y"}]
)
def test_settings_without_an_address_are_none(variables: dict[str, str]) -> None:
    assert WritingSettings.of_environment(variables) is None


@pytest.mark.parametrize(
    ("given", "base"),
    [
        ("http://localhost:11434", "http://localhost:11434/v1"),
        ("http://localhost:11434/", "http://localhost:11434/v1"),
        ("https://llm.example/v1/chat/completions", "https://llm.example/v1"),
        ("https://llm.example/openai/v1/", "https://llm.example/openai/v1"),
    ],
)
def test_settings_take_the_forms_of_an_address(given: str, base: str) -> None:
    found = WritingSettings.of_environment(
        {settings.URL: given, settings.MODEL: "m", settings.KEY: "k"}
    )
    assert found is not None
    assert (found.url, found.model, found.key) == (base, "m", "k")


@pytest.mark.parametrize(
    "url",
    [
        "localhost:11434",
        "ftp://llm.example/v1",
        "http://",
        "http://[::1",
        "http://h:99999",
        "http://user:secret@llm.example/v1",
        "http://llm.example/\nv1",
    ],
)
def test_settings_of_a_wrong_address_name_the_variable_and_not_the_address(url: str) -> None:
    with pytest.raises(WritingUnavailable, match=settings.URL) as caught:
        WritingSettings.of_environment({settings.URL: url})
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("url", "host", "is_local"),
    [
        ("http://localhost:11434/v1", "localhost:11434", True),
        ("http://127.0.0.1/v1", "127.0.0.1", True),
        ("http://[::1]:80/v1", "::1:80", True),
        ("https://API.example/v1", "api.example", False),
        ("http://localhost.example/v1", "localhost.example", False),
    ],
)
def test_host_is_what_people_are_told(url: str, host: str, is_local: bool) -> None:
    made = WritingSettings(url)
    assert (made.host, made.is_local) == (host, is_local)


def test_key_is_not_in_the_representation() -> None:
    assert "s3cret" not in repr(WritingSettings("http://localhost/v1", key="s3cret"))


def test_check_without_the_client_names_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "find_spec", lambda _: None)
    with pytest.raises(WritingUnavailable, match=r"pip install 'news-archive-rag\[llm\]'"):
        WritingSettings("http://localhost/v1").check()

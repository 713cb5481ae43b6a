"""Chooses the language of a response."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from rag.i18n.translator import Translator, locales, preferred


class HasLanguage(Protocol):
    """A request of Starlette or of Gradio."""

    @property
    def cookies(self) -> Mapping[str, str]: ...

    @property
    def headers(self) -> Mapping[str, str]: ...


def translator_of(request: HasLanguage) -> Translator:
    """Return the translator for the cookie `lang`, which the page sets, or for Accept-Language."""
    if (chosen := request.cookies.get("lang")) in locales():
        return Translator(chosen)
    accepted = request.headers.get("accept-language", "")
    return Translator(preferred(part.partition(";")[0].strip() for part in accepted.split(",")))

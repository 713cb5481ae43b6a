"""Translates message keys into sentences, one catalogue per language.

A catalogue is `locales/<BCP 47 tag>.json`: sections of keys, addressed as "section.key". A message has
named placeholders in the syntax of `str.format`, or is an object of plural forms (CLDR's "one",
"other", …), selected by the value `count`. A new language is one more file.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from functools import cache, cached_property
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias, runtime_checkable

if TYPE_CHECKING:
    from babel import Locale

DEFAULT = "en"
CATALOGUES = Path(__file__).with_name("locales")
"""Folder of the catalogues that the program ships."""

Message: TypeAlias = str | Mapping[str, str]
"""A sentence, or its plural forms by CLDR category."""


@runtime_checkable
class Coded(Protocol):
    """A message by its code and parameters, such as an error."""

    @property
    def code(self) -> str: ...

    @property
    def parameters(self) -> Mapping[str, object]: ...


class Refused(Coded, Protocol):
    """A refusal that keeps its English sentence; its code is empty if it has no translation."""

    @property
    def reason(self) -> str: ...


class Translator:
    """Messages in one language: `translate("page.page", number=2)`.

    A locale without a catalogue in `folder` is replaced by English.
    """

    def __init__(self, locale: str = DEFAULT, folder: Path = CATALOGUES) -> None:
        self.locale = locale if locale in locales(folder) else DEFAULT
        self._messages = catalogue(self.locale, folder)

    def __call__(self, key: str, **values: object) -> str:
        """Return the message with its placeholders filled.

        Raises `KeyError` for an unknown key or a missing value.
        """
        message = self._messages[key]
        if not isinstance(message, str):
            form = self._babel.plural_form(values["count"])  # type: ignore[arg-type]
            message = message.get(form, message["other"])
        return message.format(**values)

    def error(self, error: Coded) -> str:
        """Return the message of an error; a code without a message is itself the message.

        Parameters that are errors are translated too.
        """
        if f"error.{error.code}" not in self._messages:
            return error.code
        values = {name: self._parameter(value) for name, value in error.parameters.items()}
        return self(f"error.{error.code}", **values)

    def reason(self, refused: Refused) -> str:
        """Return why a file was refused; the English sentence if its code has no message."""
        return self.error(refused) if f"error.{refused.code}" in self._messages else refused.reason

    def language(self, tag: str) -> str:
        """Return the name of a language, given its BCP 47 tag; the tag itself if it has no name."""
        from babel import Locale, UnknownLocaleError

        if tag == "und":
            return self("page.unknown")
        try:
            return Locale.parse(tag, sep="-").get_display_name(self._babel) or tag
        except (UnknownLocaleError, ValueError):
            return tag

    def number(self, number: int) -> str:
        """Return an integer with thousands separators."""
        return f"{number:,}"

    def period(self, first: date, last: date) -> str:
        """Return the days from `first` to `last` in words: as years or months where they are whole."""
        from babel.dates import format_interval

        ends_month = (last + timedelta(days=1)).day == 1
        if (first.month, first.day, last.month, last.day) == (1, 1, 12, 31):
            skeleton = "y"
        else:
            skeleton = "yMMMM" if first.day == 1 and ends_month else "yMMMMd"
        return format_interval(first, last, skeleton, locale=self._babel)

    def moment(self, moment: datetime) -> str:
        """Return the day and the time of an aware `moment` in words, in UTC."""
        from babel.dates import format_date, get_datetime_format

        utc = moment.astimezone(UTC)
        pattern = str(get_datetime_format("medium", locale=self._babel))
        return pattern.format(f"{utc:%H:%M} UTC", format_date(utc, "long", locale=self._babel))

    def _parameter(self, value: object) -> object:
        """Translate an error, and join a sequence as the language does: "a, b and c"."""
        if isinstance(value, Coded):
            return self.error(value)
        if isinstance(value, (list, tuple)):
            from babel.lists import format_list

            return format_list([str(self._parameter(item)) for item in value], locale=self._babel)
        return value

    @cached_property
    def _babel(self) -> Locale:
        from babel import Locale

        return Locale.parse(self.locale, sep="-")


@cache
def locales(folder: Path = CATALOGUES) -> tuple[str, ...]:
    """Return the BCP 47 tags of the languages that have a catalogue, sorted."""
    names = (entry.name for entry in folder.iterdir())
    return tuple(sorted(name.removesuffix(".json") for name in names if name.endswith(".json")))


@cache
def catalogue(locale: str, folder: Path = CATALOGUES) -> Mapping[str, Message]:
    """Return the messages of one of the `locales` by key. Raises `FileNotFoundError` for another."""
    content = (folder / f"{locale}.json").read_text(encoding="utf-8")
    sections: dict[str, dict[str, Any]] = json.loads(content)
    return MappingProxyType(
        {
            f"{section}.{key}": message
            for section, messages in sections.items()
            for key, message in messages.items()
        }
    )


def preferred(languages: Iterable[str], folder: Path = CATALOGUES) -> str:
    """Return the locale for the first of these BCP 47 tags that has a catalogue, or English.

    Chinese without a script is simplified, except in Taiwan, Hong Kong and Macao.
    """
    available = {locale.lower(): locale for locale in locales(folder)}
    for tag in languages:
        base, *subtags = tag.lower().split("-")
        if base == "zh":
            is_traditional = "hans" not in subtags and {"hant", "tw", "hk", "mo"} & set(subtags)
            return "zh-Hant" if is_traditional else "zh-Hans"
        for candidate in (tag.lower(), base):
            if candidate in available:
                return available[candidate]
    return DEFAULT


def of_environment(variables: Mapping[str, str]) -> str:
    """Return the locale that the POSIX variables name: the first of LC_ALL, LC_MESSAGES and LANG.

    The locales "C" and "POSIX", and the absence of all three, are English.
    """
    names = ("LC_ALL", "LC_MESSAGES", "LANG")
    value = next((variables[name] for name in names if variables.get(name)), "")
    tag = value.partition(".")[0].partition("@")[0].replace("_", "-")
    return preferred([tag])

"""Dates of a Chinese text in the reader's language: "September 2023", "Friday, March 1, 2024"."""

from __future__ import annotations

from datetime import date

from babel import Locale
from babel.dates import format_date, format_interval, format_skeleton, get_day_names

from rag.rendering.dates.moments import Moment, find_moments
from rag.rendering.formats import find_locale
from rag.rendering.numbers.wording import wording
from rag.text.month_names import month_names
from rag.types import Gloss

_LEAP_YEAR = 2000


def find_dates(text: str, language: str, day: date | None) -> list[Gloss]:
    """Return the dates of a Chinese text in a language (BCP 47), in their order.

    `day` is that of the article, in the zone of the article; without it no relative date is found. A
    day whose year is unsure has none: "March 1". Empty if CLDR does not have the language.
    """
    locale = find_locale(language)
    if not locale:
        return []
    return [
        Gloss(moment.start, moment.end, written, "date")
        for moment in find_moments(text, day)
        if (written := _write(moment, locale))
    ]


def _write(moment: Moment, locale: Locale) -> str:
    """Return a date in the language of a locale; "" if the language has no form for it."""
    day = date(moment.year or _LEAP_YEAR, moment.month or 1, moment.day or 1)
    if moment.is_decade:
        return wording(locale).decade.format(moment.year)
    if moment.distance is not None:
        return wording(locale).days[moment.distance + 1]
    if moment.last_year:
        last = day.replace(year=moment.last_year)
        return f"{_skeleton('y', day, locale)}–{_skeleton('y', last, locale)}"
    if moment.last_day:
        skeleton = "yMMMMd" if moment.year else "MMMMd"
        return format_interval(day, day.replace(day=moment.last_day), skeleton, locale=locale)
    if moment.year and moment.day:
        return format_date(day, "long" if moment.weekday < 0 else "full", locale)
    if moment.year:
        return _skeleton("yMMMM" if moment.month else "y", day, locale)
    if moment.day:
        return _skeleton("MMMMd", day, locale)
    if moment.month:
        return month_names(locale).alone[moment.month]
    return str(get_day_names("wide", "format", locale)[moment.weekday])


def _skeleton(skeleton: str, day: date, locale: Locale) -> str:
    is_known = skeleton in locale.datetime_skeletons
    return format_skeleton(skeleton, day, locale=locale) if is_known else ""

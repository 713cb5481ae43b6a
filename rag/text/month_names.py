"""Names of months in a language of CLDR."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from babel import Locale


class MonthNames(NamedTuple):
    """Names by the number of the month: beside a day, shortened, and alone ("мая", "мая", "май")."""

    wide: Mapping[int, str]
    abbreviated: Mapping[int, str]
    alone: Mapping[int, str]


def month_names(locale: Locale) -> MonthNames:
    """Return the names of months in the language of a locale.

    Only a language that writes a month alone in another way than beside a day has names for that. For
    the others Babel (2.18) may answer with those of a language that was asked before.
    """
    beside = locale.months["format"]
    has_own = "LLLL" in locale.datetime_skeletons["yMMMM"].pattern
    alone = locale.months["stand-alone"] if has_own else beside
    return MonthNames(beside["wide"], beside["abbreviated"], alone["wide"])

"""Publication dates as sites write them.

All results are in UTC. A time without a zone counts as UTC.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

_EARLIEST, _LATEST = 1990, 2100
_LABEL = re.compile(
    r"^(?:日期|时间|時間|(?:最[近后後])?更新(?:时间|時間)?|[发發]布(?:日期|时间|於|于)?|Published|Updated)"
    r"\s*[:：]?\s*",
    re.IGNORECASE,
)
_SOURCE = re.compile(r"\s+(?:来源|來源|作者|责编|編輯|编辑|更新)\s*[:：]?.{0,20}$")
_ISO = re.compile(
    r"(\d{4}-\d{1,2}-\d{1,2})"
    r"(?:[T ]\s*(\d{1,2}:\d{2}(?::\d{2})?(?:\.\d+)?)\s*(Z|UTC|GMT|[+-]\d\d:?\d\d)?)?"
)
_CHINESE = re.compile(
    r"(\d{4})\s*年\s*(\d{1,2})\s*月\s*(\d{1,2})\s*[日号號](?:\s*(?:星期|周|週).)?(?:\s*(\d{1,2})[:：](\d{2}))?"
)
_RFC_822 = re.compile(
    r"(?:[A-Z][a-z]{2},\s*)?\d{1,2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}(?::\d{2})? ?(?:GMT|UTC|Z|[+-]\d{4})"
)
_SLASHED = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})(?:\s*(-)?\s*(\d{1,2}):(\d{2}))?")
_OPENING = re.compile(r"[【（(][^】）)\d]{0,8}(\d{4}年\d{1,2}月\d{1,2}日)[^】）)]{0,8}[】）)]")
_IN_URL = tuple(
    re.compile(rf"(?<!\d){pattern}")
    for pattern in (
        r"(?P<y>20\d\d)[/-](?P<m>\d{1,2})[/-](?P<d>\d{1,2})(?!\d)",
        r"(?P<y>20\d\d)/?(?P<m>\d\d)(?P<d>\d\d)(?:\d{4})?(?!\d)",
        r"(?P<m>\d\d)(?P<d>\d\d)(?P<y>20\d\d)\d{6}(?!\d)",
        r"(?P<y>\d\d)/(?P<m>\d{1,2})/(?P<d>\d{1,2})/",
    )
)


def from_epoch(milliseconds: str) -> datetime | None:
    """Read milliseconds since 1970; None if an article cannot have this time."""
    try:
        return _plausible(datetime.fromtimestamp(int(milliseconds) / 1000, UTC))
    except (OverflowError, ValueError, OSError):
        return None


def read(text: str) -> datetime | None:
    """Read a text that is only a date, with an optional time and label; None for any other text.

    05/02/2021 is ambiguous and gives None. It is read if one of the numbers is above 12, if both are
    equal, or if a dash before the time shows the French order: 05/02/2021 - 18:40.
    """
    text = _bare(text)
    try:
        if match := _ISO.fullmatch(text):
            return _from_iso(*match.groups())
        if match := _CHINESE.fullmatch(text):
            year, month, day, hour, minute = (int(n) for n in match.groups("0"))
            return _plausible(datetime(year, month, day, hour, minute, tzinfo=UTC))
        if _RFC_822.fullmatch(text):
            return _plausible(parsedate_to_datetime(text).astimezone(UTC))
        if match := _SLASHED.fullmatch(text):
            one, two, year = (int(n) for n in match.group(1, 2, 3))
            hour, minute = (int(n or 0) for n in match.group(5, 6))
            if match[4] or max(one, two) > 12 or one == two:
                day, month = (one, two) if match[4] else sorted((one, two), reverse=True)
                return _plausible(datetime(year, month, day, hour, minute, tzinfo=UTC))
    except (OverflowError, ValueError):
        pass
    return None


def read_opening(text: str) -> datetime | None:
    """Read the day in the bracket that opens a report, such as 【…2021年04月26日讯】."""
    match = _OPENING.match(text)
    return read(match[1]) if match else None


def read_american(text: str) -> datetime | None:
    """Read a time such as "3/6/2024 10:20 PM"; None if it does not exist."""
    try:
        return _plausible(datetime.strptime(text, "%m/%d/%Y %I:%M %p").replace(tzinfo=UTC))
    except ValueError:
        return None


def is_date(text: str) -> bool:
    """Whether a text is only a date, possible or not."""
    text = _bare(text)
    return any(form.fullmatch(text) for form in (_ISO, _CHINESE, _RFC_822, _SLASHED))


def from_url(url: str) -> datetime | None:
    """Read the day in an address; None if it has none or the day does not exist."""
    for form in _IN_URL:
        if match := form.search(url):
            year, month, day = (int(match[name]) for name in "ymd")
            try:
                return _plausible(datetime(year + 2000 * (year < 100), month, day, tzinfo=UTC))
            except ValueError:
                continue
    return None


def _from_iso(day: str, clock: str | None, zone: str | None) -> datetime | None:
    year, month, date = (int(n) for n in day.split("-"))
    text = f"{year:04}-{month:02}-{date:02}"
    if clock:
        hour, _, rest = clock.partition(":")
        seconds, _, fraction = rest.partition(".")
        text += f"T{int(hour):02}:{seconds}"
        text += f".{fraction[:6]:0<6}" if fraction else ""
        text += zone if zone and zone[0] in "+-" else ""
    moment = datetime.fromisoformat(text)
    return _plausible(moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC))


def _bare(text: str) -> str:
    return _SOURCE.sub("", _LABEL.sub("", text.strip()))


def _plausible(moment: datetime) -> datetime | None:
    return moment if _EARLIEST <= moment.year < _LATEST else None

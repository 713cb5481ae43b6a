"""Publication dates as sites write them.

A time keeps the zone that is stated beside it; a time without a zone counts as UTC.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from functools import lru_cache
from typing import NamedTuple

from rag.ingest.dates.clock import Clock, take_clock, take_zone
from rag.ingest.dates.forms import Day, Found, find_day, normalise, weekdays

_EARLIEST = 1990
_AHEAD = timedelta(days=2)
"""How far in the future a date may be: clocks of sites are wrong and zones unknown."""
_CHARACTERS = 160
_EPOCH = re.compile(r"1(?:\d{9}|\d{12}|\d{15})(?:\.\d{1,6})?")
_EPOCH_UNITS = (10**11, 10**14, 10**17)
"""Seconds, milliseconds and microseconds of our time are below these numbers."""
_MAYBE_DATE = re.compile(r"[^。]*(?:\d{4}|[年년]|\d-[A-Za-z]{3}-\d\d)[^。]*")
_DIGIT = re.compile(r"\d")

_UPDATED = (
    r"(?:(?:最[近后後]|最終|最終?新)?(?:更新|修改|修正)(?:日期|日[時时]|时间|時間|于|於|日)?|수정|최종수정"
    r"|(?:last\s)?(?:updated|modified|edited)|mis(?:e)? à jour|modifié|(?:zuletzt\s)?aktualisiert"
    r"|actualizado|atualizado|aggiornato|bijgewerkt|aktualizacja|aktualizováno|обновлено|оновлено"
    r"|uppdaterad|oppdatert|opdateret|päivitetty)"
)
_PUBLISHED = (
    r"(?:日期|时间|時間|日時|(?:[发發]布|[发發]表|[发發]稿|刊登|刊[发發]|公[开開]|[发發]行|上[传傳]|出版|掲載|配信"
    r"|投稿|建立|[创創]建|首[发發]|原[创創])(?:日期|日[時时]?|时间|時間|于|於)?|(?:기사)?입력|등록|승인|작성일?"
    r"|(?:first\s|originally\s)?(?:published|posted|issued)|(?:publication |release )?date|publié"
    r"|veröffentlicht|erschienen|stand|publicad[oa]|pubblicato|gepubliceerd|geplaatst|opublikowano"
    r"|publikováno|опубликовано|дата(?: публикации)?|опубліковано|publicerad|publisert|udgivet"
    r"|offentliggjort|julkaistu|publicat)"
)
_SOURCE = (
    r"(?:(?:文章|新闻|新聞|稿件|信息)?(?:来源|來源|出处|出處|作者|记者|記者|责编|責編|编辑|編輯|字号|字號|浏览|瀏覽"
    r"|阅读|閱讀|文(?=\s?[:/])|撰文)|source|by\b|author)"
)
_LABEL = re.compile(
    rf"^[\s(\[【]*(?:{_PUBLISHED}|{_UPDATED})(?!\w)\s?[:：]?\s*|^[\s(\[【]*(?:{_PUBLISHED}|{_UPDATED})(?=\d)",
    re.IGNORECASE,
)
_FIRST_PUBLISHED = re.compile(
    rf"^(?:(?:{_SOURCE}|{_UPDATED}).{{0,60}}?[\s|])(?={_PUBLISHED}\s?[:：]|published)", re.IGNORECASE
)
_UPDATE_IN_BRACKETS = re.compile(
    rf"[(\[][^()\[\]]{{0,40}}{_UPDATED}[^()\[\]]{{0,40}}[)\]]", re.IGNORECASE
)
_TAIL = re.compile(
    rf"(?:(?:[\s|,;/(·•]|(?<=[\d日]))(?:{_SOURCE}|{_UPDATED}|{_PUBLISHED})"
    rf"(?:\s?[:/][^。!?]{{0,80}}|(?:\s[^。!?]{{0,40}})?)|[\s|(]{_SOURCE}[^\s\d。!?,:]{{1,6}})\)?$",
    re.IGNORECASE,
)
_REPORTER = re.compile(
    r"^(?:本[报報台刊网網])?(?:(?:特[约約]|[实實][习習])?[记記]者|作者|文\s?[:/])\s?[:/]?\s?[^\s\d。!?,:/]{1,8}"
    r"(?:\s[^\s\d。!?,:]{0,10}(?:[报報][道导導]|[综綜]合|整理|[电電][讯訊]?))?\s+(?=\d)"
)
"""The byline before a date."""
_READING_TIME = re.compile(
    r"[·|•]\s?\d{1,3}\s?(?:分[钟鐘](?:[阅閱][读讀])?|min(?:ute)?s?(?: read)?)(?!\w)", re.IGNORECASE
)
_NAME = re.compile(r"(?:(?<=\d:\d\d)\s|(?<=:\d\d:\d\d)\s|\s?[·•|]\s?)[\u4e00-\u9fff]{2,4}$")
"""The name of an author after the time, or after a mark."""
_SHORTEST = 6
"""Characters of the shortest date: what follows them may be the tail of a date line."""
_OUTLET = re.compile(
    r"(?:^|\s)[^\s\d:,.，。：]{1,8}(?:社|[网網]|[报報]|[电電][视視]?台|新[闻聞])(?=\s|$)"
)
_NOISE = frozenset(
    "t at on the le la las l el il a à às as den dne dnia um om alle ore в о об у u kl klo w o godz "
    "г р r год року uhr uur h hs e m d of de del local time".split()
)
_WORD = re.compile(r"[^\W\d_]+")
_MARKS = re.compile(r"[\s,.;:|/·•—–\-()\[\]【】丨、'’]*")
_OPENING = re.compile(
    r"[【(\[](?P<bracket>[^】)\]]{4,60})[】)\]]|(?P<line>[^\d。,]{2,24}\d[^。,]{6,14}?[电電讯訊](?!\w))"
)
_REPORT = re.compile(r"\D{0,6}(?:[电電讯訊]|[报報][道导導]|消息)\D{0,6}")
_BYLINE_CHARACTERS, _PLACE_CHARACTERS = 30, 8
_LATIN_OPENING = re.compile(
    r"[A-Z][^\d()—–]{1,40}?[,\s](?P<date>[^()—–]{6,30}?)\s?(?:\([^()]{1,30}\)\s?)?(?:[—–]|--?)\s"
)
_IN_URL = tuple(
    re.compile(rf"(?<!\d){pattern}")
    for pattern in (
        r"(?P<y>20\d\d)[/-](?P<m>\d{1,2})[/-](?P<d>\d{1,2})(?!\d)",
        r"(?P<y>20\d\d)/?(?P<m>\d\d)(?P<d>\d\d)(?:\d{4})?(?!\d)",
        r"(?P<m>\d\d)(?P<d>\d\d)(?P<y>20\d\d)\d{6}(?!\d)",
        r"(?P<y>\d\d)/(?P<m>\d{1,2})/(?P<d>\d{1,2})/",
    )
)


def from_epoch(number: str) -> datetime | None:
    """Read seconds, milliseconds or microseconds since 1970; None if no article can have this time."""
    try:
        value = float(number)
        scale = next(1000**power for power, limit in enumerate(_EPOCH_UNITS) if value < limit)
        return _plausible(datetime.fromtimestamp(value / scale, UTC))
    except (OverflowError, StopIteration, ValueError, OSError):
        return None


def read(text: str, zone: tzinfo = UTC) -> datetime | None:
    """Read a text that is only a date, with an optional time, label and source; None for any other.

    `zone` is that of a time without one. 05/02/2021 is ambiguous and gives None. It is read if one of
    the numbers is above 12, if both are equal, if an American zone follows, or if a dash before the
    time shows the French order: 05/02/2021 - 18:40.
    """
    text = text.strip()
    if _EPOCH.fullmatch(text):
        return from_epoch(text)
    line = _split(text)
    return _moment(line, zone) if line else None


def read_opening(text: str, zone: tzinfo = UTC) -> datetime | None:
    """Read the day with which a report opens: 【…2021年04月26日讯】, "TOKYO, May 10, 2024 -"."""
    text = normalise(text[:_CHARACTERS])
    if match := _LATIN_OPENING.match(text):
        return read(match["date"], zone)
    match = _OPENING.match(text)
    found = find_day(match["bracket"] or match["line"]) if match else None
    return _moment(_Line(found.day), zone) if found and _opens_report(found) else None


def read_american(text: str) -> datetime | None:
    """Read a time such as "3/6/2024 10:20 PM"; None if it does not exist."""
    try:
        return _plausible(datetime.strptime(text, "%m/%d/%Y %I:%M %p").replace(tzinfo=UTC))
    except ValueError:
        return None


def is_date(text: str) -> bool:
    """Whether a text is only a date, possible or not."""
    return bool(_EPOCH.fullmatch(text.strip())) or _split(text) is not None


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


class _Line(NamedTuple):
    """What a date line says; `day` is None if it is ambiguous."""

    day: Day | None
    clock: Clock | None = None
    zone: tzinfo | None = None


@lru_cache(maxsize=256)
def _split(text: str) -> _Line | None:
    """Return the parts of a text that is only a date; None for any other text."""
    if len(text) > _CHARACTERS or not _MAYBE_DATE.fullmatch(text):
        return None
    found = find_day(_bare(normalise(text)))
    if not found:
        return None
    clock, rest = take_clock(f"{found.before} {found.after}")
    zone, rest = take_zone(rest, is_english=clock is not None and clock.is_english)
    return _Line(found.day, clock, zone) if _is_noise(rest) else None


def _bare(text: str) -> str:
    """Remove labels, sources and the time of an update from a date line."""
    text = _FIRST_PUBLISHED.sub("", _UPDATE_IN_BRACKETS.sub(" ", text).strip())
    text = _LABEL.sub("", _LABEL.sub("", text))
    text = _NAME.sub("", _READING_TIME.sub("", _REPORTER.sub("", text)))
    tail = _TAIL.search(text, _SHORTEST)
    return text[: tail.start()] if tail else text


def _is_noise(text: str) -> bool:
    """Whether a text holds nothing but marks, the day of the week, small words and a news outlet."""
    text = _OUTLET.sub(" ", text)
    words = {word.casefold() for word in _WORD.findall(text)} - _NOISE
    return bool(_MARKS.fullmatch(_WORD.sub("", text))) and (not words or words <= weekdays())


def _opens_report(found: Found) -> bool:
    before, after = found.before, found.after
    if _DIGIT.search(before + after):
        return False
    if _REPORT.fullmatch(after):
        return len(before) <= _BYLINE_CHARACTERS
    return max(len(before), len(after)) <= _PLACE_CHARACTERS


def _moment(line: _Line, zone: tzinfo) -> datetime | None:
    """Return the time of a date line, with a fixed offset; None if it does not exist."""
    if not line.day:
        return None
    hour, minute, second, _ = line.clock or (0, 0, 0, False)
    if hour > 24 or minute > 59:
        return None
    try:
        midnight = datetime(*line.day, tzinfo=line.zone or zone)
        moment = midnight + timedelta(hours=hour, minutes=minute, seconds=second)
        return _plausible(moment.replace(tzinfo=timezone(moment.utcoffset() or timedelta())))
    except (OverflowError, ValueError):
        return None


def _plausible(moment: datetime) -> datetime | None:
    return moment if moment.year >= _EARLIEST and moment <= datetime.now(UTC) + _AHEAD else None

"""The fields of a record of an export, by the names that programs give them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache

from rag.errors import SeedUnreadable
from rag.ingest.records import Record
from rag.ingest.regular_files import check_size

SYNONYMS: Mapping[str, Sequence[str]] = {
    "title": (
        "title headline 标题 標題 题目 題目 新闻标题 新聞標題 articletitle posttitle newstitle "
        "resolvedtitle giventitle name subject 主题 主題"
    ).split(),
    "url": (
        "canonicalurl originalurl sourceurl weburl articleurl pageurl url link permalink href "
        "externalurl resolvedurl givenurl uri originurl 链接 鏈接 連結 网址 網址 地址 "
        "原文链接 原文鏈接 原文連結 guid"
    ).split(),
    "published": (
        "datepublished publishedat published pubdate publishdate publisheddate publicationdate "
        "publishedtime publishtime publishedon publishat pubtime 发布时间 發布時間 發佈時間 "
        "发布日期 發布日期 發佈日期 发表时间 發表時間 dategmt postdate articledate date 日期 时间 時間 "
        "createdat datecreated created createdutc datetime timestamp time day timeadded"
    ).split(),
    "text": (
        "fulltext maintext articlebody articletext bodytext contentencoded 正文 全文 内容 內容 "
        "新闻内容 新聞內容 文章内容 文章內容 content body text contenthtml contenttext html bodyhtml "
        "posttext postcontent selftext plaintext rawcontent article story description summary excerpt "
        "摘要 简介 簡介"
    ).split(),
}
"""The names of each field, the most trusted first, without case, spaces and punctuation."""

_TEASERS = frozenset(("description", "summary", "excerpt", "摘要", "简介", "簡介"))
"""Texts that settings have too: they are an article only if its title and address or date are given."""
_LABELS = frozenset(("name", "subject"))
_MEANINGS = {synonym: field for field, synonyms in SYNONYMS.items() for synonym in synonyms}
_WRAPPED = ("rendered", "#text", "$date", "$numberLong", "__cdata", "$t", "value")
_MAX_WRAPPERS = 3
_IGNORED = re.compile(r"[\W_]+")
_SURROGATE = re.compile("[\ud800-\udfff]")
_MARKUP = re.compile(
    r"</?(?:p|br|div|span|a|b|i|u|em|strong|h[1-6]|ul|ol|li|table|tr|td|img|figure|blockquote|article"
    r"|section|html|body|hr|pre|font|center)(?:\s[^<>]{0,2000})?/?>",
    re.IGNORECASE,
)


def recognised(names: Iterable[str]) -> set[str]:
    """Return the fields, such as "title" and "text", that some names stand for."""
    return {field for name in names if (field := _MEANINGS.get(_normal(name)))}


def is_article(value: object) -> bool:
    """Whether a value is an object with a text that is more than a description of something."""
    return isinstance(value, dict) and bool(_text(_normalised(value)))


def is_link(value: object) -> bool:
    """Whether a value is an object that names an article without its text."""
    if not isinstance(value, dict):
        return False
    fields = _normalised(value)
    has_text_field = any(name in fields for name in SYNONYMS["text"] if name not in _TEASERS)
    return has_text_field or bool(
        _first(fields, "url") and (_first(fields, "title") or _first(fields, "published"))
    )


def unwrapped(value: object) -> object:
    """Return the article inside an object such as `{"_id": 7, "_source": {...}}`; else the value."""
    if not isinstance(value, dict) or is_article(value):
        return value
    inner = next(
        (inner for inner in value.values() if isinstance(inner, dict) and is_article(inner)), None
    )
    return {**value, **inner} if inner else value


def record_of(value: object, name: str) -> Record:
    """Return the article of a record. Raises `SeedUnreadable` if it has none, or if it is an error."""
    if isinstance(value, SeedUnreadable):
        raise value
    fields = _normalised(value) if isinstance(value, dict) else {}
    text = _text(fields)
    if not text:
        raise SeedUnreadable("record-no-text" if is_link(value) else "record-no-fields")
    check_size(len(text.encode()))
    return Record(
        name,
        text,
        "page" if _MARKUP.search(text) else "text",
        title=_first(fields, "title"),
        url=_first(fields, "url") or _address(fields.get("source")),
        published=_first(fields, "published"),
    )


def _normalised(value: Mapping[str, object]) -> dict[str, object]:
    """Return the fields by their normal names; the first of equal names that is not empty counts."""
    fields: dict[str, object] = {}
    for name, content in value.items():
        normal = _normal(name)
        fields[normal] = fields.get(normal) or content
    return fields


@lru_cache(maxsize=1024)
def _normal(name: str) -> str:
    return _IGNORED.sub("", name).casefold()


def _text(fields: Mapping[str, object]) -> str:
    """Return the text of an article; "" if there is only the description of a package or a schema."""
    name, text = _named(fields, "text")
    if name in _TEASERS:
        title, _ = _named(fields, "title")
        has_origin = bool(_first(fields, "url") or _first(fields, "published"))
        return text if title and title not in _LABELS and has_origin else ""
    return text


def _first(fields: Mapping[str, object], field: str) -> str:
    return _named(fields, field)[1]


def _named(fields: Mapping[str, object], field: str) -> tuple[str, str]:
    """Return the first name of a field that has a content, and the content."""
    named = ((name, _plain(fields[name])) for name in SYNONYMS[field] if name in fields)
    return next(((name, content) for name, content in named if content.strip()), ("", ""))


def _address(value: object) -> str:
    """Return the source of an article if it is an address, not the name of a publisher."""
    text = _plain(value).strip()
    return text if re.match(r"https?://\S+$", text) else ""


def _plain(value: object) -> str:
    """Return a value as text: paragraphs, a number, or the content of an object that wraps it."""
    for _ in range(_MAX_WRAPPERS):
        if not isinstance(value, dict):
            break
        value = next((value[key] for key in _WRAPPED if key in value), None)
    if isinstance(value, list) and all(isinstance(line, str) for line in value):
        value = "\n".join(value)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, int | float) and not isinstance(value, bool):
        value = str(value)
    return _SURROGATE.sub("\N{REPLACEMENT CHARACTER}", value) if isinstance(value, str) else ""

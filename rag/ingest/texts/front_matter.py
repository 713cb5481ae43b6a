"""The metadata above a text: YAML between `---`, TOML between `+++`, or a JSON object.

Static site generators (Hugo, Jekyll, Zola), note programs (Obsidian, Joplin, Zettlr) and web clippers
write it. It is recognised by its form and by a key that such metadata has, so that two rules around an
ordinary text are none.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from datetime import date

_MAX_CHARACTERS = 64 * 1024
_OPENING = re.compile(
    r"\ufeff?(?:[ \t]{0,80}\r?\n){0,20}(?:(?P<fence>---|\+\+\+)[ \t]{0,80}\r?\n|(?=\{))"
)
_CLOSING = {
    "---": re.compile(r"^(?:-{3,80}|\.{3})[ \t]{0,80}\r?$\n?", re.MULTILINE),
    "+++": re.compile(r"^\+{3}[ \t]{0,80}\r?$\n?", re.MULTILINE),
}
_BLANK_LINE = re.compile(r"^[ \t]{0,80}\r?$\n?", re.MULTILINE)
_PAIR = re.compile(r"(?P<key>[^\W\d][\w .-]{0,40}?)[ \t]{0,20}(?:[:：=])(?P<value>[^\n]{0,4000})")
_GAP = re.compile(r"\n[ \t\r]{0,80}\n")
_CONTINUATION = re.compile(r"[ \t#\]}]|- ")
_FEWEST_PAIRS = 2
_DEEPEST, _MOST_DOTS = 20, 200
_NOTHING = ("", "~", "null")
_ADDRESS = re.compile(
    r"(?:(?P<angle><)|(?P<link>\[[^\n]{0,500}\]\())?"
    r"(?P<url>https?://\S{1,4000})(?(angle)>)(?(link)\))",
    re.IGNORECASE,
)
_SEPARATORS = re.compile(r"[\s_-]")

_TITLES = "title headline 标题 標題".split()
_ADDRESSES = (
    "url source link originalurl sourceurl canonicalurl canonical original href permalink "
    "链接 鏈接 連結 网址 網址 原文链接 原文鏈接 原文連結 原文 来源 來源"
).split()
_TIMES = (
    "published publishedat publishedtime publisheddate datepublished publishdate publicationdate "
    "pubdate posted date 发布时间 發布時間 发布日期 發布日期 日期"
).split()
_MADE = "created createdat createdtime datecreated creationdate 创建时间 建立時間".split()
"""When a note was created. That of a clipping, which has an address, is when the page was clipped if a
field for the time of publication is there and empty."""
_OTHER_NAMES = (
    "author authors tags tag categories category layout draft description summary aliases slug "
    "lang language updated modified lastmod id keywords excerpt cover image series type 作者 标签 標籤"
).split()
_NAMES = frozenset([*_TITLES, *_ADDRESSES, *_TIMES, *_MADE, *_OTHER_NAMES])
_SECTIONS = ("extra", "params")
"""Where Zola and Hugo keep the keys that they do not define themselves."""


def split(content: str) -> tuple[dict[str, object], str]:
    """Split a text into the fields of its front matter and the rest; no fields if it has none.

    Front matter that its language does not allow is read line by line. Without a closing line it ends
    at the first blank one.
    """
    opening = _OPENING.match(content)
    if not opening:
        return {}, content
    if not opening["fence"]:
        return _split_json(content, opening.end())
    for form, fewest in ((_CLOSING[opening["fence"]], 1), (_BLANK_LINE, _FEWEST_PAIRS)):
        end = form.search(content, opening.end(), opening.end() + _MAX_CHARACTERS)
        block = content[opening.end() : end.start()] if end else ""
        fields = _fields(block, opening["fence"], is_closed=form is not _BLANK_LINE)
        if end and len(fields) >= fewest:
            return fields, content[end.end() :]
    return {}, content


def metadata(fields: Mapping[str, object]) -> tuple[str, str, str]:
    """Return title, address and date of an article; "" for what the fields do not tell."""
    named = {_normal(key): value for key, value in _flat(fields)}
    titles, addresses, times = (
        [text for name in names for text in _texts(named.get(name))]
        for names in (_TITLES, _ADDRESSES, _TIMES)
    )
    links = [match["url"] for text in addresses if (match := _ADDRESS.fullmatch(text))]
    if named.keys().isdisjoint(_TIMES) or not links:
        times += [text for name in _MADE for text in _texts(named.get(name))]
    dates = (text for text in times if any(map(str.isdigit, text)))
    return next(iter(titles), ""), next(iter(links), ""), next(dates, "")


def _split_json(content: str, start: int) -> tuple[dict[str, object], str]:
    try:
        fields, end = json.JSONDecoder().raw_decode(content[start : start + _MAX_CHARACTERS])
    except (ValueError, RecursionError):
        return {}, content
    rest = content[start + end :]
    is_alone = rest.lstrip(" \t\r").startswith("\n") and rest.strip()
    return (fields, rest) if is_alone and _has_known_name(fields) else ({}, content)


def _fields(block: str, fence: str, *, is_closed: bool) -> dict[str, object]:
    """Read the text of front matter; no fields if it is none."""
    fields = _parse_yaml(block) if fence == "---" else _parse_toml(block)
    if isinstance(fields, dict) and _has_known_name(fields):
        return {str(key): value for key, value in fields.items()}
    return _parse_lines(block, is_strict=not is_closed or bool(_GAP.search(block)))


def _parse_toml(block: str) -> object:
    if any(line.count(".") > _MOST_DOTS for line in block.splitlines()):
        return None  # the time for a dotted key grows with the square of its parts
    try:
        return tomllib.loads(block.replace("\r\n", "\n"))
    except (ValueError, RecursionError):
        return None


def _parse_yaml(block: str) -> object:
    """Read YAML with every scalar as it is written: a title may be a number, a date impossible."""
    import yaml

    try:
        depth = 0
        for token in yaml.scan(block):
            depth += isinstance(token, yaml.FlowSequenceStartToken | yaml.FlowMappingStartToken)
            depth -= isinstance(token, yaml.FlowSequenceEndToken | yaml.FlowMappingEndToken)
            # A few aliases of aliases expand to gigabytes; deep brackets take hours.
            if depth > _DEEPEST or isinstance(token, yaml.AliasToken):
                return None
        return yaml.load(block, yaml.BaseLoader)
    except (yaml.YAMLError, ValueError, TypeError, RecursionError):
        return None


def _parse_lines(block: str, *, is_strict: bool) -> dict[str, object]:
    """Read `key: value` lines; no fields if there are many other lines, or any and `is_strict`."""
    lines = [line for line in block.splitlines() if line.strip() and not _CONTINUATION.match(line)]
    pairs = [match for line in lines if (match := _PAIR.fullmatch(line))]
    others = len(lines) - len(pairs)
    if len(pairs) < _FEWEST_PAIRS or others > (0 if is_strict else len(pairs) // 2):
        return {}
    fields: dict[str, object] = {match["key"]: _unquoted(match["value"]) for match in pairs}
    return fields if _has_known_name(fields) else {}


def _unquoted(value: str) -> str:
    value = value.strip()
    is_quoted = len(value) > 1 and value[0] == value[-1] and value[0] in "\"'"
    return value[1:-1] if is_quoted else value


def _has_known_name(fields: object) -> bool:
    return isinstance(fields, dict) and not _NAMES.isdisjoint(map(_normal, fields))


def _normal(key: object) -> str:
    """Return the form that all spellings of a key share: publishDate, publish_date, Publish date."""
    return _SEPARATORS.sub("", str(key)).casefold()


def _flat(fields: Mapping[str, object]) -> Iterator[tuple[str, object]]:
    for name in _SECTIONS:
        if isinstance(section := fields.get(name), dict):
            yield from section.items()
    yield from fields.items()


def _texts(value: object) -> Iterator[str]:
    """Yield the texts of a value, which may be a list of them."""
    for item in value if isinstance(value, list) else [value]:
        if isinstance(item, str | int | float | date) and not isinstance(item, bool):
            text = item.isoformat() if isinstance(item, date) else " ".join(str(item).split())
            if text.lower() not in _NOTHING:
                yield text

"""The title of an article without the names of its column and its site."""

from __future__ import annotations

import re

from rag.ingest.page import boilerplate
from rag.text.scripts import clean

_SECTION = (
    r"(?:[财財][经經]|[国國][际際]|[国國][内內]|生活|政治|社[会會]|[体體]育|[运運][动動]|[娱娛][乐樂]|科技|健康|文化|[军軍]事"
    r"|教育|[经經][济濟]|[时時]政|[时時]事|要[闻聞]|快[讯訊]|新[闻聞]|[视視][频頻]|影音|有[声聲]|[图圖]集|多[图圖]|[评評][论論]"
    r"|[观觀][点點]|[独獨]家|[连連][载載]|地方|[两兩]岸|全球|旅游|旅遊|汽[车車]|房[产產])"
)
_COLUMN = re.compile(rf"^(?:\[[\w ]{{1,4}}\]|【{_SECTION}】|{_SECTION}\s?[|｜丨])\s*(?=\S{{4}})")
_TAIL = re.compile(
    r"\s*(?:文字版)?查看(?:详细|更多)内容\s*$|(?<=.{8})\s*[|｜丨]\s?[\u4e00-\u9fff]{2,4}$"
)
_PARTS = re.compile(r"\s+[-–—|·»]\s+|\s*[|｜丨_]\s*")


def clean_title(title: str, site: str = "", host: str = "") -> str:
    """Return a title without its column, such as [生活], and without the name of its site.

    A longer text in brackets at the start stays: it may be a part of the headline.
    """
    title = clean(title)
    shorter = _TAIL.sub("", _COLUMN.sub("", title))
    shorter = boilerplate.without_suffix(shorter, site, host)
    name = site.casefold()
    parts = _PARTS.split(shorter)
    if name and len(parts) > 1 and parts[0].casefold() == name:
        shorter = shorter[len(parts[0]) :].lstrip(" -–—|｜丨_·»")
    return _TAIL.sub("", shorter).strip() or title

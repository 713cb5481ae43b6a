"""Finds the elements of a page that may hold the time of its article: microdata, `<time>`, labels.

An element beside the article does not count: in a list, a sidebar, a comment, a related story.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cached_property
from itertools import islice

from bs4 import BeautifulSoup
from bs4.element import NavigableString, PageElement, PreformattedString, Tag

from rag.text.scripts import clean

_ITEM_PROPERTIES = {
    "published": frozenset(["datepublished", "datecreated"]),
    "modified": frozenset(["datemodified", "dateupdated"]),
}
_TIME_LABEL = re.compile(
    r"(?:^|[\s_-])(?:pub(?:lish(?:ed)?)?|post(?:ed)?|article|news|entry|info|dt)?[_-]?"
    r"(?:date|time|datetime|publish(?:ed)?|timestamp|dateline|pubtime|pubdate|meta|info|source)"
    r"(?=$|[\s_-])",
    re.IGNORECASE,
)
_DATA_ATTRIBUTES = ("datetime", "data-timestamp", "data-datetime", "data-date", "data-time", "title")
_BESIDE_ELEMENTS = frozenset(["nav", "footer", "figure"])
_BESIDE_LABEL = re.compile(
    r"(?:^|[\s_-])(?:relat\w{0,6}|recommend\w{0,6}|sidebar|side|comments?|latest|popular|trending"
    r"|teasers?|more|promo\w{0,4}|cards?|(?<!meta[_-])lists?|hot|ranking|widget|footer|nav|read-?next"
    r"|see-?also)(?=$|[\s_-])",
    re.IGNORECASE,
)
_BESIDE_ITEM = re.compile(r"(?:Comment|Review|Rating|Answer)$")
_HEADING = re.compile(r"h[1-6]")
_BESIDE_HEADING = re.compile(
    r"(?:相[关關]|延伸|推[荐薦]|更多|[热熱][门門]|最新|[阅閱][读讀]|[评評][论論]|猜你|下一篇"
    r"|related|more\b|read (?:next|also)|latest|popular|trending|see also|comments)",
    re.IGNORECASE,
)
_ANCESTORS, _ELEMENTS = 12, 100
_NODES_BEFORE, _NODES_AFTER, _NODES_BACK = 60, 200, 400
"""Nodes around the headline, and nodes back to the last heading, that are searched."""
_CHARACTERS, _INNER_NODES = 160, 60


class PageTimes:
    """The texts of a page that may be the time of its article, in the order of the page."""

    def __init__(self, soup: BeautifulSoup) -> None:
        self._soup = soup

    def items(self, kind: str) -> Iterator[str]:
        """Yield the values of microdata and RDFa of a kind: "published" or "modified"."""
        names = _ITEM_PROPERTIES[kind]
        found = self._soup.find_all(lambda tag: not names.isdisjoint(_properties(tag)), limit=_ELEMENTS)
        for tag in found:
            if not self._is_beside(tag):
                yield from _values(tag)

    def time_elements(self) -> Iterator[str]:
        """Yield the values of `<time>` elements, those with the attribute `pubdate` first."""
        times = self._soup.find_all("time", limit=_ELEMENTS)
        for tag in sorted(times, key=lambda tag: not tag.has_attr("pubdate")):
            if not self._is_beside(tag):
                yield from _values(tag)

    def labelled(self) -> Iterator[str]:
        """Yield the values of elements near the headline whose class or id speaks of a time."""
        if not self._heading:
            return
        after = islice(self._heading.next_elements, _NODES_AFTER)
        before = islice(self._heading.previous_elements, _NODES_BEFORE)
        tags = [
            tag
            for tag in (*_tags(after), *_tags(before))
            if _TIME_LABEL.search(_labels(tag)) and not self._is_beside(tag)
        ]
        for tag in tags:
            yield from _machine_values(tag)
        for tag in tags:
            if text := _short_text(tag):
                yield text

    @cached_property
    def _heading(self) -> Tag | None:
        heading = self._soup.find("h1")
        return heading if isinstance(heading, Tag) else None

    def _is_beside(self, tag: Tag) -> bool:
        """Whether an element is beside the article."""
        article = None
        for parent in islice(tag.parents, _ANCESTORS):
            if parent.name in ("body", "html", "main"):
                break
            if _stands_beside(parent) and not _is_foot_of_article(parent):
                return True
            article = article or (parent if parent.name == "article" else None)
        return self._is_other(article) or _is_below_related(tag)

    def _is_other(self, article: Tag | None) -> bool:
        """Whether an `<article>` is not the one that has the headline, though one has it."""
        own = self._heading.find_parent("article") if self._heading else None
        return article is not None and own is not None and own is not article


def _properties(tag: Tag) -> set[str]:
    """Return the names of microdata and RDFa properties of an element; `<meta property>` is neither."""
    names = [*tag.get_attribute_list("itemprop")]
    names += tag.get_attribute_list("property") if tag.name != "meta" else []
    return {str(name).lower().rpartition(":")[2] for name in names if name}


def _stands_beside(tag: Tag) -> bool:
    if tag.name in _BESIDE_ELEMENTS or _BESIDE_ITEM.search(str(tag.get("itemtype", ""))):
        return True
    if tag.name == "aside":  # some hold no more than the byline of the article
        return any(inner.name == "a" for inner in _tags(islice(tag.descendants, _INNER_NODES)))
    if tag.name == "li":
        return not (tag.parent and _TIME_LABEL.search(_labels(tag.parent)))
    return bool(_BESIDE_LABEL.search(_labels(tag)))


def _is_foot_of_article(tag: Tag) -> bool:
    """Whether an element is the `<footer>` of an article, where its byline and date may stand."""
    return tag.name == "footer" and tag.find_parent("article") is not None


def _is_below_related(tag: Tag) -> bool:
    """Whether the last heading before an element introduces other stories or comments."""
    for before in _tags(islice(tag.previous_elements, _NODES_BACK)):
        if _HEADING.fullmatch(before.name):
            return before.name != "h1" and bool(_BESIDE_HEADING.match(_short_text(before)))
    return False


def _machine_values(tag: Tag) -> Iterator[str]:
    for name in ("content", *_DATA_ATTRIBUTES):
        if value := clean(str(tag.get(name, ""))):
            yield value


def _values(tag: Tag) -> Iterator[str]:
    """Yield the values that an element states for machines, then its text."""
    yield from _machine_values(tag)
    if text := _short_text(tag):
        yield text


def _short_text(tag: Tag) -> str:
    """Return the text of an element; "" if it is longer than a date line, or its markup is."""
    nodes = list(islice(tag.descendants, _INNER_NODES + 1))
    texts = [
        node
        for node in nodes
        if isinstance(node, NavigableString) and not isinstance(node, PreformattedString)
    ]
    if len(nodes) > _INNER_NODES or sum(map(len, texts)) > 2 * _CHARACTERS:
        return ""
    text = clean(" ".join(texts))
    return text if len(text) <= _CHARACTERS else ""


def _labels(tag: Tag) -> str:
    names = (*tag.get_attribute_list("class"), *tag.get_attribute_list("id"))
    return " ".join(str(name) for name in names if name)


def _tags(nodes: Iterable[PageElement]) -> Iterator[Tag]:
    return (node for node in nodes if isinstance(node, Tag))

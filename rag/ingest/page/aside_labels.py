"""What the names in the `class`, `id` and `style` of an element say about it."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from bs4.element import Tag

HEADINGS = frozenset(["h1", "h2", "h3", "h4", "h5", "h6"])
_ASIDE_WORDS = frozenset(
    "ad ads advert advertisement attribution author badge banner breadcrumb breadcrumbs byline "
    "caption captioned comments commentlist consent cookie cookies copyright credit credits dfp "
    "disclaimer disqus footer infobox interstitial modal nav navbar navigation newsletter offscreen "
    "pager pagination picinfo popup promo promotion recommend recommended related selfpromo share "
    "sharing sidebar sponsor subs subscri subscribe subscription tags toolbar".split()
)
"""Words in `class` or `id` of elements beside the article."""
_COMPANIONS = frozenset(
    "area bar bio block box btn button buttons container form group header icon icons inner "
    "item items left link links list module name outer panel right section signup site title top "
    "widget wrap wrapper bottom".split()
)
"""Words that leave an aside word its meaning: `share-bar`, unlike `share-enabled`, names an aside."""
_CONTENT_WORDS = frozenset("article body content entry main page post single story text".split())
_COMMENT_WORDS = frozenset(["comments", "commentlist", "disqus"])
_CAPTION_WORDS = frozenset(["caption", "captioned", "picinfo"])
_LABEL_CHARACTERS = 1000
_NAME = re.compile(r"[A-Za-z]+")
_SEPARATOR = re.compile(r"[-_]+")
_WORD = re.compile(r"[a-z]+|[A-Z][a-z]*")
_HIDING_NAME = re.compile(
    r"(?:^|\s)(?:sr-only|visually-?hidden|screen-?reader(?:-text|-only)?|element-invisible"
    r"|assistive-text|hidden-visually|a11y-hidden|u-hidden-visually)(?:\s|$)",
    re.IGNORECASE,
)
_ZERO = r":0*(?:\.0*)?(?:px|em|rem|pt|%)?(?![\d.])"
_HIDING_STYLE = re.compile(
    r"(?:^|;)(?:display:none|visibility:(?:hidden|collapse)"
    rf"|(?:opacity|font-size){_ZERO}"
    r"|clip:rect\((?:[01](?:px)?,?){4}\)|clip-path:inset\((?:50|100)%"
    r"|(?:left|top|right|text-indent|margin-left):-\d{4,})",
)
_STRUCK = frozenset(["del", "s", "strike"])
_UNREAD = frozenset(["textarea", "noscript"])


class AsideWords(NamedTuple):
    """What labels say: the first aside word, "" if there is none, and which kind of aside they name.

    `is_aside` if a name has no other meaning, as `share-bar` and unlike `share-enabled`.
    """

    first: str = ""
    is_aside: bool = False
    is_caption: bool = False
    is_comments: bool = False


_NONE = AsideWords()


def labels_of(tag: Tag) -> str:
    """Return the classes and the id of an element, and the name of a custom element."""
    names: list[object] = [tag.name] if "-" in tag.name else []
    names += tag.get_attribute_list("class")
    if tag.name not in HEADINGS:  # the id of a heading is made of its text
        names += tag.get_attribute_list("id")
    return " ".join(str(name) for name in names if name)[:_LABEL_CHARACTERS]


@lru_cache(maxsize=4096)
def words_of(labels: str) -> AsideWords:
    """Return what labels say about an element."""
    names = [_words(name) for name in labels.split()]
    found = [word for words in names for word in words if word in _ASIDE_WORDS]
    if not found:
        return _NONE
    exact = [words for words in names if _is_aside(words)]
    has_content = any(not _CONTENT_WORDS.isdisjoint(words) for words in names)
    is_aside = bool(exact) and not has_content
    return AsideWords(
        found[0],
        is_aside,
        is_caption=not _CAPTION_WORDS.isdisjoint(found),
        is_comments=is_aside and any(not _COMMENT_WORDS.isdisjoint(words) for words in exact),
    )


def hidden_rule(tag: Tag, *, has_prose: bool) -> str:
    """Return why a reader does not see an element, or sees it struck out; "" if they read it.

    `aria-hidden` hides only what has no prose: an open dialog sets it on the article too.
    """
    if tag.name in _STRUCK or tag.name in _UNREAD:
        return f"element {tag.name}"
    if not tag.attrs:
        return ""
    is_hidden = (
        ("hidden" in tag.attrs and tag.attrs["hidden"] != "until-found")
        or ("style" in tag.attrs and _is_hiding(str(tag.attrs["style"])[:_LABEL_CHARACTERS]))
        or (tag.attrs.get("aria-hidden") == "true" and not has_prose)
        or ("class" in tag.attrs and bool(_HIDING_NAME.search(_classes(tag))))
    )
    return "hidden" if is_hidden else ""


def _classes(tag: Tag) -> str:
    return " ".join(map(str, tag.get_attribute_list("class")))


@lru_cache(maxsize=4096)
def _is_hiding(style: str) -> bool:
    return bool(_HIDING_STYLE.search("".join(style.split()).lower()))


def _words(name: str) -> list[str]:
    segments = (segment for segment in _SEPARATOR.split(name) if _NAME.fullmatch(segment))
    return [word.lower() for segment in segments for word in _WORD.findall(segment)]


def _is_aside(words: list[str]) -> bool:
    others = [word for word in words if word not in _ASIDE_WORDS]
    return len(others) < len(words) and _COMPANIONS.issuperset(others)

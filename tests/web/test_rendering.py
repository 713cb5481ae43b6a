"""Tests of `rag.web.rendering`: templates escape text from articles and addresses in every place."""

from __future__ import annotations

import re
from typing import Any

import pytest
from jinja2 import UndefinedError
from support.hits import make_hit, make_reprint

import rag
from rag.i18n.translator import Translator, locales
from rag.web.rendering import render
from rag.web.views.query import Query
from rag.web.views.results.answers import show_answer
from rag.web.views.results.filters import show_chips, show_filters
from rag.web.views.results.found import answer_spans
from rag.web.views.results.groups import group_by_article
from rag.web.views.results.passages import Card, show_card
from rag.web.views.results.site_colours import SiteColours
from rag.web.views.results.timeline import show_timeline

HOSTILE = [
    "<script>window.hacked = 1</script>",
    "<img src=x onerror='window.hacked = 1'>",
    "</p></article></div><svg onload=window.hacked=1>",
    "${window.hacked = 1} {{constructor.constructor('window.hacked=1')()}} `${window.hacked=1}`",
    "\"'><a href='javascript:window.hacked=1'>x</a>",
    "[x](javascript:window.hacked=1) ![x](http://evil.example/x.png)",
    "正\u202e文\u2066倒\u200b置\u2069",
    "&lt;script&gt;window.hacked = 1&lt;/script&gt;",
    '__i18n__{"__type__":"translation_metadata","key":"admin"}',
    "{0} {name} {count!r} %s %(name)s",
]


def tags(html: str) -> set[str]:
    return set(re.findall(r"<(/?\w+)", html))


def paired(names: str) -> set[str]:
    return {f"{end}{name}" for name in names.split() for end in ("", "/")}


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("locale", locales())
def test_templates_escape_an_attack_in_every_field(text: str, locale: str) -> None:
    translate = Translator(locale)
    fields: dict[str, Any] = {"title": text, "source": text, "url": text, "language": text}
    hit = make_hit(text, reprints=(make_reprint("y", **fields),), **fields)
    other = rag.Alternative(text, hit, 0, len(text))
    whole = (0, len(text))
    answer = rag.Answer(
        text, text, hit, *whole, 0.9, (hit,), (other,), sentence=whole, focus=whole, supporting=(hit,)
    )
    allowed = paired("section article h2 h3 bdi p mark div ul li blockquote time span a") | {"br"}
    allowed |= paired("button details summary")
    query = Query(text, sites=(text,), language=text)
    quoted = show_answer(answer, query, {"x": "card-1"}, translate)
    assert tags(quoted) <= allowed
    found = group_by_article([hit, *(make_hit(text, name=name, **fields) for name in "yz")])
    beside = (hit.passage, hit.passage)
    card = show_card(Card.of("card-1", found[0], answer_spans(answer)), query, translate, beside)
    assert tags(card) <= allowed
    counts = {"sources": {text: 3}, "languages": {text: 3}}
    shown = (
        show_chips(query, translate)
        + show_timeline(found, SiteColours(counts["sources"]), query, translate)
        + show_filters(found, counts, query, translate)
    )
    assert "timeline" in shown
    assert tags(shown) <= allowed | paired("ol form label") | {"input"}
    for html in (card, shown, quoted):
        assert "window.hacked" not in re.sub(r"\"[^\"]*\"|'[^']*'", "", re.sub(r">[^<]*<", "><", html))
        assert not re.search(r'\s(?:href|action|src)="\s*javascript', html)


def test_render_raises_for_a_missing_value() -> None:
    with pytest.raises(UndefinedError, match="'text' is undefined"):
        render("message.html", Translator(), kind="error")


def test_render_does_not_escape_rendered_html_again() -> None:
    note = render("note.html", Translator(), text="<b>")
    page = render("result.html", Translator(), stamp="<1>", content=note)
    assert page == '<div data-stamp="&lt;1&gt;"><p class="note">&lt;b&gt;</p></div>'

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
from rag.web.views import filters, passages
from rag.web.views.query import Query

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
    answer = rag.Answer(text, text, hit, 0, len(text), 0.9, (hit,), (other,))
    allowed = paired("section article h2 h3 bdi p mark div ul li blockquote time span") | {"br"}
    quoted = passages.show_answer(answer, translate)
    assert tags(quoted) <= allowed
    card = passages.show_card(hit, translate, (0, len(text)), (hit.passage, hit.passage))
    assert tags(card) <= allowed | paired("button details summary")
    query = Query(text, source=text, language=text)
    found = filters.articles([hit], query)
    shown = (
        filters.show_chosen(query, translate)
        + filters.show_timeline(found, query, translate)
        + filters.show_filters(found, found, found, 5, query, translate)
    )
    assert len(found) == 2
    assert tags(shown) <= paired("section h2 h3 ol ul li a bdi span p form label button") | {
        "br",
        "input",
    }
    for html in (card, shown, quoted):
        assert "window.hacked" not in re.sub(r'"[^"]*"', "", re.sub(r">[^<]*<", "><", html))
        assert not re.search(r'\s(?:href|action|src)="\s*javascript', html)


def test_render_raises_for_a_missing_value() -> None:
    with pytest.raises(UndefinedError, match="'text' is undefined"):
        render("message.html", Translator(), kind="error")


def test_render_does_not_escape_rendered_html_again() -> None:
    note = render("note.html", Translator(), text="<b>")
    page = render("result.html", Translator(), stamp="<1>", content=note)
    assert page == '<div data-stamp="&lt;1&gt;"><p class="note">&lt;b&gt;</p></div>'

"""Tests of `rag.web.views.sharing.bibliography`: other programs read what it writes."""

from __future__ import annotations

import re
from typing import Any

import bibtexparser
import rispy
from bs4 import BeautifulSoup
from hypothesis import given, settings
from hypothesis import strategies as st
from support.hits import make_hit

from rag.i18n.translator import Translator
from rag.types import Hit
from rag.web import rendering
from rag.web.views.sharing.bibliography import bibtex, ris
from rag.web.views.sharing.citations import cite, markdown_citation, plain_citation

HOSTILE = st.one_of(
    st.text(st.characters(codec="utf-8"), min_size=1),
    st.text('{}%&#_~^\\$"@,=\n\r\u2028 中a', min_size=1),
    st.sampled_from(["a\nER  - \nTY  - BOOK", "},\n@comment{", "\\", "50% \\url{x}", "<i>&amp;"]),
)


def read_bibtex(text: str) -> list[dict[str, str]]:
    """Return the entries of a BibTeX file, type and key among their fields."""
    library = bibtexparser.parse_string(text)
    assert not library.failed_blocks
    assert not library.comments
    return [dict(entry.items()) for entry in library.entries]


def decoded(value: str) -> str:
    """Return the text that LaTeX prints for a value."""
    names = {
        "backslash": "\\",
        "braceleft": "{",
        "braceright": "}",
        "asciitilde": "~",
        "asciicircum": "^",
    }
    return re.sub(
        r"\\text(\w+)\{\}|\\(.)", lambda match: names[match[1]] if match[1] else match[2], value
    )


def read_ris(text: str) -> list[dict[str, Any]]:
    return list(rispy.loads(text, newline="\r\n"))


def test_bibtex_of_an_article_has_its_fields() -> None:
    hit = make_hit("约6700个，占50%。", title="标题 {A}_b", url="https://a.example/x_y%20z?a=1&b={2}#c")
    (entry,) = read_bibtex(bibtex(hit))
    assert re.fullmatch(r"news-example-2024-[0-9a-f]{10}", entry.pop("ID"))
    assert entry == {
        "ENTRYTYPE": "online",
        "title": r"标题 \textbraceleft{}A\textbraceright{}\_b",
        "organization": "news.example",
        "date": "2024-03-06",
        "url": "https://a.example/x_y%20z?a=1&b=%7B2%7D#c",
        "langid": "zh-Hans",
        "annotation": r"约6700个，占50\%。",
    }


def test_ris_of_an_article_has_its_fields() -> None:
    (record,) = read_ris(ris(make_hit("约6700个。", title="标题")))
    assert re.fullmatch(r"news-example-2024-[0-9a-f]{10}", record.pop("id"))
    assert record == {
        "type_of_reference": "NEWS",
        "title": "标题",
        "secondary_title": "news.example",
        "year": "2024",
        "date": "2024/03/06",
        "urls": ["https://news.example/x"],
        "language": "zh-Hans",
        "notes": ["约6700个。"],
    }


def test_records_of_an_article_without_site_date_language_and_address_leave_them_out() -> None:
    hit = make_hit("正文。", title="", url="", published=None, source="", language="und")
    (entry,) = read_bibtex(bibtex(hit))
    assert set(entry) == {"ENTRYTYPE", "ID", "title", "annotation"}
    (record,) = read_ris(ris(hit))
    assert set(record) == {"type_of_reference", "id", "title", "notes"}
    assert entry["title"] == record["title"] == "x"


def test_keys_are_the_same_for_a_quotation_and_differ_between_quotations() -> None:
    def key(hit: Hit) -> str:
        return read_bibtex(bibtex(hit))[0]["ID"]

    hit = make_hit("第一句。第二句。")
    other = Hit(hit.passage, 0.9, (0, 4))
    assert key(hit) == key(make_hit("第一句。第二句。"))
    assert len({key(hit), key(other), key(make_hit("第一句。第二句。", name="y"))}) == 3


@settings(deadline=None, max_examples=50)
@given(HOSTILE, HOSTILE)
def test_bibtex_of_hostile_text_gives_it_back(title: str, quotation: str) -> None:
    hit = make_hit(quotation, title=title)
    (entry,) = read_bibtex(bibtex(hit))
    assert decoded(entry.get("title", "")) == cite(hit).title
    assert decoded(entry.get("annotation", "")) == cite(hit).quotation


@settings(deadline=None, max_examples=50)
@given(HOSTILE, HOSTILE)
def test_ris_of_hostile_text_gives_it_back(title: str, quotation: str) -> None:
    hit = make_hit(quotation, title=title)
    (record,) = read_ris(ris(hit))
    assert record.get("title", "") == cite(hit).title
    assert record.get("notes", [""]) == [cite(hit).quotation]


@settings(deadline=None, max_examples=50)
@given(st.text(st.characters(codec="utf-8")))
def test_bibtex_of_a_hostile_address_stays_in_its_field(path: str) -> None:
    (entry,) = read_bibtex(bibtex(make_hit("x", url=f"https://a.example/{path}")))
    assert entry["url"].startswith("https://a.example/")
    assert len(entry) == 8


def test_cite_offers_a_hit_in_four_forms_without_markup_of_its_own() -> None:
    hit = make_hit('他说"<b>6700</b>"。', title="<i>标题</i>")
    macro = '{% from "cite.html" import cite with context %}'
    html = (
        rendering._environment()
        .from_string(f"{macro}{{{{ cite(hit) }}}}")
        .render(hit=hit, translate=Translator())
    )
    copied = [button["data-copy"] for button in BeautifulSoup(html, "html.parser")("button")]
    assert copied == [plain_citation(hit), markdown_citation(hit), bibtex(hit), ris(hit)]
    assert "<b>" not in html

"""Tests of `rag.web.frame`: what the pages share, in each language of the catalogues."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from support.doubles import ROOT

import rag
from rag.i18n.translator import Translator, locales
from rag.web import frame
from rag.web.site import Site

SHOW = """
import json
from rag.i18n.translator import Translator
from rag.web import frame
from rag.web.site import Site
header = frame.show_header("/", Site(None), Translator("de"))
script = frame.script().decode().partition("\\n")[0]
print(json.dumps({"header": header, "script": script, "labels": frame.labels().translations_dict}))
"""


def test_show_header_links_the_pages_and_marks_the_present_one(small: rag.Assistant) -> None:
    html = frame.show_header("/archive", Site(small, has_admin=True), Translator("en"))
    links = re.findall(r'<a href="([^"]*)"(.*?)>([^<]*)</a>', html)
    assert links == [
        ("/", "", "News archive"),
        ("/", "", "Ask"),
        ("/articles", "", "Articles"),
        ("/archive", ' aria-current="page"', "About the archive"),
        ("/admin/", "", "Administration"),
    ]
    assert "/admin/" not in frame.show_header("/", Site(small), Translator("en"))


def test_show_header_has_a_button_for_each_language(small: rag.Assistant) -> None:
    html = frame.show_header("/", Site(small), Translator("zh-Hant"))
    buttons = re.findall(r'data-lang="([^"]*)" lang="\1"(.*?)>([^<]*)<', html)
    assert [tag for tag, _, _ in buttons] == list(locales())
    assert [name for tag, chosen, name in buttons if chosen] == ["繁體"]


def test_labels_are_those_that_gradio_renders_by_gradios_names_of_the_languages() -> None:
    labels = frame.labels().translations_dict
    assert set(labels) == {Translator(locale)("locale.gradio") for locale in locales()}
    assert set(labels["en"]) == {
        "accept",
        "ask",
        "cancel",
        "placeholder",
        "question",
        "rebuild",
        "upload",
    }
    assert labels["zh-TW"]["ask"] == "提問"


def test_script_begins_with_the_languages() -> None:
    first, _, rest = frame.script().decode().partition("\n")
    names = {locale: Translator(locale)("locale.gradio") for locale in locales()}
    assert names["zh-Hans"] == "zh-CN"
    assert first == f"const LOCALES = {json.dumps(names)};"
    for name in frame._SCRIPTS:
        assert (frame.STATIC / name).read_text(encoding="utf-8") in rest, name


def test_styles_are_those_of_every_page() -> None:
    for name in frame._STYLES:
        assert (frame.STATIC / name).read_bytes() in frame.styles(), name


def test_script_and_styles_for_a_language_model_are_sent_only_with_one() -> None:
    for name in frame._WRITING_SCRIPTS:
        source = (frame.STATIC / name).read_bytes()
        assert source in frame.script(has_writing=True)
        assert source not in frame.script()
    for name in frame._WRITING_STYLES:
        source = (frame.STATIC / name).read_bytes()
        assert source in frame.styles(has_writing=True)
        assert source not in frame.styles()


@pytest.mark.parametrize(
    ("contact", "address"),
    [
        ("desk@news.example", "mailto:desk@news.example"),
        ("https://news.example/@desk", "https://news.example/@desk"),
        ("", None),
    ],
)
def test_show_footer_has_the_name_and_the_contact(
    small: rag.Assistant, contact: str, address: str | None
) -> None:
    html = frame.show_footer(Site(small, title="<Harbour>", contact=contact), Translator("en"))
    assert "&lt;Harbour&gt;" in html
    links = dict(re.findall(r'<a href="([^"]*)"[^>]*>([^<]*)</a>', html))
    assert links == {"/programs": "For programs", **({address: "Contact"} if address else {})}


def test_show_head_escapes_the_title(small: rag.Assistant) -> None:
    html = frame.show_head(Site(small), Translator("en"), '"><script>')
    assert "<script>" not in html
    assert '<meta property="og:title" content="&#34;&gt;&lt;script&gt;">' in html


def test_a_fourth_language_is_one_more_catalogue(tmp_path: Path) -> None:
    """A copy of the program with a German catalogue offers German, without any other change."""
    program = tmp_path / "rag"
    program.mkdir()
    for entry in (ROOT / "rag").iterdir():
        if entry.name not in ("i18n", "__pycache__"):
            (program / entry.name).symlink_to(entry)
    i18n = program / "i18n"
    (i18n / "locales").mkdir(parents=True)
    for path in (ROOT / "rag/i18n").rglob("*.*"):
        if path.suffix in (".py", ".json"):
            (i18n / path.relative_to(ROOT / "rag/i18n")).write_bytes(path.read_bytes())
    german = json.loads((ROOT / "rag/i18n/locales/en.json").read_text(encoding="utf-8"))
    german["locale"] = {"name": "Deutsch", "gradio": "de"}
    german["page"]["ask"] = "Fragen"
    (i18n / "locales/de.json").write_text(json.dumps(german), encoding="utf-8")
    shown = subprocess.run(
        [sys.executable, "-c", SHOW],
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    page = json.loads(shown.stdout)
    assert (
        '<button type="button" data-lang="de" lang="de" aria-current="true">Deutsch<' in page["header"]
    )
    assert '<a href="/" aria-current="page">Fragen</a>' in page["header"]
    assert '"de": "de"' in page["script"]
    assert page["labels"]["de"]["ask"] == "Fragen"

"""What the question page, the archive page and the admin page share."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files

import gradio as gr
from markupsafe import Markup

from rag.i18n.translator import Translator, catalogue, locales
from rag.web.rendering import render

ADMIN = "/admin"
"""The path below which the admin page is mounted."""
TITLE = "News archive"
"""The title of a page until its script knows a better one."""
STATIC = files("rag") / "web" / "static"


@cache
def labels() -> gr.I18n:
    """Return the labels of Gradio's own components, which it translates in the browser."""
    return gr.I18n(**{name: _labels(translate) for name, translate in _translators().items()})


def _labels(translate: Translator) -> dict[str, str]:
    return {
        "accept": translate("page.accept"),
        "ask": translate("page.ask"),
        "cancel": translate("page.cancel"),
        "placeholder": translate("page.placeholder"),
        "question": translate("page.question"),
        "rebuild": translate("page.rebuild"),
        "upload": translate("page.upload"),
    }


def script() -> bytes:
    """Return the script of the pages, preceded by the languages that they exist in."""
    gradio_names = {translate.locale: name for name, translate in _translators().items()}
    return b"const LOCALES = %b;\n%b" % (
        json.dumps(gradio_names).encode(),
        (STATIC / "page.js").read_bytes(),
    )


def show_header(path: str, has_admin: bool, translate: Translator) -> Markup:
    """Return the top of the page at `path`: the archive's name, the other pages, the languages."""
    pages = {"/": translate("page.ask"), "/archive": translate("page.archive")}
    if has_admin:
        pages[f"{ADMIN}/"] = translate("page.admin")
    names = {locale: catalogue(locale)["locale.name"] for locale in locales()}
    return render("header.html", translate, path=path, pages=pages, languages=names)


def _translators() -> dict[str, Translator]:
    """A translator for each language, by Gradio's name of that language."""
    translators = map(Translator, locales())
    return {translate("locale.gradio"): translate for translate in translators}

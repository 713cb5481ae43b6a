"""What the question page, the archive page and the admin page share."""

from __future__ import annotations

import json
from collections.abc import Iterable
from functools import cache
from importlib.resources import files

import gradio as gr
from markupsafe import Markup

from rag.i18n.translator import Translator, catalogue, locales
from rag.web.rendering import render
from rag.web.site import Site

ADMIN = "/admin"
"""The path below which the admin page is mounted."""
TITLE = "News archive"
"""The title that Gradio's settings have; the page that is sent has its own."""
STATIC = files("rag") / "web" / "static"
_STYLES = ("base.css", "results.css", "articles.css", "feedback.css", "admin.css", "print.css")
_SCRIPTS = (
    "common.js",
    "language.js",
    "connection.js",
    "history.js",
    "asking.js",
    "links.js",
    "copying.js",
    "reading.js",
    "keys.js",
    "feedback.js",
    "admin.js",
)
_WRITING_STYLES = ("writing.css",)
_WRITING_SCRIPTS = ("model.js", "citations.js", "writing.js", "translations.js", "follow_ups.js")


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


def script(*, has_writing: bool = False) -> bytes:
    """Return the script of the pages, preceded by the languages that they exist in.

    `has_writing` adds what the page does with a language model.
    """
    gradio_names = {translate.locale: name for name, translate in _translators().items()}
    names = (*_SCRIPTS, *(_WRITING_SCRIPTS if has_writing else ()))
    return b"const LOCALES = %b;\n%b" % (json.dumps(gradio_names).encode(), _joined(names))


def styles(*, has_writing: bool = False) -> bytes:
    """Return the style sheet of all pages; `has_writing` adds that of written answers."""
    return _joined((*_STYLES, *(_WRITING_STYLES if has_writing else ())))


def _joined(names: Iterable[str]) -> bytes:
    return b"\n".join((STATIC / name).read_bytes() for name in names)


def show_head(
    site: Site, translate: Translator, title: str = "", description: str = "", root: str = ""
) -> Markup:
    """Return what browsers and links to a page show of it; without a title, the name of the archive.

    The icon is looked for below `root`.
    """
    description = description or translate("page.description")
    values = {"title": title, "description": description, "root": root}
    return render("head.html", translate, name=site.name(translate), **values)


def show_header(path: str, site: Site, translate: Translator) -> Markup:
    """Return the top of the page at `path`: the archive's name, the other pages, the languages."""
    pages = {
        "/": translate("page.ask"),
        "/articles": translate("page.articles"),
        "/archive": translate("page.archive"),
    }
    if site.has_admin:
        pages[f"{ADMIN}/"] = translate("page.admin")
    names = {locale: catalogue(locale)["locale.name"] for locale in locales()}
    name = site.name(translate)
    return render("header.html", translate, path=path, name=name, pages=pages, languages=names)


def show_footer(site: Site, translate: Translator) -> Markup:
    """Return the end of every page: whose archive it is, and what becomes of a question."""
    privacy = translate("page.privacy")
    if site.writing:
        privacy = translate("page.privacy-writing", host=site.writing.host)
    is_mail = "@" in site.contact and not site.contact.startswith(("http://", "https://"))
    contact = f"mailto:{site.contact}" if is_mail else site.contact
    return render("footer.html", translate, name=site.name(translate), contact=contact, privacy=privacy)


def _translators() -> dict[str, Translator]:
    """A translator for each language, by Gradio's name of that language."""
    translators = map(Translator, locales())
    return {translate("locale.gradio"): translate for translate in translators}

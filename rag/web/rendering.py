"""Renders the HTML of the pages from the templates in `rag/web/templates`.

Templates escape every value, so text from an article, a file or an address cannot become markup. Only
what `render` returns goes into another template as it is.
"""

from __future__ import annotations

from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from rag.i18n.translator import Translator
from rag.web.views.sharing.bibliography import bibtex, ris
from rag.web.views.sharing.citations import is_web, markdown_citation, plain_citation


def render(template: str, translate: Translator, **values: object) -> Markup:
    """Return a template filled with `values`; its own texts come from `translate`.

    Raises `jinja2.UndefinedError` for a value that the template uses and does not get.
    """
    rendered = _environment().get_template(template).render(translate=translate, **values)
    return Markup(rendered)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("rag.web"),
        autoescape=True,
        auto_reload=False,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.tests["web_address"] = is_web
    for cite in (plain_citation, markdown_citation, bibtex, ris):
        environment.filters[cite.__name__] = cite
    return environment

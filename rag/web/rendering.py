"""Renders the HTML templates."""

from __future__ import annotations

from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined


def render(name: str, **values: object) -> str:
    """Return a template of `rag/web/templates`, filled in; values are escaped."""
    return _environment().get_template(name).render(**values)


@cache
def _environment() -> Environment:
    return Environment(loader=PackageLoader("rag.web"), autoescape=True, undefined=StrictUndefined)

"""Boxes with a message: a status or an error."""

from __future__ import annotations

from markupsafe import Markup

from rag.i18n.translator import Translator
from rag.web.rendering import render


def show_status(message: str, translate: Translator) -> Markup:
    """Return a box with a message about progress or an outcome."""
    return render("message.html", translate, kind="status", text=message)


def show_error(message: str, translate: Translator) -> Markup:
    """Return a box with an error message, which screen readers announce."""
    return render("message.html", translate, kind="error", text=message)

"""One-line messages: a status, an error, the reason why a file was refused."""

from __future__ import annotations

from typing import Protocol

from markupsafe import Markup

from rag.i18n.translator import Coded, Translator
from rag.web.rendering import render


class Refused(Protocol):
    """A file that was refused, such as a `Failure`; `reason` is "" for one that was not."""

    @property
    def reason(self) -> str: ...


def show_status(message: str, translate: Translator) -> Markup:
    """Return a box with a message about progress or an outcome."""
    return render("message.html", translate, kind="status", text=message)


def show_error(message: str, translate: Translator) -> Markup:
    """Return a box with an error message, which screen readers announce."""
    return render("message.html", translate, kind="error", text=message)


def reason_of(refused: Refused, translate: Translator) -> str:
    """Return why a file was refused; in English where a report has no code for the reason."""
    if isinstance(refused, Coded) and refused.code:
        return translate.error(refused)
    return refused.reason

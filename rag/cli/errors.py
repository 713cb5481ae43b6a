"""Error messages of the command line."""

from __future__ import annotations

import errno
import sys

from rag.cli.layout import printable
from rag.errors import RagError
from rag.i18n.translator import Translator


def show_error(message: str) -> None:
    """Print a message to standard error."""
    print(f"rag: {printable(message)}", file=sys.stderr)


def of_error(error: RagError | OSError, translate: Translator) -> str:
    """Return the message of an error in the user's language."""
    if isinstance(error, RagError):
        return translate.error(error)
    problem = _problem(error, translate)
    if error.filename is None:
        return translate("cli.os-error", problem=problem)
    return translate("cli.file-error", path=error.filename, problem=problem)


def _problem(error: OSError, translate: Translator) -> str:
    """Return what the operating system reports; it has only English for Python's programs."""
    match error.errno:
        case errno.EACCES | errno.EPERM:
            return translate("cli.permission-denied")
        case errno.ENOSPC:
            return translate("cli.disk-full")
        case errno.ENOENT:
            return translate("cli.no-such-file")
        case errno.EROFS:
            return translate("cli.read-only")
        case _:
            return error.strerror or str(error)

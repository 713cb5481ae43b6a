"""The command line: `rag build | watch | search | ask | serve | explain | info | check | …`."""

from __future__ import annotations

import argparse
import io
import os
import sys
from collections.abc import Callable, Sequence

from rag.cli import commands, errors
from rag.cli.parser import build_parser
from rag.errors import RagError
from rag.i18n.translator import Translator, of_environment

_INTERRUPTED = 130
"""Exit status of a process that SIGINT has ended: 128 + 2, as shells report it."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status.

    That is 0 for success, 1 for an error, 2 for wrong usage and 130 for an interruption.
    """
    options = build_parser().parse_args(arguments)
    translate = Translator(of_environment(os.environ))
    command: Callable[[argparse.Namespace, Translator], int] = options.command
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # a character that the locale lacks must not end us
    try:
        status = command(options, translate)
        print(end="", flush=True)
    except KeyboardInterrupt:
        is_build = command in (commands.build, commands.watch)
        errors.show_error(
            translate("cli.interrupted-build") if is_build else translate("cli.interrupted")
        )
        return _INTERRUPTED
    except BrokenPipeError:
        # Whoever reads our output has stopped. Python would complain about it at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except (RagError, OSError) as error:
        errors.show_error(errors.of_error(error, translate))
        return 1
    except Exception as error:
        if os.environ.get("RAG_DEBUG"):
            raise
        kind = type(error).__name__
        errors.show_error(translate("cli.unexpected", kind=kind, error=error))
        return 1
    return status

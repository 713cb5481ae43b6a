"""The command line: `rag build | watch | search | ask | serve | info | check | rollback`."""

from __future__ import annotations

import argparse
import io
import os
import sys
from collections.abc import Callable, Sequence

from rag.cli import commands, render
from rag.cli.parser import build_parser
from rag.errors import RagError


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status: 0, 1 for an error, 2 for wrong usage."""
    options = build_parser().parse_args(arguments)
    command: Callable[[argparse.Namespace], None] = options.command
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # a locale that lacks a character loses only that
    try:
        command(options)
        print(end="", flush=True)
    except RagError as error:
        return _fail(str(error))
    except KeyboardInterrupt:
        kept = (
            "; the index is as it was, and what is encoded is kept"
            if command in (commands.build, commands.watch)
            else ""
        )
        return _fail(f"Interrupted{kept}.", 130)
    except BrokenPipeError:
        # The reader of our output has gone; keep Python from complaining about it at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except OSError as error:
        return _fail(f"{error.filename}: {error.strerror}." if error.filename else f"{error}.")
    except Exception as error:
        if os.environ.get("RAG_DEBUG"):
            raise
        return _fail(
            f"Unexpected {type(error).__name__}: {error}. Set RAG_DEBUG=1 to see where it happened."
        )
    return 0


def _fail(message: str, status: int = 1) -> int:
    print(f"rag: {render.printable(message)}", file=sys.stderr)
    return status

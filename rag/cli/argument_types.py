"""Types of command-line arguments, each with a message about a value that is none."""

from __future__ import annotations

import argparse
from datetime import date, datetime

_LAST_PORT = 65535


def folder(text: str) -> str:
    """Return the name of a folder. Raises `ArgumentTypeError` for another text."""
    if not text:
        raise argparse.ArgumentTypeError("must name a folder")
    return text


def port(text: str) -> int:
    """Return a port. Raises `ArgumentTypeError` for another text."""
    port = positive(text)
    if port > _LAST_PORT:
        raise argparse.ArgumentTypeError(f"must be at most {_LAST_PORT}, not {text}")
    return port


def positive(text: str) -> int:
    """Return a whole number of at least 1. Raises `ArgumentTypeError` for another text."""
    return count(text, 1)


def count(text: str, least: int = 0) -> int:
    """Return a whole number of at least `least`. Raises `ArgumentTypeError` for another text."""
    try:
        number = int(text)
    except ValueError:
        number = least - 1
    if number < least:
        raise argparse.ArgumentTypeError(f"must be a whole number of at least {least}, not {text!r}")
    return number


def day(text: str) -> date:
    """Return a day, or a time. Raises `ArgumentTypeError` for another text."""
    try:
        return datetime.fromisoformat(text) if "T" in text else date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"must be a day such as 2024-03-06, or a time such as 2024-03-06T22:20, not {text!r}"
        ) from None

"""A piece of Chinese text in the reader's language: the type is in `rag.types`, as `Answer` has it."""

from __future__ import annotations

from rag.types import Gloss

__all__ = ["Gloss"]

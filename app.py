"""Launches the page: `python app.py` is short for `rag serve`; `app.build` returns the Gradio page."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from rag.cli import main

if TYPE_CHECKING:
    import gradio as gr

    import rag


def build(assistant: rag.Assistant) -> gr.Blocks:
    """Return the question page about an archive, to be launched or mounted by another program."""
    from rag.web.page import build_page
    from rag.web.site import Site

    return build_page(Site(assistant))


if __name__ == "__main__":
    sys.exit(main(["serve", *sys.argv[1:]]))

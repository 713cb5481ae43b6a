"""Launches the page: `python app.py` is short for `rag serve`; `app.build` returns the Gradio page."""

import sys

from rag.cli import main
from rag.web.page import build

__all__ = ["build"]

if __name__ == "__main__":
    sys.exit(main(["serve", *sys.argv[1:]]))

"""The user's launcher of the page: `python app.py` serves it; `app.build` builds it."""

import sys

from rag.cli import main
from rag.web.page import build

__all__ = ["build"]

if __name__ == "__main__":
    sys.exit(main(["serve", *sys.argv[1:]]))

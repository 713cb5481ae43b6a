"""Take the picture of the README from the real page: `make screenshot`."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

os.environ["HF_HUB_OFFLINE"] = "1"

from playwright.sync_api import sync_playwright

import app
import rag

ROOT = Path(__file__).parents[1]
QUESTION = "how many containers did Pyongyang ship?"
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync"]


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        rag.build(rag.read_seeds(ROOT / "seeds"), folder)
        page = app.build(rag.load(folder))
        _, address, _ = app.launch(page, "127.0.0.1", None)
        with sync_playwright() as playwright:
            executable = shutil.which("chromium") or shutil.which("google-chrome")
            browser = playwright.chromium.launch(executable_path=executable, args=ARGUMENTS)
            tab = browser.new_page(viewport={"width": 960, "height": 1000})
            tab.goto(address)
            tab.fill("#question textarea", QUESTION)
            tab.press("#question textarea", "Enter")
            tab.wait_for_selector(".hit")
            tab.screenshot(path=ROOT / "docs" / "screenshot.png")
            browser.close()
        page.close(verbose=False)


if __name__ == "__main__":
    main()

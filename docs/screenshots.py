"""Take the pictures of the README from the real pages: `make screenshots`."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlencode

os.environ["HF_HUB_OFFLINE"] = "1"

from playwright.sync_api import sync_playwright

import rag
from rag.web.application import Service, application
from rag.web.server import serving

DOCS = Path(__file__).parent
SEEDS = DOCS.parent / "seeds"
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync"]
PASSWORD = "for the picture"


class Picture(NamedTuple):
    """A page at an address, when `awaited` is there, in a browser with these `options`."""

    name: str
    path: str
    awaited: str
    options: dict[str, Any]


ENGLISH = urlencode({"q": "how many containers did Pyongyang ship?"})
CHINESE = urlencode({"q": "朝鲜运送了多少集装箱？"})
PICTURES = (
    Picture(
        "answer",
        f"?{ENGLISH}",
        ".hit",
        {"viewport": {"width": 1100, "height": 1000}, "locale": "en-US"},
    ),
    Picture(
        "phone",
        f"?{CHINESE}",
        ".hit",
        {"viewport": {"width": 380, "height": 760}, "locale": "zh-CN", "color_scheme": "dark"},
    ),
    Picture(
        "archive",
        "archive",
        ".text-page table",
        {"viewport": {"width": 900, "height": 760}, "locale": "en-US"},
    ),
    Picture(
        "desk",
        "admin/",
        "#rebuild .note",
        {"viewport": {"width": 900, "height": 640}, "locale": "zh-TW"},
    ),
)


def main() -> None:
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        rag.build(rag.read_seeds(SEEDS), folder)
        service = Service(seeds=SEEDS, admin_password=PASSWORD)
        executable = shutil.which("chromium") or shutil.which("google-chrome")
        browser = playwright.chromium.launch(executable_path=executable, args=ARGUMENTS)
        with serving(application(rag.load(folder), service), "127.0.0.1") as address:
            for picture in PICTURES:
                credentials = {"username": "", "password": PASSWORD}
                page = browser.new_page(http_credentials=credentials, **picture.options)
                page.goto(address + picture.path)
                page.wait_for_selector(picture.awaited)
                page.wait_for_timeout(500)
                page.screenshot(path=DOCS / f"{picture.name}.png")
                page.close()
        browser.close()


if __name__ == "__main__":
    main()

"""Take the pictures of the documentation from the real pages: `make screenshots`."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Sequence
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
STILL = "document.getAnimations().every((each) => each.playState !== 'running')"


class Picture(NamedTuple):
    """A page at a path, as a browser with these options shows it once the element `awaited` exists.

    `uploads` are put into the file field of the page first, as Playwright's file payloads.
    """

    name: str
    path: str
    awaited: str
    options: dict[str, Any]
    uploads: Sequence[Any] = ()


ENGLISH = urlencode({"q": "How many containers did North Korea send to Russia?"})
CHINESE = urlencode({"q": "朝鲜运送了多少集装箱？"})
ARTICLE = "# 機場查獲鰻魚苗\n\n" + "海關人員在機場的行李中查獲了四千多條玻璃鰻魚苗，兩名旅客被捕。" * 4
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
        "admin",
        "admin/",
        "#preview fieldset",
        {"viewport": {"width": 900, "height": 860}, "locale": "zh-TW"},
        [
            {"name": "鰻魚.md", "mimeType": "text/markdown", "buffer": ARTICLE.encode()},
            {"name": "照片.jpg", "mimeType": "image/jpeg", "buffer": b"\xff\xd8\xff\xe0"},
        ],
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
                if picture.uploads:
                    page.set_input_files("#upload input[type=file]", picture.uploads)
                page.wait_for_selector(picture.awaited)
                page.wait_for_function(STILL)
                page.screenshot(path=DOCS / f"{picture.name}.png")
                page.close()
        browser.close()


if __name__ == "__main__":
    main()

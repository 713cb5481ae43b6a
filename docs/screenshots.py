"""Take the pictures of the documentation from the real pages: `make screenshots`."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlencode

DOCS = Path(__file__).parent
os.environ["HF_HUB_OFFLINE"] = "1"
sys.path.append(str(DOCS.parent / "tests"))

from playwright.sync_api import sync_playwright
from support.chat_server import Reply, chat_server

import rag
from rag.web.application import Service, application
from rag.web.server import serving

SEEDS = DOCS.parent / "seeds"
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync"]
PASSWORD = "for the picture"
STILL = "document.getAnimations().every((each) => each.playState !== 'running')"


class Picture(NamedTuple):
    """A page at a path, as a browser with these options shows it once the element `awaited` exists.

    `uploads` are put into the file field of the page first, as Playwright's file payloads; `pressed` is
    a button to press. `part` is the element that is in the picture, the window if there is none.
    """

    name: str
    path: str
    awaited: str
    options: dict[str, Any]
    uploads: Sequence[Any] = ()
    pressed: str = ""
    part: str = ""


WRITTEN = [
    "South Korea's defence minister said on 26 February that Pyongyang had shipped about 6,700 ",
    "containers of ammunition to Russia since September [1]. In October the United States had spoken ",
    "of more than 1,000 containers [2]. Seoul estimates that 9 million shells were delivered [2].",
]
"""What the scripted model of the picture of a written answer says; no passage has the last number."""
ENGLISH = urlencode({"q": "How many containers did North Korea send to Russia?"})
CHINESE = urlencode({"q": "朝鲜运送了多少集装箱？"})
ARTICLE = "# 機場查獲鰻魚苗\n\n" + "海關人員在機場的行李中查獲了四千多條玻璃鰻魚苗，兩名旅客被捕。" * 4
PICTURES = (
    Picture(
        "answer",
        f"?{ENGLISH}",
        "#results[aria-busy=false] .hit",
        {"viewport": {"width": 1100, "height": 1000}, "locale": "en-US"},
    ),
    Picture(
        "phone",
        f"?{CHINESE}",
        "#results[aria-busy=false] .hit",
        {"viewport": {"width": 380, "height": 760}, "locale": "zh-CN", "color_scheme": "dark"},
    ),
    Picture(
        "archive",
        "archive",
        ".text-page table",
        {"viewport": {"width": 900, "height": 760}, "locale": "en-US"},
    ),
    Picture(
        "written",
        f"?{ENGLISH}",
        "#writing [data-when=written]:visible",
        {"viewport": {"width": 900, "height": 760}, "locale": "en-US"},
        pressed="#writing [data-action=write]:visible",
        part="#writing",
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
    executable = shutil.which("chromium") or shutil.which("google-chrome")
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        rag.build(rag.read_seeds(SEEDS), folder)
        browser = playwright.chromium.launch(executable_path=executable, args=ARGUMENTS)
        with chat_server(Reply(WRITTEN)) as model:
            plain, writing = rag.load(folder), rag.load(folder, language_model=model.settings())
            for picture in PICTURES:
                take(picture, writing if picture.pressed else plain, browser)
        browser.close()


def take(picture: Picture, assistant: rag.Assistant, browser: Any) -> None:
    """Serve the pages of an assistant and save a picture of one."""
    service = Service(seeds=SEEDS, admin_password=PASSWORD)
    with serving(application(assistant, service), "127.0.0.1") as address:
        page = browser.new_page(
            http_credentials={"username": "", "password": PASSWORD}, **picture.options
        )
        page.goto(address + picture.path)
        if picture.uploads:
            page.set_input_files("#upload input[type=file]", picture.uploads)
        if picture.pressed:
            page.click(picture.pressed)
        page.wait_for_selector(picture.awaited)
        page.wait_for_function(STILL)
        (page.locator(picture.part) if picture.part else page).screenshot(
            path=DOCS / f"{picture.name}.png"
        )
        page.close()


if __name__ == "__main__":
    main()

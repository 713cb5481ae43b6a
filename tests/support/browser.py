"""A real Chromium for the tests that drive one, and what every page must keep to."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rag import Assistant
    from rag.web.background_build import BackgroundBuild


BROWSER = shutil.which("chromium") or shutil.which("google-chrome") or shutil.which("chrome")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
DESKTOP, PHONE = {"width": 1200, "height": 900}, {"width": 380, "height": 800}
_EXPECTED = ("Autofocus processing was blocked", "Method not implemented.")
"""What Gradio says by itself."""


@contextmanager
def chromium() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    assert BROWSER, "these tests need Chromium: run `make test`, which installs it"
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=BROWSER, args=ARGUMENTS)
        yield launched
        launched.close()


@contextmanager
def served(
    assistant: Assistant, rebuild: BackgroundBuild | None = None, **service: Any
) -> Iterator[str]:
    """Serve the page of an assistant; gives its address."""
    from rag.web.application import Service, application
    from rag.web.server import serving

    service = {"questions": 0, **service}
    with serving(application(assistant, Service(**service), rebuild), "127.0.0.1") as address:
        yield address


@dataclass
class Visit:
    """An open page, and everything it complained about or asked of another host."""

    page: Any
    address: str
    complaints: list[str] = field(default_factory=list)

    def ask(self, question: str) -> None:
        self.page.fill("#question textarea", question)
        self.page.press("#question textarea", "Enter")

    def wait(self, selector: str) -> Any:
        self.page.wait_for_selector(selector, timeout=30_000)
        return self.page.locator(selector).first

    def wait_until_shown(self) -> None:
        """Until the result of what was asked last is there."""
        self.page.wait_for_selector("#results[aria-busy=false]", timeout=30_000)

    def is_narrow_enough(self) -> bool:
        """Whether nothing has to be scrolled sideways."""
        width: int = self.page.evaluate("document.documentElement.scrollWidth")
        return width <= self.page.viewport_size["width"]

    def violations(self) -> list[str]:
        """What axe-core finds that is serious or critical."""
        from axe_playwright_python.sync_playwright import Axe

        found = Axe().run(self.page).response["violations"]
        return [
            f"{violation['id']}: {node['html'][:200]}"
            for violation in found
            if violation["impact"] in ("serious", "critical")
            for node in violation["nodes"]
        ]


class Visits:
    """Opens pages, each in a browser session of its own."""

    def __init__(self, browser: Any, stack: ExitStack) -> None:
        self._browser, self._stack = browser, stack
        self.opened: list[Visit] = []

    def __call__(self, address: str, path: str = "", **options: Any) -> Visit:
        context = self._browser.new_context(**{"viewport": DESKTOP, **options})
        self._stack.callback(context.close)
        page = context.new_page()
        visit = Visit(page, address)
        self.opened.append(visit)
        local = re.compile(rf"(?:{re.escape(address)}|data:|blob:)")

        def on_console(message: Any) -> None:
            if message.type in ("error", "warning") and not message.text.startswith(_EXPECTED):
                visit.complaints.append(f"{message.type}: {message.text}")

        def on_request(request: Any) -> None:
            if not local.match(request.url):
                visit.complaints.append(f"request: {request.url}")

        page.on("console", on_console)
        page.on("pageerror", lambda error: visit.complaints.append(f"page error: {error}"))
        page.on("request", on_request)
        page.on("dialog", lambda dialog: (visit.complaints.append("dialog"), dialog.dismiss()))
        page.goto(address + path)
        page.wait_for_selector("#top h1")
        return visit

    def check(self) -> None:
        assert [complaint for visit in self.opened for complaint in visit.complaints] == []

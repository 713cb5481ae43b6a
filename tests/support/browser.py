"""A real Chromium for browser tests, and the rules that every page keeps."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
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
"""Messages of Gradio itself."""


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
    assistant: Assistant, rebuild: BackgroundBuild | None = None, port: int = 0, **service: Any
) -> Iterator[str]:
    """Serve the pages of an assistant; gives their address."""
    from rag.web.application import Service, application
    from rag.web.server import serving

    service = {"questions": 0, **service}
    # Any free port: from 7860 on, a server of another worker could take the place of one that has ended.
    with serving(application(assistant, Service(**service), rebuild), "127.0.0.1", port) as address:
        yield address


class Visit:
    """An open page, with its console errors, its dialogs and its requests to other hosts.

    While a page is left the browser aborts what it still loads, and Gradio reports that as an error. So
    nothing is collected from then on until the next page begins.
    """

    def __init__(self, context: Any, address: str) -> None:
        self.page = context.new_page()
        self.address = address
        self.complaints: list[str] = []
        self._is_collecting = True
        self._local = re.compile(rf"(?:{re.escape(address)}|data:|blob:)")
        self.page.on("console", self._on_console)
        self.page.on("pageerror", lambda error: self._complain(f"page error: {error}"))
        self.page.on("request", self._on_request)
        self.page.on("dialog", self._on_dialog)

    def open(self, path: str = "") -> None:
        """Open a page of the site, in place of one that is open."""
        with self.leaving():
            self.page.goto(self.address + path)
        self.page.wait_for_selector("#top h1")

    @contextmanager
    def leaving(self) -> Iterator[None]:
        """Collect nothing of the present page any more; the block navigates to another one."""
        self.page.evaluate("null")  # the events of the page before this have arrived when it returns
        self._is_collecting = False
        self.page.once("framenavigated", lambda _: self._collect())
        yield
        assert self._is_collecting, "no other page was opened"

    def close(self) -> None:
        """Close the page, before its server stops."""
        self.page.evaluate("null")
        self._is_collecting = False
        self.page.close()

    def ask(self, question: str) -> None:
        """Type a question and send it."""
        self.page.fill("#question textarea", question)
        self.page.press("#question textarea", "Enter")

    def wait(self, selector: str) -> Any:
        """Wait for an element and return the first one."""
        self.page.wait_for_selector(selector, timeout=30_000)
        return self.page.locator(selector).first

    def wait_until_shown(self) -> None:
        """Wait for the result of the last question."""
        self.page.wait_for_selector("#results[aria-busy=false]", timeout=30_000)

    def wait_until_still(self) -> None:
        """Wait until no animation or transition runs."""
        self.page.wait_for_function(
            "document.getAnimations().every((each) => each.playState !== 'running')"
        )

    def is_narrow_enough(self) -> bool:
        """Return whether the page needs no scrolling sideways."""
        width: int = self.page.evaluate("document.documentElement.scrollWidth")
        return width <= self.page.viewport_size["width"]

    def violations(self) -> list[str]:
        """Return the serious and critical findings of axe-core."""
        from axe_playwright_python.sync_playwright import Axe

        found = Axe().run(self.page).response["violations"]
        return [
            f"{violation['id']}: {node['html'][:200]}"
            for violation in found
            if violation["impact"] in ("serious", "critical")
            for node in violation["nodes"]
        ]

    def _collect(self) -> None:
        self._is_collecting = True

    def _complain(self, complaint: str) -> None:
        if self._is_collecting:
            self.complaints.append(complaint)

    def _on_console(self, message: Any) -> None:
        if message.type in ("error", "warning") and not message.text.startswith(_EXPECTED):
            self._complain(f"{message.type}: {message.text}")

    def _on_request(self, request: Any) -> None:
        if not self._local.match(request.url):
            self._complain(f"request: {request.url}")

    def _on_dialog(self, dialog: Any) -> None:
        self._complain("dialog")
        dialog.dismiss()


class Visits:
    """Opens pages, each in its own browser session."""

    def __init__(self, browser: Any, stack: ExitStack) -> None:
        self._browser, self._stack = browser, stack
        self.opened: list[Visit] = []

    def __call__(self, address: str, path: str = "", **options: Any) -> Visit:
        context = self._browser.new_context(**{"viewport": DESKTOP, **options})
        self._stack.callback(context.close)
        visit = Visit(context, address)
        self.opened.append(visit)
        visit.open(path)
        return visit

    def check(self) -> None:
        """Fail if a page has complained."""
        assert [complaint for visit in self.opened for complaint in visit.complaints] == []

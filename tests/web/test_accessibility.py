"""Whether everyone can read and use the pages: axe-core on each of them, in light and dark."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from support.browser import DESKTOP, PHONE, Visit, Visits, served
from support.doubles import SEEDS

import rag

pytestmark = [pytest.mark.browser, pytest.mark.model]

PASSWORD = "x"
PAGES = {
    "home": ("", ".home"),
    "answer": ("?q=how+many+containers+did+Pyongyang+ship%3F", ".hit"),
    "absent": ("?q=How+many+moons+does+Neptune+have%3F&lang=zh", ".absent"),
    "nothing": ("?q=containers&site=no.example&from=2030-01-01", ".status"),
    "error": ("?q=", ".error"),
    "archive": ("archive", ".text-page table"),
    "desk": ("admin/", "#rebuild .note"),
}


LOOKS: dict[str, dict[str, Any]] = {
    "light": {"color_scheme": "light", "locale": "zh-TW", "viewport": DESKTOP},
    "dark": {"color_scheme": "dark", "locale": "en-US", "viewport": DESKTOP},
    "phone": {"color_scheme": "light", "locale": "zh-CN", "viewport": PHONE, "has_touch": True},
}
SAID = """() => {
  const quoted = ".text, .hit h3, bdi, blockquote, .absent, .languages, #status, td, option, style, script";
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT), said = [];
  while (walker.nextNode()) {
    const parent = walker.currentNode.parentElement;
    if (!parent.closest(quoted) && parent.checkVisibility()) said.push(walker.currentNode.data);
  }
  return said;
}"""
"""What is visible and not said by an article, nor the name of a language in itself."""
KNOWN = {
    "Markdown",
    "seeds",
    "zip",
    "MB",
    "API",
    "containers",
    "How",
    "many",
    "moons",
    "does",
    "Neptune",
}
KNOWN |= {"have", "how", "did", "Pyongyang", "ship"}


@pytest.fixture(scope="module")
def address(assistant: rag.Assistant) -> Iterator[str]:
    with served(assistant, seeds=SEEDS, admin_password=PASSWORD) as address:
        yield address


def opened(open_page: Visits, address: str, name: str, **options: Any) -> Visit:
    path, awaited = PAGES[name]
    credentials = {"username": "", "password": PASSWORD}
    visit = open_page(address, path, http_credentials=credentials, **options)
    visit.wait(awaited)
    visit.page.wait_for_timeout(300)
    return visit


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("name", PAGES)
def test_everyone_can_use_it(open_page: Visits, address: str, name: str, look: str) -> None:
    """Nothing that axe-core calls serious, nothing to scroll sideways, nothing in another language."""
    visit = opened(open_page, address, name, **LOOKS[look])
    for control in visit.page.locator("[data-more]:visible, summary:visible").all():
        control.click()
    assert visit.violations() == []
    assert visit.is_narrow_enough()
    said = visit.page.evaluate(SAID)
    if LOOKS[look]["locale"] == "en-US":
        assert not [text for text in said if re.search("[\u4e00-\u9fff]", text)]
    else:
        words = {word for text in said for word in re.findall("[A-Za-z]{2,}", text)}
        assert words <= KNOWN


def test_the_check_finds_what_is_wrong(open_page: Visits, address: str) -> None:
    visit = opened(open_page, address, "home", viewport=DESKTOP)
    visit.page.evaluate(
        "document.querySelector('.home').innerHTML += '<img src=\"data:,\"><button></button>'"
    )
    assert {violation.partition(":")[0] for violation in visit.violations()} >= {
        "image-alt",
        "button-name",
    }


def test_the_page_is_light(open_page: Visits, address: str) -> None:
    """Print how much a first visit takes over the network, and in how many requests."""
    taken: list[int] = []
    visit = open_page(address)
    visit.page.on("response", lambda answer: taken.append(1))
    with visit.page.context.new_page() as page:
        client = page.context.new_cdp_session(page)
        client.send("Network.enable")
        client.send("Network.setCacheDisabled", {"cacheDisabled": True})
        sizes: list[int] = []
        client.on("Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"]))
        page.goto(f"{address}?q=containers")
        page.wait_for_selector(".hit")
        page.wait_for_timeout(1000)
    print(f"\nA first visit with an answer: {sum(sizes) / 1024:.0f} KiB in {len(sizes)} requests")
    assert sum(sizes) < 1024 * 1024
    assert len(sizes) < 80


def test_seeds_are_not_served(address: str) -> None:
    import httpx

    for path in ("/etc/passwd", str(SEEDS / "002_c97b2db276b89742.txt"), "pyproject.toml"):
        for route in ("gradio_api/file=", "file=", "gradio_api/file/", "seeds/", "static/../"):
            answer = httpx.get(f"{address}{route}{path}")
            assert answer.status_code in (401, 403, 404)
    assert Path("pyproject.toml").exists()


@pytest.mark.parametrize(
    "query", ["?page=nothing", "?q=a&page=2", "?deep_link=x", "?session_hash=y&page=archive"]
)
def test_no_address_breaks_the_page(open_page: Visits, address: str, query: str) -> None:
    """Gradio takes some names in an address for its own, and fails at values that it does not know."""
    assert open_page(address, query).wait(".home, .hit")

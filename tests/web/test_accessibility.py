"""Everyone can read and use the pages: axe-core on each of them, in light and dark."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import httpx
import pytest
from support.browser import DESKTOP, PHONE, Visit, Visits
from support.doubles import SEEDS

pytestmark = [pytest.mark.browser, pytest.mark.model]

CREDENTIALS = {"username": "", "password": "secret"}
PAGES = {
    "home": ("", ".home"),
    "answer": ("?q=how+many+containers+did+Pyongyang+ship%3F", ".hit"),
    "absent": ("?q=How+many+moons+does+Neptune+have%3F&lang=zh", ".absent"),
    "nothing": ("?q=containers&site=no.example&from=2030-01-01", ".status"),
    "error": ("?q=", ".error"),
    "archive": ("archive", ".text-page table"),
    "articles": ("articles?lang=zh", ".list a"),
    "article": ("article/002_c97b2db276b89742.txt?mark=60-90&back=%3Fq%3Dx", ".whole mark"),
    "admin": ("admin/", "#rebuild .note"),
}


LOOKS: dict[str, dict[str, Any]] = {
    "light": {"color_scheme": "light", "locale": "zh-TW", "viewport": DESKTOP},
    "dark": {"color_scheme": "dark", "locale": "en-US", "viewport": DESKTOP},
    "phone": {"color_scheme": "light", "locale": "zh-CN", "viewport": PHONE, "has_touch": True},
}
VISIBLE = """() => {
  const SEEN = { opacityProperty: true, visibilityProperty: true };
  const quoted = ".text, .hit h3, bdi, blockquote, .absent, .languages, #status, td, option, style, script";
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT), texts = [];
  while (walker.nextNode()) {
    const parent = walker.currentNode.parentElement;
    if (!parent.closest(quoted) && parent.checkVisibility(SEEN)) texts.push(walker.currentNode.data);
  }
  return texts;
}"""
"""The visible texts, without those of articles and the names of languages.

While an event runs, Gradio keeps the word "processing" in the page, fully transparent.
"""
KNOWN = {
    *("API", "BibTeX", "MB", "CSV", "JSON", "Markdown", "PDF", "RIS", "WARC", "zip"),
    *"How many moons does Neptune have how did Pyongyang ship containers".split(),
}
"""English words of the Chinese pages, and those of the questions."""
HOST = re.compile(r"[\w-]+(?:\.[\w-]+)+")


def opened(open_page: Visits, address: str, name: str, **options: Any) -> Visit:
    path, awaited = PAGES[name]
    visit = open_page(address, path, http_credentials=CREDENTIALS, **options)
    visit.wait(awaited)
    if name not in ("archive", "articles", "article", "admin"):
        visit.wait_until_shown()
    visit.wait_until_still()
    return visit


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("name", PAGES)
def test_page_is_accessible_narrow_and_in_one_language(
    open_page: Visits, seeds_site: str, name: str, look: str
) -> None:
    visit = opened(open_page, seeds_site, name, **LOOKS[look])
    for control in visit.page.locator("[data-more]:visible, summary:visible").all():
        control.click()
    assert visit.violations() == []
    assert visit.is_narrow_enough()
    texts = visit.page.evaluate(VISIBLE)
    if LOOKS[look]["locale"] == "en-US":
        assert not [text for text in texts if re.search("[\u4e00-\u9fff]", text)]
    else:
        words = {word for text in texts for word in re.findall("[A-Za-z]{2,}", HOST.sub("", text))}
        assert words <= KNOWN


def test_violations_finds_an_image_and_a_button_without_names(
    open_page: Visits, seeds_site: str
) -> None:
    visit = opened(open_page, seeds_site, "home", viewport=DESKTOP)
    visit.page.evaluate(
        "document.querySelector('.home').innerHTML += '<img src=\"data:,\"><button></button>'"
    )
    assert {violation.partition(":")[0] for violation in visit.violations()} >= {
        "image-alt",
        "button-name",
    }


def test_a_first_visit_loads_at_most_300_kibibytes(open_page: Visits, seeds_site: str) -> None:
    """Print how much a first visit loads over the network, and in how many requests.

    Requests with HEAD only ask whether the server is there, where an answer is slow.
    """
    visit = open_page(seeds_site)
    with visit.page.context.new_page() as page:
        client = page.context.new_cdp_session(page)
        client.send("Network.enable")
        client.send("Network.setCacheDisabled", {"cacheDisabled": True})
        loading: dict[str, str] = {}
        sizes: list[int] = []

        def on_begin(event: dict[str, Any]) -> None:
            if event["request"]["method"] != "HEAD":
                loading[event["requestId"]] = event["request"]["url"]

        def on_end(event: dict[str, Any]) -> None:
            if loading.pop(event["requestId"], None):
                sizes.append(event.get("encodedDataLength", 0))

        client.on("Network.requestWillBeSent", on_begin)
        client.on("Network.loadingFinished", on_end)
        client.on("Network.loadingFailed", on_end)
        page.goto(f"{seeds_site}?q=containers")
        page.wait_for_selector(".hit")
        streams = re.compile("/gradio_api/(heartbeat|queue/data)")
        while [url for url in loading.values() if not streams.search(url)]:
            page.evaluate("new Promise(requestAnimationFrame)")
    print(f"\nA first visit with an answer: {sum(sizes) / 1024:.0f} KiB in {len(sizes)} requests")
    assert sum(sizes) <= 300 * 1024
    assert 10 < len(sizes) <= 47


def test_files_of_the_server_are_not_served(seeds_site: str) -> None:
    for path in ("/etc/passwd", str(SEEDS / "002_c97b2db276b89742.txt"), "pyproject.toml"):
        for route in ("gradio_api/file=", "file=", "gradio_api/file/", "seeds/", "static/../"):
            response = httpx.get(f"{seeds_site}{route}{path}")
            assert response.status_code in (401, 403, 404)
    assert Path("pyproject.toml").exists()


@pytest.mark.parametrize(
    "query", ["?page=nothing", "?q=a&page=2", "?deep_link=x", "?session_hash=y&page=archive"]
)
def test_page_opens_with_a_parameter_that_gradio_reads_itself(
    open_page: Visits, seeds_site: str, query: str
) -> None:
    """Gradio fails at unknown values of the parameters that it reads."""
    assert open_page(seeds_site, query).wait(".home, .hit")

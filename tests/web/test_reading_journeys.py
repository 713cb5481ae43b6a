"""Journeys of people who read on: an article, two sources, a feed, keyboard and roles alone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import bibtexparser
import feedparser
import httpx
import pytest
from support.browser import DESKTOP, PHONE, Visit, Visits, served
from support.doubles import SEEDS, HashEncoder, PatternReader

import rag
from rag.i18n.translator import Translator

pytestmark = [pytest.mark.browser]

QUESTIONS = {
    "en": "How many containers did North Korea send to Russia?",
    "zh-Hans": "朝鲜运送了多少集装箱？",
    "zh-Hant": "朝鮮運送了多少貨櫃？",
}
BROWSERS = {"en": "en-US", "zh-Hans": "zh-CN", "zh-Hant": "zh-TW"}
READERS = [("en", DESKTOP, "light"), ("zh-Hant", PHONE, "dark"), ("zh-Hans", PHONE, "light")]


@pytest.fixture(params=READERS, ids=["-".join((reader[0], reader[2])) for reader in READERS])
def reader(request: pytest.FixtureRequest) -> tuple[Translator, dict[str, Any]]:
    locale, viewport, scheme = request.param
    options = {
        "viewport": viewport,
        "locale": BROWSERS[locale],
        "color_scheme": scheme,
        "permissions": ["clipboard-read", "clipboard-write"],
    }
    return Translator(locale), options


def ask(visit: Visit, translate: Translator) -> None:
    visit.ask(QUESTIONS[translate.locale])
    visit.wait(".hit")
    visit.wait_until_shown()


@pytest.mark.model
def test_user_reads_an_article_and_comes_back(
    open_page: Visits, seeds_site: str, reader: tuple[Translator, dict[str, Any]]
) -> None:
    translate, options = reader
    visit = open_page(seeds_site, **options)
    page = visit.page
    ask(visit, translate)
    address, question = page.url, page.input_value("#question textarea")
    marked = page.locator(".hit mark").first.inner_text()
    with visit.leaving():
        page.locator(".hit").first.get_by_role("link", name=translate("page.read")).click()
    assert visit.wait("#mark").inner_text() == marked
    shown = page.locator("#mark").bounding_box()
    assert shown
    assert 0 <= shown["y"] < page.viewport_size["height"], "the mark is in view"
    title = page.get_by_role("heading", level=2).inner_text()
    article = next(each for each in rag.read_seeds(SEEDS) if each.title == title)
    body = page.locator("article .body").inner_text()
    assert "".join(body.split()) == "".join(article.text.split())
    assert visit.is_narrow_enough()
    assert visit.violations() == []
    with visit.leaving():
        page.get_by_role("link", name=translate("page.article-back")).click()
    visit.wait(".hit")
    assert parse_qs(urlsplit(page.url).query) == parse_qs(urlsplit(address).query)
    assert page.input_value("#question textarea") == question


@pytest.mark.model
def test_user_compares_two_sources_and_cites_both(
    open_page: Visits, seeds_site: str, reader: tuple[Translator, dict[str, Any]]
) -> None:
    translate, options = reader
    visit = open_page(seeds_site, **options)
    page = visit.page
    ask(visit, translate)
    records = []
    for number in ("约6700", "1000多个"):
        card = page.locator(".hit", has_text=number).first
        card.locator(".cite summary").first.click()
        card.get_by_role("button", name="BibTeX", exact=True).first.click()
        records.append(page.evaluate("navigator.clipboard.readText()"))
    library = bibtexparser.parse_string("\n".join(records))
    assert len(library.entries) == 2
    assert len({entry.key for entry in library.entries}) == 2
    notes = [entry.fields_dict["annotation"].value for entry in library.entries]
    assert "约6700集装箱" in notes[0]
    assert "1000多个集装箱" in notes[1]
    sites = [entry.fields_dict["organization"].value for entry in library.entries]
    assert sites == ["gnews.org", "www.rfi.fr"]
    assert visit.is_narrow_enough()


def test_user_follows_a_question_by_its_feed_across_a_rebuild(
    open_page: Visits,
    tmp_path: Path,
    write_feed: Callable[..., Path],
    reader: tuple[Translator, dict[str, Any]],
) -> None:
    translate, options = reader
    seeds, index = tmp_path / "seeds", tmp_path / "index"
    write_feed(
        "a.txt", "<p>平壤向俄罗斯运送了集装箱的弹药，首尔这样说。</p>", url="https://a.example/1"
    )

    def build() -> None:
        rag.build(rag.read_seeds(seeds), index, HashEncoder())

    build()
    assistant = rag.load(index, HashEncoder(), PatternReader())
    with served(assistant) as address:
        visit = open_page(address, **options)
        ask(visit, translate)
        link = visit.page.get_by_role("link", name=translate("page.follow"))
        feed = link.evaluate("link => link.href")
        visit.close()
        first = httpx.get(feed)
        new = f"<p>{QUESTIONS[translate.locale]}首尔说，约6700个。</p>"
        write_feed("b.txt", new, "标题二", "https://b.example/2")
        build()
        assistant.refresh()
        again = httpx.get(feed, headers={"if-none-match": first.headers["etag"]})
    before, after = feedparser.parse(first.text), feedparser.parse(again.text)
    assert not before.bozo
    assert not after.bozo
    new = {entry.id for entry in after.entries} - {entry.id for entry in before.entries}
    assert [entry.link for entry in after.entries if entry.id in new] == ["https://b.example/2"]


@pytest.mark.model
def test_user_works_by_keyboard_and_roles_alone(
    open_page: Visits, seeds_site: str, reader: tuple[Translator, dict[str, Any]]
) -> None:
    """What a screen reader says: names and roles only, and nothing but keys."""
    translate, options = reader
    visit = open_page(seeds_site, **options)
    page = visit.page

    def reach(role: str, name: str) -> None:
        wanted = page.get_by_role(role, name=name, exact=True)
        for _ in range(120):
            page.keyboard.press("Tab")
            if any(each.evaluate("e => e === document.activeElement") for each in wanted.all()):
                return
        raise AssertionError(f"{role} {name!r} cannot be reached with Tab")

    box = page.get_by_role("textbox", name=translate("page.question"))
    box.wait_for()
    page.keyboard.press("Escape")
    page.keyboard.press("/")
    assert box.evaluate("e => e === document.activeElement")
    page.keyboard.type(QUESTIONS[translate.locale])
    page.keyboard.press("Enter")
    visit.wait(".hit")
    visit.wait_until_shown()
    page.wait_for_function("document.querySelector('[role=status]').textContent.includes('6700')")

    page.keyboard.press("Escape")
    page.get_by_role("link", name=translate("page.skip")).focus()
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.tagName") == "H2"
    reach("link", translate("page.in-passage"))
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.matches('article.hit')")
    reach("link", translate("page.read"))
    with visit.leaving(), page.expect_navigation():
        page.keyboard.press("Enter")
    visit.wait("#mark")
    page.get_by_role("link", name=translate("page.skip")).focus()
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.closest('main') !== null")
    reach("link", f"← {translate('page.article-back')}")
    with visit.leaving(), page.expect_navigation():
        page.keyboard.press("Enter")
    visit.wait(".hit")
    page.get_by_role("navigation", name=translate("page.pages-of-site")).wait_for()
    page.get_by_role("link", name=translate("page.newest-first"), exact=True).focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**sort=newest*")
    visit.wait_until_shown()
    dates = page.locator(".hit > .note time").all_inner_texts()
    assert dates == sorted(dates, reverse=True)
    assert page.evaluate("document.activeElement.tagName") == "H2"

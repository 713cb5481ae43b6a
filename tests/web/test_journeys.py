"""The five journeys of users, each in two languages, on a laptop and on a phone."""

from __future__ import annotations

import json
import shutil
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlencode, urlsplit

import pytest
from support.browser import DESKTOP, PHONE, Visit, Visits, served
from support.doubles import SEEDS

import rag
from rag.i18n.translator import Translator

pytestmark = [pytest.mark.browser, pytest.mark.model]

QUESTIONS = {
    "en": {
        "asked": "how many containers did Pyongyang ship?",
        "absent": "How many moons does Neptune have?",
        "dated": "Who won the election in June 2031?",
        "new": "How many glass eels were seized at the airport?",
    },
    "zh-Hans": {
        "asked": "朝鲜运送了多少集装箱？",
        "absent": "树懒一天要睡多少个小时？",
        "dated": "2031年6月谁赢得了选举？",
        "new": "机场查获了多少条鳗鱼苗？",
    },
}
BROWSERS = {"en": "en-US", "zh-Hans": "zh-CN"}
PASSWORD = "correct horse"


@pytest.fixture(params=QUESTIONS)
def translate(request: pytest.FixtureRequest) -> Translator:
    return Translator(request.param)


@pytest.fixture(params=[DESKTOP, PHONE], ids=["desktop", "phone"])
def options(request: pytest.FixtureRequest, translate: Translator) -> dict[str, Any]:
    return {
        "viewport": request.param,
        "locale": BROWSERS[translate.locale],
        "permissions": ["clipboard-read", "clipboard-write"],
    }


def question(translate: Translator, kind: str) -> str:
    return QUESTIONS[translate.locale][kind]


def clipboard(visit: Visit) -> str:
    text: str = visit.page.evaluate("navigator.clipboard.readText()")
    return text


def open_filters(visit: Visit) -> None:
    """Unfold the filters, which a phone folds."""
    summary = visit.page.locator(".filters > details > summary")
    if summary.is_visible():
        summary.click()


def test_user_asks_and_opens_the_source_at_the_passage(
    open_page: Visits, seeds_site: str, translate: Translator, options: dict[str, Any]
) -> None:
    visit = open_page(seeds_site, **options)
    page = visit.page
    assert visit.wait("#question label span").inner_text() == translate("page.question")
    visit.ask(question(translate, "asked"))
    assert "6700" in visit.wait(".answer blockquote").inner_text()
    rendering = page.locator(".answer .rendering bdi[lang=en]").all_inner_texts()
    assert rendering == (["about 6,700"] if translate.locale == "en" else [])
    card = page.locator(".hit", has_text="约6700集装箱").first
    assert "6700" in card.locator("mark").inner_text()
    assert "gnews.org · 2024-03-06 · " + translate.language("zh-Hans") in card.inner_text()

    card.get_by_role("button", name=translate("page.more")).click()
    before_and_after = card.locator(".context").all_inner_texts()
    article = next(a for a in rag.read_seeds(SEEDS) if a.url == "https://gnews.org/articles/2371800")
    text = card.locator("p.text").nth(1 if len(before_and_after) == 2 else 0).inner_text()
    assert before_and_after
    for part in before_and_after:
        assert "".join(part.split("\n", 1)[1].split()) in "".join(article.text.split())
        assert part.split("\n", 1)[1] not in text

    card.get_by_text(translate("page.cite"), exact=True).click()
    card.get_by_role("button", name=translate("page.cite-text"), exact=True).click()
    assert "约6700集装箱" in clipboard(visit)
    assert clipboard(visit).endswith("gnews.org, 2024-03-06. https://gnews.org/articles/2371800")
    card.get_by_role("button", name="Markdown", exact=True).click()
    assert "[平壤希望从莫斯科那里得到什么？](<https://gnews.org/articles/2371800>)" in clipboard(visit)

    body = "".join(f"<p>{paragraph}</p>" for paragraph in article.text.split("\n\n"))
    space = "<div style='height:3000px'></div>"
    page.context.route(
        "https://gnews.org/**",
        lambda route: route.fulfill(
            body=f"<meta charset=utf-8>{space}{body}{space}", content_type="text/html"
        ),
    )
    with page.context.expect_page() as opening:
        card.get_by_role("link", name=translate("page.open")).click()
    opening.value.wait_for_function("scrollY > 1000", timeout=10_000)
    assert visit.is_narrow_enough()


def test_user_filters_and_shares_the_address(
    open_page: Visits, seeds_site: str, translate: Translator, options: dict[str, Any]
) -> None:
    visit = open_page(seeds_site, **options)
    page = visit.page
    visit.ask(question(translate, "asked"))
    visit.wait(".hit")
    everything = page.locator(".hit h3").all_inner_texts()
    open_filters(visit)
    page.locator(".choices a", has_text="www.rfi.fr").click()
    visit.wait(".chip")
    visit.wait_until_shown()
    first = "document.querySelector(\"#results [tabindex='-1']\")"
    assert page.evaluate(f"document.activeElement === {first}")
    notes = page.locator(".hit > .note").all_inner_texts()
    assert notes
    assert all(note.startswith("www.rfi.fr") for note in notes)
    shown = len(set(page.locator(".hit h3").all_inner_texts()))
    counted = page.locator(".timeline .number").all_inner_texts()
    assert sum(map(int, counted)) == shown
    asked = parse_qs(urlsplit(page.url).query)
    assert asked == {"q": [question(translate, "asked")], "site": ["www.rfi.fr"]}

    month = page.locator(".timeline a").last
    period = month.get_attribute("aria-label").partition(":")[0]
    month.click()
    page.wait_for_url("**from=*")
    visit.wait_until_shown()
    dates = page.locator(".hit > .note time").all_inner_texts()
    assert dates
    assert all(date.startswith(period) for date in dates)
    page.get_by_role("button", name=translate("page.share")).click()
    shared = clipboard(visit)
    assert shared == page.url

    other = open_page(shared.partition("?")[0], "?" + shared.partition("?")[2], **options)
    other.wait(".hit")
    assert other.page.locator(".hit h3").all_inner_texts() == page.locator(".hit h3").all_inner_texts()
    assert other.page.input_value("#question textarea") == question(translate, "asked")

    for _ in range(2):
        page.go_back()
        visit.wait_until_shown()
    page.wait_for_function("!document.querySelector('.chip')")
    assert page.locator(".hit h3").all_inner_texts() == everything
    page.go_forward()
    visit.wait(".chip")
    assert visit.is_narrow_enough()


def test_user_finds_nothing_and_reads_why(
    open_page: Visits, seeds_site: str, translate: Translator, options: dict[str, Any]
) -> None:
    visit = open_page(seeds_site, **options)
    page = visit.page
    visit.ask(question(translate, "absent"))
    visit.wait(".absent")
    assert translate("page.try") in page.inner_text(".why")
    assert page.locator(".hit").count() == 5
    visit.ask(question(translate, "dated"))
    page.wait_for_function("document.querySelector('.why')?.textContent.includes('2031')")
    asked = translate.period(date(2031, 6, 1), date(2031, 6, 30))
    covered = translate.period(date(2022, 9, 1), date(2024, 3, 31))
    assert translate("page.outside", asked=asked, period=covered) in page.inner_text(".why")

    open_filters(visit)
    page.fill("input[name=from]", "2030-01-01")
    page.click(".dates button")
    visit.wait(".status")
    page.wait_for_function("!document.querySelector('.hit')")
    assert translate("page.nothing") in page.inner_text("#results")
    page.locator(".status a.go").click()
    visit.wait(".hit")
    assert "from=" not in page.url
    visit.ask("  ")
    assert visit.wait(".error").inner_text() == translate("error.question-empty")
    assert visit.is_narrow_enough()


def test_administrator_adds_an_article_and_finds_it(
    open_page: Visits,
    tmp_path: Path,
    seeds_index: Path,
    translate: Translator,
    options: dict[str, Any],
) -> None:
    seeds, index = tmp_path / "seeds", tmp_path / "index"
    shutil.copytree(SEEDS, seeds)
    shutil.copytree(seeds_index, index)
    new = tmp_path / "2024 鳗鱼.md"
    text = "海关人员在机场的行李中查获了4120条玻璃鳗鱼苗，两名旅客被捕。" + "案件仍在调查中。" * 10
    new.write_text(f"# 机场查获鳗鱼苗\n\n{text}\n", encoding="utf-8")
    broken = tmp_path / "broken.txt"
    broken.write_bytes(b"\xff\xfe\x00")
    credentials = {"username": "any", "password": PASSWORD}
    with served(rag.load(index), seeds=seeds, admin_password=PASSWORD) as address:
        admin = open_page(address, "admin/", **options, http_credentials=credentials)
        page = admin.page
        page.set_input_files("input[type=file]", [new, broken])
        admin.wait("#preview fieldset")
        preview = page.inner_text("#preview")
        assert translate("page.preview", added=1, skipped=1) in preview
        assert "4120" in preview
        assert preview.index("鳗鱼.md") < preview.index("broken.txt")
        fields = page.locator("#preview")
        assert fields.get_by_label(translate("admin.title")).input_value() == "机场查获鳗鱼苗"
        fields.get_by_label(translate("admin.date")).fill("2024-05-06")
        assert not list(seeds.rglob("*鳗鱼*"))
        page.get_by_role("button", name=translate("page.accept")).click()
        page.wait_for_function(
            "text => document.querySelector('#preview').textContent.includes(text)",
            arg=translate("page.accepted", count=1),
        )
        (added,) = seeds.rglob("*鳗鱼*")
        assert added.read_bytes() == new.read_bytes()
        assert not page.get_by_role("button", name=translate("page.accept")).is_visible()
        page.get_by_role("button", name=translate("page.rebuild"), exact=True).click()
        done = translate("page.rebuild-done", added=1, updated=0, removed=0, unchanged=5)
        page.wait_for_function(
            "text => document.querySelector('#rebuild').textContent.includes(text)",
            arg=done,
            timeout=90_000,
        )
        assert admin.is_narrow_enough()
        visit = open_page(address, **options)
        visit.ask(question(translate, "new"))
        assert "4120" in visit.wait(".answer blockquote").inner_text()
        dated = urlencode({"q": question(translate, "new"), "from": "2024-05-06", "to": "2024-05-06"})
        visit.open(f"?{dated}")
        assert visit.wait(".hit .note time").inner_text() == "2024-05-06"
        assert visit.page.locator(".hit").count() == 1
        for opened in (admin, visit):
            opened.close()


def test_user_works_by_keyboard_alone(
    open_page: Visits, seeds_site: str, translate: Translator, options: dict[str, Any]
) -> None:
    visit = open_page(seeds_site, **options)
    page = visit.page
    press = page.keyboard.press

    def tab_to(selector: str) -> None:
        for _ in range(80):
            press("Tab")
            assert page.evaluate(
                "(e => e === document.body || getComputedStyle(e).outlineStyle !== 'none'"
                " || getComputedStyle(e).boxShadow !== 'none' || e.matches('textarea'))"
                "(document.activeElement)"
            ), page.evaluate("document.activeElement.outerHTML")
            if page.evaluate("s => document.activeElement.matches(s)", selector):
                return
        raise AssertionError(f"{selector} cannot be reached with Tab")

    page.wait_for_function("document.activeElement.matches('#question textarea')")
    page.keyboard.type(question(translate, "asked"))
    press("Enter")
    visit.wait(".hit")
    tab_to(".hit .cite summary")
    press("Enter")
    tab_to(".hit [data-copy]")
    press("Enter")
    page.wait_for_function(
        "text => document.activeElement.textContent === text", arg=translate("page.copied")
    )
    assert "http" in clipboard(visit)
    tab_to("[data-more]")
    press("Enter")
    assert page.evaluate("document.activeElement.getAttribute('aria-expanded')") == "true"
    if page.locator(".filters > details > summary").is_visible():
        tab_to(".filters > details > summary")
        press("Enter")
    tab_to(".choices a")
    site = page.evaluate("document.activeElement.querySelector('bdi').textContent")
    press("Enter")
    visit.wait(".chip")
    visit.wait_until_shown()
    first = "document.querySelector(\"#results [tabindex='-1']\")"
    assert page.evaluate(f"document.activeElement === {first}")
    assert unquote(page.url).endswith(f"site={site}")
    page.go_back()
    page.wait_for_function("!document.querySelector('.chip')")
    page.focus("#top h1 ~ nav a")
    tab_to(f"[data-lang={'en' if translate.locale != 'en' else 'zh-Hans'}]")
    with visit.leaving(), page.expect_navigation():
        press("Enter")
    visit.wait(".hit")
    other = Translator("en" if translate.locale != "en" else "zh-Hans")
    assert page.evaluate("document.documentElement.lang") == other.locale
    assert visit.wait("#question label span").inner_text() == other("page.question")
    history = json.loads(page.evaluate("localStorage.questions"))
    asked = "?" + urlencode({"q": question(translate, "asked")})
    assert [entry["address"].partition("&")[0] for entry in history] == [asked, asked]
    assert history[0]["address"] == asked, "the latest comes first"

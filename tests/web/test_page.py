"""Tests of `rag.web.page` in a real Chromium; the journeys of users are in `test_journeys.py`."""

from __future__ import annotations

import json
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from support.browser import DESKTOP, PHONE, Visits, served
from support.doubles import HashEncoder, PatternReader, make_article

import rag
from rag.answering.no_answer import confidence_key, no_answer
from rag.i18n.translator import Translator
from rag.types import Answer, Hit, Vectors

pytestmark = pytest.mark.browser

ENGLISH, CHINESE = Translator("en"), Translator("zh-Hans")
CONTAINERS = "朝鮮運送了幾多個貨櫃？"
ABSENT = {
    "en": "How many moons does Neptune have?",
    "zh-Hans": "树懒一天要睡多少个小时？",
    "ar": "كم يبلغ ارتفاع برج خليفة في دبي بالأمتار؟",
}


class WaitingEncoder(HashEncoder):
    """Encodes a question only when the test lets it, and counts those that it has encoded."""

    def __init__(self) -> None:
        super().__init__()
        self.turns = threading.Semaphore(0)
        self.answered = 0

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        assert self.turns.acquire(timeout=60)
        self.answered += 1
        return super().encode_queries(texts)


class WaitingReader(PatternReader):
    """Reads the hits of a question only when the test lets it."""

    def __init__(self) -> None:
        super().__init__()
        self.turns = threading.Semaphore(0)

    def read(self, question: str, hits: Sequence[Hit]) -> Answer:
        assert self.turns.acquire(timeout=60)
        return super().read(question, hits)


AWAITED = "#results[aria-busy=true]:not([data-stale]) .awaited"
LISTEN = """() => {
  window.told = [];
  const status = document.querySelector("#status");
  new MutationObserver(() => { if (status.textContent) told.push(status.textContent); })
    .observe(status, { childList: true });
}"""
PLACES = """[...document.querySelectorAll('.coverage, .hit, .pages, .exports')].map((each) => {
  const { top, height } = each.getBoundingClientRect();
  return [Math.round(top + scrollY), Math.round(height)];
})"""


@pytest.mark.model
def test_results_are_the_answer_then_alternatives_then_passages(
    open_page: Visits, seeds_site: str
) -> None:
    visit = open_page(seeds_site)
    visit.ask(CONTAINERS)
    visit.wait(".hit")
    answer = visit.page.locator(".answer")
    assert "6700" in answer.locator("blockquote").inner_text()
    assert len(answer.locator("mark").inner_text()) <= 40
    assert "gnews.org · 2024-03-06" in answer.inner_text()
    heading = visit.page.locator("#results h2").first.inner_text()
    assert heading == ENGLISH(confidence_key(0.1)), "the reader is not sure of it"
    assert "1000多" in visit.page.inner_text(".others summary")
    visit.page.click(".others summary")
    (other,) = visit.page.locator(".others li").all()
    assert "1000多" in other.locator("blockquote").inner_text()
    assert "www.rfi.fr · 2024-01-04" in other.inner_text()
    order = "[...document.querySelectorAll('.answer, .others, .hit')].map(e => e.classList[1])"
    assert visit.page.evaluate(order) == ["answer", "others", *["hit"] * 5]
    title = visit.page.locator(".hit h3 a").first
    assert title.get_attribute("target") == "_blank"
    assert title.get_attribute("rel") == "noopener noreferrer"
    assert visit.page.title() == f"{CONTAINERS} · {ENGLISH('page.name')}"


@pytest.mark.model
@pytest.mark.parametrize("language", ABSENT)
def test_refusal_is_in_the_language_of_the_question(
    open_page: Visits, seeds_site: str, language: str
) -> None:
    visit = open_page(seeds_site)
    visit.ask(ABSENT[language])
    shown = visit.wait(".absent")
    assert shown.inner_text() == no_answer(ABSENT[language]).text
    assert shown.get_attribute("lang") == language
    assert visit.page.evaluate("getComputedStyle(document.querySelector('.absent')).direction") == (
        "rtl" if language == "ar" else "ltr"
    )
    assert visit.page.locator("blockquote").count() == 0
    assert visit.page.locator(".hit").count() == 5


@pytest.mark.model
def test_an_example_is_asked_when_it_is_chosen(
    open_page: Visits, assistant: rag.Assistant, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    question = "平壤已向俄罗斯运送了多少集装箱的弹药？"
    file = tmp_path / "examples.txt"
    file.write_text(f"{question}\n", encoding="utf-8")
    monkeypatch.setenv("RAG_EXAMPLES", str(file))
    with served(assistant) as address:
        visit = open_page(address, locale="zh-CN")
        visit.wait(".home")
        while not visit.page.locator(".examples a").count():
            visit.open()
            visit.wait(".home")
        visit.page.locator(".examples a").first.focus()
        visit.page.keyboard.press("Enter")
        visit.wait(".hit")
        assert visit.page.input_value("#question textarea") == question
        visit.close()


def test_the_last_question_wins(open_page: Visits, index: Path) -> None:
    """Whichever questions are sent while an answer is computed, the page ends with the last one."""
    encoder = WaitingEncoder()
    with served(rag.load(index, encoder, PatternReader())) as address:
        visit = open_page(address)
        visit.ask("集装箱的弹药")
        visit.wait("#status.searching")
        visit.ask("东京的樱花")
        encoder.turns.release(2)
        visit.wait_until_shown()
        assert "标题 b" in visit.page.locator(".hit").first.inner_text()
        visit.ask("集装箱里的弹药")
        visit.wait("#status.searching")
        visit.ask("奥运会的开幕式")
        encoder.turns.release(2)
        visit.wait_until_shown()
        assert encoder.answered == 4, "an answer is still to come"
        assert "标题 c" in visit.page.locator(".hit").first.inner_text()
        assert visit.page.input_value("#question textarea") == "奥运会的开幕式"
        visit.close()


def test_passages_come_before_the_answer_which_moves_nothing_and_is_told_once(
    open_page: Visits, index: Path
) -> None:
    reader = WaitingReader()
    with served(rag.load(index, HashEncoder(), reader)) as address:
        visit = open_page(address)
        visit.page.evaluate(LISTEN)
        for question, size in (("集装箱的弹药", DESKTOP), ("东京的樱花", PHONE)):
            visit.page.set_viewport_size(size)
            visit.ask(question)
            visit.wait(AWAITED)
            visit.page.wait_for_function("document.querySelectorAll('.hit').length === 3")
            assert visit.page.locator(".answer, mark").count() == 0
            places = visit.page.evaluate(PLACES)
            reader.turns.release()
            visit.wait_until_shown()
            assert visit.page.inner_text("#answer blockquote") == "6700"
            assert visit.page.inner_text(".hit mark") == "6700"
            for (top, height), (top_before, height_before) in zip(
                visit.page.evaluate(PLACES), places, strict=True
            ):
                assert height == height_before
                assert abs(top - top_before) < 16, "less than a line"
        answer = f"{ENGLISH('page.answer')} {ENGLISH(confidence_key(0.9))} 6700"
        assert visit.page.evaluate("window.told") == [ENGLISH("page.searching"), answer] * 2
        visit.close()


def test_question_asked_while_another_is_read_replaces_it(open_page: Visits, index: Path) -> None:
    reader = WaitingReader()
    with served(rag.load(index, HashEncoder(), reader)) as address:
        visit = open_page(address)
        visit.ask("集装箱的弹药")
        visit.wait(AWAITED)
        visit.ask("东京的樱花")
        visit.wait("#results[data-stale]")
        reader.turns.release(2)
        visit.wait_until_shown()
        assert "标题 b" in visit.page.locator(".hit").first.inner_text()
        assert visit.page.locator("#answer .answer").count() == 1
        visit.page.go_back()
        visit.wait(AWAITED)
        assert visit.page.locator(".answer").count() == 0
        reader.turns.release()
        visit.wait_until_shown()
        assert visit.page.locator("#answer .answer").count() == 1
        visit.close()


def test_focus_stays_where_the_user_has_put_it_while_the_answer_is_read(
    open_page: Visits, index: Path
) -> None:
    reader = WaitingReader()
    with served(rag.load(index, HashEncoder(), reader)) as address:
        visit = open_page(address, "?q=集装箱的弹药&sort=newest")
        reader.turns.release()
        visit.wait_until_shown()
        visit.page.locator("#results a.go[href*='q=']:visible").first.click()
        visit.wait(AWAITED)
        visit.page.fill("#question textarea", "东京的樱花")
        reader.turns.release()
        visit.wait_until_shown()
        assert visit.page.evaluate("document.activeElement.matches('#question textarea')")
        visit.page.keyboard.press("Enter")
        visit.wait("#results[data-stale]")
        reader.turns.release()
        visit.wait_until_shown()
        assert "标题 b" in visit.page.locator(".hit").first.inner_text()
        visit.close()


def test_question_without_a_connection_is_asked_when_it_is_back(open_page: Visits, index: Path) -> None:
    def assistant() -> rag.Assistant:
        return rag.load(index, HashEncoder(), PatternReader())

    with served(assistant(), port=0) as address:
        visit = open_page(address, "?q=集装箱的弹药", locale="zh-CN")
        visit.wait_until_shown()
    visit.ask("东京的樱花")
    assert visit.wait("#status.lost").inner_text() == CHINESE("page.lost")
    assert visit.page.inner_text("#stale") == CHINESE("page.result-for", question="集装箱的弹药")
    assert visit.page.get_attribute("#results", "aria-busy") == "true"
    assert visit.page.locator(".toast-wrap:visible").count() == 0
    visit.ask("奥运会的开幕式")
    visit.page.type("#question textarea", "？")
    with served(assistant(), port=int(address.rstrip("/").rpartition(":")[2])):
        visit.wait(".hit:has-text('标题 c')")
        visit.wait_until_shown()
        assert visit.page.input_value("#question textarea") == "奥运会的开幕式？"
        assert visit.page.locator("#status.lost, #stale:visible").count() == 0
        visit.complaints.clear()  # the browser complains that no server answers
        visit.close()


def test_focus_goes_to_the_result_after_a_link_and_stays_in_the_box_after_enter(
    open_page: Visits, site: str
) -> None:
    visit = open_page(site, viewport={"width": 380, "height": 700})
    focused = "document.activeElement === document.querySelector('#results [tabindex=\"-1\"]')"
    visit.ask("集装箱的弹药")
    visit.wait_until_shown()
    assert not visit.page.evaluate(focused)
    visit.page.locator("#results a.go:visible").last.click()
    visit.page.wait_for_function(focused)
    top = visit.page.evaluate("document.activeElement.getBoundingClientRect().top")
    assert 0 <= top <= 350
    visit.page.focus("#question textarea")
    visit.page.evaluate("document.querySelector('.skip').click()")
    assert visit.page.evaluate(focused)
    visit.page.keyboard.press("/")
    assert visit.page.evaluate("document.activeElement.matches('#question textarea')")
    visit.page.keyboard.type("a/b")
    assert visit.page.input_value("#question textarea") == "a/b"
    visit.page.keyboard.press("Escape")
    assert visit.page.evaluate("document.activeElement === document.body")


def test_filters_stay_when_another_question_is_asked(open_page: Visits, site: str) -> None:
    visit = open_page(site, "?q=集装箱&lang=zh-Hans&from=2020-01-01&sort=newest&p=2")
    visit.wait_until_shown()
    visit.ask("东京的樱花")
    visit.page.wait_for_function("new URLSearchParams(location.search).get('q') === '东京的樱花'")
    asked = parse_qs(urlsplit(visit.page.url).query)
    expected = {"lang": ["zh-Hans"], "from": ["2020-01-01"], "sort": ["newest"]}
    assert asked == {"q": ["东京的樱花"], **expected}
    visit.wait_until_shown()
    assert visit.page.title() == f"东京的樱花 · {ENGLISH('page.name')}"


def test_pages_of_passages_show_each_passage_once(open_page: Visits, tmp_path: Path) -> None:
    articles = [make_article(f"{n:02}", f"第{n}篇关于港口集装箱的报道。" * 5) for n in range(23)]
    rag.build(articles, tmp_path / "index", HashEncoder())
    with served(rag.load(tmp_path / "index", HashEncoder(), PatternReader())) as address:
        visit = open_page(address)
        visit.ask("港口集装箱")
        visit.wait(".pages")
        seen = visit.page.locator(".hit h3").all_inner_texts()
        for number in range(2, 6):
            visit.page.locator(".pages a", has_text=str(number)).click()
            visit.page.wait_for_url(f"**&p={number}")
            visit.wait_until_shown()
            seen += visit.page.locator(".hit h3").all_inner_texts()
            assert visit.page.locator(".answer").count() == 0
        assert sorted(seen) == [f"标题 {n:02}" for n in range(23)]
        assert visit.page.locator(".pages [aria-current]").inner_text() == "5"
        visit.close()


def test_history_stays_in_the_browser_with_its_filters(open_page: Visits, site: str) -> None:
    visit = open_page(site)
    visit.page.evaluate("localStorage.questions = JSON.stringify(['an old question', null, 7])")
    sent: list[str] = []
    visit.page.on("request", lambda request: sent.append(f"{request.url} {request.post_data}"))
    visit.ask("集装箱的弹药")
    visit.wait_until_shown()
    visit.open("?q=东京的樱花&lang=zh-Hans&from=2020-01-01&p=2")
    visit.wait_until_shown()
    visit.page.click("#history summary")
    shown = visit.page.locator("#history a")
    texts = [text.split("\n") for text in shown.all_inner_texts()]
    assert texts == [
        ["东京的樱花", "zh-Hans · 2020-01-01–"],
        ["集装箱的弹药"],
        ["an old question"],
    ]
    sent.clear()
    shown.nth(0).click()
    visit.wait_until_shown()
    assert "lang=zh-Hans" in visit.page.url
    assert not any("集装箱" in json.dumps(text, ensure_ascii=False) for text in sent)


def test_history_can_be_cleared_and_brought_back(open_page: Visits, site: str) -> None:
    visit = open_page(site)
    addresses = json.dumps([f"question {n}" for n in range(60)])
    visit.page.evaluate("addresses => { localStorage.questions = addresses; }", addresses)
    visit.ask("集装箱的弹药")
    visit.wait_until_shown()
    visit.page.click("#history summary")
    shown = visit.page.locator("#history a")
    assert shown.count() == 50
    label = ENGLISH("page.forget", question="question 0")
    visit.page.get_by_role("button", name=label, exact=True).click()
    assert shown.all_inner_texts()[:2] == ["集装箱的弹药", "question 1"]
    visit.page.click("[data-clear]")
    assert visit.page.evaluate("localStorage.length") == 0
    visit.page.click("[data-undo]")
    assert shown.count() == 49
    assert visit.page.locator("[data-undo]").is_hidden()


def test_more_button_shows_and_hides_the_context(open_page: Visits, index: Path) -> None:
    paragraphs = [f"第{n}段关于港口集装箱的报道。" * 20 for n in range(3)]
    rag.build([make_article("a", *paragraphs)], index, HashEncoder())
    with served(rag.load(index, HashEncoder(), PatternReader())) as address:
        visit = open_page(address, "?q=港口")
        button = visit.wait("[data-more]")
        context = visit.page.locator(".context").first
        for _ in range(2):
            assert button.inner_text() == ENGLISH("page.more")
            assert context.is_hidden()
            button.click()
            assert button.inner_text() == ENGLISH("page.less")
            assert context.is_visible()
            button.click()
        visit.close()


@pytest.mark.parametrize("locale", ["en-US", "zh-TW"])
def test_rate_limit_and_invalid_questions_are_explained_in_the_language_of_the_page(
    open_page: Visits, small: rag.Assistant, locale: str
) -> None:
    translate = Translator({"en-US": "en", "zh-TW": "zh-Hant"}[locale])
    with served(small, questions=1) as address:
        visit = open_page(address, locale=locale)
        visit.ask("?")
        assert visit.wait(".error").inner_text() == translate("error.question-empty")
        visit.ask("东京的樱花")
        expected = translate("page.rate", count=60).replace("60", "")
        visit.page.wait_for_function(
            "text => document.querySelector('.error').textContent.replace(/\\d+/, '').trim() === text",
            arg=expected,
        )
        visit.close()


def test_page_shows_a_message_if_the_result_cannot_be_computed(
    open_page: Visits, index: Path, caplog: pytest.LogCaptureFixture
) -> None:
    class Broken(HashEncoder):
        def encode_queries(self, texts: Any) -> Any:
            raise RuntimeError(texts[0])

    with served(rag.load(index, Broken(), PatternReader())) as address:
        visit = open_page(address, "?q=樱花")
        assert visit.wait(".error").inner_text() == ENGLISH("page.failed")
        visit.close()
    assert "RuntimeError" in caplog.text
    assert "樱花" not in caplog.text


def test_archive_page_shows_statistics_and_refused_files(
    open_page: Visits, tmp_path: Path, write_feed: Any
) -> None:
    text = "".join(f"<p>第{n}段：平壤向俄罗斯运送了集装箱，首尔这样说。</p>" for n in range(9))
    write_feed("a.txt", text, url="https://a.example/1")
    seeds = write_feed("b.txt", text, url="https://b.example/2").parent
    write_feed("empty.txt", "")
    (seeds / "broken.txt").write_bytes(b"\x89PNG\r\n\x1a\n")
    (seeds / "undated.txt").write_text("东京的樱花开了，游人如织。", encoding="utf-8")
    rag.build(rag.read_seeds(seeds), tmp_path / "index", HashEncoder())
    with served(rag.load(tmp_path / "index", HashEncoder(), PatternReader())) as address:
        visit = open_page(address, "archive", locale="zh-CN")
        visit.wait(".text-page table")
        shown = visit.page.inner_text(".text-page")
        assert "a.example" in shown
        assert "2024-01" in visit.page.content()
        assert CHINESE("page.duplicates-note", count=1) in shown
        for key in ("page.refused", "page.to-check", "error.type-image", "error.remark-undated"):
            assert CHINESE(key) in shown
        for summary in visit.page.locator("summary").all():
            summary.click()
        shown = visit.page.inner_text(".text-page")
        assert "broken.txt" in shown
        assert "undated.txt" in shown
        assert str(tmp_path) not in visit.page.content()
        visit.close()

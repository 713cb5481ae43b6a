"""Tests of `rag.web.page` in a real Chromium; the journeys of users are in `test_journeys.py`."""

from __future__ import annotations

import json
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from support.browser import Visits, served
from support.doubles import HashEncoder, PatternReader, make_article

import rag
from rag.answering.no_answer import confidence_key, no_answer
from rag.i18n.translator import Translator
from rag.types import Vectors

pytestmark = pytest.mark.browser

ENGLISH, CHINESE = Translator("en"), Translator("zh-Hans")
CONTAINERS = "朝鮮運送了幾多個貨櫃？"
ABSENT = {
    "en": "How many moons does Neptune have?",
    "zh-Hans": "树懒一天要睡多少个小时？",
    "ar": "كم يبلغ ارتفاع برج خليفة في دبي بالأمتار؟",
}
CONFIDENCES = {ENGLISH(confidence_key(confidence)) for confidence in (0.1, 0.7, 0.9)}


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


@pytest.mark.model
def test_results_are_the_answer_then_alternatives_then_passages(
    open_page: Visits, seeds_site: str
) -> None:
    visit = open_page(seeds_site)
    visit.ask(CONTAINERS)
    visit.wait(".hit")
    answer = visit.page.locator(".answer")
    assert "6700" in answer.locator("blockquote").inner_text()
    assert len(answer.locator("blockquote").inner_text()) <= 40
    assert "gnews.org · 2024-03-06" in answer.inner_text()
    assert answer.locator(".note").last.inner_text() in CONFIDENCES
    (other,) = visit.page.locator(".others li").all()
    assert "1000多" in other.locator("blockquote").inner_text()
    assert "www.rfi.fr · 2024-01-04" in other.inner_text()
    order = "[...document.querySelectorAll('.answer, .others, .hit')].map(e => e.classList[1])"
    assert visit.page.evaluate(order) == ["answer", "others", *["hit"] * 5]
    title = visit.page.locator(".hit h3 a").first
    assert title.get_attribute("target") == "_blank"
    assert title.get_attribute("rel") == "noopener noreferrer"
    assert visit.page.title() == CONTAINERS


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
def test_an_example_from_the_archive_is_asked_when_it_is_chosen(
    open_page: Visits, seeds_site: str
) -> None:
    """They are titles until a thread has found questions that have an answer."""
    visit = open_page(seeds_site, locale="zh-CN")
    example = visit.wait(".examples a").inner_text()
    visit.page.locator(".examples a").first.focus()
    visit.page.keyboard.press("Enter")
    visit.wait(".hit")
    assert visit.page.input_value("#question textarea") == example


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
        visit.ask("集装箱的弹药")
        visit.wait("#status.searching")
        visit.ask("奥运会的开幕式")
        encoder.turns.release(2)
        visit.wait_until_shown()
        assert encoder.answered == 4, "an answer is still to come"
        assert "标题 c" in visit.page.locator(".hit").first.inner_text()
        assert visit.page.input_value("#question textarea") == "奥运会的开幕式"
        visit.close()


def test_status_names_a_lost_connection(open_page: Visits, index: Path) -> None:
    encoder = WaitingEncoder()
    with served(rag.load(index, encoder, PatternReader())) as address:
        visit = open_page(address, locale="zh-CN")
        visit.ask("集装箱的弹药")
        visit.wait("#status.searching")
        encoder.turns.release()
    visit.wait("#status.lost, .hit")
    if not visit.page.locator(".hit").count():
        assert visit.page.inner_text("#status") == CHINESE("page.lost")
    visit.ask("东京的樱花")
    assert visit.wait("#status.lost").inner_text() == CHINESE("page.lost")
    visit.complaints.clear()  # the browser complains that no server answers


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


def test_history_stays_in_the_browser_and_can_be_cleared(open_page: Visits, site: str) -> None:
    visit = open_page(site)
    sent: list[str] = []
    visit.page.on("request", lambda request: sent.append(f"{request.url} {request.post_data}"))
    for question in ("集装箱的弹药", "东京的樱花", "集装箱的弹药"):
        visit.ask(question)
        visit.wait_until_shown()
    visit.page.click("#history summary")
    shown = visit.page.locator("#history a")
    assert shown.all_inner_texts() == ["集装箱的弹药", "东京的樱花"]
    sent.clear()
    shown.nth(1).click()
    visit.wait_until_shown()
    assert "标题 b" in visit.page.locator(".hit").first.inner_text()
    assert not any("集装箱" in json.dumps(text, ensure_ascii=False) for text in sent)
    visit.page.click("[data-clear]")
    assert visit.page.locator("#history").is_hidden()
    assert visit.page.evaluate("localStorage.length") == 0


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

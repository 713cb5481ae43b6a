"""What a language model writes in the question page, in a real Chromium, with a scripted server."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from support.browser import DESKTOP, PHONE, Visit, Visits, served
from support.chat_server import ChatServer, Reply, chat_server
from support.doubles import HashEncoder, PatternReader, make_article, three_articles
from support.llama import llama_server, missing

import rag
from rag.i18n.translator import Translator

pytestmark = pytest.mark.browser

ENGLISH = Translator("en")
QUESTION, OTHER = "平壤运送了多少集装箱的弹药？", "东京的樱花开得早了几天？"
SOUND = "平壤向俄罗斯运送了约6700个集装箱的弹药。[1]"
FALSE = "平壤向俄罗斯运送了约6700个集装箱的弹药。[9]"
HOSTILE = (
    "<script>alert(1)</script><img src=x onerror=alert(1)>"
    "![集装箱](http://evil.example/x.png) [弹药](javascript:alert(1))。[1]"
)
WRITE, STOP = "[data-action=write]:visible", "[data-action=stop]:visible"
WRITTEN = "#writing [data-when=written]:visible"


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("writing") / "index"
    rag.build(three_articles(), folder, HashEncoder())
    return folder


@contextmanager
def site(index: Path, *replies: Reply) -> Iterator[tuple[str, ChatServer]]:
    """Serve the page of an assistant whose language model gives these replies."""
    with chat_server(*replies) as server:
        assistant = rag.load(
            index, HashEncoder(), PatternReader("约[0-9]+|十天"), language_model=server.settings()
        )
        with served(assistant) as address:
            yield address, server


def opened(open_page: Visits, address: str, question: str = QUESTION, **options: Any) -> Visit:
    visit = open_page(address, f"?q={question}", **options)
    visit.wait_until_shown()
    return visit


class Turnstile:
    """Pieces that a model writes one by one, each when the test lets it."""

    def __init__(self, *pieces: str) -> None:
        self._pieces = pieces
        self.turns = threading.Semaphore(0)

    def __call__(self, _: object) -> Iterator[str]:
        for piece in self._pieces:
            assert self.turns.acquire(timeout=60)
            yield piece


def test_answer_is_streamed_cited_struck_and_inert(open_page: Visits, index: Path) -> None:
    pieces = Turnstile(SOUND, FALSE, HOSTILE, " ")
    with site(index, Reply(pieces)) as (address, server):
        visit = opened(open_page, address)
        panel = visit.page.locator("#writing")
        host = server.settings().host
        notice = panel.locator("p[data-consent=asked]")
        assert host in notice.inner_text()
        assert "3 passages" in notice.inner_text()
        assert server.requests == [], "nothing is sent before the visitor agrees"
        panel.locator(WRITE).click()
        assert visit.wait(f"#writing {STOP}").evaluate("button => button === document.activeElement")
        for _ in range(2):
            pieces.turns.release()
        said = panel.locator(".written-text")
        visit.wait("#writing .written")
        assert "约6700" in said.inner_text()
        assert not panel.locator("del").count(), "the second sentence is not known to be whole yet"
        pieces.turns.release(2)
        visit.wait(WRITTEN)
        reason = ENGLISH("error.written-citation", number=9, passages=3)
        struck = panel.locator(".struck").first
        assert ENGLISH("page.struck", reasons=reason) in struck.inner_text()
        assert "line-through" in struck.locator("del").evaluate(
            "e => getComputedStyle(e).textDecoration"
        )
        assert "<script>alert(1)</script>" in said.inner_text()
        assert not panel.locator("img, script, [href^=javascript], [href*=evil]").count()
        assert f"at {host}" in panel.locator(".outcome").inner_text()
        assert "约6700" in visit.page.inner_text(".answer blockquote"), "the verbatim answer stays"
        panel.locator(".citation").first.click()
        assert visit.page.evaluate("document.activeElement.dataset.passage") == "a#1"
        assert visit.page.locator(".cited").get_attribute("id") == "card-1"
        visit.close()


def test_answer_that_breaks_off_or_is_withheld_leaves_the_verbatim_answer(
    open_page: Visits, index: Path
) -> None:
    replies = Reply([SOUND, "东京的"], end="broken"), Reply([FALSE])
    with site(index, *replies) as (address, server):
        visit = opened(open_page, address)
        before = visit.page.inner_text(".answer")
        panel = visit.page.locator("#writing")
        panel.locator(WRITE).click()
        visit.wait(WRITTEN)
        host = server.settings().host
        assert panel.locator(".notice").inner_text() == ENGLISH("error.llm-interrupted", host=host)
        assert "约6700" in panel.locator(".written-text").inner_text()
        panel.locator(WRITE).click()
        visit.page.wait_for_selector("#writing details del", state="attached")
        assert panel.locator(".notice").inner_text() == ENGLISH("error.written-withheld")
        assert panel.locator(".written-text").inner_text() == ""
        assert visit.page.inner_text(".answer") == before
        visit.close()


def test_after_the_first_use_later_questions_are_written_until_it_is_withdrawn(
    open_page: Visits, index: Path
) -> None:
    """A new question ends the answer to the last one, and a result shown again is not written again."""
    endless = Turnstile(SOUND, *["东京"] * 1000)
    replies = Reply([SOUND]), Reply(endless), Reply(["东京的樱花今年开得比往年早了十天。[1]"])
    with site(index, *replies) as (address, server):
        visit = opened(open_page, address)
        visit.page.click(f"#writing {WRITE}")
        visit.wait(WRITTEN)
        visit.ask("奥运会的开幕式")
        visit.wait("#writing [data-action=stop]:visible")
        visit.ask(OTHER)
        visit.wait(WRITTEN)
        endless.turns.release(1000)
        assert "十天" in visit.page.inner_text("#writing .written-text")
        assert "6700" not in visit.page.inner_text("#writing .written-text")
        visit.page.go_back()
        visit.page.go_back()
        visit.wait("#writing .written-text:has-text('6700')")
        visit.wait(WRITTEN)
        assert len(server.requests) == 3
        visit.page.click("[data-action=withdraw]")
        assert visit.page.inner_text("#writing .written-text") == ""
        visit.ask(OTHER)
        visit.wait("#card-1[data-passage='b#1']")
        visit.wait_until_shown()
        assert visit.page.locator(f"#writing {WRITE}").count() == 1
        assert len(server.requests) == 3
        visit.close()


def test_stop_ends_the_answer_and_text_below_does_not_jump(open_page: Visits, index: Path) -> None:
    pieces = Turnstile(*[SOUND] * 100)
    with site(index, Reply(pieces)) as (address, _):
        visit = opened(open_page, address, viewport={"width": 1280, "height": 400})
        visit.page.click(f"#writing {WRITE}")
        place = "document.querySelector('#card-2').getBoundingClientRect().top"
        visit.page.evaluate("document.querySelector('#card-2').scrollIntoView()")
        before = visit.page.evaluate(place)
        pieces.turns.release(12)
        visit.page.wait_for_function("document.querySelectorAll('#writing .written').length > 10")
        assert abs(visit.page.evaluate(place) - before) < 2
        visit.page.click(f"#writing {STOP}")
        outcome = visit.wait("#writing .outcome > p")
        assert outcome.inner_text() == ENGLISH("page.write-stopped")
        assert visit.page.locator("#writing .written").count() > 10
        pieces.turns.release(100)
        visit.close()


def test_quotations_are_translated_below_the_original(open_page: Visits, index: Path) -> None:
    said = "Pyongyang shipped about 6700 containers. <img src=x onerror=alert(1)>"
    with site(index, Reply([said])) as (address, server):
        visit = opened(open_page, address)
        card = visit.page.locator("#card-1")
        button = card.locator("[data-translate]").first
        assert button.inner_text() == "Translate into English"
        button.click()
        assert server.settings().host in card.locator("[aria-live]").inner_text()
        assert server.requests == []
        card.locator("[data-send]").click()
        shown = visit.wait("#card-1 .translation")
        assert "about 6700 containers" in shown.inner_text()
        assert ENGLISH("page.translated-by", model="scripted", host=server.settings().host) in (
            shown.inner_text()
        )
        assert not shown.locator("img").count()
        assert "约6700" in card.inner_text()
        button.click()
        assert not card.locator(".translation").count()
        assert button.get_attribute("aria-expanded") == "false"
        visit.close()


def test_follow_up_becomes_a_whole_question_that_can_be_changed(open_page: Visits, index: Path) -> None:
    def reply(body: Any) -> list[str]:
        is_rewriting = "rewrite" in body["messages"][0]["content"]
        return ["平壤运送了多少集装箱？" if is_rewriting else SOUND]

    with site(index, Reply(reply)) as (address, server):
        visit = opened(open_page, address, OTHER)
        visit.ask(QUESTION)
        visit.wait("#card-1[data-passage='a#1']")
        visit.wait_until_shown()
        field = visit.page.locator("#writer textarea")
        field.fill("还有多少炮弹？")
        field.press("Enter")
        visit.page.wait_for_function(
            "document.querySelector('#writer textarea').value.includes('平壤')"
        )
        assert OTHER in server.prompt
        assert "约6700" in server.prompt
        field.fill("平壤运送了多少炮弹？")
        field.press("Enter")
        visit.page.wait_for_url("**/?q=*%E7%82%AE%E5%BC%B9*")
        visit.wait_until_shown()
        assert visit.page.input_value("#question textarea") == "平壤运送了多少炮弹？"
        visit.close()


def test_question_that_continues_another_is_told_so_and_can_be_completed(
    open_page: Visits, index: Path, small: rag.Assistant
) -> None:
    with served(small) as address:
        visit = opened(open_page, address, "还有集装箱呢？")
        assert visit.page.inner_text(".incomplete") == ENGLISH("page.follow-up-missing")
        assert not visit.page.locator("#writing, #writer, [data-translate]").count()
        visit.close()
    with site(index, Reply(["平壤运送了多少集装箱？"])) as (address, server):
        visit = opened(open_page, address, QUESTION)
        visit.ask("还有集装箱呢？")
        visit.wait("[data-complete]:visible").click()
        assert visit.page.input_value("#writer textarea") == "还有集装箱呢？"
        visit.page.press("#writer textarea", "Enter")
        visit.page.wait_for_function(
            "document.querySelector('#writer textarea').value.includes('平壤')"
        )
        assert server.prompt.count("还有集装箱呢") == 1
        visit.close()


LOOKS: dict[str, dict[str, Any]] = {
    "light": {"color_scheme": "light", "locale": "en-US", "viewport": {**DESKTOP, "width": 1280}},
    "dark": {"color_scheme": "dark", "locale": "zh-CN", "viewport": {**DESKTOP, "width": 1280}},
    "phone": {"color_scheme": "dark", "locale": "zh-TW", "viewport": PHONE},
}


@pytest.mark.parametrize("look", LOOKS)
def test_written_answer_is_accessible_and_narrow(open_page: Visits, index: Path, look: str) -> None:
    with site(index, Reply([SOUND, FALSE, HOSTILE])) as (address, _):
        visit = opened(open_page, address, **LOOKS[look])
        assert visit.violations() == []
        visit.page.click(f"#writing {WRITE}")
        visit.wait(WRITTEN)
        for summary in visit.page.locator("#writing summary").all():
            summary.click()
        visit.wait_until_still()
        assert visit.violations() == []
        assert visit.is_narrow_enough()
        visit.close()


@pytest.mark.llm
@pytest.mark.skipif(bool(missing()), reason=missing())
def test_page_shows_what_a_real_engine_writes_and_survives_its_end(
    open_page: Visits, tmp_path: Path
) -> None:
    text = "Pyongyang shipped about 6,700 containers to Russia, the minister said in Seoul."
    rag.build([make_article("a", text, language="en")], tmp_path / "index", HashEncoder())
    with llama_server() as llama:
        model = llama.settings(max_tokens=64)
        assistant = rag.load(tmp_path / "index", HashEncoder(), PatternReader("6,700"), model)
        with served(assistant) as address:
            visit = opened(open_page, address, "how many containers did Pyongyang ship?")
            before = visit.page.inner_text(".answer")
            panel = visit.page.locator("#writing")
            panel.locator(WRITE).click()
            visit.page.wait_for_selector(WRITTEN, timeout=300_000)
            shown = panel.locator(".written-text").inner_text() + panel.locator(".outcome").inner_text()
            assert shown.strip()
            panel.locator(WRITE).click()
            visit.wait(f"#writing {STOP}")
            llama.kill()
            visit.page.wait_for_selector(WRITTEN, timeout=300_000)
            assert model.host in panel.locator(".notice").inner_text()
            assert visit.page.inner_text(".answer") == before
            visit.close()

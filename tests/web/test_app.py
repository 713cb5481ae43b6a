"""The page, in a real Chromium: what is not one of the journeys of `test_journeys.py`."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from support.browser import Visits, served
from support.doubles import SEEDS, HashEncoder, PatternReader, make_article

import rag
from rag.errors import AddressUnavailable
from rag.i18n.translator import Translator
from rag.web.application import Service
from rag.web.serve import check
from rag.web.views.citations import passage_url

pytestmark = pytest.mark.browser

CONTAINERS = "how many containers did Pyongyang ship?"
ABSENT = {
    "en": ("How many moons does Neptune have?", "No answer found in this archive."),
    "zh-Hans": ("树懒一天要睡多少个小时？", "未在资料库中找到答案，"),
    "ar": ("كم يبلغ ارتفاع برج خليفة في دبي بالأمتار؟", "لا يذكر الأرشيف ذلك."),
}


@pytest.fixture(scope="module")
def address(assistant: rag.Assistant) -> Iterator[str]:
    with served(assistant) as address:
        yield address


@pytest.mark.model
def test_the_answer_comes_first_then_what_others_say_then_the_evidence(
    open_page: Visits, address: str
) -> None:
    visit = open_page(address)
    visit.ask(CONTAINERS)
    visit.wait(".hit")
    answer = visit.page.locator(".answer")
    assert "6700" in answer.locator("blockquote").inner_text()
    assert len(answer.locator("blockquote").inner_text()) <= 40
    assert "gnews.org · 2024-03-06" in answer.inner_text()
    assert "right" in answer.inner_text()
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
def test_what_the_archive_does_not_say_is_said_in_the_language_of_the_question(
    open_page: Visits, address: str, language: str
) -> None:
    visit = open_page(address)
    question, said = ABSENT[language]
    visit.ask(question)
    shown = visit.wait(".absent")
    assert said in shown.inner_text()
    assert shown.get_attribute("lang") == language
    assert visit.page.evaluate("getComputedStyle(document.querySelector('.absent')).direction") == (
        "rtl" if language == "ar" else "ltr"
    )
    assert visit.page.locator("blockquote").count() == 0
    assert visit.page.locator(".hit").count() == 5


@pytest.mark.model
def test_examples_are_drawn_from_the_archive_and_have_an_answer(
    open_page: Visits, address: str
) -> None:
    """At first they are titles; then questions that were asked and answered in the background."""
    titles = {article.title for article in rag.read_seeds(SEEDS)}
    visit = open_page(address)
    visit.wait(".examples a")
    for _ in range(30):
        examples = visit.page.locator(".examples a").all_inner_texts()
        if not set(examples) <= titles:
            break
        visit.page.wait_for_timeout(1000)
        visit.page.reload()
        visit.wait(".examples a")
    assert examples
    assert all(example.startswith("Who is ") for example in examples)
    visit.page.locator(".examples a").first.focus()
    visit.page.keyboard.press("Enter")
    visit.wait(".answer blockquote")
    assert visit.page.input_value("#question textarea") == examples[0]


def stub(index: Path, pattern: str = "[0-9]+") -> rag.Assistant:
    return rag.load(index, HashEncoder(), PatternReader(pattern))


def test_the_last_question_wins(open_page: Visits, index: Path) -> None:
    """Whatever is asked while another answer is on its way, the page ends with the last question."""
    from time import sleep

    class Slow(HashEncoder):
        def encode_queries(self, texts: Any) -> Any:
            sleep(1)
            return super().encode_queries(texts)

    with served(rag.load(index, Slow(), PatternReader())) as address:
        visit = open_page(address)
        visit.ask("集装箱的弹药")
        visit.wait("#status.searching")
        visit.ask("东京的樱花")
        visit.wait_until_shown()
        assert "标题 b" in visit.page.locator(".hit").first.inner_text()
        visit.ask("集装箱的弹药")
        visit.wait("#status.searching")
        visit.ask("奥运会的开幕式")
        visit.wait_until_shown()
        visit.page.wait_for_timeout(2500)
        assert "标题 c" in visit.page.locator(".hit").first.inner_text()
        assert visit.page.input_value("#question textarea") == "奥运会的开幕式"
        visit.page.close()


def test_a_server_that_has_gone_is_told(open_page: Visits, index: Path) -> None:
    answering = threading.Event()

    class Stuck(HashEncoder):
        def encode_queries(self, texts: Any) -> Any:
            answering.wait(60)
            return super().encode_queries(texts)

    with served(rag.load(index, Stuck(), PatternReader())) as address:
        visit = open_page(address, locale="zh-CN")
        visit.ask("集装箱的弹药")
        visit.wait("#status.searching")
        answering.set()
    visit.page.wait_for_selector("#status.lost, .hit", timeout=30_000)
    if not visit.page.locator(".hit").count():
        assert visit.page.inner_text("#status") == Translator("zh-Hans")("lost")
    visit.ask("东京的樱花")
    assert visit.wait("#status.lost").inner_text() == Translator("zh-Hans")("lost")
    visit.complaints.clear()  # that nothing answers is what the browser complains about


def test_pages_of_passages(open_page: Visits, tmp_path: Path) -> None:
    articles = [make_article(f"{n:02}", f"第{n}篇关于港口集装箱的报道。" * 5) for n in range(23)]
    rag.build(articles, tmp_path / "index", HashEncoder())
    with served(stub(tmp_path / "index")) as address:
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
        visit.page.close()


def test_the_history_stays_in_the_browser_and_can_be_forgotten(open_page: Visits, index: Path) -> None:
    with served(stub(index)) as address:
        visit = open_page(address)
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
        visit.page.close()


def test_the_archive_page_tells_what_is_in_it_and_what_was_refused(
    open_page: Visits, tmp_path: Path, write_feed: Callable[..., Path]
) -> None:
    story = "".join(f"<p>第{n}段：平壤向俄罗斯运送了集装箱，首尔这样说。</p>" for n in range(9))
    write_feed("a.txt", story, url="https://a.example/1")
    seeds = write_feed("b.txt", story, url="https://b.example/2").parent
    write_feed("empty.txt", "")
    (seeds / "broken.txt").write_bytes(b"\xff\xfe")
    rag.build(rag.read_seeds(seeds), tmp_path / "index", HashEncoder())
    with served(stub(tmp_path / "index")) as address:
        visit = open_page(address, "archive", locale="zh-CN")
        visit.wait(".text-page table")
        words = Translator("zh-Hans")
        said = visit.page.inner_text(".text-page")
        assert "a.example" in said
        assert "2024-01" in visit.page.content()
        assert words("page.duplicates-note", count=1) in said
        assert words("page.refused-count", count=2) in said
        assert "不是 UTF-8 文本" in said
        for summary in visit.page.locator("summary").all():
            summary.click()
        assert "broken.txt" in visit.page.inner_text(".text-page")
        assert str(tmp_path) not in visit.page.content()
        visit.page.close()


def test_a_rebuild_can_be_cancelled_and_one_goes_on_at_a_time(
    open_page: Visits, tmp_path: Path
) -> None:
    from support import build_encoders

    from rag.web.background_build import BackgroundBuild

    seeds, index = tmp_path / "seeds", tmp_path / "index"
    seeds.mkdir()
    (seeds / "a.md").write_text("# 标题\n\n" + "正文。" * 50, encoding="utf-8")
    rag.build(rag.read_seeds(seeds), index, HashEncoder())
    for number in range(30):
        (seeds / f"{number}.md").write_text(f"# 标题{number}\n\n" + f"{number}号正文。" * 90)
    assistant = stub(index)
    rebuild = BackgroundBuild(seeds, index, build_encoders.Slow)
    words, credentials = Translator("en"), {"username": "x", "password": "secret"}
    with served(assistant, rebuild, seeds=seeds, admin_password="secret") as address:
        first = open_page(address, "admin/", http_credentials=credentials)
        second = open_page(address, "admin/", http_credentials=credentials)
        first.page.get_by_role("button", name=words("page.rebuild")).click()
        second.wait("progress[value]")
        second.page.get_by_role("button", name=words("page.rebuild")).click()
        second.page.wait_for_selector(f"#rebuild:has-text('{words('page.rebuild-twice')}')")
        second.page.get_by_role("button", name=words("page.cancel")).click()
        for visit in (first, second):
            visit.page.wait_for_selector(f"#rebuild:has-text('{words('page.cancelled')[:30]}')")
        assert assistant.manifest.articles == 1
        for visit in (first, second):
            visit.page.close()


@pytest.mark.parametrize(("host", "port"), [("127.0.0.1", "taken"), ("no.such.host.invalid", None)])
def test_an_address_that_cannot_be_used_is_named(tmp_path: Path, host: str, port: str | None) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        number = other.getsockname()[1] if port else None
        with pytest.raises(AddressUnavailable, match=f"cannot listen on {host}"):
            check(host, number, Service(seeds=SEEDS))


def test_the_passage_address_opens_the_source_at_the_passage(browser: Any, tmp_path: Path) -> None:
    """Chromium scrolls to the highlighted sentence of each passage in a page with the article's text."""
    from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
    from threading import Thread

    from rag.text import passages

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None: ...

    with ThreadingHTTPServer(("127.0.0.1", 0), lambda *a: Quiet(*a, directory=str(tmp_path))) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        base = f"http://127.0.0.1:{server.server_port}"
        for article in rag.read_seeds(SEEDS):
            body = "".join(f"<p>{p}</p>" for p in article.text.split("\n\n"))
            (tmp_path / "article.html").write_text(
                f"<meta charset=utf-8><div style='height:3000px'></div>{body}<div style='height:3000px'></div>"
            )
            for passage in passages.split(article):
                for window in passages.windows(passage.text)[:2]:
                    page = browser.new_page()
                    page.goto(passage_url(f"{base}/article.html", passage.text, window))
                    page.wait_for_function("scrollY > 1000", timeout=10_000)
                    page.close()
        server.shutdown()

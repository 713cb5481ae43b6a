"""The page, in a real Chromium."""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from html import escape
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import httpx
import pytest
from conftest import (
    DATA,
    ROOT,
    SEEDS,
    HashEncoder,
    PatternReader,
    make_article,
    needs_data,
)

import app
import rag
from rag import cards
from rag.errors import AddressUnavailable
from rag.links import passage_url

pytestmark = pytest.mark.browser

BROWSER = shutil.which("chromium") or shutil.which("google-chrome") or shutil.which("chrome")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
CONTAINERS = "how many containers did Pyongyang ship?"
ABSENT = {
    "en": ("How many moons does Neptune have?", "The archive does not say."),
    "zh-Hans": ("树懒一天要睡多少个小时？", "资料库里没有答案。"),
    "ar": ("كم يبلغ ارتفاع برج خليفة في دبي بالأمتار؟", "لا يذكر الأرشيف ذلك."),
}


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    assert BROWSER, "these tests need Chromium: run `make test`, which installs it"
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=BROWSER, args=ARGUMENTS)
        yield launched
        launched.close()


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


@pytest.fixture
def open_page(browser: Any) -> Iterator[Any]:
    closing: list[Any] = []
    visits: list[Visit] = []

    def visit(address: str, **options: Any) -> Visit:
        context = browser.new_context(**options)
        closing.append(context)
        page = context.new_page()
        visit = Visit(page, address)
        visits.append(visit)
        local = re.compile(rf"(?:{re.escape(address)}|data:|blob:)")

        def on_console(message: Any) -> None:
            if message.type in ("error", "warning"):
                visit.complaints.append(f"{message.type}: {message.text}")

        def on_request(request: Any) -> None:
            if not local.match(request.url):
                visit.complaints.append(f"request: {request.url}")

        page.on("console", on_console)
        page.on("pageerror", lambda error: visit.complaints.append(f"page error: {error}"))
        page.on("request", on_request)
        page.on("dialog", lambda dialog: (visit.complaints.append("dialog"), dialog.dismiss()))
        page.goto(address)
        page.wait_for_selector("#question textarea")
        return visit

    yield visit
    for context in closing:
        context.close()
    assert [complaint for visit in visits for complaint in visit.complaints] == []


def serve(assistant: rag.Assistant) -> Iterator[str]:
    page = app.build(assistant)
    _, address, _ = app.launch(page, "127.0.0.1", None)
    yield address
    page.close(verbose=False)


@pytest.fixture(scope="module")
def address(assistant: rag.Assistant) -> Iterator[str]:
    yield from serve(assistant)


@pytest.mark.model
def test_a_question_is_answered_with_its_passage_and_source(open_page: Any, address: str) -> None:
    visit = open_page(address)
    visit.ask(CONTAINERS)
    card = visit.wait(".hit")
    assert "6700" in card.locator("mark").inner_text()
    assert "约6700集装箱" in "".join(card.locator(".sentence, mark").all_inner_texts())
    title = card.locator("h3 a")
    assert title.inner_text() == "平壤希望从莫斯科那里得到什么？"
    assert title.get_attribute("href") == "https://gnews.org/articles/2371800"
    assert title.get_attribute("target") == "_blank"
    assert title.get_attribute("rel") == "noopener noreferrer"
    assert "gnews.org · 2024-03-06" in card.inner_text()
    deep = card.locator("a").last.get_attribute("href")
    assert deep.startswith("https://gnews.org/articles/2371800#:~:text=")
    assert "6700" in unquote(deep)
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


@pytest.mark.model
def test_an_example_is_asked_by_keyboard(open_page: Any, address: str) -> None:
    visit = open_page(address)
    visit.page.focus("#example-zh")
    visit.page.keyboard.press("Enter")
    assert "Aurus" in visit.wait(".hit").inner_text()
    assert visit.page.input_value("#question textarea") == app.EXAMPLES["zh"]
    reached = set()
    for _ in range(40):
        visit.page.keyboard.press("Tab")
        reached.add(visit.page.evaluate("document.activeElement.closest('.hit') !== null"))
    assert True in reached, "the links of the cards can be reached with Tab"


@pytest.mark.model
@pytest.mark.parametrize("language", ABSENT)
def test_what_the_archive_does_not_say_is_said_in_the_language_of_the_question(
    open_page: Any, address: str, language: str
) -> None:
    visit = open_page(address)
    question, said = ABSENT[language]
    visit.ask(question)
    visit.wait(".hit")
    shown = visit.page.locator(".absent")
    assert said in shown.inner_text()
    assert shown.get_attribute("lang") == language
    assert visit.page.evaluate("getComputedStyle(document.querySelector('.absent')).direction") == (
        "rtl" if language == "ar" else "ltr"
    )
    assert visit.page.locator("blockquote").count() == 0
    assert visit.page.locator(".hit").count() == 5


@pytest.mark.model
@pytest.mark.parametrize("question", ["", "   ", "!?"])
def test_nothing_asked_is_said_in_plain_words(open_page: Any, address: str, question: str) -> None:
    visit = open_page(address)
    assert "Type a question" in visit.wait(".status").inner_text()
    visit.ask(question)
    assert "The question is empty" in visit.wait(".error").inner_text()
    visit.ask(CONTAINERS)
    visit.wait(".hit")


@pytest.mark.model
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_phone_shows_it_without_scrolling_sideways(open_page: Any, address: str, scheme: str) -> None:
    visit = open_page(
        address, viewport={"width": 380, "height": 800}, color_scheme=scheme, has_touch=True
    )
    visit.ask(CONTAINERS)
    visit.wait(".hit")
    assert visit.page.evaluate("document.documentElement.scrollWidth") <= 380


def test_the_last_question_wins(open_page: Any, index: Path) -> None:
    """Whatever is asked while another answer is on its way, the page ends with the last question."""
    from time import sleep

    class Slow(HashEncoder):
        def encode_queries(self, texts: Any) -> Any:
            sleep(1)
            return super().encode_queries(texts)

    for address in serve(rag.load(index, Slow(), PatternReader())):
        visit = open_page(address)
        visit.ask("集装箱的弹药")
        visit.wait(".status:has-text('Searching')")
        visit.ask("东京的樱花")
        visit.page.wait_for_selector(".hit:first-of-type:has-text('标题 b')", timeout=15_000)
        visit.page.click("#example-en")
        visit.wait(".status:has-text('Searching')")
        visit.ask("奥运会的开幕式")
        visit.page.wait_for_selector(".hit:first-of-type:has-text('标题 c')", timeout=15_000)
        visit.page.wait_for_timeout(2500)
        assert "标题 c" in visit.page.locator(".hit").first.inner_text()
        assert visit.page.input_value("#question textarea") == "奥运会的开幕式"
        visit.page.close()


def test_nothing_can_be_uploaded_or_read(index: Path) -> None:
    for address in serve(rag.load(index, HashEncoder())):
        upload = httpx.post(f"{address}gradio_api/upload", files={"files": ("x.txt", b"hello")})
        assert upload.status_code >= 400
        for path in ("/etc/passwd", str(SEEDS / "002_c97b2db276b89742.txt"), "pyproject.toml"):
            assert httpx.get(f"{address}gradio_api/file={path}").status_code in (403, 404)


@pytest.mark.parametrize(("host", "port"), [("127.0.0.1", "taken"), ("no.such.host.invalid", None)])
def test_an_address_that_cannot_be_used_is_named(tmp_path: Path, host: str, port: str | None) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        number = other.getsockname()[1] if port else None
        with pytest.raises(AddressUnavailable, match=f"cannot listen on {host}"):
            app.serve(str(tmp_path / "index"), str(SEEDS), host, number)
    assert not (tmp_path / "index").exists()


@pytest.mark.model
def test_programs_ask_by_name(address: str) -> None:
    from gradio_client import Client
    from gradio_client.exceptions import AppError

    client = Client(address, verbose=False)
    hits = client.predict(CONTAINERS, 2, api_name="/search")
    assert len(hits) == 2
    assert hits[0]["passage"]["url"] == "https://gnews.org/articles/2371800"
    answer = client.predict(CONTAINERS, api_name="/ask")
    assert answer["text"] == answer["hit"]["passage"]["text"][answer["start"] : answer["end"]]
    for arguments, message in (
        (("", 5), "The question is empty"),
        ((CONTAINERS, 0), "k must be at least 1, not 0"),
        ((CONTAINERS, 1.5), "k must be a whole number, not 1.5"),
        ((CONTAINERS, "x"), "k must be a whole number, not 'x'"),
        (("问" * 100_000, 5), "100,000 characters"),
        ((None, 5), "The question is not text but NoneType"),
        (({"image": "/etc/passwd"}, 5), "The question is not text but dict"),
    ):
        with pytest.raises(AppError, match=message):
            client.predict(*arguments, api_name="/search")
    endpoints = client.view_api(return_format="dict", print_info=False)["named_endpoints"]
    assert set(endpoints) == {"/search", "/ask"}


HOSTILE = [
    "<script>window.hacked = 1</script>",
    "<img src=x onerror='window.hacked = 1'>",
    "</p></article></div><svg onload=window.hacked=1>",
    "${window.hacked = 1} {{constructor.constructor('window.hacked=1')()}} `${window.hacked=1}`",
    "\"'><a href='javascript:window.hacked=1'>x</a>",
    "[x](javascript:window.hacked=1) ![x](http://evil.example/x.png)",
    "正\u202e文\u2066倒\u200b置\u2069",
    "&lt;script&gt;window.hacked = 1&lt;/script&gt;",
]


def hostile_vectors() -> list[str]:
    lines = (DATA / "hostile" / "h5sc-vectors.txt").read_text(encoding="utf-8").splitlines()
    strings = json.loads((DATA / "hostile" / "blns.json").read_text(encoding="utf-8"))
    return [line for line in (*lines, *strings) if line.strip()]


def check_inert(open_page: Any, tmp_path: Path, texts: list[str]) -> None:
    """Index each text as title, body and address at once, show them all, and look for effects."""
    articles = [
        make_article(
            f"{n:04}", text, title=text, url=f"javascript:window.hacked=1//{text}", source=text
        )
        for n, text in enumerate(texts)
    ]
    rag.build(articles, tmp_path / "index", HashEncoder())
    assistant = rag.load(tmp_path / "index", HashEncoder(), PatternReader("(?s).+"))
    shown = 0
    for address in serve(assistant):
        visit = open_page(address)
        for question in ("script alert onerror", "正文", *texts[:3]):
            before = visit.page.locator("#results").inner_html()
            visit.ask(question)
            visit.page.wait_for_function(
                "before => document.querySelectorAll('.hit').length"
                " && document.querySelector('#results').innerHTML !== before",
                arg=before,
            )
            shown += visit.page.locator(".hit").count()
            assert (
                visit.page.locator(
                    "#results :is(script, img, svg, iframe, object, form, style)"
                ).count()
                == 0
            )
            assert visit.page.locator("#results a").count() == 0
            assert visit.page.evaluate("window.hacked") is None
        visit.page.close()  # before the server goes
    assert shown


def test_what_articles_say_is_inert(open_page: Any, tmp_path: Path) -> None:
    check_inert(open_page, tmp_path, HOSTILE)


def test_a_hostile_seed_is_inert(
    open_page: Any, tmp_path: Path, write_feed: Callable[..., Path]
) -> None:
    """From the file to the page: markup in the body is not text, and text that looks like it is."""
    body = "".join(f"<p>第{n}段正文。{escape(text)}</p>" for n, text in enumerate(HOSTILE))
    body += "".join(f"<p>第{n}段标记。{text}</p>" for n, text in enumerate(HOSTILE))
    seeds = write_feed(
        "hostile.txt", body, "标题<script>window.hacked=1</script>", "javascript:alert(1)"
    )
    rag.build(rag.read_seeds(seeds.parent), tmp_path / "index", HashEncoder())
    for address in serve(rag.load(tmp_path / "index", HashEncoder(), PatternReader("第1段.+"))):
        visit = open_page(address)
        visit.ask("第1段正文。<img src=x onerror='window.hacked = 1'>")
        shown = visit.wait(".hit").inner_text()
        assert "标题<script>window.hacked=1</script>" in shown
        assert "<img src=x onerror='window.hacked = 1'>" in visit.page.inner_text("#results")
        assert visit.page.locator("#results :is(script, img, svg, a)").count() == 0
        assert not any(character in shown for character in "\u202e\u2066\u200b")
        assert visit.page.evaluate("window.hacked") is None
        visit.page.close()


@pytest.mark.model
def test_the_first_start_builds_the_index_and_ctrl_c_ends_it(tmp_path: Path) -> None:
    import signal
    import subprocess
    import sys

    command = [sys.executable, str(ROOT / "app.py"), "--index", str(tmp_path / "index")]
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    environment = {**os.environ, "RAG_SEEDS": str(SEEDS), "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(
        [*command, "--port", str(port)],
        stdout=subprocess.PIPE,
        text=True,
        env=environment,
        cwd=tmp_path,
    ) as process:
        assert process.stdout
        shown = ""
        while "The page is open" not in shown:
            line = process.stdout.readline()
            assert line, shown
            shown += line
        assert "There is no index in" in shown
        assert "5 articles (5 added" in shown
        assert httpx.get(f"http://127.0.0.1:{port}/").status_code == 200
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 0


@needs_data
def test_collections_of_attacks_are_inert(open_page: Any, tmp_path: Path) -> None:
    check_inert(open_page, tmp_path, hostile_vectors())


SHOWN = "article h2 h3 bdi p mark div ul li blockquote br"


def test_every_attack_is_escaped_in_every_place() -> None:
    """What the page is given, for each string in each field, holds none of its own markup."""
    for text in HOSTILE:
        hit = make_hit(text, title=text, source=text, url=text)
        other = rag.Alternative(text, hit, 0, len(text))
        answer = rag.Answer(text, text, hit, 0, len(text), 0.9, (hit,), (other,))
        shown = set(re.findall(r"<(/?\w+)", cards.show_answer(answer)))
        assert shown <= {f"{end}{tag}" for tag in SHOWN.split() for end in ("", "/")}
        html = cards.show_card(hit)
        tags = set(re.findall(r"<(/?\w+)", html))
        assert tags <= {
            "article",
            "/article",
            "h3",
            "/h3",
            "bdi",
            "/bdi",
            "p",
            "/p",
            "span",
            "/span",
        }
        assert html.count("<p") == 2


def make_hit(text: str, **fields: Any) -> rag.Hit:
    article = make_article("x", text, **fields)
    passage = rag.Passage(
        "x#1", "x", article.title, article.url, text, 0, len(text), None, article.source, "zh"
    )
    return rag.Hit(passage, 0.5, (0, len(text)))


@pytest.mark.parametrize(
    ("url", "links"),
    [
        ("https://a.example/?q=1&r=2", 2),
        ("HTTP://a.example", 2),
        ("javascript:alert(1)", 0),
        (" javascript:alert(1)", 0),
        ("data:text/html,x", 0),
        ("//a.example", 0),
        ("http://[::1", 0),
        ("https:", 0),
        ("", 0),
    ],
)
def test_only_web_addresses_become_links(url: str, links: int) -> None:
    assert cards.show_card(make_hit("正文。", url=url)).count("<a ") == links


def test_a_passage_address_is_encoded() -> None:
    def address(url: str, text: str) -> str:
        return passage_url(url, text, (0, len(text)))

    assert address("https://a.example/x", "a-b,c&d 好") == (
        "https://a.example/x#:~:text=a%2Db%2Cc%26d%20%E5%A5%BD"
    )
    assert address("https://a.example/x#part", "好").startswith("https://a.example/x#part:~:text=")
    long = "他在星期三的会议上表示，" + "中" * 50 + "，这是最后一个分句。"
    assert unquote(address("https://a.example", "简评：\n\n" + long)) == (
        "https://a.example#:~:text=简评：,这是最后一个分句"
    )
    assert unquote(address("https://a.example", long)) == (
        "https://a.example#:~:text=他在星期三的会议上表示,这是最后一个分句"
    )


def test_the_passage_address_opens_the_source_at_the_passage(browser: Any, tmp_path: Path) -> None:
    """Chromium scrolls to the highlighted sentence of each passage in a page with the article's text."""
    from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
    from threading import Thread

    from rag import passages

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

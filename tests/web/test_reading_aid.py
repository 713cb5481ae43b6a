"""The reading aid in a real browser: by mouse, by finger, by keyboard."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from support.browser import PHONE, Visit, Visits, served
from support.doubles import HashEncoder, PatternReader, make_article

import rag
from rag.errors import DictionaryMissing
from rag.rendering.readings.dictionary import Dictionary

pytestmark = [pytest.mark.browser]

TEXT = "平壤向俄罗斯运送了约6700个集装箱的弹药，首尔这样说。"
AID = {"name": "Reading aid", "exact": True}
PLACE = """([selector, word]) => {
  const walker = document.createTreeWalker(document.querySelector(selector), NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode, at = node.data.indexOf(word), range = document.createRange();
    if (at < 0) continue;
    range.setStart(node, at);
    range.setEnd(node, at + word.length);
    const { left, top, width, height } = range.getBoundingClientRect();
    return [left + width * 0.9, top + height / 2];
  }
}"""


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    index: Path = tmp_path_factory.mktemp("aid") / "index"
    articles = [make_article("a", TEXT, "第二段。"), make_article("e", "No Chinese.", language="en")]
    rag.build(articles, index, HashEncoder())
    with served(rag.load(index, HashEncoder(), PatternReader())) as address:
        yield address


def place(visit: Visit, word: str, within: str = ".body") -> Any:
    return visit.page.evaluate(PLACE, [within, word])


def popup(visit: Visit) -> str:
    return visit.wait("#word:not([hidden])").inner_text()


def test_mouse_shows_a_word_of_a_result_and_nothing_is_loaded_before(
    open_page: Visits, address: str
) -> None:
    visit = open_page(address)
    loaded: list[str] = []
    visit.page.on("request", lambda request: loaded.append(request.url.removeprefix(address)))
    visit.ask("平壤运送了多少集装箱？")
    visit.wait(".hit")
    button = visit.page.get_by_role("button", **AID)
    button.wait_for()
    before = visit.page.locator("#results .answer blockquote").first.inner_html()
    assert not [url for url in loaded if "dictionary" in url]
    button.click()
    visit.wait("#results .answer blockquote[tabindex]")
    visit.page.mouse.move(*place(visit, "集装箱", ".hit .text"))
    assert "container (for shipping)" in popup(visit)
    assert visit.page.locator("#word .pinyin").all_inner_texts() == ["jí zhuāng xiāng"]
    assert [url for url in loaded if url.startswith("dictionary?")] == ["dictionary?article=a"]
    assert visit.page.locator("#results .answer blockquote").first.inner_html() == before
    visit.page.keyboard.press("Escape")
    visit.page.wait_for_selector("#word", state="hidden")
    button.click()
    assert visit.page.locator("#results [aria-describedby=word-keys]").count() == 0


def test_keyboard_moves_from_word_to_word_and_the_choice_is_kept(
    open_page: Visits, address: str
) -> None:
    visit = open_page(address, "article/a?mark=4-5")
    visit.page.get_by_role("button", **AID).click()
    visit.wait(".body[tabindex]")
    visit.open("article/a?mark=4-5")
    body = visit.wait(".body[tabindex]")
    visit.page.get_by_role("button", **AID).focus()
    visit.page.keyboard.press("Tab")
    assert "Píng rǎng" in popup(visit)
    for key, word in [("ArrowRight", "向"), ("ArrowRight", "俄罗斯"), ("End", "段"), ("Home", "平壤")]:
        visit.page.keyboard.press(key)
        visit.page.wait_for_function(f"document.querySelector('#word b').textContent === '{word}'")
        assert word in visit.page.locator("#word-said").inner_text()
        assert visit.page.evaluate("[...CSS.highlights.get('word')].join()") == word
    visit.page.keyboard.press("Enter")
    assert visit.page.evaluate("document.activeElement.id") == "word"
    visit.page.keyboard.press("Escape")
    visit.page.wait_for_selector("#word", state="hidden")
    assert body.evaluate("body => body === document.activeElement")
    body.evaluate("body => getSelection().selectAllChildren(body)")
    assert visit.page.evaluate("getSelection().toString()").split() == [TEXT, "第二段。"]


def test_finger_shows_a_word_on_a_phone_in_the_dark(open_page: Visits, address: str) -> None:
    visit = open_page(
        address, "article/a", viewport=PHONE, has_touch=True, color_scheme="dark", locale="zh-TW"
    )
    visit.page.locator("[data-aid]").tap()
    visit.wait(".body[tabindex]")
    visit.page.touchscreen.tap(*place(visit, "俄罗斯"))
    assert "Russia" in popup(visit)
    assert visit.is_narrow_enough()
    assert visit.violations() == []
    visit.page.locator("#foot .note").tap()
    visit.page.wait_for_selector("#word", state="hidden")


def test_button_says_what_to_install_and_is_only_beside_chinese(
    open_page: Visits, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def load() -> Dictionary:
        raise DictionaryMissing("dictionary-missing")

    monkeypatch.setattr(Dictionary, "load", load)
    visit = open_page(address, "article/a")
    visit.page.get_by_role("button", **AID).click()
    visit.page.get_by_role("status").get_by_text(
        "pip install 'news-archive-rag[dictionary]'"
    ).wait_for()
    assert visit.page.get_by_role("button", **AID).get_attribute("aria-pressed") == "false"
    visit.complaints.clear()  # the browser logs the refusal
    visit.open("article/e")
    assert visit.page.get_by_role("button", **AID).count() == 0

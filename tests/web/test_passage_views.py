"""What the page shows of answers, passages and filters, as HTML."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote

import pytest
from support.doubles import make_article

import rag
from rag.i18n.translator import Translator, locales
from rag.web.views import filters, passages
from rag.web.views.citations import passage_url
from rag.web.views.passages import Context
from rag.web.views.query import View

HOSTILE = [
    "<script>window.hacked = 1</script>",
    "<img src=x onerror='window.hacked = 1'>",
    "</p></article></div><svg onload=window.hacked=1>",
    "${window.hacked = 1} {{constructor.constructor('window.hacked=1')()}} `${window.hacked=1}`",
    "\"'><a href='javascript:window.hacked=1'>x</a>",
    "[x](javascript:window.hacked=1) ![x](http://evil.example/x.png)",
    "正\u202e文\u2066倒\u200b置\u2069",
    "&lt;script&gt;window.hacked = 1&lt;/script&gt;",
    '__i18n__{"__type__":"translation_metadata","key":"admin"}',
    "{0} {name} {count!r} %s %(name)s",
]
WORDS = Translator("en")


def make_hit(text: str, **fields: Any) -> rag.Hit:
    article = make_article("x", text, **fields)
    return rag.Hit(make_passage(article), 0.5, (0, len(text)))


def make_passage(article: rag.Article) -> rag.Passage:
    return rag.Passage(
        f"{article.id}#1",
        article.id,
        article.title,
        article.url,
        article.text,
        0,
        len(article.text),
        article.published,
        article.source,
        article.language,
    )


def reprint(name: str, **fields: Any) -> rag.Reprint:
    article = make_article(name, "正文", **fields)
    return rag.Reprint(
        article.id, article.title, article.url, article.published, article.source, article.language
    )


def tags(html: str) -> set[str]:
    return set(re.findall(r"<(/?\w+)", html))


def paired(names: str) -> set[str]:
    return {f"{end}{name}" for name in names.split() for end in ("", "/")}


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("locale", locales())
def test_every_attack_is_escaped_in_every_place(text: str, locale: str) -> None:
    """What the page is given, for each string in each field, holds none of its own markup."""
    words = Translator(locale)
    fields: dict[str, Any] = {"title": text, "source": text, "url": text, "language": text}
    hit = make_hit(text, **fields)
    hit = rag.Hit(hit.passage, 0.5, hit.highlight, (reprint("y", **fields),))
    other = rag.Alternative(text, hit, 0, len(text))
    answer = rag.Answer(text, text, hit, 0, len(text), 0.9, (hit,), (other,))
    allowed = paired("section article h2 h3 bdi p mark div ul li blockquote time span") | {"br"}
    assert tags(passages.show_answer(answer, words)) <= allowed
    card = passages.show_card(hit, words, (0, len(text)), Context(hit.passage, hit.passage))
    assert tags(card) <= allowed | paired("button details summary")
    view = View(text, source=text, language=text)
    found = filters.articles([hit], view)
    shown = (
        filters.show_chosen(view, words)
        + filters.show_timeline(found, view, words)
        + filters.show_filters(found, found, found, 5, view, words)
    )
    assert len(found) == 2
    assert tags(shown) <= paired("section h2 h3 ol ul li a bdi span p form label button") | {
        "br",
        "input",
    }
    for html in (card, shown, passages.show_answer(answer, words)):
        assert "window.hacked" not in re.sub(r'"[^"]*"', "", re.sub(r">[^<]*<", "><", html))
        assert not re.search(r'\s(?:href|action|src)="\s*javascript', html)


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
    card = passages.show_card(make_hit("正文。", url=url), WORDS)
    assert card.count("<a ") == links
    assert ("javascript" in card) is False


def copies(card: str) -> list[str]:
    from html import unescape

    return [unescape(text) for text in re.findall(r'data-copy="([^"]*)"', card)]


def test_a_citation_says_what_is_quoted_and_where_from() -> None:
    hit = make_hit("第一句。第二句。", title="标题 [a](b) *c*", url="https://a.example/x>y")
    plain, markdown = copies(passages.show_card(hit, WORDS))
    assert plain == (
        "“第一句。第二句。” — 标题 [a](b) *c*, news.example, 2024-03-06. https://a.example/x>y"
    )
    assert markdown == (
        "> 第一句。第二句。\n>\n> — [标题 \\[a\\]\\(b\\) \\*c\\*](<https://a.example/x%3Ey>), "
        "news.example, 2024-03-06"
    )
    plain, markdown = copies(
        passages.show_card(make_hit("正文。", url="javascript:x", published=None, source=""), WORDS)
    )
    assert (plain, markdown) == ("“正文。” — 标题 x", "> 正文。\n>\n> — 标题 x")


def test_other_outlets_are_folded_under_the_card() -> None:
    hit = make_hit("正文。")
    others = tuple(reprint(name, source=f"{name}.example") for name in "abc")
    card = passages.show_card(rag.Hit(hit.passage, 0.5, (0, 3), others), WORDS)
    assert "<summary>3 other outlets with this story</summary>" in card
    assert [f"{name}.example" in card for name in "abc"] == [True] * 3
    assert "<details" not in passages.show_card(hit, WORDS)


def test_what_is_around_a_passage_is_hidden_until_asked_for() -> None:
    hit, before = make_hit("正文。"), make_passage(make_article("x", "前文。"))
    card = passages.show_card(hit, WORDS, None, Context(before, None))
    assert card.count('<div class="context" hidden>') == 1
    assert card.index("前文。") < card.index("正文。")
    assert 'aria-expanded="false"' in card
    assert "data-more" not in passages.show_card(hit, WORDS, None, Context(None, None))


def on(day: str) -> datetime:
    return datetime.fromisoformat(day).replace(tzinfo=UTC)


def test_the_timeline_counts_articles_by_month_and_site() -> None:
    hits = [
        make_hit("一。", published=on("2024-01-31")),
        rag.Hit(
            make_passage(make_article("y", "二。", published=on("2024-03-01"), source="b.example")),
            0.4,
            (0, 2),
            (reprint("z", published=on("2024-03-31T23:59"), source="c.example"),),
        ),
        rag.Hit(make_passage(make_article("w", "三。", published=None)), 0.3, (0, 2)),
    ]
    found = filters.articles(hits, View("q"))
    html = filters.show_timeline(found, View("q"), WORDS)
    labels = re.findall(r'aria-label="(20[^"]*)"', html)
    assert labels == ["2024-01: 1 (news.example 1)", "2024-03: 2 (b.example 1, c.example 1)"]
    assert html.count("<li>") == 3, "February has a place of its own, without a link"
    assert "from=2024-03-01&amp;to=2024-03-31" in html
    heights = re.findall(r"height:([\d.]+)rem", html)
    assert heights == ["2.00", "2.00", "2.00"]


def test_many_months_are_shown_as_years() -> None:
    hits = [make_hit("一。", published=on("2021-05-01")), make_hit("一。", published=on("2024-02-29"))]
    hits[1] = rag.Hit(make_passage(make_article("y", "二。", published=on("2024-02-29"))), 0.4, (0, 2))
    html = filters.show_timeline(filters.articles(hits, View("q")), View("q"), WORDS)
    assert re.findall(r'aria-label="(20\d\d):', html) == ["2021", "2024"]
    assert "from=2024-01-01&amp;to=2024-12-31" in html
    assert html.count("<li>") == 4


@pytest.mark.parametrize(
    ("view", "names"),
    [
        (View("q"), "abcd"),
        (View("q", source="A.EXAMPLE"), "a"),
        (View("q", language="zh"), "ab"),
        (View("q", language="zh-Hant"), "b"),
        (View("q", since=on("2024-02-01").date()), "bc"),
        (View("q", until=on("2024-02-01").date()), "ab"),
        (View("q", since=on("2024-02-01").date(), until=on("2024-02-01").date()), "b"),
        (View("q", source="b.example", language="en"), ""),
    ],
)
def test_reprints_that_a_filter_leaves_out_are_not_counted(view: View, names: str) -> None:
    """As `Assistant.search` filters, for reprints are listed whatever the filter."""
    stories = [
        reprint("a", source="a.example", language="zh-Hans", published=on("2024-01-01")),
        reprint("b", source="b.example", language="zh-Hant", published=on("2024-02-01T23:00")),
        reprint("c", source="c.example", language="en", published=on("2024-03-01")),
        reprint("d", source="d.example", language="zhx", published=None),
    ]
    other = make_hit("正文。", source="other.example", language="und", published=None)
    hits = [rag.Hit(other.passage, 0.5, (0, 3), tuple(stories))]
    found = [article.article_id for article in filters.articles(hits, view)]
    assert found == [*(["x"] if names == "abcd" else []), *names]


def test_a_chosen_filter_is_a_link_that_takes_it_away() -> None:
    view = View("q", 3, "a.example", "zh-Hant", on("2024-01-01").date(), None)
    html = filters.show_chosen(view, WORDS)
    assert re.findall(r'href="([^"]*)"', html) == [
        "?q=q&amp;lang=zh-Hant&amp;from=2024-01-01",
        "?q=q&amp;site=a.example&amp;from=2024-01-01",
        "?q=q&amp;site=a.example&amp;lang=zh-Hant",
    ]
    assert "Chinese (Traditional)" in html
    assert "2024-01-01 to …" in html
    assert filters.show_chosen(View("q"), WORDS) == ""


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

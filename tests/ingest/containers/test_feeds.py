"""Feeds of each format: recognised by content, and their entries as they write them."""

from __future__ import annotations

from io import BytesIO
from xml.sax.saxutils import escape

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.errors import SeedUnreadable
from rag.ingest.containers import feeds
from rag.ingest.records import Record

URL = "https://paper.example.net/bridge"
DATE = "Tue, 07 Nov 2023 09:30:00 +0800"
RSS2 = (
    '<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel><title>报</title>'
    "{}</channel></rss>"
)
ITEM = (
    "<item><title>大桥通车</title><link>" + URL + "</link><pubDate>" + DATE + "</pubDate>"
    "<description>{}</description></item>"
)
RSS1 = (
    '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/" '
    'xmlns:dc="http://purl.org/dc/elements/1.1/"><channel rdf:about="x"><title>报</title></channel>'
    "<item rdf:about='1'><title>大桥通车</title><link>" + URL + "</link><dc:date>2023-11-07</dc:date>"
    "<description>&lt;p&gt;大桥今天通车。&lt;/p&gt;</description></item></rdf:RDF>"
)
RSS09 = '<rss version="0.91"><channel>' + ITEM.format("大桥今天通车。") + "</channel></rss>"
ATOM = (
    '<feed xmlns="http://www.w3.org/2005/Atom"><title>报</title><entry><title type="html">大桥 &lt;b&gt;通车&lt;/b&gt;'
    '</title><link rel="alternate" href="'
    + URL
    + '"/><updated>2023-11-08</updated><published>2023-11-07</published>'
    "<summary>短。</summary>{}</entry></feed>"
)
FULL = RSS2.format(
    ITEM.format("短。").replace(
        "</item>", "<content:encoded><![CDATA[<p>大桥今天通车。</p>]]></content:encoded></item>"
    )
)
HTML = ATOM.format('<content type="html">&lt;p&gt;大桥今天通车。&lt;/p&gt;</content>')
XHTML = ATOM.format(
    '<content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>大桥今天通车。</p></div></content>'
)
DECLARATION = '<?xml version="1.0" encoding="{}"?>\n<!-- 注 -->\n'


def read(content: str | bytes) -> list[tuple[str, Record | SeedUnreadable]]:
    return list(feeds.read(BytesIO(content.encode() if isinstance(content, str) else content), "f.xml"))


def only(content: str | bytes) -> Record:
    [(name, record)] = read(content)
    assert isinstance(record, Record)
    assert name == record.name == "f.xml#1"
    return record


@pytest.mark.parametrize(
    ("feed", "title", "published"),
    [
        (FULL, "大桥通车", DATE),
        (RSS09, "大桥通车", DATE),
        (RSS1, "大桥通车", "2023-11-07"),
        (HTML, "大桥 通车", "2023-11-07"),
        (XHTML, "大桥 通车", "2023-11-07"),
        (HTML.replace("<published>2023-11-07</published>", ""), "大桥 通车", "2023-11-08"),
    ],
)
def test_read_each_format_gives_the_whole_entry(feed: str, title: str, published: str) -> None:
    feed = DECLARATION.format("utf-8") + feed
    assert feeds.matches("x.txt", feed.encode())
    record = only(feed)
    assert "大桥今天通车。" in str(record.content)
    assert (record.title, record.url, record.published, record.form) == (title, URL, published, "page")


def test_read_atom_text_is_not_markup() -> None:
    record = only(ATOM.format('<content type="text">一 &lt; 二</content>'))
    assert (record.content, record.form) == ("一 < 二", "text")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "gb2312", "big5"])
def test_read_each_declared_encoding_gives_the_characters(encoding: str) -> None:
    feed = (DECLARATION.format(encoding) + FULL).replace("桥", "河").replace("车", "水")
    feed = feed.replace("报", "水").replace("注", "水").replace("通", "水")
    assert "大河今天水水" in str(only(feed.encode(encoding)).content)


@pytest.mark.parametrize("declaration", ["", DECLARATION.format("utf-8")])
def test_read_wrong_declaration_is_detected(declaration: str) -> None:
    feed = declaration + FULL.replace(
        "大桥今天通车。", "新的大桥今天通车，市民纷纷前来参观，交通部门说秩序良好。" * 5
    )
    assert "市民纷纷前来参观" in str(only(feed.encode("gbk")).content)


def test_read_one_bad_byte_keeps_the_rest() -> None:
    content = FULL.replace("今天", "今天坏").encode().replace("坏".encode(), b"\xff")
    assert "通车" in str(only(content).content)


def test_read_malformed_feed_gives_its_entries() -> None:
    assert (
        "A&B"
        in only(
            RSS2.format(ITEM.format("大桥 A&B&nbsp;通车").replace("</title>", " & </title>"))
        ).content
    )


def test_read_entry_without_content_is_refused_alone() -> None:
    records = read(RSS2.format(ITEM.format(" ") + ITEM.format("大桥今天通车。")))
    (first, error), (second, record) = records
    assert isinstance(error, SeedUnreadable)
    assert isinstance(record, Record)
    assert (first, error.code, second) == ("f.xml#1", "feed-entry-empty", "f.xml#2")


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (RSS2.format(""), "feed-empty"),
        ("<rss><chan", "feed-damaged"),
        ("", "feed-empty"),
        ("正文。", "feed-damaged"),
    ],
)
def test_read_without_entries_is_refused(content: str, code: str) -> None:
    with pytest.raises(SeedUnreadable) as caught:
        read(content)
    assert caught.value.code == code


def test_read_entities_in_entities_are_not_expanded() -> None:
    entities = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 12))
    doctype = (
        f'<!DOCTYPE rss [<!ENTITY e0 "xxxxxxxxxx">{entities}<!ENTITY f SYSTEM "file:///etc/passwd">]>'
    )
    content = '<?xml version="1.0"?>' + doctype + RSS2.format(ITEM.format("&e11;&f;大桥"))
    assert feeds.matches("x.xml", content.encode())
    for _, record in read(content):
        assert isinstance(record, Record)
        assert len(record.content) < 100
        assert "root:" not in str(record.content)


def test_read_address_as_content_fetches_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("socket.socket.connect", lambda *_: pytest.fail("connected"))
    with pytest.raises(SeedUnreadable):
        read(b"http://127.0.0.1:9/feed.xml")


def test_read_file_above_the_limit_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rag.ingest.containers.whole_files.MAX_WHOLE_BYTES", 100)
    with pytest.raises(SeedUnreadable) as caught:
        read(FULL)
    assert caught.value.code == "file-too-large"


def test_read_tags_above_the_limit_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feeds, "_MAX_TAGS", 5)
    with pytest.raises(SeedUnreadable) as caught:
        read(FULL)
    assert caught.value.code == "feed-too-large"


def test_read_entries_above_the_limit_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feeds, "MAX_RECORDS", 2)
    names = [
        (name, isinstance(record, Record))
        for name, record in read(RSS2.format(ITEM.format("文。") * 3))
    ]
    assert names == [("f.xml#1", True), ("f.xml#2", True), ("f.xml", False)]


WORDS = st.text("大橋通车民众0189abcXYZ", min_size=1, max_size=30)


@settings(max_examples=15, deadline=None)
@given(st.lists(st.tuples(WORDS, WORDS), min_size=1, max_size=4))
def test_read_any_entries_come_back_in_order(entries: list[tuple[str, str]]) -> None:
    items = (
        f"<item><title>{escape(t)}</title><description>{escape(d)}</description></item>"
        for t, d in entries
    )
    records = [record for _, record in read(RSS2.format("".join(items)))]
    assert [(r.title, r.content) for r in records if isinstance(r, Record)] == entries


@settings(max_examples=30, deadline=None)
@given(st.binary(max_size=100), st.integers(0, len(FULL.encode())))
def test_read_damaged_feed_raises_nothing_else(noise: bytes, at: int) -> None:
    content = FULL.encode()
    try:
        read(content[:at] + noise + content[at:])
    except SeedUnreadable as error:
        assert error.code in ("feed-damaged", "feed-empty")


@pytest.mark.parametrize(
    ("name", "head"),
    [
        (
            "sitemap.xml",
            b'<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">',
        ),
        ("a.html", b"<!DOCTYPE html><html><body><rss>"),
        ("a.rss", b"<!doctype html><html>"),
        ("a.txt", "<!--1699320600000-->\n[大桥](https://x.example)\n---\n".encode()),
        ("a.txt", b"feed"),
        ("a.xml", b"<??>" * 1000),
        ("a.rdf", b'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'),
    ],
)
def test_matches_other_files_is_false(name: str, head: bytes) -> None:
    assert not feeds.matches(name, head)

"""Front matter: what is metadata, what is text, and the names of title, address and date."""

from __future__ import annotations

import time
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.ingest.texts import front_matter

BODY = "\n港务局周一开始疏浚。\n"
WANTED = ("港口疏浚", "https://port.example/a_(b)", "2023-08-09")
FORMS = {
    "yaml": "---\ntitle: 港口疏浚\nurl: https://port.example/a_(b)\ndate: 2023-08-09\ntags: [港, 船]\n---\n",
    "dots": "---\ntitle: 港口疏浚\nurl: https://port.example/a_(b)\ndate: 2023-08-09\n...\n",
    "toml": '+++\ntitle = "港口疏浚"\ndate = 2023-08-09\n[extra]\nlink = "https://port.example/a_(b)"\n+++\n',
    "json": '{\n "title": "港口疏浚",\n "date": "2023-08-09",\n "url": "https://port.example/a_(b)"\n}\n',
    "colon in title": "---\nheadline: 港口疏浚\nsource: <https://port.example/a_(b)>\nnote: 甲: 乙\npubDate: 2023-08-09\n---\n",
    "open quote": '---\ntitle: 港口疏浚\nlink: https://port.example/a_(b)\nsummary: "甲\ndate: "2023-08-09"\n---\n',
    "unclosed": "---\ntitle: 港口疏浚\nurl: https://port.example/a_(b)\ndate: 2023-08-09\n",
    "broken toml": "+++\ntitle = '港口疏浚'\nurl = https://port.example/a_(b)\ndate = 2023-08-09\n+++\n",
    "chinese": "---\n标题：港口疏浚\n原文链接：https://port.example/a_(b)\n发布时间：2023-08-09\n---\n",
}


@pytest.mark.parametrize("content", FORMS.values(), ids=FORMS.keys())
@pytest.mark.parametrize("prefix", ["", "\ufeff", "\n \n"])
@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_split_front_matter_gives_fields_and_text(content: str, prefix: str, ending: str) -> None:
    fields, rest = front_matter.split((prefix + content + BODY).replace("\n", ending))
    assert front_matter.metadata(fields) == WANTED
    assert rest.strip() == BODY.strip()


@pytest.mark.parametrize(
    "content",
    [
        "---\n港务局周一开始疏浚。\n---\n第二段。",
        "---\n\n标题\n\n---\n\n来源：港报\n日期：周一",
        "---\nQ: 何时开工？\nA: 周一。\n---\n",
        "正文。\n---\ntitle: 港口\n---\n",
        "<!--1714000000000-->\n[港口](https://port.example)\n---\n<p>正文。</p>",
        "[港口](https://port.example)\n---\n<p>title: 甲</p>",
        "{ 港务局 }\n正文。",
        '{"title": "全部是 JSON"}',
        '{"title": "甲"} 接着正文。',
        '{"甲": 1}\n正文。',
        "+++\n正文。\n+++\n",
        "---\ntitle: 甲\ndate: 乙\n正文第一段。\n\n正文第二段。\n---\n",
        "---\nSource: 港报说，疏浚开始了。\n\n正文。",
        "-----\ntitle: 甲\n-----\n",
        "",
        "---\n",
    ],
)
def test_split_ordinary_text_stays_whole(content: str) -> None:
    assert front_matter.split(content) == ({}, content)


@given(st.text(st.sampled_from("-+{}[]:\"'\n \t&*!|>#a标题=。,9"), max_size=200))
def test_split_any_text_loses_nothing_below(content: str) -> None:
    for fence in ("---", "+++", "{"):
        fields, rest = front_matter.split(f"{fence}\n{content}")
        assert f"{fence}\n{content}".endswith(rest)
        assert fields or rest == f"{fence}\n{content}"
        assert all(isinstance(value, str) for value in front_matter.metadata(fields))


@pytest.mark.parametrize(
    ("fields", "wanted"),
    [
        ({"Title": 2024, "Published_At": date(2024, 1, 2)}, ("2024", "", "2024-01-02")),
        (
            {"title": ["甲", "乙"], "date": datetime(2024, 1, 2, 3, tzinfo=UTC)},
            ("甲", "", "2024-01-02T03:00:00+00:00"),
        ),
        ({"created": "2024-05-06", "published": "2024-05-01"}, ("", "", "2024-05-01")),
        ({"created": "2024-05-06", "published": ""}, ("", "", "2024-05-06")),
        ({"created": "2024-05-06", "date": "2024-05-02"}, ("", "", "2024-05-02")),
        ({"published": "true", "date": "2024-05-02"}, ("", "", "2024-05-02")),
        ({"published": True, "publishDate": 1714000000}, ("", "", "1714000000")),
        (
            {"url": "/posts/a/", "slug": "https://x.example/s", "source": "https://x.example/a"},
            ("", "https://x.example/a", ""),
        ),
        ({"url": "", "original_url": ["港报", "https://x.example/a"]}, ("", "https://x.example/a", "")),
        ({"source": "[港报](https://x.example/a_(b))"}, ("", "https://x.example/a_(b)", "")),
        ({"source": "[[港报]]", "canonicalURL": "HTTPS://x.example"}, ("", "HTTPS://x.example", "")),
        ({"permalink": "javascript:alert(1)", "title": "null"}, ("", "", "")),
        (
            {"title": "两\n  行", "params": {"title": "丙", "href": "http://x.example"}},
            ("两 行", "http://x.example", ""),
        ),
        ({"title": {"a": 1}, "lastmod": "2024-01-01"}, ("", "", "")),
        ({}, ("", "", "")),
    ],
)
def test_metadata_reads_the_usual_names(
    fields: dict[str, object], wanted: tuple[str, str, str]
) -> None:
    assert front_matter.metadata(fields) == wanted


def test_split_yaml_alias_is_not_expanded() -> None:
    bomb = "a: &a [x, x]\n" + "".join(f"b{n}: &b{n} [*a, *a]\n" for n in range(50))
    fields, rest = front_matter.split(f"---\ntitle: 甲\n{bomb}---\n正文。")
    assert (fields["title"], fields["b9"], rest) == ("甲", "&b9 [*a, *a]", "正文。")


def test_split_yaml_impossible_date_keeps_the_other_fields() -> None:
    fields, _ = front_matter.split("---\ntitle: 12:30\ndate: 2024-13-45\n---\n正文。")
    assert fields == {"title": "12:30", "date": "2024-13-45"}


@pytest.mark.parametrize(
    "block",
    [
        "[" * 12_000,
        "{a: " * 3_000,
        "a: " * 20_000,
        "? " * 4_000,
        "- " * 4_000,
        "title: " + "9" * 12_000,
        "&a " * 20_000,
        "a." * 30_000 + "b = 1",
        "[" + "a." * 30_000 + "b]",
        "a=" + "[" * 12_000,
        "a = " + "1" * 12_000,
        " \n" * 8_000,
        "a: b\n" * 20_000,
    ],
)
def test_split_hostile_front_matter_takes_bounded_time(block: str) -> None:
    started = time.process_time()
    for fence in ("---", "+++"):
        front_matter.split(f"{fence}\ntitle: 甲\n{block}\n{fence}\n正文。")
        front_matter.split(f"{fence}\n{block}\n{fence}\n正文。")
    front_matter.split('{"a":' * 12_000)
    assert time.process_time() - started < 3

"""Exports in JSON, JSON Lines and CSV: the forms and names of fields, and what is not an export."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from rag.errors import SeedUnreadable
from rag.ingest.containers import exports
from rag.ingest.containers.export_fields import SYNONYMS
from rag.ingest.records import Record

ARTICLE = {
    "title": "大桥通车",
    "url": "https://paper.example.net/bridge",
    "published": "2023-11-07",
    "text": "新的大桥今天通车。",
}
ROW = tuple(ARTICLE.values())


def read(content: str | bytes, name: str) -> list[tuple[str, Record | SeedUnreadable]]:
    return list(exports.read(BytesIO(content.encode() if isinstance(content, str) else content), name))


def rows(content: str | bytes, name: str = "a.json") -> list[tuple[str, ...]]:
    return [
        (r.title, r.url, r.published, str(r.content))
        for _, r in read(content, name)
        if isinstance(r, Record)
    ]


def refusal(content: str | bytes, name: str = "a.json") -> str:
    with pytest.raises(SeedUnreadable) as caught:
        read(content, name)
    return caught.value.code


def dumps(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def table(records: list[dict[str, str]], delimiter: str = ",") -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, list(records[0]), delimiter=delimiter)
    writer.writeheader()
    writer.writerows(records)
    return text.getvalue()


FORMS: dict[str, tuple[str, Callable[[list[dict[str, str]]], str]]] = {
    "array": ("a.json", dumps),
    "indented": ("a.json", lambda records: json.dumps(records, indent=2)),
    "feed": ("a.json", lambda records: dumps({"version": "1.1", "title": "报", "items": records})),
    "nested": ("a.json", lambda records: dumps({"status": "ok", "response": {"docs": records}})),
    "mapping": (
        "a.json",
        lambda records: dumps({f"id{n}": record for n, record in enumerate(records)}),
    ),
    "wrapped": (
        "a.json",
        lambda records: dumps({"hits": [{"_id": 1, "_source": record} for record in records]}),
    ),
    "lines": ("a.jsonl", lambda records: "\n".join(map(dumps, records))),
    "lines with blanks": ("a.ndjson", lambda records: "\r\n\r\n".join(map(dumps, records)) + "\r\n"),
    "csv": ("a.csv", table),
    "semicolons": ("a.csv", lambda records: table(records, ";")),
    "bars": ("a.csv", lambda records: "sep=|\r\n" + table(records, "|")),
    "tsv": ("a.tsv", lambda records: table(records, "\t")),
}
LETTERS = st.text(
    st.characters(exclude_categories=["C"], exclude_characters="\u2028\u2029"), min_size=1, max_size=40
)
FILLED = LETTERS.filter(lambda text: bool(text.strip()))
RECORDS = st.lists(st.tuples(FILLED, FILLED, FILLED, FILLED), min_size=1, max_size=4)
STRONG = [
    name
    for name in SYNONYMS["text"]
    if name not in ("description", "summary", "excerpt", "摘要", "简介", "簡介")
]
NAMES = st.tuples(
    *(st.sampled_from(SYNONYMS[field]) for field in ("title", "url", "published")),
    st.sampled_from(STRONG),
)


@settings(max_examples=60, deadline=None)
@given(
    RECORDS, NAMES, st.sampled_from([str.lower, str.upper, str.title]), st.sampled_from(sorted(FORMS))
)
@example([('a,"b', "u;v", "1|2", "x\ty, z\n")], ("title", "url", "published", "text"), str.lower, "csv")
def test_read_any_form_and_names_give_equal_articles(
    records: list[tuple[str, ...]], names: tuple[str, ...], case: Callable[[str], str], form: str
) -> None:
    name, write = FORMS[form]
    keys = [case(key) for key in names]
    content = write([dict(zip(keys, record, strict=True)) for record in records])
    assert rows(content, name) == records
    assert [identifier for identifier, _ in read(content, name)] == [
        f"{name}#{n + 1}" for n in range(len(records))
    ]


@pytest.mark.parametrize("bom", ["", "\ufeff"])
@pytest.mark.parametrize("form", sorted(FORMS))
def test_read_byte_order_mark_is_no_part_of_a_name(form: str, bom: str) -> None:
    name, write = FORMS[form]
    assert rows(bom + write([ARTICLE, ARTICLE]), name) == [ROW, ROW]


@pytest.mark.parametrize(
    "key",
    ["Full Text", "full_text", "fullText", "content-html", "Article_Body", "正文", "content:encoded"],
)
def test_read_spelling_of_a_name_does_not_matter(key: str) -> None:
    assert rows(dumps([{"Headline": "大桥", key: "正文。"}])) == [("大桥", "", "", "正文。")]


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        (
            {"title": {"rendered": "大桥"}, "content": {"rendered": "<p>文</p>", "protected": False}},
            ("大桥", "", "", "<p>文</p>"),
        ),
        ({"title": {"#text": "大桥"}, "text": ["一", "二"]}, ("大桥", "", "", "一\n二")),
        ({"text": "文", "timestamp": 1699320600}, ("", "", "1699320600", "文")),
        ({"text": "文", "time": 1699320600.0}, ("", "", "1699320600", "文")),
        (
            {"text": "文", "date": {"$date": {"$numberLong": "1699320600000"}}},
            ("", "", "1699320600000", "文"),
        ),
        ({"text": "文", "published": True, "date": "2023-11-07"}, ("", "", "2023-11-07", "文")),
        ({"title": None, "name": "大桥", "content": "", "body": "文"}, ("大桥", "", "", "文")),
        ({"description": "短", "content": "长文"}, ("", "", "", "长文")),
        ({"title": "大桥", "url": "u", "description": "短文"}, ("大桥", "u", "", "短文")),
        ({"title": "大桥", "text": "a\ud800b"}, ("大桥", "", "", "a\ufffdb")),
    ],
)
def test_read_values_that_are_not_plain_give_their_text(
    fields: dict[str, Any], expected: tuple[str, ...]
) -> None:
    assert rows(json.dumps([fields])) == [expected]


@pytest.mark.parametrize(
    ("text", "form"),
    [("<p>一</p>", "page"), ("一<br/>二", "page"), ("一 < 二\n3 > 2", "text"), ("<二>", "text")],
)
def test_read_markup_is_a_page(text: str, form: str) -> None:
    [(_, record)] = read(dumps({"title": "大桥", "text": text}), "a.json")
    assert isinstance(record, Record)
    assert (record.form, record.content) == (form, text)


def test_read_single_article_with_related_ones_is_one() -> None:
    assert rows(dumps({**ARTICLE, "related": [{"title": "别的", "text": "别的。"}]})) == [ROW]


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (dumps([ARTICLE, {"title": "空", "text": ""}, 7, ARTICLE]), "a.json"),
        (
            "\n".join(
                [dumps(ARTICLE), dumps({"title": "空", "text": ""}), '{"title": "x', dumps(ARTICLE)]
            ),
            "a.jsonl",
        ),
        (table([ARTICLE, {**ARTICLE, "text": " "}, {**ARTICLE, "text": ""}, ARTICLE]), "a.csv"),
    ],
)
def test_read_bad_record_is_refused_alone(content: str, name: str) -> None:
    records = read(content, name)
    assert [identifier for identifier, _ in records] == [f"{name}#{n}" for n in (1, 2, 3, 4)]
    assert [isinstance(record, Record) for _, record in records] == [True, False, False, True]
    assert (
        str(records[1][1].args[0] if isinstance(records[1][1], SeedUnreadable) else "")
        == "record-no-text"
    )


@pytest.mark.parametrize(
    ("content", "name", "code"),
    [
        (
            dumps(
                {"name": "tool", "version": "1.0", "description": "A tool", "scripts": {"test": "x"}}
            ),
            "package.json",
            "export-no-articles",
        ),
        (
            dumps({"editor.fontSize": 12, "files": {"a": {"b": True}}}),
            "settings.json",
            "export-no-articles",
        ),
        (
            dumps({"$schema": "x", "title": "Options", "description": "All", "properties": {}}),
            "s.json",
            "export-no-articles",
        ),
        (dumps([1, 2]), "a.json", "export-no-articles"),
        ("[]", "a.json", "export-no-articles"),
        ("{}", "a.json", "export-no-articles"),
        ("a,b\n1,2\n", "a.csv", "export-no-articles"),
        (dumps([{"title": "大桥", "url": "u"}]), "a.json", "export-links-only"),
        (
            dumps({"list": {"7": {"given_url": "u", "given_title": "大桥"}}}),
            "a.json",
            "export-links-only",
        ),
        (
            "URL,Title,Selection,Folder,Timestamp\nhttps://x.example,大桥,,Unread,1699320600\n",
            "i.csv",
            "export-links-only",
        ),
        ("", "a.json", "file-empty"),
        (" \n\n", "a.csv", "file-empty"),
        ('[{"title": ', "a.json", "json-damaged"),
        ("[" * 200_000, "a.json", "json-damaged"),
        ('{"a":' * 200_000, "a.json", "json-damaged"),
        ('{"text": ' + "9" * 5000 + "}", "a.json", "json-damaged"),
        ('{"text": \n', "a.jsonl", "record-damaged"),
        ("\n".join(["{" * 100_000] * 2), "a.jsonl", "record-damaged"),
    ],
)
def test_read_what_is_no_export_is_refused_with_the_reason(content: str, name: str, code: str) -> None:
    assert refusal(content, name) == code


def test_read_json_above_the_limit_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exports, "MAX_WHOLE_BYTES", 20)
    assert refusal(dumps([ARTICLE])) == "json-too-large"


def test_read_lines_above_the_limit_are_refused_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rag.ingest.containers.text_streams.MAX_BYTES", 200)
    lines = [dumps(ARTICLE), dumps({"text": "长" * 900}), dumps(ARTICLE)]
    results = read("\n".join(lines), "a.jsonl")
    assert [getattr(result, "code", "") for _, result in results] == ["", "file-too-large", ""]


def test_read_record_above_the_limit_is_refused_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rag.ingest.regular_files.MAX_BYTES", 100)
    results = read(dumps([{"text": "长" * 90}, ARTICLE]), "a.json")
    assert [getattr(result, "code", "") for _, result in results] == ["file-too-large", ""]


def test_read_file_above_the_limit_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exports, "MAX_ARCHIVE_BYTES", 10)
    assert refusal(dumps([ARTICLE])) == "file-too-large"


def test_read_records_above_the_limit_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exports, "MAX_RECORDS", 1)
    (_, record), (name, error) = read(dumps([ARTICLE] * 3), "a.json")
    assert isinstance(record, Record)
    assert isinstance(error, SeedUnreadable)
    assert (name, error.code) == ("a.json", "archive-too-many")


def test_read_blank_lines_above_the_limit_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rag.ingest.containers.text_streams.MAX_LINES", 50)
    assert refusal("title,text" + "\n" * 100, "a.csv") == "file-lines-too-many"


def test_read_leaves_the_file_open() -> None:
    file = BytesIO(dumps([ARTICLE]).encode())
    list(exports.read(file, "a.json"))
    assert not file.closed


@pytest.mark.parametrize("encoding", ["gbk", "utf-16"])
@pytest.mark.parametrize("form", ["array", "lines", "csv"])
def test_read_other_encodings_are_decoded(form: str, encoding: str) -> None:
    name, write = FORMS[form]
    article = {**ARTICLE, "text": "新的大桥今天通车，市民纷纷前来参观，交通部门说秩序良好。" * 5}
    assert rows(write([article] * 2).encode(encoding), name) == [tuple(article.values())] * 2


@settings(max_examples=40, deadline=None)
@given(st.binary(max_size=300), st.sampled_from(["a.json", "a.jsonl", "a.csv", "a.txt"]))
def test_read_noise_raises_nothing_else(content: bytes, name: str) -> None:
    try:
        read(content, name)
    except SeedUnreadable as error:
        assert error.code


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.json", "{}"),
        ("a.JSONL", "\ufeff{}"),
        ("a.csv", "x"),
        ("a.txt", dumps([ARTICLE])),
        ("a", "  " + dumps({"headline": "大桥", "body": "文"})),
        ("a.txt", dumps(ARTICLE) + "\n" + dumps(ARTICLE)),
        ("a.txt", table([ARTICLE])),
        ("a.txt", table([ARTICLE], "\t")),
    ],
)
def test_matches_export_under_any_name(name: str, content: str) -> None:
    assert exports.matches(name, content.encode()[:4096])


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.json", "<!DOCTYPE html><p>x"),
        ("a.csv", "PK\x03\x04\0\0"),
        ("a.txt", "[大桥通车](https://x.example)\n---\n<p>x"),
        ("a.md", '{"title": 是一个字段。'),
        ("a.txt", "标题很长，内容也很长，这是一篇文章。\n\n正文。"),
        ("a.txt", ""),
    ],
)
def test_matches_other_files_is_false(name: str, content: str) -> None:
    assert not exports.matches(name, content.encode())

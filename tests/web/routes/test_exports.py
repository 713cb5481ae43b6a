"""Tests of `rag.web.routes.exports`."""

from __future__ import annotations

import csv
import io
from typing import Any
from urllib.parse import quote

import bibtexparser
import httpx
import pytest
import rispy
from support.clients import SECRET, send
from support.doubles import HashEncoder, PatternReader, make_article

import rag
from rag.serialization import to_json
from rag.web.application import Service, application

QUESTION = "平壤运送了多少个集装箱？"
ADDRESS = f"?q={quote(QUESTION)}"


@pytest.fixture(scope="module")
def app(small: rag.Assistant) -> Any:
    return application(small, Service(questions=0))


def rows(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def test_csv_of_a_question_has_every_passage_with_answer_and_sentence(app: Any) -> None:
    response = send(app, f"/export.csv{ADDRESS}")
    assert response.content.startswith("\ufeff".encode())
    assert response.headers["content-type"] == "text/csv; charset=utf-8"
    first, *others = rows(response.content)
    assert len(others) == 2
    assert (first["question"], first["rank"], first["answer"]) == (QUESTION, "1", "6700")
    assert (first["title"], first["site"], first["date"]) == ("标题 a", "news.example", "2024-03-06")
    assert (first["language"], first["address"]) == ("zh-Hans", "https://news.example/a")
    assert first["article_id"] == "a"
    assert "6700" in first["sentence"]
    assert len(first["sentence"]) < len(first["passage"])
    assert [other["answer"] for other in others] == ["", ""]


def test_csv_of_formulas_keeps_them_text(tmp_path: Any) -> None:
    formula = '=HYPERLINK("https://a.example")'
    articles = [make_article("a", "集装箱6700个。", title=formula), make_article("b", "+1集装箱。")]
    rag.build(articles, tmp_path / "index", HashEncoder())
    assistant = rag.load(tmp_path / "index", HashEncoder(), PatternReader("无"))
    exported = rows(send(application(assistant), f"/export.csv{ADDRESS}").content)
    by_id = {row["article_id"]: row for row in exported}
    assert by_id["a"]["title"] == f"'{formula}"
    assert by_id["b"]["passage"] == "'+1集装箱。"


def test_csv_of_newest_first_keeps_the_rank_of_the_match(tmp_path: Any) -> None:
    old = make_article("old", "平壤运送了集装箱。")
    new = make_article("new", "东京的樱花。", published=old.published.replace(year=2025))  # type: ignore[union-attr]
    undated = make_article("undated", "平壤运送了多少个集装箱。", published=None)
    rag.build([old, new, undated], tmp_path / "index", HashEncoder())
    assistant = rag.load(tmp_path / "index", HashEncoder(), PatternReader("无"))
    exported = rows(send(application(assistant), f"/export.csv{ADDRESS}&sort=newest").content)
    assert [(row["article_id"], row["rank"]) for row in exported] == [
        ("new", "3"),
        ("old", "2"),
        ("undated", "1"),
    ]


def test_json_of_a_question_is_its_answer_with_all_passages(app: Any, small: rag.Assistant) -> None:
    exported = send(app, f"/export.json{ADDRESS}").json()
    expected = to_json(small.ask(QUESTION))
    assert exported | {"hits": []} == expected | {"hits": []}
    assert [hit["passage"]["article_id"] for hit in exported["hits"]] == [
        hit.passage.article_id for hit in small.search(QUESTION, 50)
    ]


def test_bibliographies_of_a_question_have_a_record_for_each_passage(app: Any) -> None:
    entries = bibtexparser.parse_string(send(app, f"/export.bib{ADDRESS}").text).entries
    records = list(rispy.loads(send(app, f"/export.ris{ADDRESS}").text, newline="\r\n"))
    assert {entry["title"] for entry in entries} == {"标题 a", "标题 b", "标题 c"}
    assert [record["title"] for record in records] == [entry["title"] for entry in entries]
    assert len({entry.key for entry in entries}) == 3


def test_export_uses_the_filters_of_the_address(app: Any) -> None:
    assert rows(send(app, f"/export.csv{ADDRESS}&site=other.example").content) == []
    assert len(rows(send(app, f"/export.csv{ADDRESS}&from=2024-03-06&lang=zh").content)) == 3


def test_export_is_a_file_named_after_the_question(app: Any) -> None:
    disposition = send(app, f"/export.ris?q={quote('谁, “在 首尔”/../?')}").headers[
        "content-disposition"
    ]
    assert (
        disposition == f"attachment; filename=results.ris; filename*=UTF-8''{quote('谁-在-首尔')}.ris"
    )


@pytest.mark.parametrize("address", ["", "?q=", f"?q={quote('site:a.example')}", "?q=%00"])
def test_export_without_a_question_says_so(app: Any, address: str) -> None:
    response = send(app, f"/export.csv{address}", headers={"accept-language": "zh-TW"})
    assert (response.status_code, response.text) == (400, "請先輸入問題。")


def test_export_counts_as_a_question(small: rag.Assistant) -> None:
    limited = application(small, Service(questions=1))
    assert send(limited, f"/export.csv{ADDRESS}").status_code == 200
    refused = send(limited, f"/export.json{ADDRESS}")
    assert refused.status_code == 429
    assert 1 <= int(refused.headers["retry-after"]) <= 60
    assert refused.headers["retry-after"] in refused.text


def test_export_needs_the_password(locked_site: str) -> None:
    address = f"{locked_site}export.csv{ADDRESS}"
    assert httpx.get(address).status_code == 401
    assert httpx.get(address, headers=SECRET).status_code == 200


def test_csv_of_a_question_in_another_language_has_the_rendering_of_the_answer(app: Any) -> None:
    question = "how many 集装箱 of the 弹药 did they ship?"
    found = rows(send(app, f"/export.csv?q={quote(question)}").content)
    assert [row["rendering"] for row in found if row["answer"] == "6700"] == ["about 6,700"]
    assert {row["rendering"] for row in found if not row["answer"]} == {""}

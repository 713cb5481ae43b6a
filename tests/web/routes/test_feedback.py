"""The form for wrong answers, and what the server keeps of it."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from support.browser import served
from support.hits import make_hit

import rag
from rag import feedback
from rag.i18n.translator import Translator
from rag.types import Answer
from rag.web.rendering import _environment
from rag.web.routes import feedback as routes
from rag.web.site import Site

COMPLAINT = {
    "question": "多少集装箱？",
    "problem": "answer",
    "right": "约6700",
    "answer": "6700",
    "kind": "span",
    "confidence": 0.83,
    "article": "a.txt",
    "title": "标题",
    "passage": "a.txt#0",
    "passage_start": 0,
    "start": 9,
    "end": 13,
    "page": "?q=x&site=news.example",
}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "feedback.jsonl"


def client(small: rag.Assistant, file: Path | None) -> TestClient:
    app = FastAPI()
    routes.register(app, Site(small, feedback=file))
    return TestClient(app)


def send(small: rag.Assistant, file: Path | None, **changes: Any) -> int:
    return client(small, file).post("/feedback", json={**COMPLAINT, **changes}).status_code


def test_post_appends_the_complaint_with_the_minute(small: rag.Assistant, file: Path) -> None:
    response = client(small, file).post("/feedback", json=COMPLAINT)
    assert (response.status_code, response.json()) == (
        200,
        {"detail": "Thank you. Kept in this archive’s file."},
    )
    (kept,) = map(json.loads, file.read_text(encoding="utf-8").splitlines())
    time = kept.pop("time")
    assert kept == COMPLAINT
    assert time.endswith(":00Z")
    assert "testclient" not in file.read_text(encoding="utf-8")


def test_post_of_a_refusal_needs_only_the_question(small: rag.Assistant, file: Path) -> None:
    complaint = {"question": "谁？", "problem": "refusal"}
    assert client(small, file).post("/feedback", json=complaint).status_code == 200
    (report,) = feedback.read(file)
    assert report and (report.question, report.answer) == ("谁？", "")


@pytest.mark.parametrize(
    "changes",
    [
        {"question": ""},
        {"question": "x" * 2001},
        {"question": None},
        {"right": "x" * 501},
        {"problem": "other"},
        {"confidence": 1.1},
        {"confidence": "0.5"},
        {"start": -1},
        {"start": 0.5},
        {"visitor": "203.0.113.1"},
        {"time": "2026-01-01T00:00:00Z"},
    ],
)
def test_post_of_wrong_types_or_lengths_is_refused(
    small: rag.Assistant, file: Path, changes: dict[str, Any]
) -> None:
    assert send(small, file, **changes) == 400
    assert not file.exists()


@pytest.mark.parametrize("content", [b"", b"[]", b"{", b'"x"', b'{"question": "\\ud800"}', b"\xff"])
def test_post_of_other_content_is_refused(small: rag.Assistant, file: Path, content: bytes) -> None:
    assert client(small, file).post("/feedback", content=content).status_code == 400


def test_post_of_hostile_text_stays_one_line(small: rag.Assistant, file: Path) -> None:
    hostile = '\n{"question": "x"}\r\u2028\x00\x1b[31m<script>'
    assert send(small, file, question=hostile) == 200
    (report,) = feedback.read(file)
    assert report and report.question == hostile


def test_post_without_a_file_is_404_and_the_form_is_empty(small: rag.Assistant) -> None:
    assert send(small, None) == 404
    response = client(small, None).get("/feedback")
    assert (response.status_code, response.text) == (204, "")


def test_get_returns_the_form_in_the_language_of_the_visitor(small: rag.Assistant, file: Path) -> None:
    response = client(small, file).get("/feedback", headers={"accept-language": "zh-TW"})
    assert response.text.lstrip().startswith("<form")
    assert "哪裡有誤？" in response.text
    assert "不儲存訪客的網路位址" in response.text


def test_post_beyond_the_limit_waits_and_keeps_nothing(small: rag.Assistant, file: Path) -> None:
    session = client(small, file)
    statuses = [session.post("/feedback", json=COMPLAINT).status_code for _ in range(21)]
    assert statuses == [200] * 20 + [429]
    assert len(list(feedback.read(file))) == 20


def test_post_to_a_full_file_keeps_it_as_it_is(
    small: rag.Assistant, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert send(small, file) == 200
    before = file.read_bytes()
    monkeypatch.setattr(feedback, "MAX_BYTES", 2 * len(before) - 1)
    assert send(small, file) == 507
    assert file.read_bytes() == before


def test_post_that_cannot_be_written_is_503(small: rag.Assistant, tmp_path: Path) -> None:
    assert send(small, tmp_path) == 503


def report(question: str) -> feedback.Report:
    return feedback.Report.of(json.dumps({**COMPLAINT, "question": question}).encode())


def test_append_after_a_torn_line_damages_only_that_line(file: Path) -> None:
    feedback.append(file, report("一"))
    file.write_bytes(file.read_bytes() + b'{"question": "to')
    feedback.append(file, report("二"))
    assert [each and each.question for each in feedback.read(file)] == ["一", None, "二"]


def test_append_at_the_same_time_keeps_every_line(file: Path) -> None:
    def add(number: int) -> None:
        for each in range(20):
            feedback.append(file, report(f"{number}-{each}" + "长" * 1500))

    threads = [threading.Thread(target=add, args=[number]) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    kept = {each.question.rstrip("长") for each in feedback.read(file) if each}
    assert kept == {f"{number}-{each}" for number in range(4) for each in range(20)}


def test_append_on_a_full_disk_leaves_the_file_as_it_was(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    feedback.append(file, report("一"))
    before = file.read_bytes()

    def fail(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", fail)
    with pytest.raises(OSError, match="No space"):
        feedback.append(file, report("二"))
    assert file.read_bytes() == before


def test_check_makes_a_file_that_only_the_owner_reads(file: Path) -> None:
    feedback.check(file)
    assert file.stat().st_mode & 0o777 == 0o600
    with pytest.raises(FileNotFoundError):
        feedback.check(file.parent / "missing" / "file")


def wrong(answer: Answer) -> str:
    template = _environment().from_string(
        '{% from "wrong.html" import wrong with context %}{{ wrong(answer) }}'
    )
    return template.render(translate=Translator(), answer=answer)


def test_wrong_holds_what_the_browser_sends_with_positions_in_the_article() -> None:
    hit = make_hit("一二三'\"<b>&四", title="标'题\"")
    hit = replace(hit, passage=replace(hit.passage, start=70))
    button = wrong(Answer("谁's \"?", "三", hit, 2, 3, 0.5, (hit,)))
    assert "hidden" in button
    attribute = button.split("data-wrong='")[1].split("'")[0]
    said = json.loads(attribute)
    assert said["question"] == "谁's \"?"
    assert (said["passage_start"], said["start"], said["end"]) == (70, 72, 73)
    feedback.Complaint.model_validate_json(json.dumps({**said, "problem": "answer"}))


def test_wrong_of_a_refusal_says_that_the_archive_has_the_answer() -> None:
    button = wrong(Answer("谁？", "", None, 0, 0, 0.1, ()))
    assert "The archive does answer this" in button


@contextmanager
def kept_site(small: rag.Assistant, file: Path | None) -> Iterator[str]:
    with served(small, feedback=file) as address:
        yield address


@pytest.mark.browser
def test_visitor_reports_a_wrong_answer_and_is_thanked(
    small: rag.Assistant, file: Path, open_page: Any
) -> None:
    with kept_site(small, file) as address:
        visit = open_page(address, "?q=集装箱的弹药有多少？&site=news.example")
        visit.wait("[data-wrong]:not([hidden])").click()
        visit.wait("form.report select").select_option("answer")
        visit.page.fill("form.report input[name=right]", "约6700")
        visit.page.click("form.report button[type=submit]")
        assert "Thank you" in visit.wait("form.report [role=status]:not(:empty)").inner_text()
        assert visit.page.locator("[data-wrong]").count() == 0
        visit.close()
    (report,) = feedback.read(file)
    assert report
    assert (report.problem, report.right) == ("answer", "约6700")
    assert "news.example" in report.page


@pytest.mark.browser
def test_visitor_cannot_report_where_nothing_is_kept(small: rag.Assistant, open_page: Any) -> None:
    with kept_site(small, None) as address:
        visit = open_page(address, "?q=集装箱的弹药有多少？")
        visit.wait_until_shown()
        visit.page.wait_for_function("performance.getEntriesByName(location.origin + '/feedback')[0]")
        assert not visit.page.locator("[data-wrong]").first.is_visible()
        visit.close()

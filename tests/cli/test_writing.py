"""`rag ask --write`: the answer of a scripted language model on a terminal, and as JSON."""

from __future__ import annotations

import json

import pytest
from support.chat_server import Reply, chat_server
from support.cli import RunCommand

from rag.writing import settings

QUESTION = "集装箱有多少个？"
SAID = ["- 平壤向俄罗斯运送了", "约6700个集装箱的弹药[1]。\n- 没有出处的一句。\n"]


def test_ask_write_shows_the_verbatim_answer_then_checked_sentences_and_their_sources(
    run: RunCommand, monkeypatch: pytest.MonkeyPatch
) -> None:
    with chat_server(Reply(SAID)) as server:
        monkeypatch.setenv(settings.URL, server.url)
        status, out, err = run("ask", "--write", QUESTION)
        host = server.settings().host
    assert (status, err) == (0, "")
    verbatim, written = out.split(f"Written by the language model at {host}")
    assert verbatim.startswith("6700\n")
    lines = written.splitlines()[1:]
    assert lines[0] == "- 平壤向俄罗斯运送了约6700个集装箱的弹药。 [1]"
    assert lines[1].startswith("✗ - 没有出处的一句。 (")
    assert "[1] 标题 a" in lines
    assert "https://news.example/a" in written


def test_ask_write_as_json_has_sentences_with_citations_and_faults(
    run: RunCommand, monkeypatch: pytest.MonkeyPatch
) -> None:
    with chat_server(Reply(SAID, "length")) as server:
        monkeypatch.setenv(settings.URL, server.url)
        status, out, _ = run("ask", "--write", "--json", QUESTION)
    assert status == 0
    answer = json.loads(out)
    assert answer["text"] == "6700"
    written = answer["written"]
    assert [each["citations"] for each in written["sentences"]] == [[1]]
    assert written["sentences"][0]["faults"] == []
    assert "limit of length" in written["notice"]
    assert written["hits"][0]["passage"]["article_id"] == "a"


def test_ask_write_that_is_withheld_shows_no_sentence(
    run: RunCommand, monkeypatch: pytest.MonkeyPatch
) -> None:
    with chat_server(Reply(["没有出处。"])) as server:
        monkeypatch.setenv(settings.URL, server.url)
        status, out, _ = run("ask", "--write", QUESTION)
    assert status == 0
    assert "is withheld" in out
    assert "没有出处" not in out


@pytest.mark.parametrize(
    ("url", "message"),
    [("", "RAG_LLM_URL"), ("ftp://llm.example", "`RAG_LLM_URL` is not a web address")],
)
def test_ask_write_without_a_usable_address_fails_with_the_cure(
    url: str, message: str, run: RunCommand, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(settings.URL, url)
    status, _, err = run("ask", "--write", QUESTION)
    assert status == 1
    assert message in err
    assert run("ask", QUESTION)[0] == 0

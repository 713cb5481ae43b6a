"""Each command on the small index: output, JSON, errors and exit status."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from rich.cells import cell_len
from support.cli import RunCommand
from support.doubles import HashEncoder, make_article

import rag
from rag.cli import main
from rag.types import Article, Hit, Passage


def test_search_shows_title_source_date_score_and_url(run: RunCommand) -> None:
    status, out, err = run("search", "集装箱的弹药", "-k", "2")
    assert (status, err) == (0, "")
    lines = out.splitlines()
    assert lines[0] == "1.  标题 a"
    assert "news.example · 2024-03-06 · score 0." in lines[1]
    assert lines[2].strip() == "https://news.example/a"
    assert any(line.startswith("2.  ") for line in lines)
    assert max(map(cell_len, lines)) <= 80


def test_search_as_json_has_the_fields_of_the_types(run: RunCommand) -> None:
    status, out, _ = run("search", "集装箱的弹药", "--json", "-k", "1")
    assert status == 0
    result = json.loads(out)
    (hit,) = result["hits"]
    assert set(result) == {"question", "hits"}
    assert set(hit) == set(Hit.__slots__)
    assert set(hit["passage"]) == set(Passage.__slots__)
    assert hit["passage"]["published"] == "2024-03-06T22:20:00+00:00"


def test_search_with_filters_returns_only_matching_articles(run: RunCommand) -> None:
    def hits(*options: str) -> int:
        return len(json.loads(run("search", "集装箱的弹药", "--json", *options)[1])["hits"])

    assert hits() == 3
    assert hits("--source", "news.example", "--language", "zh", "--since", "2024-03-06") == 3
    assert hits("--until", "2024-03-06") == 3
    assert hits("--until", "2024-03-05") == 0
    assert hits("--since", "2024-03-06T22:21") == 0
    assert hits("--language", "en") == 0
    assert "no article matches the filters" in run("search", "集装箱", "--source", "x.example")[1]
    status, _, err = run("search", "集装箱", "--since", "yesterday")
    assert status == 2
    assert "must be a day such as 2024-03-06" in err


def test_search_and_ask_read_operators_of_the_question(run: RunCommand) -> None:
    def hits(command: str, question: str, *options: str) -> int:
        return len(json.loads(run(command, question, "--json", *options)[1])["hits"])

    for command in ("search", "ask"):
        assert hits(command, "弹药 site:news.example lang:zh since:2024-03-06 until:2024") == 3
        assert hits(command, "弹药 until:2024-03-05") == 0
        assert hits(command, "弹药 until:2024-03-05", "--until", "2024-03-06") == 3
        assert hits(command, "弹药 site:x.example", "--source", "x.example") == 0
        assert hits(command, "弹药", "--source", "x.example", "--source", "news.example") == 3
    assert "“没有这句话”" in run("search", '弹药 "没有这句话"')[1]
    assert "Type a question" in run("search", "site:news.example")[2]


def test_search_with_an_excluded_word_says_that_it_excludes_everything(run: RunCommand) -> None:
    assert "excluded: 集装箱, 气象, and 运动员" in run("search", "弹药 -集装箱 -气象 -运动员")[1]


def test_ask_with_filters_reads_only_matching_articles(run: RunCommand) -> None:
    def hits(*options: str) -> int:
        return len(json.loads(run("ask", "集装箱的弹药", "--json", *options)[1])["hits"])

    assert hits() == 3
    assert hits("--source", "news.example", "--language", "zh", "--since", "2024-03-06") == 3
    assert hits("--until", "2024-03-05") == hits("--language", "en") == 0
    status, _, err = run("ask", "集装箱", "--since", "yesterday")
    assert (status, "must be a day such as" in err) == (2, True)


def test_ask_shows_answer_confidence_source_and_date(run: RunCommand) -> None:
    status, out, _ = run("ask", "集装箱的弹药")
    assert status == 0
    assert out.splitlines()[:2] == ["6700", "Very probably right"]
    assert "news.example · 2024-03-06" in out
    assert "运送了约6700个集装箱的弹药" in out.replace("\n    ", "")
    answer = json.loads(run("ask", "集装箱的弹药", "--json")[1])
    assert answer["text"] == answer["hit"]["passage"]["text"][answer["start"] : answer["end"]]
    assert (answer["confidence"], answer["alternatives"]) == (0.9, [])


def test_ask_with_differing_articles_shows_alternatives(
    index: Path, articles: list[Article], run: RunCommand
) -> None:
    other = make_article("d", "平壤向俄罗斯运送了1000多个集装箱的弹药，华盛顿说。" * 4)
    rag.build([*articles, other], index, HashEncoder())
    out = run("ask", "运送了约6700个集装箱的弹药")[1]
    assert out.index("6700") < out.index("Different answers") < out.index("标题 d")
    (alternative,) = json.loads(run("ask", "运送了约6700个集装箱的弹药", "--json")[1])["alternatives"]
    start, end = alternative["start"], alternative["end"]
    assert alternative["hit"]["passage"]["text"][start:end] == alternative["text"] == "1000"


def test_ask_in_another_language_shows_what_the_answer_says_in_it(run: RunCommand) -> None:
    question = "how many 集装箱 of the 弹药 did they ship?"
    out = run("ask", question)[1]
    assert out.startswith("6700 · about 6,700\n")
    assert "    平壤 = Pyongyang · 俄罗斯 = Russia" in out
    answer = json.loads(run("ask", question, "--json")[1])
    assert answer["reader_language"] == "en"
    assert (answer["rendering"]["text"], answer["rendering"]["kind"]) == ("about 6,700", "amount")
    assert "about 6,700" in [gloss["text"] for gloss in answer["glosses"]]


@pytest.mark.parametrize(
    ("question", "sentence"),
    [("樱花在东京", "未在资料库中找到答案，"), ("Are there any?", "No answer found in this archive.")],
)
def test_ask_without_an_answer_refuses_in_the_language_of_the_question(
    index: Path, articles: list[Article], run: RunCommand, question: str, sentence: str
) -> None:
    rag.build(articles[1:], index, HashEncoder())
    status, out, _ = run("ask", question)
    assert status == 0
    assert out.startswith(sentence)
    assert "标题 b" in out
    answer = json.loads(run("ask", question, "--json")[1])
    assert (answer["text"], answer["hit"], len(answer["hits"])) == ("", None, 2)


def test_info_shows_settings_and_counts(run: RunCommand, index: Path) -> None:
    out = run("info")[1]
    assert f"index        {index}" in out
    assert "articles     3" in out
    assert "sources      news.example                        3" in out
    facts = json.loads(run("info", "--json")[1])
    assert facts["articles"] == 3
    assert facts["sources"] == {"news.example": 3}
    assert facts["languages"] == {"zh-Hans": 3}
    assert facts["months"] == {"2024-03": 3}


def test_build_groups_rejected_files_by_reason(
    tmp_path: Path, write_feed: Callable[..., Path], run: RunCommand
) -> None:
    folder = write_feed("good.txt", "<p>正文在这里。</p>").parent
    write_feed("again.txt", "<p>正文在这里。</p>")
    for number in range(12):
        (folder / f"{number:02}.json").write_text("{}")
    (folder / "empty.txt").touch()
    status, out, _ = run("build", "--seeds", str(folder), "--index", str(tmp_path / "new"))
    assert status == 0
    assert "2 articles (2 added," in out
    assert "1 article is a near-duplicate" in out
    reasons = [line for line in out.splitlines() if "not indexed" in line]
    assert [line.partition(":")[0] for line in reasons] == [
        "12 files not indexed",
        "1 file not indexed",
    ]
    assert "    09.json\n    and 2 more (--json lists all)" in out
    assert "1 file not indexed: The file is empty\n    empty.txt" in out


def test_rollback_names_the_index_before(run: RunCommand, index: Path, articles: list[Article]) -> None:
    before = rag.load(index, HashEncoder()).manifest.created
    rag.build(articles[:1], index, HashEncoder())
    assert run("rollback") == (0, f"Rolled back to the index built {before} (3 articles).\n", "")
    status, out, err = run("rollback")
    assert (status, out, err.count("\n")) == (1, "", 1)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["search", " "], "Type a question"),
        (["ask", "问" * 100_000], "(100,000 characters; the limit is 2,000)"),
        (["search", "x", "--index", "nowhere"], "There is no index in nowhere."),
        (["info", "--index", "nowhere"], "Run `rag build --index nowhere`"),
        (["build", "--seeds", "nowhere"], "There is no seeds folder at nowhere."),
    ],
    ids=["empty question", "long question", "no index to search", "no index to show", "no seeds"],
)
def test_command_with_a_cause_that_a_user_can_cure_prints_one_line_and_status_1(
    run: RunCommand, arguments: list[str], message: str
) -> None:
    status, out, err = run(*arguments)
    assert (status, out) == (1, "")
    assert err.startswith("rag: ")
    assert message in err
    assert err.count("\n") == 1


def test_search_with_another_model_names_both_models(
    run: RunCommand, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rag, "SentenceEncoder", lambda **_: HashEncoder(name="other"))
    status, _, err = run("search", "x")
    assert (status, err.count("\n")) == (1, 1)
    assert "hash" in err
    assert "other" in err


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (OSError(28, "No space left on device", "index/x"), "index/x: No space left on device."),
        (PermissionError(13, "Permission denied", "seeds"), "seeds: Permission denied."),
        (FileNotFoundError(2, "No such file or directory", "a"), "a: No such file or directory."),
        (OSError(30, "Read-only file system"), "Read-only file system."),
        (OSError(5, "Input/output error", "index"), "index: Input/output error."),
        (OSError("the disk has left"), "the disk has left."),
    ],
)
def test_command_that_the_system_fails_names_file_and_problem(
    run: RunCommand, monkeypatch: pytest.MonkeyPatch, error: OSError, message: str
) -> None:
    def fail(**_: object) -> None:
        raise error

    monkeypatch.setattr(rag, "SentenceEncoder", fail)
    assert run("search", "x") == (1, "", f"rag: {message}\n")


def test_unexpected_error_shows_a_traceback_only_with_rag_debug(
    run: RunCommand, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(**_: object) -> None:
        raise ZeroDivisionError("boom")

    monkeypatch.setattr(rag, "SentenceEncoder", fail)
    status, _, err = run("search", "x")
    assert (status, err.count("\n")) == (1, 1)
    assert "ZeroDivisionError: boom" in err
    assert "RAG_DEBUG=1" in err
    monkeypatch.setenv("RAG_DEBUG", "1")
    with pytest.raises(ZeroDivisionError):
        main(["search", "x"])

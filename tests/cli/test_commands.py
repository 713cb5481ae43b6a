from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from rich.cells import cell_len
from support.doubles import ROOT, SEEDS, HashEncoder, PatternReader, make_article

import rag
from rag.cli import main, render
from rag.types import Article, Hit, Passage


@pytest.fixture
def cli(
    index: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., tuple[int, str, str]]:
    """Run a command on the small index with the hash encoder; returns status, output and errors."""
    monkeypatch.setattr(rag, "SentenceEncoder", lambda **_: HashEncoder())
    monkeypatch.setattr(rag, "SpanReader", lambda **_: PatternReader())
    monkeypatch.setenv("RAG_INDEX", str(index))

    def run(*arguments: str) -> tuple[int, str, str]:
        try:
            status = main(arguments)
        except SystemExit as stop:
            status = int(stop.code or 0)
        return (status, *capsys.readouterr())

    return run


def test_search_shows_what_a_person_needs(cli: Callable[..., tuple[int, str, str]]) -> None:
    status, out, err = cli("search", "集装箱的弹药", "-k", "2")
    assert (status, err) == (0, "")
    lines = out.splitlines()
    assert lines[0] == "1.  标题 a"
    assert "news.example · 2024-03-06 · score 0." in lines[1]
    assert lines[2].strip() == "https://news.example/a"
    assert any(line.startswith("2.  ") for line in lines)
    assert max(map(cell_len, lines)) <= 80


def test_search_as_json_has_the_fields_of_the_types(
    cli: Callable[..., tuple[int, str, str]],
) -> None:
    status, out, _ = cli("search", "集装箱的弹药", "--json", "-k", "1")
    assert status == 0
    found = json.loads(out)
    (hit,) = found["hits"]
    assert set(found) == {"question", "hits"}
    assert set(hit) == set(Hit.__slots__)
    assert set(hit["passage"]) == set(Passage.__slots__)
    assert hit["passage"]["published"] == "2024-03-06T22:20:00+00:00"


def test_search_takes_filters(cli: Callable[..., tuple[int, str, str]]) -> None:
    def found(*options: str) -> int:
        return len(json.loads(cli("search", "集装箱的弹药", "--json", *options)[1])["hits"])

    assert found() == 3
    assert found("--source", "news.example", "--language", "zh", "--since", "2024-03-06") == 3
    assert found("--until", "2024-03-06") == 3
    assert found("--until", "2024-03-05") == 0
    assert found("--since", "2024-03-06T22:21") == 0
    assert found("--language", "en") == 0
    assert "no article passes the filters" in cli("search", "集装箱", "--source", "x.example")[1]
    status, _, err = cli("search", "集装箱", "--since", "yesterday")
    assert status == 2
    assert "must be a day such as 2024-03-06" in err


def test_ask_takes_the_filters_of_search(cli: Callable[..., tuple[int, str, str]]) -> None:
    def found(*options: str) -> int:
        return len(json.loads(cli("ask", "集装箱的弹药", "--json", *options)[1])["hits"])

    assert found() == 3
    assert found("--source", "news.example", "--language", "zh", "--since", "2024-03-06") == 3
    assert found("--until", "2024-03-05") == found("--language", "en") == 0
    status, _, err = cli("ask", "集装箱", "--since", "yesterday")
    assert (status, "must be a day such as" in err) == (2, True)


def test_ask_answers_with_source_date_and_likelihood(cli: Callable[..., tuple[int, str, str]]) -> None:
    status, out, _ = cli("ask", "集装箱的弹药")
    assert status == 0
    assert out.splitlines()[:2] == ["6700", "Very probably right"]
    assert "news.example · 2024-03-06" in out
    assert "运送了约6700个集装箱的弹药" in out.replace("\n    ", "")
    answer = json.loads(cli("ask", "集装箱的弹药", "--json")[1])
    assert answer["text"] == answer["hit"]["passage"]["text"][answer["start"] : answer["end"]]
    assert (answer["confidence"], answer["alternatives"]) == (0.9, [])


def test_ask_tells_what_other_articles_say(
    index: Path, articles: list[Article], cli: Callable[..., tuple[int, str, str]]
) -> None:
    other = make_article("d", "平壤向俄罗斯运送了1000多个集装箱的弹药，华盛顿说。" * 4)
    rag.build([*articles, other], index, HashEncoder())
    out = cli("ask", "运送了约6700个集装箱的弹药")[1]
    assert out.index("6700") < out.index("Other articles say:") < out.index("标题 d")
    (alternative,) = json.loads(cli("ask", "运送了约6700个集装箱的弹药", "--json")[1])["alternatives"]
    start, end = alternative["start"], alternative["end"]
    assert alternative["hit"]["passage"]["text"][start:end] == alternative["text"] == "1000"


@pytest.mark.parametrize(
    "question, said",
    [("樱花在东京", "未在资料库中找到答案，"), ("Are there any?", "No answer found in this archive.")],
)
def test_ask_says_that_there_is_no_answer(
    index: Path,
    articles: list[Article],
    cli: Callable[..., tuple[int, str, str]],
    question: str,
    said: str,
) -> None:
    rag.build(articles[1:], index, HashEncoder())
    status, out, _ = cli("ask", question)
    assert status == 0
    assert out.startswith(said)
    assert "标题 b" in out
    answer = json.loads(cli("ask", question, "--json")[1])
    assert (answer["text"], answer["hit"], len(answer["hits"])) == ("", None, 2)


def test_info_shows_the_index(cli: Callable[..., tuple[int, str, str]]) -> None:
    assert "articles     3" in cli("info")[1]
    facts = json.loads(cli("info", "--json")[1])
    assert facts["articles"] == 3
    assert facts["sources"] == {"news.example": 3}
    assert facts["languages"] == {"zh-Hans": 3}
    assert facts["months"] == {"2024-03": 3}


def test_a_build_ends_with_what_to_do(
    tmp_path: Path, write_feed: Callable[..., Path], cli: Callable[..., tuple[int, str, str]]
) -> None:
    folder = write_feed("good.txt", "<p>正文在这里。</p>").parent
    write_feed("again.txt", "<p>正文在这里。</p>")
    for number in range(12):
        (folder / f"{number:02}.json").write_text("{}")
    (folder / "empty.txt").touch()
    status, out, _ = cli("build", "--seeds", str(folder), "--index", str(tmp_path / "new"))
    assert status == 0
    assert "2 articles (2 added," in out
    assert "1 of them repeat the story of another" in out
    assert "not indexed, 12: Unsupported file type (.json)." in out
    assert "    09.json\n    and 2 more (all with --json)" in out
    assert "not indexed, 1: The file is empty\n    empty.txt" in out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["search", " "], "The question is empty."),
        (["ask", "问" * 100_000], "The question has 100,000 characters"),
        (["search", "x", "--index", "nowhere"], "There is no index in nowhere."),
        (["info", "--index", "nowhere"], "Run `rag build --index nowhere`"),
        (["build", "--seeds", "nowhere"], "There is no seeds folder at nowhere."),
    ],
)
def test_an_error_is_one_sentence_and_status_1(
    cli: Callable[..., tuple[int, str, str]], arguments: list[str], message: str
) -> None:
    status, out, err = cli(*arguments)
    assert (status, out) == (1, "")
    assert err.startswith("rag: ")
    assert message in err
    assert err.count("\n") == 1


@pytest.mark.parametrize(
    "arguments",
    [["search", "x", "-k", "0"], ["search", "x", "-k", "many"], ["search"], [], ["fly"]],
)
def test_wrong_usage_is_status_2(
    cli: Callable[..., tuple[int, str, str]], arguments: list[str]
) -> None:
    status, _, err = cli(*arguments)
    assert status == 2
    assert err.startswith("usage: rag")
    assert "Traceback" not in err


def test_a_model_mismatch_is_one_sentence(
    cli: Callable[..., tuple[int, str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rag, "SentenceEncoder", lambda **_: HashEncoder(name="other"))
    status, _, err = cli("search", "x")
    assert status == 1
    assert "built with the model hash, but other is in use" in err


def test_an_unexpected_error_is_no_traceback(
    cli: Callable[..., tuple[int, str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(**_: object) -> None:
        raise ZeroDivisionError("boom")

    monkeypatch.setattr(rag, "SentenceEncoder", fail)
    status, _, err = cli("search", "x")
    assert (status, err.count("\n")) == (1, 1)
    assert "ZeroDivisionError: boom" in err
    monkeypatch.setenv("RAG_DEBUG", "1")
    with pytest.raises(ZeroDivisionError):
        main(["search", "x"])


def test_what_an_article_says_does_not_steer_the_terminal(
    capsys: pytest.CaptureFixture[str],
) -> None:
    text = "正文\x1b[2J\x07\u202e尾"
    passage = Passage("x#1", "x", "标\x1b]0;x\x07题", "", text, 0, len(text), None, "", "zh")
    render.show_hits([Hit(passage, 0.5, (0, 2))])
    out = capsys.readouterr().out
    assert not any(character in out for character in "\x1b\x07\u202e")
    assert "no date" in out


@pytest.mark.parametrize("width", [20, 40, 80])
def test_lines_break_where_chinese_may_break(width: int) -> None:
    from rich.text import Text

    text = "韩国国防部长申源湜（Shin Wonshik）说，自9月以来，平壤已运送“约6700集装箱”的弹药。" * 5
    lines = [line.plain for line in render._wrap(Text(text), width)]
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
    assert max(map(cell_len, lines)) <= width
    assert not any(line[0] in "，。）”" or line[-1] in "（“" for line in lines)
    assert all("Wonshik" in line or "Wonshi" not in line for line in lines)


ENVIRONMENT = {**os.environ, "HF_HUB_OFFLINE": "1", "PYTHONPATH": str(ROOT)}


@pytest.mark.model
def test_the_three_commands_of_the_readme(tmp_path: Path) -> None:
    def run(*arguments: str) -> str:
        command = [sys.executable, "-m", "rag", *arguments, "--index", str(tmp_path / "index")]
        done = subprocess.run(command, capture_output=True, text=True, env=ENVIRONMENT, cwd=tmp_path)
        assert (done.returncode, done.stderr) == (0, "")
        return " ".join(done.stdout.split())

    assert "5 articles (5 added" in run("build", "--seeds", str(SEEDS))
    again = run("build", "--seeds", str(SEEDS))
    assert "5 unchanged" in again
    assert "0 texts encoded" in again
    assert "约6700集装箱" in run("ask", "how many containers did Pyongyang ship?")


@pytest.mark.model
def test_a_build_shows_its_progress_and_can_be_interrupted(tmp_path: Path) -> None:
    """On a terminal there is a bar; Ctrl-C ends with one sentence, and the old index still answers."""
    seeds = tmp_path / "seeds"
    seeds.mkdir()
    seed = next(SEEDS.glob("002*")).read_text()
    (seeds / "0.txt").write_text(seed)
    index = tmp_path / "index"
    rag.build(rag.read_seeds(seeds), index)
    for copy in range(1, 80):
        (seeds / f"{copy}.txt").write_text(seed.replace("莫斯科", f"第{copy}座城市"))
    leader, follower = pty.openpty()
    command = [sys.executable, "-m", "rag", "build", "--seeds", str(seeds), "--index", str(index)]
    process = subprocess.Popen(
        command,
        stdin=follower,
        stdout=follower,
        stderr=follower,
        env=ENVIRONMENT,
        start_new_session=True,
    )
    os.close(follower)
    shown = b""
    deadline = time.monotonic() + 120
    while b"Encoding" not in shown and time.monotonic() < deadline:
        shown += os.read(leader, 4096)
    process.send_signal(signal.SIGINT)
    while True:
        try:
            part = os.read(leader, 4096)
        except OSError:
            break
        if not part:
            break
        shown += part
    assert process.wait(60) == 130
    assert b"Interrupted; the index is as it was, and what is encoded is kept." in shown
    assert b"Traceback" not in shown
    assert rag.load(index).manifest.articles == 1
    assert sorted(path.name for path in index.iterdir() if path.is_dir()) == ["000001"]

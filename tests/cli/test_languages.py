"""The language of the output: from the environment, for every kind of message."""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from support.cli import RunCommand
from support.doubles import HashEncoder

import rag
from rag.cli.progress import progress_bars
from rag.i18n.translator import Translator, of_environment
from rag.reports import Stage
from rag.types import Article


@pytest.fixture(params=["zh_CN.UTF-8", "zh_TW.UTF-8"])
def locale(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("LC_ALL", request.param)
    return request.param.partition(".")[0]


@pytest.mark.parametrize(
    ("variables", "locale"),
    [
        ({}, "en"),
        ({"LANG": "C"}, "en"),
        ({"LANG": "POSIX"}, "en"),
        ({"LANG": "C.UTF-8"}, "en"),
        ({"LANG": "zh_CN.UTF-8"}, "zh-Hans"),
        ({"LANG": "zh_SG"}, "zh-Hans"),
        ({"LANG": "zh_TW.Big5"}, "zh-Hant"),
        ({"LANG": "zh_HK.UTF-8@stroke"}, "zh-Hant"),
        ({"LANG": "fr_FR.UTF-8"}, "en"),
        ({"LC_MESSAGES": "zh_TW", "LANG": "zh_CN"}, "zh-Hant"),
        ({"LC_ALL": "C", "LC_MESSAGES": "zh_TW", "LANG": "zh_CN"}, "en"),
        ({"LC_ALL": "", "LC_MESSAGES": "", "LANG": "zh_CN"}, "zh-Hans"),
        ({"LC_ALL": "../etc"}, "en"),
    ],
)
def test_of_environment_follows_the_posix_order(variables: dict[str, str], locale: str) -> None:
    assert of_environment(variables) == locale


def test_search_and_ask_label_hits_in_chinese(run: RunCommand, locale: str) -> None:
    score, level = {"zh_CN": ("相关度", "极可能正确"), "zh_TW": ("相關度", "極可能正確")}[locale]
    assert f"news.example · 2024-03-06 · {score} 0." in run("search", "集装箱的弹药")[1]
    assert run("ask", "集装箱的弹药")[1].splitlines()[1] == level
    assert run("search", "x", "--source", "x.example")[1].startswith(("没有找到", "沒有找到"))


def test_ask_refuses_in_the_language_of_the_question_whatever_the_locale(
    run: RunCommand, locale: str, index: Path, articles: list[Article]
) -> None:
    rag.build(articles[1:], index, HashEncoder())
    assert run("ask", "Are there any?")[1].startswith("No answer found in this archive.")


def test_build_and_info_speak_chinese(
    run: RunCommand, locale: str, tmp_path: Path, write_feed: Callable[..., Path]
) -> None:
    folder = write_feed("a.txt", "<p>正文在这里。</p>").parent
    (folder / "empty.txt").touch()
    out = run("build", "--seeds", str(folder), "--index", str(tmp_path / "new"))[1]
    assert "1 篇文章（新增 1，更新 0，移除 0，" in out
    assert re.search("1 个文件未收录：.*空|1 個檔案未收錄：.*空", out)
    lines = run("info")[1].splitlines()
    assert lines[0].startswith("索引         ")
    assert lines[1] == "文章         3"
    assert lines[-1].endswith(" 3")
    assert not re.search(r"\b(articles|sources|languages|months|search|built)\b", "\n".join(lines[1:]))


def test_check_and_rollback_speak_chinese(
    run: RunCommand, locale: str, index: Path, articles: list[Article]
) -> None:
    assert re.search("没有发现损坏|沒有發現損壞", run("check")[1])
    (index / "000001/vectors.faiss").write_bytes(b"")
    assert re.search("索引.*(损坏|損壞)", run("check")[2])
    assert re.search("已修[复復]：.*重建", run("check", "--repair")[1])
    rag.build(articles[:1], index, HashEncoder())
    assert re.search("已恢复到 .*（3 篇文章）|已還原到 .*（3 篇文章）", run("rollback")[1])


def test_errors_of_the_system_and_unexpected_ones_are_in_chinese(
    run: RunCommand, locale: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(error: Exception) -> str:
        def encoder(**_: object) -> None:
            raise error

        monkeypatch.setattr(rag, "SentenceEncoder", encoder)
        return run("search", "x")[2]

    full = fail(OSError(28, "No space left on device", "index"))
    assert full in ("rag: index：磁盘已满。\n", "rag: index：磁碟空間已滿。\n")
    assert re.search("意外错误|意外錯誤", fail(ZeroDivisionError("boom")))


def test_interrupted_build_names_the_consequence_in_chinese(
    run: RunCommand, locale: str, monkeypatch: pytest.MonkeyPatch, write_feed: Callable[..., Path]
) -> None:
    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    seeds = write_feed("a.txt", "<p>正文在这里。</p>").parent
    monkeypatch.setattr(rag, "build", interrupt)
    status, _, err = run("build", "--seeds", str(seeds))
    assert status == 130
    assert re.fullmatch("rag: (已中断。索引没有变化|已中斷。索引沒有變動).*\n", err)
    monkeypatch.setattr(rag, "SentenceEncoder", interrupt)
    assert run("search", "x")[::2] in [(130, "rag: 已中断。\n"), (130, "rag: 已中斷。\n")]


def test_progress_bars_name_the_stages_in_chinese(
    locale: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    with progress_bars(Translator(of_environment(os.environ))) as progress:
        progress(Stage.ENCODING, 1, 2)
        progress("a stage of another encoder", 1, 2)
    err = capsys.readouterr().err
    assert "编码" in err or "編碼" in err
    assert "a stage of another" in err


def test_json_does_not_depend_on_the_language(run: RunCommand, monkeypatch: pytest.MonkeyPatch) -> None:
    def outputs() -> list[object]:
        commands = (["search", "集装箱", "--json"], ["ask", "集装箱", "--json"], ["info", "--json"])
        return [json.loads(run(*command)[1]) for command in commands]

    english = outputs()
    monkeypatch.setenv("LC_ALL", "zh_TW.UTF-8")
    assert outputs() == english

"""Output that depends on the text of articles."""

from __future__ import annotations

import pytest

from rag.cli import render
from rag.i18n.translator import Translator
from rag.reports import BuildReport, Failure
from rag.types import Hit, Passage


def test_show_hits_prints_no_control_characters(capsys: pytest.CaptureFixture[str]) -> None:
    text = "正文\x1b[2J\x07\u202e尾"
    passage = Passage("x#1", "x", "标\x1b]0;x\x07题", "", text, 0, len(text), None, "", "zh")
    render.show_hits([Hit(passage, 0.5, (0, 2))], Translator())
    out = capsys.readouterr().out
    assert not any(character in out for character in "\x1b\x07\u202e")
    assert "unknown site · no date" in out


def test_show_report_of_one_uses_the_singular(capsys: pytest.CaptureFixture[str]) -> None:
    report = BuildReport(
        added=1,
        updated=0,
        removed=0,
        unchanged=0,
        failed=[Failure("a.txt", "a reason without a code")],
        passages=1,
        encoded=1,
        seconds=0.04,
    )
    render.show_report(report, "index", Translator())
    assert capsys.readouterr().out.splitlines() == [
        "1 article (1 added, 0 updated, 0 removed, 0 unchanged), 1 passage in index; "
        "1 text encoded, 0.0 s.",
        "1 file not indexed: a reason without a code",
        "    a.txt",
    ]


def test_show_report_says_why_all_texts_were_encoded(capsys: pytest.CaptureFixture[str]) -> None:
    report = BuildReport(0, 0, 0, 1, [], 1, 1, 0.0, model_changed=True)
    for locale in ("en", "zh-Hans", "zh-Hant"):
        translate = Translator(locale)
        render.show_report(report, "index", translate)
        assert translate("report.model-changed") in capsys.readouterr().out

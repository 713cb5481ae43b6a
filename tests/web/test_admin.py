"""Tests of `rag.web.admin`."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
from support.browser import Visits, served
from support.build_encoders import Endless
from support.doubles import HashEncoder, PatternReader

import rag
from rag.errors import BuildFailed
from rag.i18n.translator import Translator
from rag.ingest import uploads
from rag.types import BuildReport, Failure
from rag.web.admin import show_build, show_preview
from rag.web.background_build import BackgroundBuild, State

ENGLISH, CHINESE = Translator("en"), Translator("zh-Hans")
CREDENTIALS = {"username": "x", "password": "secret"}


def report(failed: int = 0) -> BuildReport:
    failures = [Failure(f"{number}.txt", "empty") for number in range(failed)]
    return BuildReport(2, 1, 0, 1269, failures, 9, 9, 1.0)


@pytest.mark.parametrize(
    ("state", "english", "chinese"),
    [
        (State(), "Not running.", "当前没有重建任务。"),
        (State(is_running=True, stage="Encoding"), "Rebuilding: Encoding", "正在重建：编码"),
        (State(is_running=True, stage="Reading articles"), "Reading articles", "读取文章"),
        (State(is_cancelled=True), "Cancelled. The index is unchanged", "已取消。索引未改变"),
        (State(error=BuildFailed("build-failed")), ENGLISH("error.build-failed"), "索引重建失败"),
        (
            State(report=report()),
            "Rebuilt: 2 added, 1 updated, 0 removed, 1,269 unchanged.",
            "重建完成：新增 2 篇，更新 1 篇，移除 0 篇，未变 1,269 篇。",
        ),
        (State(report=report(1)), "1 file could not be read.", "1 个文件无法读取。"),
        (
            State(report=replace(report(), model_changed=True)),
            "All texts were encoded again.",
            "所有文本都已重新编码。",
        ),
        (State(report=report(2)), "2 files could not be read.", "2 个文件无法读取。"),
    ],
)
def test_show_build_describes_the_state_in_the_language_of_the_page(
    state: State, english: str, chinese: str
) -> None:
    assert english in show_build(state, ENGLISH)
    assert chinese in show_build(state, CHINESE)


def test_show_build_has_a_bar_with_the_progress_if_its_length_is_known() -> None:
    known = show_build(State(is_running=True, stage="Encoding", done=1500, total=3000), ENGLISH)
    assert "1,500 / 3,000" in known
    assert 'max="3000" value="1500"' in known
    assert "max=" not in show_build(State(is_running=True, stage="Reading articles"), ENGLISH)


def test_show_build_links_to_the_files_that_could_not_be_read() -> None:
    assert '<a href="/archive">Show</a>' in show_build(State(report=report(1)), ENGLISH)
    assert "/archive" not in show_build(State(report=report()), ENGLISH)


def test_show_preview_shows_articles_and_reasons_of_refusal(tmp_path: Path) -> None:
    seeds = tmp_path / "seeds"
    seeds.mkdir()
    (tmp_path / "new.md").write_text("# 鳗鱼苗\n\n" + "海关查获了鳗鱼苗。" * 50, encoding="utf-8")
    (tmp_path / "broken.txt").write_bytes(b"\xff\xfe\x00")
    examined = uploads.examine([tmp_path / "new.md", tmp_path / "broken.txt"], seeds)
    html = show_preview(examined, ENGLISH)
    assert "<h3>Preview: 1 will be added, 1 skipped</h3>" in html
    assert "<strong><bdi>鳗鱼苗</bdi></strong><br>no date · <bdi>Chinese (Simplified)</bdi>" in html
    shown = re.search(r'<p class="note" lang="zh-Hans">(.*?)…</p>', html)
    assert shown
    assert len(shown[1]) == 300
    assert html.count('class="refusal"') == 1
    (reason,) = re.findall(r'<p class="refusal">(.*?)</p>', show_preview(examined, CHINESE))
    assert re.search("[\u4e00-\u9fff]", reason)


@pytest.mark.browser
def test_a_rebuild_runs_once_at_a_time_and_can_be_cancelled_from_another_page(
    open_page: Visits, tmp_path: Path
) -> None:
    seeds, index = tmp_path / "seeds", tmp_path / "index"
    seeds.mkdir()
    (seeds / "a.md").write_text("# 标题\n\n" + "正文。" * 50, encoding="utf-8")
    rag.build(rag.read_seeds(seeds), index, HashEncoder())
    (seeds / "b.md").write_text("# 另一篇\n\n" + "另一篇的正文。" * 50, encoding="utf-8")
    assistant = rag.load(index, HashEncoder(), PatternReader())
    rebuild = BackgroundBuild(seeds, index, encoder=Endless)
    with served(assistant, rebuild, seeds=seeds, admin_password="secret") as address:
        first = open_page(address, "admin/", http_credentials=CREDENTIALS)
        second = open_page(address, "admin/", http_credentials=CREDENTIALS)
        first.page.get_by_role("button", name=ENGLISH("page.rebuild")).click()
        second.wait("progress[value]")
        second.page.get_by_role("button", name=ENGLISH("page.rebuild")).click()
        second.wait(f"#rebuild:has-text('{ENGLISH('page.rebuild-twice')}')")
        second.page.get_by_role("button", name=ENGLISH("page.cancel")).click()
        for visit in (first, second):
            visit.wait(f"#rebuild:has-text('{ENGLISH('page.cancelled')[:30]}')")
        assert assistant.manifest.articles == 1
        for visit in (first, second):
            visit.close()

"""Tests of `rag.web.admin`."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from support.browser import Visits, served
from support.build_encoders import Endless
from support.doubles import HashEncoder, PatternReader

import rag
from rag.errors import BuildFailed
from rag.i18n.translator import Translator
from rag.ingest import uploads
from rag.ingest.curation import corrections, seed_names
from rag.ingest.curation.corrections import Correction
from rag.ingest.uploads import UploadedFile
from rag.reports import BuildReport, Failure
from rag.web.admin.articles import ArticleDesk
from rag.web.admin.build import show_build, show_rollback
from rag.web.admin.desk import read_command, read_details
from rag.web.admin.uploads import InvalidDetails, add, show_outcome, show_preview
from rag.web.background_build import BackgroundBuild, State

ENGLISH, CHINESE = Translator("en"), Translator("zh-Hans")
CREDENTIALS = {"username": "x", "password": "secret"}
FEED = """<?xml version="1.0"?><rss version="2.0"><channel><title>F</title>{}</channel></rss>"""
ITEM = "<item><title>Item {0}</title><link>https://news.example/{0}</link><description>{1}</description></item>"


def report(failed: int = 0) -> BuildReport:
    failures = [Failure(f"{number}.txt", "empty") for number in range(failed)]
    return BuildReport(2, 1, 0, 1269, failures, 9, 9, 1.0)


@pytest.mark.parametrize(
    ("state", "english", "chinese"),
    [
        (State(), "Not running.", "当前没有重建任务。"),
        (State(is_running=True), "Rebuilding…", "正在重建……"),
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
    assert english in show_build(state, 0, ENGLISH)
    assert chinese in show_build(state, 0, CHINESE)


@pytest.mark.parametrize(
    ("changes", "line"), [(1, "to apply 1 change."), (3, "Rebuild the index to apply 3 changes.")]
)
def test_show_build_tells_how_many_changes_wait(changes: int, line: str) -> None:
    assert line in show_build(State(), changes, ENGLISH)
    assert line in show_build(State(report=report()), changes, ENGLISH)
    assert line not in show_build(State(is_running=True), changes, ENGLISH)


def test_show_build_has_a_bar_with_the_progress_if_its_length_is_known() -> None:
    known = show_build(State(is_running=True, stage="Encoding", done=1500, total=3000), 0, ENGLISH)
    assert "1,500 / 3,000" in known
    assert 'max="3000" value="1500"' in known
    unknown = show_build(State(is_running=True, stage="Reading articles"), 0, ENGLISH)
    assert "<progress" not in unknown
    assert 'role="progressbar"' in unknown


def test_show_build_names_the_files_that_could_not_be_read_up_to_a_limit() -> None:
    html = show_build(State(report=report(25)), 0, ENGLISH)
    assert '<a href="/archive">Show</a>' in html
    assert '<bdi>0.txt</bdi> <span class="refusal">empty</span>' in html
    assert html.count("<bdi>") == 20
    assert "and 5 more" in html
    assert "/archive" not in show_build(State(report=report()), 0, ENGLISH)


def test_show_preview_shows_what_will_be_added_first_then_the_skipped_with_reasons(
    examine: Callable[..., list[UploadedFile]],
) -> None:
    new = "# 鳗鱼苗\n\n" + "海关查获了鳗鱼苗。" * 50
    examined = examine({"broken.txt": b"\xff\xfe\x00", "new.md": new.encode()})
    html = show_preview(examined, ENGLISH)
    assert "Preview: 1 will be added, 1 skipped</h3>" in html
    assert html.index("new.md") < html.index("1 file is skipped") < html.index("broken.txt")
    assert 'value="鳗鱼苗"' in html
    shown = re.search(r'<p class="note" lang="zh-Hans"><bdi>(.*?)…</bdi></p>', html)
    assert shown
    assert len(shown[1]) == 200
    assert html.count('class="refusal"') == 1
    (reason,) = re.findall(r'<span class="refusal">(.*?)</span>', show_preview(examined, CHINESE))
    assert re.search("[\u4e00-\u9fff]", reason)


def test_show_preview_marks_a_missing_date_and_offers_the_one_of_the_text(
    examine: Callable[..., list[UploadedFile]],
) -> None:
    text = "# 某某报告\n\n警方说，2026年11月20日在机场查获了鳗鱼苗。" + "这篇报告讲述了许多事情。" * 20
    (undated,) = examine({"undated.md": text.encode()})
    html = show_preview([undated], ENGLISH)
    assert "No date found." in html
    assert ">Use 2026-11-20</button>" in html
    (dated,) = examine({"dated.md": b"---\ndate: 2024-03-06\n---\n\n# Title\n\n" + b"A text. " * 40})
    assert "No date found." not in show_preview([dated], ENGLISH)


def test_show_preview_counts_the_articles_of_a_feed_and_gives_them_no_fields(
    examine: Callable[..., list[UploadedFile]],
) -> None:
    items = "".join(ITEM.format(number, f"A sentence about {number}. " * 20) for number in range(5))
    html = show_preview(examine({"feed.xml": FEED.format(items).encode()}), ENGLISH)
    assert "<bdi>feed.xml</bdi> · 5 articles" in html
    assert "<input" not in html


def test_show_preview_escapes_what_was_typed(examine: Callable[..., list[UploadedFile]]) -> None:
    examined = examine({"a.md": b"# Title\n\n" + b"A text. " * 40})
    html = show_preview(examined, ENGLISH, {"a.md": {"title": '"><script>alert(1)</script>'}})
    assert "<script" not in html
    assert "&lt;script&gt;" in html


def test_add_keeps_typed_details_as_corrections(
    uploaded: Callable[..., list[Path]], seeds: Path
) -> None:
    files = uploaded({"new.md": b"# Title\n\n" + b"A text. " * 40})
    typed = {"new.md": {"title": "Title", "published": "2024-03-06", "source": "www.rfi.fr", "url": ""}}
    examined = add(files, seeds, typed)
    moment = datetime(2024, 3, 6, tzinfo=UTC)
    assert corrections.load(seeds) == {"new.md": Correction(published=moment, source="www.rfi.fr")}
    (article,) = rag.read_seeds(seeds)
    assert (article.title, article.published, article.source) == ("Title", moment, "www.rfi.fr")
    assert "1 article added." in show_outcome(examined, ENGLISH)


def test_add_with_a_wrong_detail_adds_nothing_and_tells_it_beside_the_field(
    uploaded: Callable[..., list[Path]], seeds: Path
) -> None:
    files = uploaded({"new.md": b"# Title\n\n" + b"A text. " * 40})
    typed = {"new.md": {"published": "tomorrow", "url": "javascript:alert(1)"}}
    with pytest.raises(InvalidDetails) as caught:
        add(files, seeds, typed)
    assert not list(seeds.iterdir())
    html = show_preview(uploads.examine(files, seeds), ENGLISH, typed, caught.value.reasons)
    fields = dict(re.findall(r'<input[^>]* name="(\w+)"([^>]*)>', html))
    assert {name for name, rest in fields.items() if "aria-invalid" in rest} == {"published", "url"}
    assert 'value="tomorrow"' in fields["published"]
    described = re.search(r'aria-describedby="([^"]+)"', fields["published"])
    assert described
    assert re.search(rf'<p id="{described[1]}" class="refusal">.+</p>', html)


@pytest.fixture
def seeds(tmp_path: Path) -> Path:
    folder = tmp_path / "seeds"
    folder.mkdir()
    return folder


@pytest.fixture
def uploaded(tmp_path: Path) -> Callable[[dict[str, bytes]], list[Path]]:
    def write(contents: dict[str, bytes]) -> list[Path]:
        for name, content in contents.items():
            (tmp_path / name).write_bytes(content)
        return [tmp_path / name for name in contents]

    return write


@pytest.fixture
def examine(
    uploaded: Callable[[dict[str, bytes]], list[Path]], seeds: Path
) -> Callable[[dict[str, bytes]], Sequence[UploadedFile]]:
    return lambda contents: uploads.examine(uploaded(contents), seeds)


class Archive:
    """An index over a seeds folder with numbered articles, and its desk."""

    def __init__(self, folder: Path, articles: int) -> None:
        self.seeds, self.index = folder / "seeds", folder / "index"
        for number in range(articles):
            text = f"# Title {number}\n\n" + f"The text of number {number}. " * 20
            (self.seeds / f"{number:02}.md").write_text(text, encoding="utf-8")
        self.build()
        assistant = rag.load(self.index, HashEncoder(), PatternReader())
        self.rebuild = BackgroundBuild(self.seeds, self.index, HashEncoder)
        self.desk = ArticleDesk(assistant, self.seeds, self.rebuild)
        self.store = assistant.store

    def build(self) -> None:
        rag.build(rag.read_seeds(self.seeds), self.index, HashEncoder())

    def run(self, **command: str) -> str:
        return self.desk.run(command, ENGLISH)


@pytest.fixture
def archive(seeds: Path) -> Archive:
    return Archive(seeds.parent, 3)


def titles(html: str) -> list[str]:
    return re.findall(r'<a href="/article/[^"]*" lang="[^"]*"><bdi>(.*?)</bdi>', html)


def test_articles_are_found_by_title_and_by_id(archive: Archive) -> None:
    assert len(titles(archive.run())) == 3
    assert titles(archive.run(words="title 1")) == ["Title 1"]
    assert titles(archive.run(words="02.md")) == ["Title 2"]
    assert "No articles found." in archive.run(words="nowhere")


def test_articles_have_twenty_a_page(seeds: Path) -> None:
    archive = Archive(seeds.parent, 41)
    first, last = archive.run(), archive.run(page="3")
    assert (len(titles(first)), len(titles(last))) == (20, 1)
    assert "page 1 of 3" in first
    assert 'name="page" value="2"' in first
    assert 'value="4"' not in last
    for page in ("-1", "0", "no", "9" * 5000):
        assert titles(archive.run(page=page)) == titles(first)


def test_correction_of_an_article_is_kept_and_waits_for_a_rebuild(archive: Archive) -> None:
    html = archive.run(action="correct", article="01.md", title="Better", published="2024-03-06")
    assert "Correction saved." in html
    assert "Better" in titles(html)
    assert html.count("corrected</p>") == 1
    assert archive.rebuild.changes == 1
    assert {article.id: article.title for article in rag.read_seeds(archive.seeds)}["01.md"] == "Better"
    html = archive.run(action="correct", article="01.md", title="", published="")
    assert corrections.load(archive.seeds) == {}, "empty fields take the correction back"
    assert "Title 1" in titles(html)


def test_wrong_correction_is_told_beside_the_field_of_an_open_form(archive: Archive) -> None:
    html = archive.run(action="correct", article="01.md", title="Better", published="2024-13-45")
    assert html.count("<details open>") == html.count("aria-invalid") == 1
    assert 'value="2024-13-45"' in html
    assert 'value="Better"' in html
    assert corrections.load(archive.seeds) == {}
    assert archive.rebuild.changes == 0


def test_correction_without_a_change_is_told_and_waits_for_nothing(archive: Archive) -> None:
    assert "Nothing was changed." in archive.run(action="correct", article="01.md", title="Title 1")
    assert archive.rebuild.changes == 0


def test_removed_article_is_listed_with_undo_and_comes_back(archive: Archive) -> None:
    html = archive.run(action="remove", article="01.md")
    assert "Removed: Title 1." in html
    assert not (archive.seeds / "01.md").exists()
    assert html.count('data-action="remove"') == 2, "it cannot be removed again"
    key = re.search(r'data-action="restore">\s*<input type="hidden" name="key" value="([^"]*)"', html)
    assert key
    html = archive.run(action="restore", key=key[1])
    assert "Put back: 01.md." in html
    assert (archive.seeds / "01.md").exists()
    assert html.count('data-action="remove"') == 3
    assert archive.rebuild.changes == 1, "one article"


@pytest.mark.parametrize("identifier", ["../outside.md", "/etc/passwd", "", "no.md", "01.md/../00.md"])
@pytest.mark.parametrize("action", ["remove", "correct"])
def test_unknown_article_is_refused(archive: Archive, action: str, identifier: str) -> None:
    (archive.seeds.parent / "outside.md").write_text("# Outside\n\n" + "A text. " * 40)
    html = archive.run(action=action, article=identifier, title="New")
    assert 'role="alert"' in html
    assert len(list(archive.seeds.iterdir())) == 3
    assert (archive.seeds.parent / "outside.md").exists()


def test_damaged_corrections_are_told_and_the_articles_still_listed(archive: Archive) -> None:
    (archive.seeds / seed_names.CORRECTIONS).write_text("{", encoding="utf-8")
    html = archive.run()
    assert 'role="alert"' in html
    assert len(titles(html)) == 3


def test_rollback_is_offered_with_what_it_brings_back_if_there_is_an_earlier_index(
    archive: Archive,
) -> None:
    assert archive.store.earlier() is None
    assert show_rollback(None, ENGLISH) == ""
    (archive.seeds / "02.md").unlink()
    archive.build()
    html = show_rollback(archive.store.earlier(), ENGLISH)
    assert "3 articles" in html
    assert "To undo it, rebuild the index." in html
    archive.rebuild.roll_back(archive.store)
    assert "Rolled back to the index of" in show_build(archive.rebuild.state, 0, ENGLISH)
    assert archive.store.earlier() is None


@pytest.mark.parametrize("text", ["", "[1]", "null", "{", "3", "[" * 100_000])
def test_read_command_of_anything_but_an_object_has_no_fields(text: str) -> None:
    assert read_command(text) == read_details(text) == {}


def test_read_command_and_details_drop_what_is_no_text() -> None:
    assert read_command(json.dumps({"id": "a", "page": 2, "key": None})) == {"id": "a"}
    assert read_details(json.dumps({"a": {"title": "b", "url": 3}, "c": 4})) == {
        "a": {"title": "b"},
        "c": {},
    }


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
        cancel = {"name": ENGLISH("page.cancel")}
        assert first.page.get_by_role("button", **cancel).is_disabled()
        first.page.get_by_role("button", name=ENGLISH("page.rebuild")).click()
        second.wait("progress[value]")
        second.wait("#start[disabled]")
        second.page.get_by_role("button", **cancel).click()
        for visit in (first, second):
            visit.wait(f"#rebuild:has-text('{ENGLISH('page.cancelled')[:30]}')")
            visit.wait("#start:not([disabled])")
        assert assistant.manifest.articles == 1
        for visit in (first, second):
            visit.close()

"""Corrections: what a person may say, how the file keeps it, and what a build makes of it."""

from __future__ import annotations

import errno
import json
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from support.doubles import HashEncoder, make_article

import rag
from rag import files
from rag.errors import SeedsError
from rag.i18n.translator import Translator
from rag.ingest.curation import corrections
from rag.ingest.curation.corrections import Correction
from rag.ingest.seeds import read_seeds

_DAY = datetime(2024, 3, 6, tzinfo=UTC)
_EXPORT = '[{"title": "港口", "text": "港口工人复工。"}, {"title": "渡轮", "text": "渡轮停航三天。"}]'


@pytest.fixture
def seeds(tmp_path: Path) -> Path:
    folder = tmp_path / "seeds"
    folder.mkdir()
    for name, content in {"a.txt": "今天下雨。", "b.txt": "今天下雪。", "all.json": _EXPORT}.items():
        (folder / name).write_text(content, encoding="utf-8")
    with zipfile.ZipFile(folder / "c.zip", "w") as archive:
        archive.writestr("x/d.txt", "今天刮风。")
    return folder


def write(seeds: Path, entries: object) -> None:
    content = entries if isinstance(entries, str) else json.dumps(entries, ensure_ascii=False)
    (seeds / "corrections.json").write_text(content, encoding="utf-8")


@pytest.mark.parametrize(
    ("written", "published"),
    [
        ("2024-03-06", _DAY),
        (" 2024-03-06T22:20 ", datetime(2024, 3, 6, 22, 20, tzinfo=UTC)),
        ("2024-03-06T22:20+08:00", datetime(2024, 3, 6, 22, 20, tzinfo=timezone(timedelta(hours=8)))),
        ("2024年3月6日", _DAY),
        ("1912-01-01", datetime(1912, 1, 1, tzinfo=UTC)),
        ("", None),
        (None, None),
    ],
)
def test_parse_reads_days_and_moments(written: str | None, published: datetime | None) -> None:
    assert corrections.parse({"published": written}) == Correction(published=published)


def test_parse_tidies_the_values() -> None:
    fields = {"title": " 渡轮\n停航 ", "url": " https://news.example/1?a=b ", "source": " WWW.rfi.fr "}
    assert corrections.parse(fields) == Correction(
        "渡轮 停航", "https://news.example/1?a=b", None, "www.rfi.fr"
    )
    assert corrections.parse({"title": "a\ud800\u202eb"}).title == "ab"
    assert corrections.parse({"title": "  ", "url": "", "left_out": False}) == Correction()


WRONG = [
    ({"url": "javascript:alert(1)"}, "correction-url-invalid", "url"),
    ({"url": "news.example/1"}, "correction-url-invalid", "url"),
    ({"url": "https://"}, "correction-url-invalid", "url"),
    ({"url": 'https://a.example/"x'}, "correction-url-invalid", "url"),
    ({"url": "https://a.example/\ud800"}, "correction-url-invalid", "url"),
    ({"source": "https://www.rfi.fr/"}, "correction-source-invalid", "source"),
    ({"source": "two words"}, "correction-source-invalid", "source"),
    ({"published": "06.03."}, "correction-published-invalid", "published"),
    ({"published": "2024-13-06"}, "correction-published-invalid", "published"),
    ({"published": "0202-03-06"}, "correction-published-invalid", "published"),
    ({"published": 20240306}, "correction-not-text", "published"),
    ({"title": ["a"]}, "correction-not-text", "title"),
    ({"title": "长" * 501}, "correction-title-too-long", "title"),
    ({"left_out": "yes"}, "correction-left-out-invalid", "left_out"),
    ({"date": "2024-03-06"}, "correction-field-unknown", "date"),
]


@pytest.mark.parametrize(("fields", "code", "field"), WRONG)
def test_parse_of_a_wrong_value_names_the_field(fields: dict[str, Any], code: str, field: str) -> None:
    with pytest.raises(SeedsError) as error:
        corrections.parse(fields)
    assert (error.value.code, error.value.parameters["field"]) == (code, field)


def test_save_then_load_gives_the_same_and_the_file_is_easy_to_edit(seeds: Path) -> None:
    given = {
        "b.txt": Correction("新题", "https://news.example/1", _DAY, "www.rfi.fr"),
        "all.json#2": Correction(left_out=True),
        "a.txt": Correction(published=_DAY.replace(hour=9, tzinfo=timezone(timedelta(hours=8)))),
    }
    corrections.save(seeds, given)
    assert corrections.load(seeds) == given
    written = (seeds / "corrections.json").read_text(encoding="utf-8")
    assert list(json.loads(written)) == sorted(given)
    assert '    "published": "2024-03-06",\n' in written
    assert '    "title": "新题",\n' in written


def test_save_merges_and_removes_an_entry_that_corrects_nothing(seeds: Path) -> None:
    one, other = Correction(title="一"), Correction(title="二")
    corrections.save(seeds, {"a.txt": one, "b.txt": one})
    corrections.save(seeds, {"b.txt": other})
    assert corrections.load(seeds) == {"a.txt": one, "b.txt": other}
    corrections.save(seeds, {"a.txt": Correction()})
    assert corrections.load(seeds) == {"b.txt": other}
    corrections.save(seeds, {"b.txt": Correction()})
    assert not (seeds / "corrections.json").exists()


def test_save_by_several_at_once_keeps_every_correction(seeds: Path) -> None:
    changes = [{f"{number}.txt": Correction(title="题")} for number in range(8)]
    threads = [Thread(target=corrections.save, args=(seeds, change)) for change in changes]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(corrections.load(seeds)) == len(changes)


@pytest.mark.parametrize(
    "change", [Correction(url="javascript:alert(1)"), Correction(title="长" * 501)]
)
def test_save_of_a_wrong_correction_changes_nothing(seeds: Path, change: Correction) -> None:
    corrections.save(seeds, {"a.txt": Correction(title="一")})
    with pytest.raises(SeedsError):
        corrections.save(seeds, {"a.txt": Correction(title="二"), "b.txt": change})
    assert corrections.load(seeds) == {"a.txt": Correction(title="一")}


def test_save_on_a_full_disk_changes_nothing_and_names_the_file(
    seeds: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    corrections.save(seeds, {"a.txt": Correction(title="一")})

    def refuse(path: Path, content: bytes) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(files, "replace", refuse)
    with pytest.raises(SeedsError, match=r"corrections\.json \(No space left on device\)"):
        corrections.save(seeds, {"a.txt": Correction(title="二")})
    assert corrections.load(seeds) == {"a.txt": Correction(title="一")}


DAMAGED = {
    "{": "not valid JSON",
    "[]": "not a JSON object with the ids",
    '{"a.txt": "2024-03-06"}': "The entry 'a.txt' is wrong. It is not a JSON object with fields.",
    '{"a.txt": {"published": "soon"}}': "The entry 'a.txt' is wrong. 'soon' is not a date.",
    '{"a.txt": {"titel": "x"}}': "There is no field 'titel'.",
    '{"a.txt": {"title": "x"}, "a.txt": {"url": ""}}': "'a.txt' occurs twice.",
    "[" * 100_000: "not valid JSON",
}


@pytest.mark.parametrize(("content", "reason"), DAMAGED.items(), ids=range(len(DAMAGED)))
def test_build_with_damaged_corrections_is_refused_and_loses_nothing(
    seeds: Path, tmp_path: Path, content: str, reason: str
) -> None:
    index, encoder = tmp_path / "index", HashEncoder()
    rag.build(read_seeds(seeds), index, encoder)
    write(seeds, content)
    with pytest.raises(SeedsError) as error:
        rag.build(read_seeds(seeds), index, encoder)
    assert reason in str(error.value)
    for locale in ("en", "zh-Hans", "zh-Hant"):
        assert "corrections.json" in Translator(locale).error(error.value)
    with pytest.raises(SeedsError):
        corrections.save(seeds, {"b.txt": Correction(title="一")})
    assert (seeds / "corrections.json").read_text(encoding="utf-8") == content
    assert rag.load(index, encoder).article("a.txt").text == "今天下雨。"


def test_load_refuses_a_link_and_reads_a_byte_order_mark(seeds: Path, tmp_path: Path) -> None:
    (seeds / "corrections.json").write_text('{"a.txt": {"title": "一"}}', encoding="utf-8-sig")
    assert corrections.load(seeds) == {"a.txt": Correction(title="一")}
    (seeds / "corrections.json").rename(tmp_path / "elsewhere.json")
    (seeds / "corrections.json").symlink_to(tmp_path / "elsewhere.json")
    with pytest.raises(SeedsError, match="Not a regular file"):
        corrections.load(seeds)


def test_apply_takes_the_site_from_a_corrected_address_unless_it_is_given() -> None:
    article = make_article("a.txt", "正文。")
    address = "https://www.bbc.com/zhongwen/1"
    assert corrections.apply(article, Correction()) == article
    assert corrections.apply(article, Correction(url=address)).source == "www.bbc.com"
    both = corrections.apply(article, Correction(url=address, source="www.rfi.fr"))
    assert (both.url, both.source) == (address, "www.rfi.fr")


def test_seeds_apply_corrections_to_files_records_and_members(seeds: Path) -> None:
    write(
        seeds,
        {
            "a.txt": {"published": "2024-03-06", "source": "www.rfi.fr"},
            "all.json#2": {"title": "新题"},
            "all.json#1": {"left_out": True},
            "c.zip/x/d.txt": {"url": "https://news.example/d"},
        },
    )
    corpus = read_seeds(seeds)
    found = {article.id: article for article in corpus}
    assert list(found) == ["a.txt", "all.json#2", "b.txt", "c.zip/x/d.txt"]
    assert (found["a.txt"].published, found["a.txt"].source) == (_DAY, "www.rfi.fr")
    assert found["all.json#2"].title == "新题"
    assert found["c.zip/x/d.txt"].source == "news.example"
    assert corpus.failed == []
    undated = [remark.path for remark in corpus.remarks if remark.code == "remark-undated"]
    assert undated == ["all.json#2", "b.txt", "c.zip/x/d.txt"]


def test_seeds_remark_a_correction_that_no_article_has(seeds: Path) -> None:
    (seeds / "bad.zip").write_bytes(b"PK\3\4")
    (seeds / "empty.txt").write_text("")
    names = ["gone.txt", "all.json#9", "bad.zip/x.txt", "empty.txt", "a.txt"]
    write(seeds, {name: {"title": "题"} for name in names})
    corpus = read_seeds(seeds)
    list(corpus)
    unused = [remark for remark in corpus.remarks if remark.code == "remark-correction-unused"]
    assert [remark.path for remark in unused] == ["all.json#9", "gone.txt"]
    assert unused[0].reason.startswith("corrections.json corrects it")


@pytest.fixture
def build(seeds: Path, tmp_path: Path) -> Callable[[], tuple[int, ...]]:
    """Build, and return how many articles were added, updated, removed and unchanged."""
    encoder = HashEncoder()

    def run() -> tuple[int, ...]:
        report = rag.build(read_seeds(seeds), tmp_path / "index", encoder)
        return report.added, report.updated, report.removed, report.unchanged

    return run


def test_build_after_a_change_of_a_correction_reads_exactly_that_article(
    seeds: Path, tmp_path: Path, build: Callable[[], tuple[int, ...]]
) -> None:
    assert build() == (5, 0, 0, 0)
    digests = {item.name: item.digest for item in read_seeds(seeds).items()}
    corrections.save(seeds, {"a.txt": Correction(published=_DAY)})
    changed = {item.name for item in read_seeds(seeds).items() if item.digest != digests[item.name]}
    assert changed == {"a.txt"}
    assert build() == (0, 1, 0, 4)
    assert rag.load(tmp_path / "index", HashEncoder()).article("a.txt").published == _DAY
    assert build() == (0, 0, 0, 5)
    corrections.save(seeds, {"a.txt": Correction(), "b.txt": Correction(left_out=True)})
    assert build() == (0, 1, 1, 3)
    assert rag.load(tmp_path / "index", HashEncoder()).article("a.txt").published is None

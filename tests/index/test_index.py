from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import faiss
import numpy as np
import pytest
from support.doubles import STORES, HashEncoder, make_article

import rag
from rag.errors import IndexBusy, IndexDamaged, IndexMissing, SeedsError
from rag.index import faiss_writer, generations, stores
from rag.index.faiss_index import Index
from rag.retrieval.ranking import Ranking
from rag.text import passages
from rag.types import Article, Vectors


def brute_force(index: Path, query: Vectors, k: int) -> list[tuple[int, float]]:
    """Score every passage with numpy alone, from the files themselves."""
    generation = index / (index / "CURRENT").read_text().strip()
    vectors = faiss.read_index(str(generation / "vectors.faiss"))
    matrix = np.stack([vectors.reconstruct(row) for row in range(vectors.ntotal)])
    assert np.allclose(np.linalg.norm(matrix, axis=1), 1, atol=1e-3)
    similarity = np.einsum("ij,j->i", matrix, query).astype(float)
    rows: dict[int, list[int]] = {}
    titles: dict[int, list[int]] = {}
    with sqlite3.connect(generation / "corpus.sqlite") as connection:
        for row, passage, end in connection.execute(
            "SELECT row, passage, end FROM vectors ORDER BY row"
        ):
            (rows if end else titles).setdefault(passage, []).append(row)
    scores = [
        (
            passage,
            max(
                (similarity[own] + max(similarity[windows])) / 2,
                *similarity[titles.get(passage, [])],
                -1.0,
            ),
        )
        for passage, (own, *windows) in rows.items()
    ]
    return sorted(scores, key=lambda item: (-item[1], item[0]))[:k]


def many(count: int) -> list[Article]:
    rng = np.random.default_rng(0)
    letters = [chr(0x4E00 + i) for i in range(300)]

    def paragraph() -> str:
        return "。".join("".join(rng.choice(letters, 20)) for _ in range(rng.integers(1, 9))) + "。"

    return [
        make_article(f"{n:03}", *(paragraph() for _ in range(rng.integers(1, 9)))) for n in range(count)
    ]


@pytest.fixture(scope="module")
def many_index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("many")
    rag.build(many(60), folder, HashEncoder())
    return folder


@pytest.fixture(scope="module", params=STORES)
def ranking(request: pytest.FixtureRequest, new_location: Callable[[str], str]) -> Ranking:
    place = new_location(request.param)
    rag.build(many(60), place, HashEncoder())
    return stores.at(place).open()


@pytest.mark.parametrize("k", [1, 3, 10, 10_000])
def test_search_equals_brute_force_in_order_and_score(
    many_index: Path, ranking: Ranking, k: int
) -> None:
    encoder = HashEncoder()
    articles = many(60)
    assert ranking.manifest.passages > 100
    for text in (
        articles[7].text[:30],
        articles[41].text[-25:],
        "与什么都不像的问题",
        articles[3].title,
    ):
        query = encoder.encode_queries([text])
        expected = brute_force(many_index, query[0], k)
        (found,) = ranking.search(query, k)
        assert [match.passage for match in found] == [number for number, _ in expected]
        assert np.allclose(
            [match.score for match in found], [score for _, score in expected], atol=1e-5
        )
        assert len(found) == min(k, ranking.manifest.passages)


@pytest.fixture(params=[10**6, 200], ids=["one list", "lists"])
def large(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """The folder of an index that is searched as those of large archives are."""
    monkeypatch.setattr(faiss_writer, "EXACT", 20)
    monkeypatch.setattr(faiss_writer, "ONE_LIST", request.param)
    monkeypatch.setattr(rag.index, "_FEW", 300)
    rag.build(many(100), tmp_path / "large", HashEncoder())
    return tmp_path / "large"


def test_a_large_archive_is_searched_nearly_as_by_brute_force(large: Path) -> None:
    index = Index.open(large)
    about = index.manifest.search
    assert about.nearest in ("IVF1,RaBitQfs2", "IVF16,RaBitQfs2")
    assert about.recall >= 0.98
    assert (large / "000001/nearest.faiss").stat().st_size < (
        large / "000001/vectors.faiss"
    ).stat().st_size
    encoder, shares = HashEncoder(), []
    for article in many(100)[::5]:
        query = encoder.encode_queries([article.text[5:45]])
        expected = brute_force(large, query[0], 10)
        (found,) = index.search(query, 10)
        shares.append(len({m.passage for m in found} & {number for number, _ in expected}) / 10)
        assert found[0].passage == expected[0][0]
        assert found[0].score == pytest.approx(expected[0][1], abs=1e-5)
    assert np.mean(shares) >= 0.97


@pytest.mark.parametrize("days", [1, 60])
def test_a_filter_holds_in_a_large_archive(large: Path, days: int) -> None:
    start = datetime(2024, 1, 1, tzinfo=UTC)
    articles = [replace(a, published=start + timedelta(days=n)) for n, a in enumerate(many(100))]
    rag.build(articles, large, HashEncoder())
    until = start + timedelta(days=days - 1)
    passing = {article.id for article in articles[:days]}
    assistant = rag.load(large, HashEncoder())
    found = assistant.search(articles[0].text[:40], 10_000, until=until)
    assert {hit.passage.article_id for hit in found} == passing
    whole = assistant.search(articles[0].text[:40], 10_000)
    assert len(whole) == assistant.manifest.passages
    assert found == [hit for hit in whole if hit.passage.article_id in passing]
    assert assistant.search("什么", 5, source="nobody.example") == []


def test_a_large_archive_keeps_its_lists(large: Path) -> None:
    before = Index.open(large)
    vectors = before.vectors(range(before.manifest.vectors))
    encoder = HashEncoder()
    added = make_article("zzz", "北极的海冰在九月降到了有记录以来的最低点。" * 4)
    rag.build([*many(100), added], large, encoder)
    after = Index.open(large)
    assert after.manifest.search.nearest == before.manifest.search.nearest
    assert np.array_equal(after.vectors(range(len(vectors))), vectors)
    (found,) = after.search(encoder.encode_queries(["海冰在九月降到了"]), 1)
    assert after.corpus.passages([found[0].passage])[0].article_id == "zzz"


def test_many_near_passages_do_not_crowd_out_a_nearer_one(tmp_path: Path, location: str) -> None:
    encoder = HashEncoder()
    crowd = [make_article(f"crowd{n:03}", "甲乙丙丁戊己。" * 60) for n in range(200)]
    given = [*crowd, make_article("z", "甲乙丙丁子丑寅卯。" * 10)]
    rag.build(given, tmp_path / "index", encoder)
    rag.build(given, location, encoder)
    query = encoder.encode_queries(["甲乙丙丁子丑"])
    (found,) = stores.at(location).open().search(query, 3)
    expected = brute_force(tmp_path / "index", query[0], 3)
    assert found[0].passage == expected[0][0]
    assert np.allclose([match.score for match in found], [score for _, score in expected], atol=1e-5)


def test_a_headline_finds_the_first_passage_of_its_article(location: str) -> None:
    bodies = [
        [f"{number}甲乙丙丁戊己庚辛。" * 40, f"{number}子丑寅卯辰巳午未。" * 40] for number in range(5)
    ]
    articles = [
        make_article(str(number), *body, title=f"第{number}次峰会在首尔闭幕")
        for number, body in enumerate(bodies)
    ]
    rag.build(articles, location, HashEncoder())
    best, second = rag.load(location, HashEncoder()).search("第3次峰会在首尔闭幕", 2)
    assert best.passage.id == "3#1"
    assert best.score >= 1
    assert second.passage.id in {f"{number}#1" for number in range(5)}
    start, end = best.highlight
    assert best.passage.text[start:end]


def test_a_second_build_encodes_nothing_and_writes_nothing(
    index: Path, articles: list[Article]
) -> None:
    before = (index / "CURRENT").read_text()
    encoder = HashEncoder()
    report = rag.build(articles, index, encoder)
    assert (report.added, report.updated, report.removed, report.unchanged) == (0, 0, 0, 3)
    assert report.encoded == 0
    assert encoder.encoded == []
    assert (index / "CURRENT").read_text() == before
    assert sorted(path.name for path in index.iterdir() if path.is_dir()) == ["000001"]


def test_exactly_what_changed_is_encoded_and_found(location: str, articles: list[Article]) -> None:
    a, b, _ = articles
    rag.build(articles, location, HashEncoder())
    changed = make_article("b", "北极的海冰在九月降到了有记录以来的最低点。" * 4)
    new = make_article("d", "火星车在陨石坑里发现了古代湖泊的沉积物。" * 4)
    encoder = HashEncoder()
    report = rag.build([a, changed, new], location, encoder)
    assert (report.added, report.updated, report.removed, report.unchanged) == (1, 1, 1, 1)
    assert encoder.encoded
    assert not any("集装箱" in text for text in encoder.encoded)
    assistant = rag.load(location, HashEncoder())

    def top(question: str) -> str:
        return assistant.search(question, 1)[0].passage.article_id

    assert (top("集装箱的弹药"), top("海冰在九月"), top("火星车在陨石坑")) == ("a", "b", "d")
    found = {hit.passage.article_id for hit in assistant.search("奥运会的开幕式", 100)}
    assert found == {"a", "b", "d"}
    assert not any("樱花" in hit.passage.text for hit in assistant.search(b.text[:50], 100))


def test_kept_vectors_are_those_of_their_texts(location: str, articles: list[Article]) -> None:
    rag.build(articles, location, HashEncoder())
    order = [make_article("0", "新来的排在最前面，所有的行号都变了。" * 5), *articles]
    rag.build(order, location, HashEncoder())
    opened = stores.at(location).open()
    encoder = HashEncoder()
    for number in range(opened.manifest.passages):
        (passage,) = opened.corpus.passages([number])
        (rows,) = opened.corpus.rows(passages=[number])
        spans = opened.corpus.spans(range(rows.first, rows.end))
        assert spans[0] == (0, len(passage.text))
        for row, span in enumerate(spans, start=rows.first):
            text = passage.text[slice(*span)] or passage.title
            assert np.allclose(opened.vectors([row])[0], encoder.vector(text), atol=1e-3)


def test_another_model_encodes_everything_again(location: str, articles: list[Article]) -> None:
    rag.build(articles, location, HashEncoder())
    encoder = HashEncoder(fingerprint="hash-2")
    report = rag.build(articles, location, encoder)
    assert report.unchanged == 3
    assert report.encoded == len(encoder.encoded) > 0
    assert rag.load(location, encoder).search("集装箱")


def test_passages_come_back_as_they_went_in(archive: str, articles: list[Article]) -> None:
    by_id = {article.id: article for article in articles}
    for hit in rag.load(archive, HashEncoder()).search("集装箱", 100):
        passage, article = hit.passage, by_id[hit.passage.article_id]
        assert article.text[passage.start : passage.end] == passage.text
        for field in ("title", "url", "published", "source", "language"):
            assert getattr(passage, field) == getattr(article, field)
        start, end = hit.highlight
        assert 0 <= start < end <= len(passage.text)


def test_builds_are_the_same_byte_for_byte(tmp_path: Path, articles: list[Article]) -> None:
    hashes = []
    for name in ("one", "two"):
        rag.build(articles, tmp_path / name, HashEncoder())
        hashes.append(json.loads((tmp_path / name / "000001/manifest.json").read_text())["files"])
    assert hashes[0] == hashes[1]


def test_an_interrupted_build_leaves_the_old_index_and_no_rubbish(
    index: Path, articles: list[Article]
) -> None:
    class Interrupted(HashEncoder):
        def encode_passages(self, *_: object, **__: object) -> Vectors:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        rag.build([*articles, make_article("d", "新文章。")], index, Interrupted())
    files = sorted(path.name for path in index.iterdir())
    assert files == [".lock", "000001", "CURRENT", "report.json"]
    assert len(rag.load(index, HashEncoder()).search("新文章", 100)) == 3


def test_what_a_killed_build_left_is_removed_by_the_next(index: Path, articles: list[Article]) -> None:
    (index / "000002").mkdir()
    (index / "000002" / "corpus.sqlite").write_text("half")
    rag.build(articles[:2], index, HashEncoder())
    assert (index / "CURRENT").read_text().strip() == "000002"
    rag.build(articles[:1], index, HashEncoder())
    kept = sorted(path.name for path in index.iterdir() if path.is_dir())
    assert kept == ["000002", "000003"], "the live generation and the one before it"
    assert rag.load(index, HashEncoder()).manifest.articles == 1


def test_what_a_killed_first_build_left_is_removed_too(tmp_path: Path, articles: list[Article]) -> None:
    for name in ("000001", "000002", "000003"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "corpus.sqlite").write_text("half")
    rag.build(articles, tmp_path, HashEncoder())
    assert sorted(path.name for path in tmp_path.iterdir() if path.is_dir()) == ["000001"]


def test_folders_of_others_are_left_alone(tmp_path: Path, articles: list[Article]) -> None:
    for name in ("20240101", "000002", "99999999"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "photo.jpg").write_text("x")
    for count in (1, 2, 3, 2):
        rag.build(articles[:count], tmp_path, HashEncoder())
    for name in ("20240101", "000002", "99999999"):
        assert (tmp_path / name / "photo.jpg").exists()
    assert rag.load(tmp_path, HashEncoder()).manifest.articles == 2


def test_another_way_of_cutting_is_not_taken_for_the_same(
    index: Path, articles: list[Article], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(passages, "WINDOW_CHARACTERS", 50)
    assert rag.build(articles, index, HashEncoder()).unchanged == 3
    assert (index / "CURRENT").read_text().strip() == "000002"


def test_a_full_disk_is_said_to_be_full(
    index: Path, articles: list[Article], monkeypatch: pytest.MonkeyPatch
) -> None:
    write = faiss.write_index

    def fail(written: faiss.Index, to: object, *rest: object) -> None:
        if isinstance(to, str):
            raise RuntimeError("Error in void faiss::write_index")
        write(written, to, *rest)

    monkeypatch.setattr(faiss, "write_index", fail)
    monkeypatch.setattr(faiss_writer, "EXACT", 0)
    with pytest.raises(
        OSError, match=r"nearest\.faiss cannot be written, perhaps because the disk is full"
    ):
        rag.build(articles[:1], index, HashEncoder())
    assert sorted(path.name for path in index.iterdir() if path.is_dir()) == ["000001"]


def test_only_one_build_at_a_time(index: Path, articles: list[Article]) -> None:
    with generations.locked(index), pytest.raises(IndexBusy, match="Another build"):
        rag.build(articles, index, HashEncoder())


def test_an_open_assistant_survives_later_builds(location: str, articles: list[Article]) -> None:
    rag.build(articles, location, HashEncoder())
    assistant = rag.load(location, HashEncoder())
    for count in (2, 1, 2, 3):
        rag.build(articles[:count], location, HashEncoder())
    assert {hit.passage.article_id for hit in assistant.search("集装箱", 9)} == {"a", "b", "c"}


def truncate(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-9])


def empty(path: Path) -> None:
    path.write_bytes(b"")


def flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


@pytest.mark.parametrize("name", ["manifest.json", "corpus.sqlite", "vectors.faiss", "CURRENT"])
@pytest.mark.parametrize("damage", [truncate, flip, Path.unlink, empty])
def test_a_damaged_file_is_an_error_with_its_cure(
    index: Path, articles: list[Article], name: str, damage: Callable[[Path], None]
) -> None:
    path = index / name if name == "CURRENT" else index / "000001" / name
    if (name, damage) == ("CURRENT", truncate):
        path.write_text("00000")
    else:
        damage(path)
    with pytest.raises((IndexDamaged, IndexMissing), match=f"rag build --index {index}"):
        rag.load(index, HashEncoder())
    assert rag.build(articles, index, HashEncoder()).added == 3
    assert rag.load(index, HashEncoder()).search("集装箱")[0].passage.article_id == "a"


def test_a_manifest_that_counts_wrong_is_damage(index: Path) -> None:
    path = index / "000001" / "manifest.json"
    path.write_text(path.read_text().replace('"dim": 512', '"dim": 511'))
    with pytest.raises(IndexDamaged, match=r"000001/manifest\.json is not what was written"):
        rag.load(index, HashEncoder())


def test_of_a_large_file_a_sample_is_checked_and_all_of_it_when_asked(
    index: Path, articles: list[Article], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(generations, "_LARGE", 0)
    rag.build(articles[:2], index, HashEncoder())
    path = index / "000002/corpus.sqlite"
    flip(path)  # in the middle, between the blocks of the sample
    generations.read_manifest(path.parent)
    with pytest.raises(IndexDamaged, match=r"corpus\.sqlite is not what was written"):
        generations.read_manifest(path.parent, whole=True)
    truncate(path)
    with pytest.raises(IndexDamaged, match=r"corpus\.sqlite is not what was written"):
        generations.read_manifest(path.parent)


def test_articles_without_text_are_counted_and_nothing_is_found(location: str) -> None:
    report = rag.build([make_article("a"), make_article("b")], location, HashEncoder())
    assert (report.added, report.passages) == (2, 0)
    assistant = rag.load(location, HashEncoder())
    assert assistant.search("集装箱") == []
    answer = assistant.ask("集装箱")
    assert (answer.text, answer.hit, answer.confidence) == ("", None, 0)


def test_another_format_is_not_misread(index: Path) -> None:
    path = index / "000001" / "manifest.json"
    path.write_text(path.read_text().replace('"format": 4', '"format": 2'))
    with pytest.raises(IndexDamaged, match="format is 2, this version reads 4"):
        rag.load(index, HashEncoder())


def test_a_missing_index_names_the_command(location: str) -> None:
    with pytest.raises(IndexMissing, match=r"There is no index in .*Run `rag build"):
        rag.load(location)


def test_nothing_to_index_keeps_the_old_index(
    location: str, articles: list[Article], tmp_path: Path
) -> None:
    rag.build(articles, location, HashEncoder())
    empty = tmp_path / "empty"
    empty.mkdir()
    with pytest.raises(SeedsError, match=r"nothing to index in .*empty"):
        rag.build(rag.read_seeds(empty), location, HashEncoder())
    (empty / "note.json").write_text("no article")
    with pytest.raises(SeedsError, match=r"note\.json is neither"):
        rag.build(rag.read_seeds(empty), location, HashEncoder())
    assert rag.load(location, HashEncoder()).manifest.articles == 3


def test_failed_files_are_in_the_report(write_feed: Callable[..., Path], tmp_path: Path) -> None:
    seeds = write_feed("good.txt", "<p>正文在这里。</p>").parent
    (seeds / "bad.json").write_text("no article")
    report = rag.build(rag.read_seeds(seeds), tmp_path / "index", HashEncoder())
    assert report.added == 1
    assert [failure.path for failure in report.failed] == ["bad.json"]


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"id": "a"}, "two articles have the id 'a'"),
        ({"text": "半个\ud83d"}, "not valid Unicode"),
        ({"published": datetime(2024, 1, 1)}, "without a zone"),
    ],
)
def test_an_article_that_cannot_be_stored_is_named(
    index: Path, articles: list[Article], wrong: dict[str, object], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        rag.build([*articles, make_article("x", "正文。", **wrong)], index, HashEncoder())
    assert rag.load(index, HashEncoder()).manifest.articles == 3


def test_manifest_and_vectors_must_agree(index: Path) -> None:
    opened = Index.open(index)
    with pytest.raises(ValueError, match=r"vectors of 3 numbers, but the manifest says"):
        Index(opened.path, opened.manifest, opened.corpus, faiss.IndexFlatIP(3))


def test_a_copied_index_folder_works(index: Path, tmp_path: Path) -> None:
    copy = shutil.copytree(index, tmp_path / "an other # place?")
    assert rag.load(copy, HashEncoder()).search("集装箱")

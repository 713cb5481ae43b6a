"""The codes of vectors, and indexes of an earlier version, whose vectors have half precision."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import faiss
import numpy as np
import pytest
from support.archives import many_articles
from support.doubles import HashEncoder

import rag
from rag.index import builder, generations, manifest
from rag.index.faiss_index import Index
from rag.index.manifest import VECTORS, read_manifest
from rag.index.vectors import quantizer
from rag.index.vectors import writer as faiss_writer
from rag.types import Vectors


def unit_vectors(dim: int, count: int = 200) -> Vectors:
    """Vectors around a common mean, one of whose numbers is much larger than the others."""
    vectors = np.random.default_rng(dim).normal(size=(count, dim)).astype(np.float32)
    vectors[:, 0] += 2 * np.sqrt(dim)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


@pytest.mark.parametrize("dim", [1, 2, 5, 383, 384, 768])
def test_rotate_keeps_inner_products_and_can_be_undone(dim: int) -> None:
    vectors = unit_vectors(dim)
    rotated = quantizer.rotate(vectors)
    assert rotated.dtype == np.float32
    assert np.allclose(rotated @ rotated.T, vectors @ vectors.T, atol=1e-5)
    assert np.allclose(quantizer.rotate_back(rotated), vectors, atol=1e-6)
    assert np.array_equal(quantizer.rotate(vectors[3]), rotated[3])
    assert np.allclose(quantizer.rotate_back(rotated[3]), vectors[3], atol=1e-6)


@pytest.mark.parametrize("dim", [384, 768, 1024])
def test_encode_preserves_vectors_within_a_fixed_error(dim: int) -> None:
    vectors = unit_vectors(dim)
    codes = quantizer.encode(vectors)
    assert codes.shape == (len(vectors), dim * 6 // 8)
    decoded = quantizer.rotate_back(quantizer.empty(dim).sa_decode(codes))
    errors = ((decoded - vectors) ** 2).sum(axis=1)
    assert errors.mean() < 0.0015
    assert errors.max() < 0.02
    assert np.array_equal(quantizer.encode(vectors[50:60]), codes[50:60])
    # Without the rotation one number of each vector would be cut off.
    plain = quantizer.empty(dim)
    assert ((plain.sa_decode(plain.sa_encode(vectors)) - vectors) ** 2).sum(axis=1).mean() > 0.5


def test_one_thread_lets_faiss_have_its_threads_again() -> None:
    threads = faiss.omp_get_max_threads()
    with quantizer.one_thread():
        assert faiss.omp_get_max_threads() == 1
    assert faiss.omp_get_max_threads() == threads


@pytest.fixture(params=["exact", "ann"])
def exact(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> bool:
    """Whether a question is compared with every passage and title."""
    if request.param == "ann":
        monkeypatch.setattr(faiss_writer, "EXACT", 20)
    return bool(request.param == "exact")


def in_half_precision(folder: Path, encoder: HashEncoder) -> None:
    """Turn an index into one that an earlier version made."""
    generation = generations.current(folder)
    described = read_manifest(generation)
    with_texts = Index.open(folder)
    texts = with_texts.corpus.texts(range(described.vectors))
    half = faiss.ScalarQuantizer.QT_fp16
    vectors = faiss.IndexScalarQuantizer(described.dim, half, faiss.METRIC_INNER_PRODUCT)
    vectors.add(encoder.encode_passages(texts))
    if described.search.nearest:
        leads = with_texts.corpus.leads()
        ann = faiss.index_factory(described.dim, described.search.nearest, faiss.METRIC_INNER_PRODUCT)
        stored = encoder.encode_passages([texts[row] for row in leads])
        ann.train(stored)
        ann.add_with_ids(stored, leads)
        faiss.write_index(ann, str(generation / manifest.NEAREST))
    with_texts.close()
    faiss.write_index(vectors, str(generation / VECTORS))
    files, samples = manifest.checksums(generation)
    settings = {name: value for name, value in described.settings.items() if name != "vectors"}
    old = replace(described, format=4, settings=settings, files=files, samples=samples)
    (generation / manifest.MANIFEST).write_bytes(old.to_bytes())
    generations.point_to(generation)


def test_index_in_half_precision_is_searched_and_the_next_build_compresses_it(
    tmp_path: Path, exact: bool
) -> None:
    articles, encoder = many_articles(30), HashEncoder()
    fresh = tmp_path / "fresh"
    rag.build(articles, fresh, encoder)
    rag.build(articles, tmp_path / "old", encoder)
    in_half_precision(tmp_path / "old", encoder)
    old = Index.open(tmp_path / "old")
    assert (old.manifest.search.nearest == "") == exact
    assert not old.is_rotated
    rows = range(old.manifest.vectors)
    assert np.allclose(old.vectors(rows), encoder.encode_passages(old.corpus.texts(rows)), atol=1e-3)
    question = articles[7].text[5:45]
    (before,) = rag.load(tmp_path / "old", encoder).search(question, 1)
    assert before.passage.article_id == articles[7].id
    known = len(encoder.encoded)
    assert rag.build(articles, tmp_path / "old", encoder).encoded == 0
    assert len(encoder.encoded) == known
    rebuilt, expected = Index.open(tmp_path / "old"), Index.open(fresh)
    assert rebuilt.is_rotated
    assert rebuilt.path.name == "000002"
    assert np.array_equal(rebuilt.codes(rows), expected.codes(rows))
    assert (rebuilt.path / VECTORS).read_bytes() == (expected.path / VECTORS).read_bytes()
    (after,) = rag.load(tmp_path / "old", encoder).search(question, 1)
    assert after.passage == before.passage
    assert after.score == pytest.approx(before.score, abs=0.01)


def test_incremental_build_has_the_vectors_of_a_fresh_one_byte_for_byte(tmp_path: Path) -> None:
    articles = many_articles(12)
    for given in (articles[:7], articles[3:], articles):
        rag.build(given, tmp_path / "incremental", HashEncoder())
    rag.build(articles, tmp_path / "fresh", HashEncoder())
    incremental, fresh = Index.open(tmp_path / "incremental"), Index.open(tmp_path / "fresh")
    assert (incremental.path / VECTORS).read_bytes() == (fresh.path / VECTORS).read_bytes()
    assert incremental.manifest.settings["vectors"] == builder.quantizer.VERSION


def test_vectors_on_disk_have_six_bits_per_number(tmp_path: Path) -> None:
    rag.build(many_articles(12), tmp_path, HashEncoder())
    index = Index.open(tmp_path)
    size = (index.path / VECTORS).stat().st_size
    assert (
        0 < size - index.manifest.vectors * index.manifest.dim * 6 // 8 < 8 * index.manifest.dim + 200
    )

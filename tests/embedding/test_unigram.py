"""The mapped Unigram tokenizer: it finds the tokens that `tokenizers` finds, and their characters."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import (
    AddedToken,
    Regex,
    Tokenizer,
    models,
    normalizers,
    pre_tokenizers,
    processors,
)

from rag.embedding import default_model
from rag.embedding.bert_weights import read_tokenizer
from rag.embedding.unigram import UnigramTokenizer

SPECIAL = ("<s>", "<pad>", "</s>", "<unk>")
# Many segmentations of the same text are equally likely, so that ties must be broken alike.
PIECES = [
    *((piece, 0.0) for piece in SPECIAL),
    ("▁", -2.0),
    *((piece, -3.1) for piece in "abcde"),
    *((piece, -6.2) for piece in ("ab", "bc", "cd", "abab", "▁a", "▁ab")),
    ("aaa", -9.3),
    ("e\u0301", -4.7),
    ("北京", -5.25),
    ("北", -7.5),
    ("fi", -4.0),
    ("。", -3.3),
]
TEXTS = st.text(
    st.sampled_from("aabbcde  \n▁北京。ﬁ①e\u0301é\u200b\u3000x🙂<s>")
    | st.characters(exclude_categories=["Cs"])
) | st.lists(st.sampled_from([*SPECIAL, "abab", " ", "aaa", "＜s＞", "北京"])).map("".join)


def make_tokenizer(folder: Path) -> Tokenizer:
    """Save a small tokenizer with the parts of that of the default model."""
    tokenizer = Tokenizer(models.Unigram(PIECES, unk_id=3, byte_fallback=False))
    tokenizer.normalizer = normalizers.Sequence(
        [normalizers.Nmt(), normalizers.NFKC(), normalizers.Replace(Regex(" {2,}"), " ")]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", pair=None, special_tokens=[("<s>", 0), ("</s>", 2)]
    )
    tokenizer.add_special_tokens([AddedToken(piece, normalized=False) for piece in SPECIAL])
    tokenizer.save(str(folder / "tokenizer.json"))
    return tokenizer


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> tuple[UnigramTokenizer, Tokenizer]:
    with pytest.MonkeyPatch.context() as patch:
        folder = tmp_path_factory.mktemp("tokenizer")
        patch.setenv("XDG_CACHE_HOME", str(folder))
        right = make_tokenizer(folder)
        return UnigramTokenizer.of_file(folder / "tokenizer.json"), right


def assert_same(ours: UnigramTokenizer, right: Tokenizer, texts: list[str]) -> None:
    for special in (True, False):
        found = ours.encode_batch(texts, add_special_tokens=special)
        expected = right.encode_batch(texts, add_special_tokens=special)
        assert [(e.ids, e.offsets) for e in found] == [(e.ids, e.offsets) for e in expected]


@settings(max_examples=200, deadline=None)
@given(texts=st.lists(TEXTS, max_size=4))
def test_encode_batch_of_any_text_gives_the_tokens_of_the_reference(
    both: tuple[UnigramTokenizer, Tokenizer], texts: list[str]
) -> None:
    assert_same(*both, texts)


@pytest.mark.model
def test_encode_batch_with_the_default_vocabulary_gives_the_tokens_of_the_reference() -> None:
    path = default_model.path() / "tokenizer.json"
    right = Tokenizer.from_file(str(path))
    pieces = [piece.replace("▁", " ") for piece in right.get_vocab()]
    ours = read_tokenizer(path.parent)
    assert isinstance(ours, UnigramTokenizer)
    assert_same(ours, right, ["".join(pieces[start::2500]) for start in range(250)])


def test_of_file_converts_it_once(own_cache: Path, tmp_path: Path) -> None:
    make_tokenizer(tmp_path)
    first = UnigramTokenizer.of_file(tmp_path / "tokenizer.json")
    (folder,) = own_cache.iterdir()
    written = {path.name: path.stat().st_mtime_ns for path in folder.iterdir()}
    UnigramTokenizer.of_file(tmp_path / "tokenizer.json")
    assert {path.name: path.stat().st_mtime_ns for path in folder.iterdir()} == written
    ids = [first.token_to_id(token) for token in ("</s>", "北京", "q")]
    assert ids == [2, PIECES.index(("北京", -5.25)), None]


@pytest.mark.parametrize(
    "change",
    [
        lambda content: content["model"].update(byte_fallback=True),
        lambda content: content["model"].update(unk_id=None),
        lambda content: content["model"].update(alpha=0.1, nbest_size=8),
        lambda content: content.update(post_processor={"type": "ByteLevel"}),
    ],
)
def test_of_file_of_another_kind_is_refused(change, own_cache: Path, tmp_path: Path) -> None:
    make_tokenizer(tmp_path)
    path = tmp_path / "tokenizer.json"
    content = json.loads(path.read_bytes())
    change(content)
    path.write_text(json.dumps(content), encoding="utf-8")
    with pytest.raises(ValueError, match=r"tokenizer|processor"):
        UnigramTokenizer.of_file(path)
    assert not list(own_cache.iterdir())


def test_read_tokenizer_without_cache_or_of_another_kind_is_that_of_tokenizers(
    monkeypatch: pytest.MonkeyPatch, own_cache: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other"
    other.mkdir()
    Tokenizer(models.WordLevel({"a": 0, "?": 1}, unk_token="?")).save(str(other / "tokenizer.json"))
    assert isinstance(read_tokenizer(other), Tokenizer)
    assert not list(own_cache.iterdir())
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    right = make_tokenizer(tmp_path)
    assert read_tokenizer(tmp_path).encode_batch(["ab"])[0].ids == right.encode("ab").ids

"""A Unigram tokenizer whose vocabulary is mapped from disk; its tokens are those of `tokenizers`.

`tokenizers` holds each byte of each piece in a hash map, 290 MB for the vocabulary of XLM-RoBERTa, and
builds them anew in each process. Here the pieces are in a MARISA trie of 1 MB, made once per machine.
`tokenizers` still normalises a text, cuts it into words and finds added tokens; only the segmentation
of a word (Kudo 2018, arXiv:1804.10959) is done here, with the same arithmetic.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Sequence
from functools import lru_cache
from itertools import accumulate
from pathlib import Path
from typing import Any, NamedTuple, Self

import numpy as np

from rag import files
from rag.types import Span

_LAYOUT = 1
"""Increase it whenever the same tokenizer.json gives other files."""
_UNKNOWN_PENALTY = 10.0
"""An unknown character scores that much less than the least likely piece, as in SentencePiece."""
_BYTES = 256
"""Ids of bytes; those of added tokens follow."""
_CACHED_WORDS, _CACHED_BYTES = 1 << 12, 48
"""Words whose segmentation is cached, and the length of the longest."""
_TRIE, _IDS, _SCORES, _SETTINGS = "pieces.marisa", "ids.npy", "scores.npy", "settings.json"

Piece = tuple[int, int, int]
"""The id of a token, and the bytes of a word that it covers."""


class Encoding(NamedTuple):
    """The ids of the tokens of a text, and the characters each of them covers."""

    ids: list[int]
    offsets: list[Span]


class UnigramTokenizer:
    """Safe to share between threads. `folder` has what `convert` wrote."""

    def __init__(self, folder: Path) -> None:
        from marisa_trie import Trie
        from tokenizers import Tokenizer

        settings = json.loads((folder / _SETTINGS).read_bytes())
        self._words = Tokenizer.from_str(json.dumps(settings["words"]))
        self._added: list[int] = settings["added"]
        self._unknown: int = settings["unknown"]
        self._unknown_score: float = settings["least_score"] - _UNKNOWN_PENALTY
        self._longest: int = settings["longest"]
        self._trie = Trie().mmap(str(folder / _TRIE))
        self._ids, self._scores = (
            memoryview(np.load(folder / name, mmap_mode="r")) for name in (_IDS, _SCORES)
        )
        self._segment_cached = lru_cache(_CACHED_WORDS)(self._segment)

    @classmethod
    def of_file(cls, path: Path) -> Self:
        """Return the tokenizer of a `tokenizer.json`, converted once per machine.

        Raises `ValueError` if it is of another kind, `OSError` if it cannot be read or the user's cache
        cannot be written.
        """
        content = path.read_bytes()
        digest = hashlib.sha256(content).hexdigest()[:16]
        return cls(files.cached_folder(f"unigram-{_LAYOUT}-{digest}", lambda to: convert(content, to)))

    def encode_batch(self, texts: Sequence[str], *, add_special_tokens: bool = True) -> list[Encoding]:
        """Return the tokens of each text."""
        encoded = self._words.encode_batch(texts, add_special_tokens=add_special_tokens)
        return [self._encoding(each.ids, each.offsets, each.word_ids) for each in encoded]

    def token_to_id(self, token: str) -> int | None:
        """Return the id of a piece of the vocabulary, None if there is none."""
        key = self._trie.get(token)
        return None if key is None else self._ids[key]

    def _encoding(self, codes: list[int], spans: list[Span], words: list[int | None]) -> Encoding:
        """Join the bytes of words to tokens; a code that is no byte is an added token already."""
        ids: list[int] = []
        offsets: list[Span] = []
        start = 0
        while start < len(codes):
            end = start + 1
            if codes[start] >= _BYTES:
                ids.append(self._added[codes[start] - _BYTES])
                offsets.append(spans[start])
            else:
                while end < len(codes) and words[end] == words[start]:
                    end += 1
                segment = self._segment if end - start > _CACHED_BYTES else self._segment_cached
                for token, first, stop in segment(bytes(codes[start:end])):
                    ids.append(token)
                    offsets.append((spans[start + first][0], spans[start + stop - 1][1]))
            start = end
        return Encoding(ids, offsets)

    def _segment(self, word: bytes) -> list[Piece]:
        """Return the likeliest tokens of a word.

        Of equally likely ones those win that `tokenizers` finds first. Neighbouring unknown characters
        are one token.
        """
        text = word.decode()
        places = [0, *accumulate(len(character.encode()) for character in text)]
        scores = [0.0] + [-math.inf] * len(text)
        last = [(0, 0)] * len(scores)  # by end: the id and the start of the last token
        for start in range(len(text)):
            before, is_known = scores[start], False
            for piece, key in self._trie.iter_prefixes_with_ids(text[start : start + self._longest]):
                end, score = start + len(piece), before + self._scores[key]
                is_known = is_known or end == start + 1
                if score > scores[end]:
                    scores[end], last[end] = score, (self._ids[key], start)
            if not is_known and before + self._unknown_score > scores[start + 1]:
                scores[start + 1] = before + self._unknown_score
                last[start + 1] = self._unknown, start
        found: list[Piece] = []
        end = len(text)
        while end:
            token, start = last[end]
            if token == self._unknown and found and found[-1][0] == token:
                found[-1] = token, places[start], found[-1][2]
            else:
                found.append((token, places[start], places[end]))
            end = start
        return found[::-1]


def convert(content: bytes, folder: Path) -> None:
    """Write the files of a `UnigramTokenizer` for the content of a `tokenizer.json`.

    Raises `ValueError` for any other kind of tokenizer.
    """
    from marisa_trie import Trie

    settings = json.loads(content)
    model, added = settings["model"], settings["added_tokens"]
    if set(model) != {"type", "unk_id", "vocab", "byte_fallback"} or model["type"] != "Unigram":
        raise ValueError(f"a {model['type']} tokenizer with the settings {', '.join(model)}")
    if model["byte_fallback"] or model["unk_id"] is None:
        raise ValueError("a Unigram tokenizer without token for what is unknown")
    pieces: list[tuple[str, float]] = model["vocab"]
    trie = Trie(piece for piece, _ in pieces if piece)
    ids, scores = np.zeros(len(trie), np.int32), np.zeros(len(trie), np.float64)
    for number, (piece, score) in enumerate(pieces):
        if piece:
            ids[trie[piece]], scores[trie[piece]] = number, score
    trie.save(str(folder / _TRIE))
    np.save(folder / _IDS, ids)
    np.save(folder / _SCORES, scores)
    about = {
        "words": _words(settings),
        "added": [token["id"] for token in added],
        "unknown": model["unk_id"],
        "least_score": min(score for _, score in pieces),
        "longest": max(len(piece) for piece, _ in pieces),
    }
    (folder / _SETTINGS).write_text(json.dumps(about), encoding="utf-8")


def _words(settings: dict[str, Any]) -> dict[str, Any]:
    """Return the settings of a tokenizer that gives the bytes of each word, and added tokens."""
    added = {token["id"]: _BYTES + number for number, token in enumerate(settings["added_tokens"])}
    processor = settings["post_processor"]
    if processor is not None:
        if processor["type"] != "TemplateProcessing":
            raise ValueError(f"the post-processor {processor['type']} is not supported")
        special = {
            name: token | {"ids": [added[number] for number in token["ids"]]}
            for name, token in processor["special_tokens"].items()
        }
        processor = processor | {"special_tokens": special}
    return settings | {
        "added_tokens": [
            token | {"id": _BYTES + number} for number, token in enumerate(settings["added_tokens"])
        ],
        "model": {
            "type": "BPE",
            "vocab": {f"<0x{byte:02X}>": byte for byte in range(_BYTES)},
            "merges": [],
            "byte_fallback": True,
        },
        "padding": None,
        "post_processor": processor,
        "truncation": None,
    }

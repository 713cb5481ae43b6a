"""Question + hits -> answer: a stretch of a passage, word for word, or none.

A small network reads the question together with each passage and says where the answer would start and
end, and whether the passage has it at all; how sure it is of that and how well the passage was found
make the probability that the answer is right. Below a threshold the archive is taken not to say.
"""

from __future__ import annotations

import json
import math
import threading
from collections.abc import Iterable, Iterator, Sequence
from importlib.resources import files
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from rag.answering import answer_type
from rag.answering.equivalence import agree
from rag.answering.span_boundaries import LONGEST, tidy
from rag.embedding import default_model
from rag.embedding.bert import Network, Shape, read_tokenizer, read_weights, tuned
from rag.embedding.microbatch import Batched
from rag.errors import ModelError
from rag.types import Alternative, Answer, Hit, Progress, Span

if TYPE_CHECKING:
    from tokenizers import Tokenizer

SHIPPED = Path(str(files("rag"))) / "models" / "reader.safetensors"
_LONGEST_NUMBER = 16
"""Characters of a number with what it counts."""
_TOKENS, _OVERLAP = 320, 96
_READ = 160
"""Tokens of a passage that are read, if its best sentence is shorter."""
_QUESTION_TOKENS = 96
_ASIDE, _PER_CHARACTER = 1.0, 0.01
"""What a stretch that is not in the best sentence loses, and for each character it is away."""
_MOST = 50.0
_TOGETHER = 4
"""Questions read at a time: their pieces keep all cores busy, those of more keep the first waiting."""
_ALONE = 1
"""Tokens of a batch, so that each piece is one: what is read beside it cannot change what it says."""
_TRIED = 50
"""Stretches looked at, the likeliest first, for one that makes an answer."""
_SPECIAL = ("<s>", "</s>", "<pad>", "<unk>")


class Candidate(NamedTuple):
    """The best stretch of one hit; `margin` is how much likelier it is than none being there."""

    hit: Hit
    start: int
    end: int
    margin: float

    @property
    def text(self) -> str:
        return self.hit.passage.text[self.start : self.end]


class Piece(NamedTuple):
    """Tokens of a question and of a stretch of a passage, which begins after `lead` of them."""

    hit: Hit
    ids: list[int]
    lead: int
    places: list[Span]


class Judgement(NamedTuple):
    """What makes a candidate probable, and from where on one is given.

    `margin`, `score` and `gap`, by how much its passage is found less well than the best one, are the
    weights of a conditional logit: one of the candidates is right, or none is. `threshold` is the least
    probability of an answer; an alternative must be likelier than none by `other`. `sharpness` and
    `offset` make of a probability what it has turned out to be.
    """

    margin: float = 1.0
    score: float = 0.0
    gap: float = 0.0
    bias: float = 0.0
    threshold: float = 0.5
    other: float = 0.5
    sharpness: float = 1.0
    offset: float = 0.0

    def calibrated(self, probability: float) -> float:
        """The probability as it has turned out to be (Platt scaling of its logit)."""
        probability = min(max(probability, 1e-9), 1 - 1e-9)
        logit = math.log(probability / (1 - probability))
        return 1 / (1 + math.exp(-self.sharpness * logit - self.offset))

    def logits(self, candidates: Sequence[Candidate], hits: Sequence[Hit]) -> NDArray[np.float64]:
        """How much likelier each candidate is right than that none is, shape (n,)."""
        logits: NDArray[np.float64] = features(candidates, hits) @ np.array(self[:3]) + self.bias
        return logits


def features(candidates: Sequence[Candidate], hits: Sequence[Hit]) -> NDArray[np.float64]:
    """What candidates are judged by, shape (n, 3): margin, score and gap."""
    best = max(hit.score for hit in hits)
    rows = [(c.margin, c.hit.score, best - c.hit.score) for c in candidates]
    return np.array(rows, np.float64).reshape(-1, 3)


class SpanReader:
    """Answers with what a passage says, word for word; the network is loaded on first use.

    Safe to share between threads: what they ask at the same time is read together.
    """

    def __init__(self, path: Path = SHIPPED, progress: Progress | None = None) -> None:
        self._path = path
        self._progress = progress
        self._lock = threading.Lock()
        self._loaded: tuple[Network, Tokenizer, Judgement] | None = None
        self._run = Batched(self._run_together, _TOGETHER)

    def read(self, question: str, hits: Sequence[Hit]) -> Answer:
        """Answer from the hits, or with an empty text where none answers.

        `confidence` is the probability that the best answer found is right, calibrated over an archive
        of thousands of articles; also where it is too low for the answer to be given. Differing answers
        of other articles, newest first, are its `alternatives`.

        Raises `ModelError` when the network cannot be loaded.
        """
        candidates = self.candidates(question, hits) if hits else []
        if not candidates:
            return Answer(question, "", None, 0, 0, 0.0, tuple(hits))
        *_, judgement = self._load()
        odds = np.exp(np.minimum(judgement.logits(candidates, hits), _MOST))
        likely = odds / (1 + odds.sum())
        together = [
            sum(
                p
                for other, p in zip(candidates, likely, strict=True)
                if other is c or agree(other.text, c.text)
            )
            for c in candidates
        ]
        best = max(range(len(candidates)), key=lambda at: (round(together[at], 6), likely[at]))
        confidence, first = judgement.calibrated(float(together[best])), candidates[best]
        if confidence < judgement.threshold:
            return Answer(question, "", None, 0, 0, confidence, tuple(hits))
        others = [
            candidates[at] for at in np.argsort(-odds, kind="stable") if odds[at] >= judgement.other
        ]
        return Answer(
            question,
            first.text,
            first.hit,
            first.start,
            first.end,
            confidence,
            tuple(hits),
            tuple(_alternatives(first, others)),
        )

    def candidates(self, question: str, hits: Sequence[Hit]) -> list[Candidate]:
        """The best stretch of each hit, in their order; a hit of signs alone has none."""
        _, tokenizer, _ = self._load()
        pieces = [piece for hit in hits for piece in _pieces(tokenizer, question, hit)]
        best: dict[str, Candidate] = {}
        for piece, logits in zip(pieces, self._run([p.ids for p in pieces]), strict=True):
            numbers = answer_type.find_numerals(question, piece.hit.passage.text)
            candidate = _best(piece, logits, numbers)
            known = best.get(piece.hit.passage.id)
            if candidate and (known is None or known.margin < candidate.margin):
                best[piece.hit.passage.id] = candidate
        return [best[hit.passage.id] for hit in hits if hit.passage.id in best]

    def _run_together(
        self, questions: Sequence[Sequence[Sequence[int]]]
    ) -> list[list[NDArray[np.float32]]]:
        """What the network makes of the pieces of each question."""
        network, *_ = self._load()
        found = iter(network.run([ids for pieces in questions for ids in pieces]))
        return [list(islice(found, len(pieces))) for pieces in questions]

    def _load(self) -> tuple[Network, Tokenizer, Judgement]:
        with self._lock:
            if self._loaded is None:
                self._loaded = _load(self._path, self._progress)
            return self._loaded


def _pieces(tokenizer: Tokenizer, question: str, hit: Hit) -> Iterator[Piece]:
    """What the network reads at a time: the question and what there is room for of the passage.

    It reads the sentence that matched best and what is around it; all of that, if it is long.
    """
    start, end, *_, unknown = special = [tokenizer.token_to_id(token) or 0 for token in _SPECIAL]
    asked, passage = tokenizer.encode_batch([question, hit.passage.text], add_special_tokens=False)
    # What a text spells like one of them is text.
    ids, question_ids = ([unknown if i in special else i for i in e.ids] for e in (passage, asked))
    lead = [start, *question_ids[:_QUESTION_TOKENS], end, end]
    room = _TOKENS - len(lead) - 1
    begin, stop = _around(hit.highlight, passage.offsets)
    for first in range(begin, max(begin + 1, stop - _OVERLAP), room - _OVERLAP):
        part = slice(first, min(first + room, stop))
        yield Piece(hit, [*lead, *ids[part], end], len(lead), passage.offsets[part])


def _around(span: Span, places: Sequence[Span]) -> Span:
    """Which tokens to read: those of a span, and as many on both sides as make up `_READ`."""
    inside = [at for at, (start, end) in enumerate(places) if start < span[1] and end > span[0]]
    first, last = (inside[0], inside[-1] + 1) if inside else (0, 0)
    more = max(0, _READ - (last - first))
    first = max(0, min(first - more // 2, len(places) - _READ))
    return first, min(len(places), max(last, first + _READ))


def _best(piece: Piece, span: NDArray[np.float32], numbers: Sequence[int]) -> Candidate | None:
    """The likeliest stretch of a piece that is no longer than an answer may be.

    Away from the sentence that matched best it is less likely, the farther the less. Where the passage
    has `numbers` of the kind that is asked for, it is one of them with little around it.
    """
    if not piece.places:
        return None
    text, highlight = piece.hit.passage.text, piece.hit.highlight
    starts, ends = np.array(piece.places).T
    logits = span[piece.lead : piece.lead + len(starts)]
    paragraphs = np.cumsum([c == "\n" for c in text])
    lengths = ends[None, :] - starts[:, None]
    allowed = (lengths > 0) & (lengths <= LONGEST) & (ends > starts)[:, None]
    allowed &= paragraphs[starts][:, None] == paragraphs[ends - 1][None, :]
    if numbers:
        counted = np.searchsorted(numbers, [starts, ends])
        allowed &= (counted[1][None, :] > counted[0][:, None]) & (lengths <= _LONGEST_NUMBER)
    away = np.maximum(np.maximum(highlight[0] - starts[:, None], ends[None, :] - highlight[1]), 0)
    scores = logits[:, :1] + logits[:, 1] - _ASIDE * (away > 0) - _PER_CHARACTER * away
    scores = np.where(allowed, scores, -np.inf)
    for at in np.argsort(-scores, axis=None, kind="stable")[:_TRIED]:
        first, last = np.unravel_index(at, scores.shape)
        if not allowed[first, last]:
            break
        start, end = tidy(text, (int(starts[first]), int(ends[last])))
        if end - start <= LONGEST and any(map(str.isalnum, text[start:end])):
            margin = float(scores[first, last] - span[0].sum())
            return Candidate(piece.hit, start, end, margin)
    return None


def _alternatives(first: Candidate, others: Iterable[Candidate]) -> list[Alternative]:
    """What other articles say, one each, that is not what one before them says; newest first."""
    kept: list[Candidate] = []
    for other in others:
        if not any(
            other.hit.passage.article_id == earlier.hit.passage.article_id
            or agree(other.text, earlier.text)
            for earlier in [first, *kept]
        ):
            kept.append(other)
    kept.sort(key=lambda candidate: _moment(candidate.hit), reverse=True)
    return [Alternative(c.text, c.hit, c.start, c.end) for c in kept]


def _moment(hit: Hit) -> float:
    published = hit.passage.published
    return published.timestamp() if published else -math.inf


def _load(path: Path, progress: Progress | None) -> tuple[Network, Tokenizer, Judgement]:
    from safetensors import safe_open

    folder = default_model.path(progress=progress)
    fingerprint = default_model.fingerprint()
    try:
        with safe_open(path, "numpy") as file:
            about = file.metadata() or {}
        if (base := about.get("base")) == fingerprint:
            judgement = Judgement(**json.loads(about["judgement"]))
            words, weights = read_weights(folder / "model.safetensors")
            network = Network(words, tuned(weights, path), Shape.read(folder), batch=_ALONE)
            return network, read_tokenizer(folder), judgement
    except Exception as error:
        raise ModelError(
            f"The reader cannot be loaded ({error}). Install the package again if {path} is damaged; "
            f"if {folder} is, delete it: it is made again when it is next needed."
        ) from error
    raise ModelError(
        f"{path} was trained on the model {base}, but the default model is {fingerprint}. Make it anew "
        "with `python -m training.train_reader`."
    )

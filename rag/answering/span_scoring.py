"""Which tokens of a passage the reader reads, and which span of them it finds best."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from rag.answering.span_boundaries import LONGEST, tidy
from rag.embedding.bert_weights import Tokenizer, count_tokens
from rag.text.casing import restore_case
from rag.text.questions import normalize
from rag.types import Hit, Passage, Span

_WINDOW_TOKENS, _OVERLAP_TOKENS = 320, 96
_MIN_READ_TOKENS = 160
"""Tokens of a passage that are read if its best-matching sentences are shorter."""
_QUESTION_TOKENS, _HEADING_TOKENS = 96, 40
_MAX_AMOUNT = 16
"""Characters of an amount with its unit."""
_OUTSIDE_PENALTY, _DISTANCE_PENALTY = 1.0, 0.01
"""Subtracted from the score of a span outside the best-matching sentences, and per character away."""
_MAX_TRIED = 50
"""Spans that are tried, best first, until one makes an answer."""
_SPECIAL = ("<s>", "</s>", "<pad>", "<unk>")


class Candidate(NamedTuple):
    """The best span of one hit, with what the network says of it, in logits.

    `margin` is the logit of the span minus that of no answer. `answered` is for the passage having an
    answer, `wants_sentence` for a question that a few words cannot answer.
    """

    hit: Hit
    start: int
    end: int
    margin: float
    answered: float = 0.0
    wants_sentence: float = -1.0

    @property
    def text(self) -> str:
        return self.hit.passage.text[self.start : self.end]


class TokenWindow(NamedTuple):
    """The input of the network: the ids of a question, a title with its date, and a part of a passage.

    The passage begins at token `lead`; `spans` are the characters of its tokens.
    """

    hit: Hit
    ids: list[int]
    lead: int
    spans: list[Span]


def usual_form(question: str, tokenizer: Tokenizer) -> str:
    """Return the form of a question that the network reads, the same for each way to type it."""
    return restore_case(normalize(question), partial(count_tokens, tokenizer))


def token_windows(tokenizer: Tokenizer, question: str, hits: Sequence[Hit]) -> Iterator[TokenWindow]:
    """Yield the windows of each hit: its best-matching sentences and their surroundings.

    If they are too long for one window, several overlap. `question` is in the form that `usual_form`
    returns.
    """
    start, end, *_, unknown = special = [tokenizer.token_to_id(token) or 0 for token in _SPECIAL]
    texts = [text for hit in hits for text in (heading(hit.passage), hit.passage.text)]
    asked, *encodings = tokenizer.encode_batch([question, *texts], add_special_tokens=False)

    def plain(ids: Sequence[int]) -> list[int]:
        """A text that spells a special token must not become one."""
        return [unknown if i in special else i for i in ids]

    for hit, headed, passage in zip(hits, encodings[::2], encodings[1::2], strict=True):
        titled = [*plain(asked.ids[:_QUESTION_TOKENS]), end, end, *plain(headed.ids[:_HEADING_TOKENS])]
        lead, ids, spans = [start, *titled, end], plain(passage.ids), passage.offsets
        room = _WINDOW_TOKENS - len(lead) - 1
        begin, stop = _tokens_to_read(hit.highlight, spans)
        for first in range(begin, max(begin + 1, stop - _OVERLAP_TOKENS), room - _OVERLAP_TOKENS):
            part = slice(first, min(first + room, stop))
            yield TokenWindow(hit, [*lead, *ids[part], end], len(lead), spans[part])


def heading(passage: Passage) -> str:
    """Return the day and the title of an article, which say when, who and where a passage is about."""
    day = f"{passage.published:%Y-%m-%d} " if passage.published else ""
    return day + passage.title


def _tokens_to_read(highlight: Span, spans: Sequence[Span]) -> Span:
    """Return the tokens of the highlight, extended on both sides to `_MIN_READ_TOKENS`."""
    inside = [
        number
        for number, (start, end) in enumerate(spans)
        if start < highlight[1] and end > highlight[0]
    ]
    first, last = (inside[0], inside[-1] + 1) if inside else (0, 0)
    missing = max(0, _MIN_READ_TOKENS - (last - first))
    first = max(0, min(first - missing // 2, len(spans) - _MIN_READ_TOKENS))
    return first, min(len(spans), max(last, first + _MIN_READ_TOKENS))


def best_span(
    window: TokenWindow, logits: NDArray[np.float32], places: Sequence[int] | None
) -> Candidate | None:
    """Return the best span of a window that can be an answer, None if there is none.

    `logits`, shape (tokens, 4), are those of the start and the end; the first token stands for no
    answer and has two more, as `Candidate` describes. An answer has at most `LONGEST` characters, in
    one paragraph. If the question asks for an amount or a date, `places` are those of such expressions
    in the passage, else None: the answer then contains one and little else.
    """
    if not window.spans:
        return None
    text = window.hit.passage.text
    starts, ends = np.array(window.spans).T
    allowed = _allowed(text, starts, ends, places)
    scores = _scores(
        logits[window.lead : window.lead + len(starts)], starts, ends, window.hit.highlight
    )
    scores = np.where(allowed, scores, -np.inf)
    for flat in np.argsort(-scores, axis=None, kind="stable")[:_MAX_TRIED]:
        first, last = np.unravel_index(flat, scores.shape)
        if not allowed[first, last]:
            break
        start, end = tidy(text, (int(starts[first]), int(ends[last])))
        if end - start <= LONGEST and any(map(str.isalnum, text[start:end])):
            score = float(scores[first, last])
            return Candidate(
                window.hit,
                start,
                end,
                margin=score - float(logits[0, :2].sum()),
                answered=float(logits[0, 2]),
                wants_sentence=float(logits[0, 3]),
            )
    return None


def _allowed(
    text: str, starts: NDArray[np.int64], ends: NDArray[np.int64], places: Sequence[int] | None
) -> NDArray[np.bool_]:
    """Return which pairs of first and last token can be an answer, shape (tokens, tokens)."""
    paragraphs = np.cumsum([c == "\n" for c in text])
    lengths = ends[None, :] - starts[:, None]
    allowed: NDArray[np.bool_] = (lengths > 0) & (lengths <= LONGEST) & (ends > starts)[:, None]
    allowed &= paragraphs[starts][:, None] == paragraphs[ends - 1][None, :]
    if places is not None:
        before = np.searchsorted(places, [starts, ends])
        allowed &= (before[1][None, :] > before[0][:, None]) & (lengths <= _MAX_AMOUNT)
    return allowed


def _scores(
    logits: NDArray[np.float32],
    starts: NDArray[np.int64],
    ends: NDArray[np.int64],
    highlight: Span,
) -> NDArray[np.float64]:
    """Return the score of each pair of first and last token, less by its distance to the highlight."""
    away = np.maximum(np.maximum(highlight[0] - starts[:, None], ends[None, :] - highlight[1]), 0)
    scores: NDArray[np.float64] = (
        logits[:, :1]
        + logits[:, 1].astype(np.float64)
        - _OUTSIDE_PENALTY * (away > 0)
        - _DISTANCE_PENALTY * away
    )
    return scores

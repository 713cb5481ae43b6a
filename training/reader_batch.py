"""Examples -> tensors of tokens, as the program reads them, with what is right."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import torch

from rag.answering.span_scoring import TokenWindow, token_windows, usual_form
from training.reader_data import Example


class Batch(NamedTuple):
    """Tokens, which of them an answer can contain, and its first and last token (0 for no answer).

    `sentences` is 1 where a question wants a sentence, 0 where not, -1 where that is not known.
    """

    ids: torch.Tensor
    mask: torch.Tensor
    allowed: torch.Tensor
    starts: torch.Tensor
    ends: torch.Tensor
    sentences: torch.Tensor


def place(window: TokenWindow, example: Example) -> tuple[int, int] | None:
    """Return the first and last token of the answer in a window, None if it is not all in there."""
    inside = [
        number
        for number, (start, end) in enumerate(window.spans)
        if start < example.end and end > example.start
    ]
    if not example.end or not inside:
        return None
    if window.spans[inside[0]][0] > example.start or window.spans[inside[-1]][1] < example.end:
        return None
    return window.lead + inside[0], window.lead + inside[-1]


def tokenize(tokenizer: Any, examples: Sequence[Example]) -> Batch:
    """Tokenise as the program does; an answer outside of what is read counts as no answer."""
    rows = []
    for example in examples:
        question = usual_form(example.question, tokenizer)
        windows = list(token_windows(tokenizer, question, [example.hit]))
        placed = [(window, place(window, example)) for window in windows]
        rows.append(next((each for each in placed if each[1]), placed[0]))
    length = max(len(window.ids) for window, _ in rows)
    ids, mask = (torch.zeros(len(rows), length, dtype=torch.long) for _ in range(2))
    allowed = torch.zeros(len(rows), length, dtype=torch.bool)
    for row, (window, _) in enumerate(rows):
        ids[row, : len(window.ids)] = torch.tensor(window.ids)
        mask[row, : len(window.ids)] = 1
        allowed[row, window.lead : window.lead + len(window.spans)] = True
    allowed[:, 0] = True
    targets = torch.tensor([answer or (0, 0) for _, answer in rows])
    wanted = [-1 if example.wants_sentence is None else example.wants_sentence for example in examples]
    return Batch(ids, mask, allowed, targets[:, 0], targets[:, 1], torch.tensor(wanted))

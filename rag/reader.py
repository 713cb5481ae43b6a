"""Question + hits -> answer."""

from __future__ import annotations

from collections.abc import Sequence

from rag.types import Answer, Hit


class BestSentenceReader:
    """Answers with the best-matching sentences of the best passage, as they stand.

    It compares meanings and does not judge: whether the sentence answers the question, and whether
    the archive answers it at all, is for the person who asked to see. So its `confidence` is the
    score of the passage, at most 1, not a probability.
    """

    def read(self, question: str, hits: Sequence[Hit]) -> Answer:
        if not hits:
            return Answer(question, "", None, 0, 0, 0.0, ())
        best = hits[0]
        start, end = best.highlight
        text = best.passage.text[start:end]
        confidence = min(1.0, max(0.0, best.score))
        return Answer(question, text, best, start, end, confidence, tuple(hits))

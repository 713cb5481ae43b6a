"""What a language model has written, sentence by sentence, with its citations and their faults."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from rag.errors import Notice
from rag.types import Hit


@dataclass(frozen=True, slots=True)
class WrittenSentence:
    """A sentence of a language model, without its citations and without markup.

    `citations` are the numbers of the hits that it cites, from 1 on, as the model wrote them: one may
    exceed the hits. `faults` are the reasons for which it does not count; a sound sentence has none.
    `begins` says whether the sentence is the first of a paragraph or of an item of a list.
    """

    text: str
    citations: Sequence[int] = ()
    faults: Sequence[Notice] = ()
    begins: Literal["", "paragraph", "item"] = ""

    @property
    def is_sound(self) -> bool:
        """Whether the sentence has passed every check."""
        return not self.faults


@dataclass(frozen=True, slots=True)
class Written:
    """A written answer or a translation: complete, or as far as it has arrived.

    `question` is the question, or the text that is translated; `language` the BCP 47 tag of the
    language to write in. Citations number the `hits` from 1 on. `is_complete` says that nothing more
    arrives, also after a fault; `error` says what fault has ended it. With `is_unanswered` the passages
    do not answer the question. An incomplete sentence is never among the `sentences`.
    """

    question: str
    language: str
    sentences: Sequence[WrittenSentence] = ()
    hits: Sequence[Hit] = ()
    is_complete: bool = False
    is_unanswered: bool = False
    error: Notice | None = None

    @property
    def sound(self) -> Sequence[WrittenSentence]:
        """The sentences that have passed every check."""
        return [sentence for sentence in self.sentences if sentence.is_sound]

    @property
    def shown(self) -> Sequence[WrittenSentence]:
        """The sentences to show: all of them as soon as one is sound, until then none."""
        return self.sentences if self.sound else ()

    @property
    def is_withheld(self) -> bool:
        """Whether it is complete and must not be shown, because no sentence of it is sound."""
        return self.is_complete and not self.is_unanswered and not self.sound

    @property
    def notice(self) -> Notice | None:
        """The sentence to show about the whole: a fault, no answer, or that it is withheld."""
        if self.error is not None:
            return self.error
        if self.is_unanswered:
            return Notice("written-unanswered")
        return Notice("written-withheld") if self.is_withheld else None


@dataclass(frozen=True, slots=True)
class SentenceReport:
    """A written sentence for programs; `faults` are English sentences, empty for a sound sentence."""

    text: str
    citations: Sequence[int]
    faults: Sequence[str]


@dataclass(frozen=True, slots=True)
class WrittenReport:
    """A written answer for programs; `notice` is the English sentence about the whole, "" if none.

    Of a withheld answer there are no sentences.
    """

    question: str
    language: str
    sentences: Sequence[SentenceReport]
    notice: str
    hits: Sequence[Hit]


def report(written: Written) -> WrittenReport:
    """Return a written answer in the form for programs."""
    return WrittenReport(
        question=written.question,
        language=written.language,
        sentences=[
            SentenceReport(sentence.text, sentence.citations, [str(fault) for fault in sentence.faults])
            for sentence in written.shown
        ],
        notice=str(written.notice) if written.notice else "",
        hits=written.hits,
    )

"""Errors that a user can fix.

Every error that a user or their data can cause is a leaf of `RagError`. It has a `code`, which a caller
can compare without matching strings, and `parameters`. `str(error)` is its message in English: what is
wrong, where, and the command or setting that cures it. `Translator.error` gives it in another language;
the messages are in the section "error" of `rag/i18n/locales`. A mistake in calling code raises
`ValueError` instead.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from rag.i18n.translator import Translator


class RagError(Exception):
    """Base of every error whose message is meant for the user.

    `code` is the key of its message in the catalogues, `parameters` fill the placeholders. A code that
    has no message there is itself the message.
    """

    def __init__(self, code: str, **parameters: object) -> None:
        super().__init__(code)
        self.code = code
        self.parameters = parameters

    def __str__(self) -> str:
        return Translator().error(self)


@dataclass(frozen=True, slots=True)
class Notice:
    """A sentence, or a part of one, that can be translated by its code like an error.

    Used as a parameter of an error, such as the reason of a damage, and for reports of repairs.
    """

    code: str
    parameters: Mapping[str, object] = field(default_factory=dict, hash=False)

    def __str__(self) -> str:
        return Translator().error(self)


class SeedsError(RagError):
    """The seeds folder is missing, or nothing in it can be indexed."""


class SeedUnreadable(RagError):
    """One file is not an article in a form we read."""


class ModelError(RagError):
    """The embedding model cannot be built or loaded."""


class ModelMismatch(RagError):
    """The index was built with another model than the one in use."""


class IndexMissing(RagError):
    """There is no index in the folder."""


class IndexDamaged(RagError):
    """A file of the index is missing, changed or of another format version."""


class IndexBusy(RagError):
    """Another build is writing to the index folder."""


class AddressUnavailable(RagError):
    """The page cannot listen where it was told to."""


class QuestionError(RagError):
    """The question is empty or too long."""


class ArticleMissing(RagError):
    """No article of the archive has this id."""


class LocationInvalid(RagError):
    """What was given as the place of an index is not one."""


class ServerUnavailable(RagError):
    """Milvus cannot be reached, refuses, or the package that speaks to it is not installed."""


class ArticleTooLong(RagError):
    """A field of an article is longer than Milvus keeps."""


class IntakeError(RagError):
    """Some of the files that were uploaded could not be put into the seeds folder."""


class SetupError(RagError):
    """The page cannot be served in the way that was asked for."""


class TooManyQuestions(RagError):
    """Someone asks more often than the page answers them."""

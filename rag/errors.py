"""The errors that a user or their data can cause.

    RagError
    ├── SeedsError            the seeds folder
    ├── SeedUnreadable        one article file
    ├── IntakeError           an upload
    ├── RemovalFailed         an article to remove or restore
    ├── ModelError            the embedding model or the reader
    ├── ModelMismatch         the model of the index
    ├── IndexMissing          no index
    ├── IndexDamaged          a damaged index
    ├── IndexBusy             a second build
    ├── LocationInvalid       the location of an index
    ├── ServerUnavailable     Milvus
    ├── WritingUnavailable    the language model
    ├── ArticleTooLong        an article for Milvus
    ├── ArticleMissing        an article id
    ├── DictionaryMissing     the dictionary of the reading aid
    ├── QuestionError         a question
    ├── ArgumentError         an argument of an endpoint
    ├── TooManyQuestions      the rate limit
    ├── BuildFailed           a background build
    ├── SetupError            an option of `rag serve`
    └── AddressUnavailable    the address of `rag serve`

Each has a `code`, which a caller compares instead of the message, and `parameters`, the values of the
message. `str(error)` is the message in English: what is wrong, where, and the command or setting that
cures it. `Translator.error` gives it in another language. The messages are in the section "error" of
`rag/i18n/locales`. Misuse by a programmer raises `ValueError` instead.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from rag.i18n.translator import Translator


class RagError(Exception):
    """Base class of every error that a user can cure.

    `code` is the key of the message in the catalogues; `parameters` fill its placeholders. A code that
    the catalogues lack is shown as it is, so third-party encoders can raise with a plain sentence.
    """

    def __init__(self, code: str, **parameters: object) -> None:
        super().__init__(code)
        self.code = code
        self.parameters = parameters

    def __str__(self) -> str:
        return Translator().error(self)

    @property
    def notice(self) -> Notice:
        """The sentence of the error, to be shown beside a result."""
        return Notice(self.code, self.parameters)


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
    """The seeds folder is missing or holds no article."""


class SeedUnreadable(RagError):
    """A file is not an article in a supported format."""


class IntakeError(RagError):
    """Uploaded files cannot be added to the seeds folder."""


class RemovalFailed(RagError):
    """An article cannot be removed from the seeds folder, or restored."""


class ModelError(RagError):
    """A model cannot be loaded."""


class ModelMismatch(RagError):
    """The index was built with another embedding model than the one in use."""


class IndexMissing(RagError):
    """The location has no index, or no earlier generation to roll back to."""


class IndexDamaged(RagError):
    """A file of the index is missing, damaged or of another format version."""


class IndexBusy(RagError):
    """Another build is writing to the index."""


class LocationInvalid(RagError):
    """A string is not a valid location of an index."""


class ServerUnavailable(RagError):
    """Milvus cannot be reached, rejects the request, or its client is not installed."""


class WritingUnavailable(RagError):
    """No language model is set up, its server fails or refuses, or its client is not installed."""


class ArticleTooLong(RagError):
    """A field of an article exceeds the limit of Milvus."""


class ArticleMissing(RagError):
    """The archive has no article with this id."""


class DictionaryMissing(RagError):
    """The dictionary of the reading aid is not installed."""


class QuestionError(RagError):
    """The question is empty or too long."""


class ArgumentError(RagError):
    """An argument of an endpoint has the wrong type or is out of range."""


class TooManyQuestions(RagError):
    """A client has exceeded the rate limit."""


class BuildFailed(RagError):
    """A background build has failed; code and parameters are those of the error that ended it."""


class SetupError(RagError):
    """The options of `rag serve` are incomplete or need a package that is not installed."""


class AddressUnavailable(RagError):
    """The server cannot listen on this address."""

"""The tree of errors."""

from __future__ import annotations

import pickle

import pytest

from rag import errors
from rag.errors import Notice, RagError

CLASSES = [
    member
    for member in vars(errors).values()
    if isinstance(member, type) and issubclass(member, RagError)
]


@pytest.mark.parametrize("kind", CLASSES, ids=[kind.__name__ for kind in CLASSES])
def test_error_survives_pickling(kind: type[RagError]) -> None:
    cause = RagError("question-too-long", length=3000, limit=2000)
    error = kind("index-damaged", location="index", reason=cause)
    copy = pickle.loads(pickle.dumps(error))
    assert type(copy) is kind
    assert (copy.code, copy.parameters["location"]) == ("index-damaged", "index")
    assert str(copy) == str(error)
    assert str(cause) in str(copy)


def test_notice_survives_pickling() -> None:
    notice = Notice("repaired-current", {"generation": "000003"})
    copy = pickle.loads(pickle.dumps(notice))
    assert (copy, str(copy)) == (notice, str(notice))


def test_error_without_a_message_shows_its_code() -> None:
    assert str(RagError("The model of somebody else has failed.")) == (
        "The model of somebody else has failed."
    )


def test_docstring_draws_every_class_of_the_tree() -> None:
    assert errors.__doc__
    drawn = {line.split()[1] for line in errors.__doc__.splitlines() if "── " in line}
    assert drawn == {kind.__name__ for kind in CLASSES} - {"RagError"}

from __future__ import annotations

from babel import Locale

from rag.text.month_names import month_names


def test_month_names_of_one_language_do_not_depend_on_those_asked_before() -> None:
    # Babel 2.18 answers with Japanese names where the others have none of their own.
    names = [*month_names(Locale("ja")), *month_names(Locale("sv"))]

    assert names[3][5] == "maj"
    assert all(name[5].startswith("maj") for name in names[3:])


def test_month_names_alone_are_in_the_nominative() -> None:
    russian = month_names(Locale("ru"))

    assert (russian.wide[5], russian.alone[5]) == ("мая", "май")
    assert month_names(Locale("de")).alone[3] == "März"

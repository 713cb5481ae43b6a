"""Every message key that the program uses is in the catalogues, and every one there is used."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

import pytest
from support.doubles import ROOT
from support.message_keys import Place, collect, problems

from rag.answering import no_answer
from rag.i18n.translator import catalogue
from rag.index.milvus.store import MilvusStore
from rag.index.stores import FolderStore
from rag.ingest import file_types
from rag.reports import Stage

STAGES = [stage.key for stage in Stage]
CONFIDENCES = [no_answer.confidence_key(confidence) for confidence in (0.1, 0.7, 0.9)]
STORES = (FolderStore, MilvusStore)
FILES = ("cli.not-indexed", "cli.to-check")
TYPES = {f"error.{code}" for code in file_types.CODES.values()} | {"error.type-zip"}
PAGES = {f"error.page-{kind}" for kind in ("challenge", "error", "home", "login", "paywall")}
REMARKS = {f"error.remark-{kind}" for kind in ("replaced", "short", "undated")}
FILTERS = ("page.any-date", "page.any-language", "page.any-site", "page.any-words")

DYNAMIC: Mapping[Place, Iterable[str]] = {
    ("cli/commands.py", "store.intact_key"): [store.intact_key for store in STORES],
    ("cli/progress.py", "stage.key"): STAGES,
    ("cli/render.py", "no_answer.confidence_key(answer.confidence)"): CONFIDENCES,
    ("cli/render.py", "key"): FILES,
    ("errors.py", "self.code"): (),  # of an error that is raised elsewhere
    ("ingest/file_records.py", "error.code"): (),  # of an error that is raised elsewhere
    ("ingest/file_types.py", "code"): TYPES,
    ("ingest/page/error_pages.py", "code"): PAGES,
    ("ingest/records.py", "code"): REMARKS,
    ("index/manifest.py", "reason"): (),  # of a call of `damaged`
    ("web/admin/build.py", "known.key"): STAGES,
    ("web/background_build.py", "error['code']"): (),  # of an error that the build process has raised
    ("web/security/gradio_routes.py", "error.code"): (),  # of an error that is raised elsewhere
    ("web/security/responses.py", "f'{self.section}.{self.code}'"): (),  # of a Refusal
    ("web/views/results/answers.py", "no_answer.confidence_key(answer.confidence)"): CONFIDENCES,
    ("web/views/results/nothing.py", "key"): FILTERS,
}
"""The keys that each dynamic argument can take."""

OTHERS = ("page.unknown",)
"""Keys that the translator itself uses."""


def test_keys_used_are_the_keys_of_the_catalogue() -> None:
    assert problems(collect(ROOT / "rag"), set(catalogue("en")), DYNAMIC, OTHERS) == []


@pytest.fixture
def program(tmp_path: Path) -> Path:
    (tmp_path / "web/templates").mkdir(parents=True)
    (tmp_path / "web/page.py").write_text(
        "translate('page.ask')\n"
        "self.translate('page.copy' if copied else 'page.share', count=3)\n"
        "text.translate(table)\n"
        "Translator('en')('cli.done')\n"
        "catalogue(locale)['locale.name']\n"
        "raise errors.SeedsError('seeds-missing', folder=folder) from error\n"
        "return Refusal(404, 'not-found') or Refusal(400, code='bad')\n"
    )
    (tmp_path / "web/templates/card.html").write_text(
        "<b title=\"{{ translate('page.open') }}\">{{ translate('page.more' if more else 'page.less') }}</b>"
    )
    return tmp_path


KEYS = {
    "page.ask",
    "page.copy",
    "page.share",
    "page.open",
    "page.more",
    "page.less",
    "cli.done",
    "locale.name",
    "error.seeds-missing",
    "http.not-found",
    "http.bad",
}


def test_collect_finds_literal_keys_in_code_and_templates(program: Path) -> None:
    uses = collect(program)
    assert set(uses.keys) == KEYS
    assert uses.dynamic == set()
    assert problems(uses, KEYS, {}) == []


@pytest.mark.parametrize("key", sorted(KEYS))
def test_problems_names_a_missing_key_with_its_file(program: Path, key: str) -> None:
    (problem,) = problems(collect(program), KEYS - {key}, {})
    assert problem.startswith(f"missing: {key} (web/")


def test_problems_names_an_unused_key_even_if_its_words_occur_in_the_code(program: Path) -> None:
    (program / "columns.py").write_text("COLUMNS = ['title', 'page.title']\nrow['page.title']\n")
    assert problems(collect(program), KEYS | {"page.title"}, {}) == ["unused: page.title"]


def test_problems_names_dynamic_keys_that_are_not_registered(program: Path) -> None:
    (program / "a.py").write_text("translate(f'page.{name}')\nraise SeedUnreadable(code)")
    (program / "web/templates/b.html").write_text("\n{{ translate('page.' ~ name) }}")
    registry: dict[Place, list[str]] = {
        ("a.py", "f'page.{name}'"): ["page.ask"],
        ("a.py", "code"): ["error.seeds-missing"],
        ("web/templates/b.html", "'page.' ~ name"): ["page.ask", "page.lost"],
    }
    assert problems(collect(program), KEYS, registry) == ["missing: page.lost (dynamic)"]
    for place in registry:
        rest = {other: keys for other, keys in registry.items() if other != place}
        assert f"dynamic, not registered: {place}" in problems(collect(program), KEYS, rest)
    stale = {**registry, ("a.py", "removed"): ["page.ask"]}
    assert "registered, not found: ('a.py', 'removed')" in problems(collect(program), KEYS, stale)

"""The commands: each prints its output and returns its exit status."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

import rag
from rag.cli import errors, render, writing
from rag.cli.layout import printable
from rag.cli.progress import progress_bars
from rag.errors import IndexMissing, Notice, RagError
from rag.i18n.translator import Translator
from rag.index import stores
from rag.serialization import to_json
from rag.text.search_syntax import parse
from rag.types import Filters

_QUIET_MS, _LONGEST_MS, _WAKE_MS = 2000, 600_000, 500
"""`watch` builds when the folder has been quiet for the first, at the latest after the second."""
_LISTED_LINES = 10


def build(options: argparse.Namespace, translate: Translator) -> int:
    with progress_bars(translate) as progress:
        report = rag.build(
            rag.read_seeds(options.seeds),
            options.index,
            progress=progress,
            allow_empty=options.allow_empty,
        )
    if options.json:
        _print_json(report)
    else:
        render.show_report(report, str(stores.open_store(options.index)), translate)
    return 0


def watch(options: argparse.Namespace, translate: Translator) -> int:
    is_first = True
    for has_changed in _changes(options.seeds):
        if not (has_changed or is_first):
            continue
        try:
            build(options, translate)
        except (RagError, OSError) as error:
            errors.show_error(errors.of_error(error, translate))
        if is_first:
            print(translate("cli.watching", seeds=options.seeds))
            is_first = False
        sys.stdout.flush()
    return 0


def _changes(folder: str) -> Iterator[bool]:
    """Yield at once, and then regularly whether the folder has changed, also during a build."""
    import watchfiles
    from watchfiles._rust_notify import WatchfilesRustInternalError

    is_new = False
    while True:
        try:
            for changes in watchfiles.watch(
                folder,
                step=_QUIET_MS,
                debounce=_LONGEST_MS,
                rust_timeout=_WAKE_MS,
                yield_on_timeout=True,
            ):
                yield is_new or bool(changes)
                is_new = False
            return
        except WatchfilesRustInternalError:
            is_new = True  # A file whose name is not UTF-8 ends a watcher; the next one missed changes.


def search(options: argparse.Namespace, translate: Translator) -> int:
    assistant = _load(options, translate)
    question, filters = _search_of(options)
    hits = assistant.search(question, options.k, **filters)
    if options.json:
        _print_json({"question": options.question, "hits": hits})
    else:
        render.show_hits(hits, translate)
        if not hits:
            _show_hints(assistant.hints(question, **filters), translate)
    return 0


def ask(options: argparse.Namespace, translate: Translator) -> int:
    assistant = _load(options, translate)
    question, filters = _search_of(options)
    answer = assistant.ask(question, **filters)
    snapshots = assistant.stream(question, answer=answer, **filters) if options.write else None
    if options.json:
        written = writing.as_json(snapshots) if snapshots else {}
        _print_json(to_json(answer) | written)
        return 0
    render.show_answer(answer, translate)
    if answer.hit is None:
        _show_hints(assistant.hints(question, **filters), translate)
    if snapshots and assistant.language_model:
        writing.show_written(snapshots, assistant.language_model.host, translate)
    return 0


def serve(options: argparse.Namespace, translate: Translator) -> int:
    from rag.web.serve import check, serve, service_of

    service = service_of(
        options.host,
        seeds=options.seeds,
        mcp=options.mcp,
        admin=options.admin,
        admin_anywhere=options.admin_anywhere,
        questions=options.questions,
        names=options.names,
        feedback=options.feedback,
    )
    check(options.host, options.port, service)
    assistant = _load_or_build(options, translate)
    serve(assistant, options.host, options.port, service, translate)
    return 0


def feedback(options: argparse.Namespace, translate: Translator) -> int:
    """Show what visitors have reported; name damaged lines and leave them out."""
    from rag.cli.feedback import show_reports, to_question
    from rag.feedback import read

    lines = list(enumerate(read(Path(options.file)), 1))
    reports = [(number, report) for number, report in lines if report]
    if damaged := [str(number) for number, report in lines if not report]:
        _show_damaged(options.file, damaged, translate)
    if options.json:
        for number, report in reports:
            _print_json(to_question(number, report))
    elif reports:
        show_reports([report for _, report in reports], translate)
    else:
        print(translate("cli.feedback-none", path=options.file))
    return 0


def _show_damaged(path: str, lines: list[str], translate: Translator) -> None:
    listed = ", ".join(lines[:_LISTED_LINES]) + (" …" if len(lines) > _LISTED_LINES else "")
    errors.show_error(translate("cli.feedback-damaged", path=path, count=len(lines), lines=listed))


def info(options: argparse.Namespace, translate: Translator) -> int:
    store = stores.open_store(options.index)
    manifest, counts = store.contents()
    if options.json:
        _print_json(to_json(manifest) | counts)
    else:
        render.show_contents(manifest, counts, str(store), translate)
    return 0


def explain(options: argparse.Namespace, translate: Translator) -> int:
    """Show how each article of a file is read; status 1 if none is."""
    from rag.cli import reading

    found = list(reading.explain(Path(options.file), Path(options.seeds)))
    if options.json:
        _print_json({"articles": [reading.reading_to_json(*each) for each in found]})
    else:
        for each in found:
            print("\n".join(reading.show_reading(*each, translate)))
    return 0 if any(not isinstance(read, RagError) for _, read in found) else 1


def check(options: argparse.Namespace, translate: Translator) -> int:
    """Show the faults of the index, after a repair if there is to be one; status 1 if any is left."""
    store = stores.open_store(options.index)
    with progress_bars(translate) as progress:
        encoder = rag.SentenceEncoder(progress=progress) if options.repair else None
        repaired = store.repair(encoder, progress) if encoder else []
    faults = store.check()
    if options.json:
        _print_json({"faults": faults, "repaired": [str(notice) for notice in repaired]})
    else:
        for notice in repaired:
            print(translate("cli.repaired", step=printable(translate.error(notice))))
    for fault in faults:
        errors.show_error(translate.reason(fault))
    if not (faults or options.json):
        print(translate(store.intact_key, index=store))
    return 1 if faults else 0


def rollback(options: argparse.Namespace, translate: Translator) -> int:
    store = stores.open_store(options.index)
    manifest = store.roll_back()
    print(translate("cli.rolled-back", created=manifest.created, count=manifest.articles))
    return 0


def _show_hints(hints: Iterable[Notice], translate: Translator) -> None:
    for hint in hints:
        print(printable(translate.error(hint)))


def _search_of(options: argparse.Namespace) -> tuple[str, Filters]:
    """Return the question without its operators, and the filters; options count before operators."""
    search = parse(options.question)
    chosen = Filters(
        source=options.source or search.filters.get("source"),
        since=options.since or search.filters.get("since"),
        until=options.until or search.filters.get("until"),
        language=options.language or search.filters.get("language"),
    )
    return search.question, Filters(**{**search.filters, **chosen})


def _load(options: argparse.Namespace, translate: Translator) -> rag.Assistant:
    with progress_bars(translate) as progress:
        encoder, reader = rag.SentenceEncoder(progress=progress), rag.SpanReader(progress=progress)
        return rag.load(options.index, encoder, reader)


def _load_or_build(options: argparse.Namespace, translate: Translator) -> rag.Assistant:
    """Open the index and load the models; build the index first if there is none."""
    with progress_bars(translate) as progress:
        encoder, reader = rag.SentenceEncoder(progress=progress), rag.SpanReader(progress=progress)
        try:
            assistant = rag.load(options.index, encoder, reader)
        except IndexMissing:
            index = str(stores.open_store(options.index))
            print(translate("cli.first-build", index=index, seeds=options.seeds), flush=True)
            report = rag.build(rag.read_seeds(options.seeds), options.index, encoder, progress)
            render.show_report(report, index, translate)
            assistant = rag.load(options.index, encoder, reader)
        print(translate("cli.loading-model"), flush=True)
        assistant.warm_up()
    return assistant


def _print_json(value: object) -> None:
    print(json.dumps(to_json(value), ensure_ascii=False))

"""The commands: build, watch, search, ask, serve, info, check and rollback."""

from __future__ import annotations

import argparse
import json
import sys
from typing import Any

import rag
from rag.cli import render
from rag.errors import IndexDamaged, IndexMissing, RagError
from rag.i18n.translator import Translator
from rag.index import stores
from rag.types import to_json

_QUIET_MS, _LONGEST_MS, _WAKE_MS = 2000, 600_000, 500
"""A changed folder is indexed when it has been quiet for so long, or at the latest after so long."""


def build(options: argparse.Namespace) -> None:
    with render.progress() as progress:
        report = rag.build(
            rag.read_seeds(options.seeds),
            options.index,
            progress=progress,
            allow_empty=options.allow_empty,
        )
    if options.json:
        _print_json(report)
    else:
        render.show_report(report, str(stores.open_store(options.index)))


def watch(options: argparse.Namespace) -> None:
    import watchfiles

    is_first = True
    # It yields at once and then collects changes, also those that come while a build goes on.
    for changes in watchfiles.watch(
        options.seeds,
        step=_QUIET_MS,
        debounce=_LONGEST_MS,
        rust_timeout=_WAKE_MS,
        yield_on_timeout=True,
    ):
        if not (changes or is_first):
            continue
        try:
            build(options)
        except (RagError, OSError) as error:
            print(f"rag: {render.printable(str(error))}", file=sys.stderr)
        if is_first:
            print(f"Watching {options.seeds} (Ctrl-C ends it).")
            is_first = False
        sys.stdout.flush()


def check(options: argparse.Namespace) -> None:
    kept = stores.open_store(options.index)
    with render.progress() as progress:
        done = kept.repair(rag.SentenceEncoder(progress=progress), progress) if options.repair else []
    faults = kept.check()
    if options.json:
        _print_json({"faults": faults, "repaired": [str(notice) for notice in done]})
    for notice in done if not options.json else ():
        print(f"Repaired: {render.printable(str(notice))}.")
    if faults:
        raise IndexDamaged("\n".join(fault.reason for fault in faults))
    if not options.json:
        print(Translator()(kept.intact_key, index=kept))


def rollback(options: argparse.Namespace) -> None:
    kept = stores.open_store(options.index)
    manifest = kept.roll_back()
    print(
        f"The index in {kept} is the one of {manifest.created} again, with "
        f"{manifest.articles} articles."
    )


def search(options: argparse.Namespace) -> None:
    hits = _load(options).search(options.question, options.k, **_only(options))
    if options.json:
        _print_json({"question": options.question, "hits": hits})
    else:
        render.show_hits(hits)


def ask(options: argparse.Namespace) -> None:
    answer = _load(options).ask(options.question, **_only(options))
    if options.json:
        _print_json(answer)
    else:
        render.show_answer(answer)


def _only(options: argparse.Namespace) -> dict[str, Any]:
    """The filters that were given."""
    return {name: getattr(options, name) for name in ("source", "since", "until", "language")}


def serve(options: argparse.Namespace) -> None:
    from rag.web.serve import check, serve, service_of

    service = service_of(
        options.host,
        seeds=options.seeds,
        mcp=options.mcp,
        admin=options.admin,
        admin_anywhere=options.admin_anywhere,
        questions=options.questions,
        names=options.names,
    )
    check(options.host, options.port, service)
    serve(_load_or_build(options), options.host, options.port, service)


def _load_or_build(options: argparse.Namespace) -> rag.Assistant:
    """Open the index, or build it from the seeds folder where there is none, and load the models."""
    with render.progress() as progress:
        encoder, reader = rag.SentenceEncoder(progress=progress), rag.SpanReader(progress=progress)
        try:
            assistant = rag.load(options.index, encoder, reader)
        except IndexMissing:
            kept = str(stores.open_store(options.index))
            print(f"There is no index in {kept} yet: building it from {options.seeds}.", flush=True)
            report = rag.build(rag.read_seeds(options.seeds), options.index, encoder, progress)
            render.show_report(report, kept)
            assistant = rag.load(options.index, encoder, reader)
        print("Loading the model.", flush=True)
        assistant.warm_up()
    return assistant


def info(options: argparse.Namespace) -> None:
    kept = stores.open_store(options.index)
    manifest, counts = kept.contents()
    if options.json:
        _print_json(to_json(manifest) | counts)
    else:
        render.show_contents(manifest, counts, str(kept))


def _load(options: argparse.Namespace) -> rag.Assistant:
    with render.progress() as progress:
        encoder, reader = rag.SentenceEncoder(progress=progress), rag.SpanReader(progress=progress)
        return rag.load(options.index, encoder, reader)


def _print_json(value: object) -> None:
    print(json.dumps(to_json(value), ensure_ascii=False))

"""The command line: `rag build | watch | search | ask | serve | info | check | rollback`."""

from __future__ import annotations

import argparse
import io
import json
import os
import sys
from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Any

import rag
from rag import store, terminal
from rag.errors import IndexDamaged, RagError
from rag.types import to_json

_LAST_PORT = 65535
_QUIET_MS, _LONGEST_MS, _WAKE_MS = 2000, 600_000, 500
"""A changed folder is indexed when it has been quiet for so long, or at the latest after so long."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status: 0, 1 for an error, 2 for wrong usage."""
    options = _parser().parse_args(arguments)
    command: Callable[[argparse.Namespace], None] = options.command
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # a locale that lacks a character loses only that
    try:
        command(options)
        print(end="", flush=True)
    except RagError as error:
        return _fail(str(error))
    except KeyboardInterrupt:
        kept = (
            "; the index is as it was, and what is encoded is kept"
            if command in (_build, _watch)
            else ""
        )
        return _fail(f"Interrupted{kept}.", 130)
    except BrokenPipeError:
        # The reader of our output has gone; keep Python from complaining about it at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except OSError as error:
        return _fail(f"{error.filename}: {error.strerror}." if error.filename else f"{error}.")
    except Exception as error:
        if os.environ.get("RAG_DEBUG"):
            raise
        return _fail(
            f"Unexpected {type(error).__name__}: {error}. Set RAG_DEBUG=1 to see where it happened."
        )
    return 0


def _fail(message: str, status: int = 1) -> int:
    print(f"rag: {terminal.printable(message)}", file=sys.stderr)
    return status


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="rag", description="Ask questions of a news archive, in any language."
    )
    index = argparse.ArgumentParser(add_help=False)
    index.add_argument(
        "--index",
        metavar="DIR",
        type=_folder,
        default=os.environ.get("RAG_INDEX") or "index",
        help="index folder, or milvus+http://HOST:19530/COLLECTION (default: %(default)s; RAG_INDEX)",
    )
    as_json = argparse.ArgumentParser(add_help=False)
    as_json.add_argument("--json", action="store_true", help="print one JSON object")
    question = argparse.ArgumentParser(add_help=False)
    question.add_argument("question", help="in any language; quote it")
    parser.add_argument("--version", action="version", version=f"rag {rag.__version__}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)

    def add(
        name: str, command: Callable[..., None], text: str, *parents: argparse.ArgumentParser
    ) -> Any:
        added = commands.add_parser(name, help=text, description=text, parents=[*parents, index])
        added.set_defaults(command=command)
        return added

    seeds = argparse.ArgumentParser(add_help=False)
    seeds.add_argument(
        "--seeds",
        metavar="DIR",
        type=_folder,
        default=os.environ.get("RAG_SEEDS") or "seeds",
        help="folder with the articles (default: %(default)s; RAG_SEEDS)",
    )
    seeds.add_argument(
        "--allow-empty", action="store_true", help="take all articles out if the folder is empty"
    )
    add("build", _build, "Index the articles of the seeds folder.", seeds, as_json)
    watch = add("watch", _watch, "Index them, and again whenever the folder has changed.", seeds)
    watch.set_defaults(json=False)
    only = argparse.ArgumentParser(add_help=False)
    only.add_argument("--source", metavar="HOST", help="only of this site, such as www.rfi.fr")
    only.add_argument("--since", type=_day, metavar="DAY", help="only from this day on (2024-03-06)")
    only.add_argument("--until", type=_day, metavar="DAY", help="only to the end of this day")
    only.add_argument("--language", metavar="TAG", help="only in this language, such as zh-Hant")
    asking = (question, only, as_json)
    search = add("search", _search, "Show the passages closest to a question.", *asking)
    search.add_argument("-k", type=_positive, default=5, metavar="N", help="passages (default: 5)")
    add(
        "ask",
        _ask,
        "Answer a question in the words of the archive, or say that it does not.",
        *asking,
    )
    serve = add("serve", _serve, "Open the page in which to ask.")
    serve.add_argument("--host", default="127.0.0.1", metavar="H", help="default: %(default)s")
    serve.add_argument("--port", type=_port, metavar="P", help="default: 7860 or the next free one")
    serve.add_argument(
        "--mcp", action="store_true", help="answer assistants too, by the Model Context Protocol"
    )
    serve.add_argument(
        "--admin",
        action="store_true",
        help="a page to add articles and rebuild the index, with the password in RAG_ADMIN_PASSWORD",
    )
    serve.add_argument(
        "--admin-anywhere",
        action="store_true",
        help="that page on other addresses than this machine's too",
    )
    serve.add_argument(
        "--questions",
        type=_count,
        default=60,
        metavar="N",
        help="an address may ask so many in a minute; 0: any number (default: %(default)s)",
    )
    serve.add_argument(
        "--name",
        action="append",
        default=[],
        metavar="NAME",
        dest="names",
        help="a name by which it is asked for, as by a proxy before it; more than once for more",
    )
    serve.set_defaults(seeds=os.environ.get("RAG_SEEDS") or "seeds")
    add("info", _info, "Show what is in the index.", as_json)
    check = add("check", _check, "Compare every byte of the index with what was written.", as_json)
    check.add_argument("--repair", action="store_true", help="make it whole from what is whole of it")
    add("rollback", _rollback, "Go back to the index before the last build.")
    return parser


def _folder(text: str) -> str:
    if not text:
        raise argparse.ArgumentTypeError("must name a folder")
    return text


def _port(text: str) -> int:
    port = _positive(text)
    if port > _LAST_PORT:
        raise argparse.ArgumentTypeError(f"must be at most {_LAST_PORT}, not {text}")
    return port


def _positive(text: str) -> int:
    return _count(text, 1)


def _count(text: str, least: int = 0) -> int:
    try:
        number = int(text)
    except ValueError:
        number = least - 1
    if number < least:
        raise argparse.ArgumentTypeError(f"must be a whole number of at least {least}, not {text!r}")
    return number


def _day(text: str) -> date:
    try:
        return datetime.fromisoformat(text) if "T" in text else date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"must be a day such as 2024-03-06, or a moment such as 2024-03-06T22:20, not {text!r}"
        ) from None


def _build(options: argparse.Namespace) -> None:
    with terminal.progress() as progress:
        report = rag.build(
            rag.read_seeds(options.seeds),
            options.index,
            progress=progress,
            allow_empty=options.allow_empty,
        )
    if options.json:
        _print_json(report)
    else:
        terminal.show_report(report, str(store.at(options.index)))


def _watch(options: argparse.Namespace) -> None:
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
            _build(options)
        except (RagError, OSError) as error:
            print(f"rag: {terminal.printable(str(error))}", file=sys.stderr)
        if is_first:
            print(f"Watching {options.seeds} (Ctrl-C ends it).")
            is_first = False
        sys.stdout.flush()


def _check(options: argparse.Namespace) -> None:
    kept = store.at(options.index)
    with terminal.progress() as progress:
        done = kept.repair(rag.SentenceEncoder(progress=progress), progress) if options.repair else []
    faults = kept.check()
    if options.json:
        _print_json({"faults": faults, "repaired": done})
    for told in done if not options.json else ():
        print(f"Repaired: {terminal.printable(told)}.")
    if faults:
        raise IndexDamaged("\n".join(fault.reason for fault in faults))
    if not options.json:
        print(f"The index in {kept} {kept.checked}.")


def _rollback(options: argparse.Namespace) -> None:
    kept = store.at(options.index)
    manifest = kept.roll_back()
    print(
        f"The index in {kept} is the one of {manifest.created} again, with "
        f"{manifest.articles} articles."
    )


def _search(options: argparse.Namespace) -> None:
    hits = _load(options).search(options.question, options.k, **_only(options))
    if options.json:
        _print_json({"question": options.question, "hits": hits})
    else:
        terminal.show_hits(hits)


def _ask(options: argparse.Namespace) -> None:
    answer = _load(options).ask(options.question, **_only(options))
    if options.json:
        _print_json(answer)
    else:
        terminal.show_answer(answer)


def _only(options: argparse.Namespace) -> dict[str, Any]:
    """The filters that were given."""
    return {name: getattr(options, name) for name in ("source", "since", "until", "language")}


def _serve(options: argparse.Namespace) -> None:
    import app

    service = app.service_of(
        options.host,
        seeds=options.seeds,
        mcp=options.mcp,
        admin=options.admin,
        admin_anywhere=options.admin_anywhere,
        questions=options.questions,
        names=options.names,
    )
    app.serve(options.index, options.host, options.port, service)


def _info(options: argparse.Namespace) -> None:
    kept = store.at(options.index)
    manifest, counts = kept.contents()
    if options.json:
        _print_json(to_json(manifest) | counts)
    else:
        terminal.show_contents(manifest, counts, str(kept))


def _load(options: argparse.Namespace) -> rag.Assistant:
    with terminal.progress() as progress:
        encoder, reader = rag.SentenceEncoder(progress=progress), rag.SpanReader(progress=progress)
        return rag.load(options.index, encoder, reader)


def _print_json(value: object) -> None:
    print(json.dumps(to_json(value), ensure_ascii=False))


if __name__ == "__main__":
    sys.exit(main())

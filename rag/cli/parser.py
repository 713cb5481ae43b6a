"""Command-line arguments."""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import rag
from rag.cli import commands

_LAST_PORT = 65535


def build_parser() -> argparse.ArgumentParser:
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
    subparsers = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)

    def add(
        name: str, command: Callable[..., None], text: str, *parents: argparse.ArgumentParser
    ) -> Any:
        added = subparsers.add_parser(name, help=text, description=text, parents=[*parents, index])
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
    add("build", commands.build, "Index the articles of the seeds folder.", seeds, as_json)
    watch = add(
        "watch", commands.watch, "Index them, and again whenever the folder has changed.", seeds
    )
    watch.set_defaults(json=False)
    only = argparse.ArgumentParser(add_help=False)
    only.add_argument("--source", metavar="HOST", help="only of this site, such as www.rfi.fr")
    only.add_argument("--since", type=_day, metavar="DAY", help="only from this day on (2024-03-06)")
    only.add_argument("--until", type=_day, metavar="DAY", help="only to the end of this day")
    only.add_argument("--language", metavar="TAG", help="only in this language, such as zh-Hant")
    asking = (question, only, as_json)
    search = add("search", commands.search, "Show the passages closest to a question.", *asking)
    search.add_argument("-k", type=_positive, default=5, metavar="N", help="passages (default: 5)")
    add(
        "ask",
        commands.ask,
        "Answer a question in the words of the archive, or say that it does not.",
        *asking,
    )
    serve = add("serve", commands.serve, "Open the page in which to ask.")
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
    add("info", commands.info, "Show what is in the index.", as_json)
    check = add(
        "check", commands.check, "Compare every byte of the index with what was written.", as_json
    )
    check.add_argument("--repair", action="store_true", help="make it whole from what is whole of it")
    add("rollback", commands.rollback, "Go back to the index before the last build.")
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

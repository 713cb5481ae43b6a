"""Command-line arguments: one function per command."""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeAlias

import rag
from rag.cli import argument_types, commands, removal

if TYPE_CHECKING:
    Subparsers: TypeAlias = argparse._SubParsersAction[argparse.ArgumentParser]


def build_parser() -> argparse.ArgumentParser:
    """Return the parser of `rag`; the parsed options hold the function to call as `command`."""
    parser = argparse.ArgumentParser(
        prog="rag", description="Ask questions of a news archive, in any language."
    )
    parser.add_argument("--version", action="version", version=f"rag {rag.__version__}")
    subparsers = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for add in (_build, _watch, _search, _ask, _serve, _feedback, _explain, _removal):
        add(subparsers)
    for add in (_info, _check, _rollback):
        add(subparsers)
    return parser


def _build(subparsers: Subparsers) -> None:
    parser = _add(subparsers, commands.build, "Index the seeds folder.")
    _add_build(parser)
    _add_json(parser)


def _watch(subparsers: Subparsers) -> None:
    parser = _add(
        subparsers, commands.watch, "Index the seeds folder, then again after every change of it."
    )
    _add_build(parser)
    parser.set_defaults(json=False)


def _search(subparsers: Subparsers) -> None:
    parser = _add(subparsers, commands.search, "List the passages that best match a question.")
    _add_question(parser)
    parser.add_argument(
        "-k",
        type=argument_types.positive,
        default=5,
        metavar="N",
        help="number of passages (default: %(default)s)",
    )


def _ask(subparsers: Subparsers) -> None:
    text = "Answer a question with a quote from the archive, or report that it has no answer."
    parser = _add(subparsers, commands.ask, text)
    _add_question(parser)
    parser.add_argument(
        "--write",
        action="store_true",
        help="then let the language model at RAG_LLM_URL write an answer, and check its sentences",
    )


def _serve(subparsers: Subparsers) -> None:
    parser = _add(subparsers, commands.serve, "Serve the page and the endpoints.")
    parser.set_defaults(seeds=_default_seeds())
    parser.add_argument(
        "--host", default="127.0.0.1", metavar="H", help="address to listen on (default: %(default)s)"
    )
    parser.add_argument(
        "--port",
        type=argument_types.port,
        metavar="P",
        help="port (default: 7860, or the next free one)",
    )
    parser.add_argument(
        "--questions",
        type=argument_types.count,
        default=60,
        metavar="N",
        help="questions per minute allowed per IP address, 0 for unlimited (default: %(default)s)",
    )
    parser.add_argument(
        "--name",
        action="append",
        default=[],
        metavar="NAME",
        dest="names",
        help="additional host name to accept, for example behind a reverse proxy; repeatable",
    )
    parser.add_argument(
        "--mcp", action="store_true", help="serve the Model Context Protocol (MCP) endpoint too"
    )
    parser.add_argument(
        "--admin",
        action="store_true",
        help="serve the admin page, to add articles and rebuild the index; needs RAG_ADMIN_PASSWORD",
    )
    parser.add_argument(
        "--admin-anywhere",
        action="store_true",
        help="serve the admin page on non-loopback addresses as well",
    )
    parser.add_argument(
        "--feedback",
        default="",
        metavar="FILE",
        help="let visitors report wrong answers, and add their reports to this file",
    )


def _feedback(subparsers: Subparsers) -> None:
    text = "List what visitors have reported about answers, from the file of `rag serve --feedback`."
    parser = _add(subparsers, commands.feedback, text, uses_index=False)
    parser.add_argument("file", metavar="FILE", help="the file of `rag serve --feedback`")
    parser.add_argument(
        "--json", action="store_true", help="print JSON lines in the form of the question sets"
    )


def _explain(subparsers: Subparsers) -> None:
    text = "Show what is read of one file: encoding, title, address, date, text, and what is left out."
    parser = _add(subparsers, commands.explain, text, uses_index=False)
    parser.add_argument("file", metavar="FILE", help="an article file, or an archive of them")
    _add_seeds(parser)
    _add_json(parser)


def _removal(subparsers: Subparsers) -> None:
    text = "Move articles out of the seeds folder, to the folder SEEDS.removed beside it."
    parser = _add(subparsers, removal.remove, text, uses_index=False)
    parser.add_argument("ids", metavar="ID", nargs="+", help="id of an article, or a file")
    _add_seeds(parser)
    parser = _add(
        subparsers, removal.restore, "Put removed articles back, or list them.", uses_index=False
    )
    parser.add_argument("keys", metavar="KEY", nargs="*", help="one of those listed without a key")
    _add_seeds(parser)


def _info(subparsers: Subparsers) -> None:
    _add_json(_add(subparsers, commands.info, "Show the contents and settings of the index."))


def _check(subparsers: Subparsers) -> None:
    parser = _add(subparsers, commands.check, "Verify all files of the index against their checksums.")
    parser.add_argument(
        "--repair", action="store_true", help="repair the index from its undamaged parts"
    )
    _add_json(parser)


def _rollback(subparsers: Subparsers) -> None:
    _add(subparsers, commands.rollback, "Restore the index before the last build.")


def _add(
    subparsers: Subparsers, command: Callable[..., int], text: str, *, uses_index: bool = True
) -> argparse.ArgumentParser:
    """Add a command, named as its function is."""
    parser = subparsers.add_parser(command.__name__, help=text, description=text)
    parser.set_defaults(command=command)
    if uses_index:
        _add_index(parser)
    return parser


def _add_index(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--index",
        metavar="DIR",
        type=argument_types.folder,
        default=os.environ.get("RAG_INDEX") or "index",
        help="index folder, or milvus+http://HOST:19530/COLLECTION "
        "(environment: RAG_INDEX; default: %(default)s)",
    )


def _add_build(parser: argparse.ArgumentParser) -> None:
    """Add the options that `build` and `watch` share."""
    _add_seeds(parser)
    parser.add_argument(
        "--allow-empty",
        action="store_true",
        help="allow an empty folder to remove all articles from the index",
    )


def _add_seeds(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--seeds",
        metavar="DIR",
        type=argument_types.folder,
        default=_default_seeds(),
        help="folder with the articles (environment: RAG_SEEDS; default: %(default)s)",
    )


def _default_seeds() -> str:
    return os.environ.get("RAG_SEEDS") or "seeds"


def _add_question(parser: argparse.ArgumentParser) -> None:
    """Add the question and the options that `search` and `ask` share."""
    operators = '"exact phrase", -word, site:, lang:, since: and until: restrict the search'
    parser.add_argument("question", help=f"the question, quoted, in any language; {operators}")
    parser.add_argument(
        "--source",
        action="append",
        metavar="HOST",
        help="only articles of this site, such as www.rfi.fr; repeatable",
    )
    parser.add_argument(
        "--since",
        type=argument_types.day,
        metavar="DAY",
        help="only articles from this day on, such as 2024-03-06",
    )
    parser.add_argument(
        "--until",
        type=argument_types.day,
        metavar="DAY",
        help="only articles up to the end of this day",
    )
    parser.add_argument(
        "--language", metavar="TAG", help="only articles in this language, such as zh-Hant"
    )
    _add_json(parser)


def _add_json(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="print one JSON object")

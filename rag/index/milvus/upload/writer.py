"""Uploads an index folder as a new generation in Milvus: what differs from the live one, or all."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from itertools import chain

from rag.errors import IndexDamaged, IndexMissing, RagError
from rag.index.faiss_index import Index
from rag.index.milvus import names
from rag.index.milvus.client import Server
from rag.index.milvus.connection import MANIFEST
from rag.index.milvus.lease import Confirm
from rag.index.milvus.upload import plan, tidying
from rag.index.milvus.upload.plan import Plan
from rag.index.milvus.upload.rows import SCHEMAS, UNUSED, Batch, article_rows, manifest_rows, term_rows
from rag.reports import Progress, Stage

_ROWS = 1024
"""Rows per request: a few MB with their vectors."""


def upload(server: Server, index: Index, confirm: Confirm, progress: Progress | None = None) -> None:
    """Upload the generation of an index folder, and make it live once all rows are counted.

    The generation before it remains for a rollback. Raises `ServerUnavailable`, `IndexDamaged` if
    Milvus has lost rows, `IndexBusy` if the lease is lost, or `ArticleTooLong`; the incomplete upload
    is then dropped, by the next one if need be.
    """
    confirm()
    previous = _live(server)
    try:
        planned = _plan(server, index, previous)
        generation = server.new_generation()
        if planned is None:
            planned = plan.everything(index, generation, previous)
        _send(server, generation, planned, index, confirm, progress)
        for _, fault in planned.contents.faults(server):
            raise fault
        confirm()
        server.point_to(generation)
    except BaseException:
        with suppress(RagError):
            confirm()  # what another machine has begun is not ours to drop
            tidying.tidy(server, previous)
        raise
    tidying.drop_superseded(server, generation)


def _live(server: Server) -> str | None:
    with suppress(IndexMissing):
        return server.live()
    return None


def _plan(server: Server, index: Index, live: str | None) -> Plan | None:
    """What to upload beside the rows of the live generation; None for everything."""
    upload = tidying.tidy(server, live)
    with suppress(IndexDamaged, IndexMissing):
        if live and upload:
            return plan.changes(server, index, live, upload)
    return None


def _send(
    server: Server,
    generation: str,
    planned: Plan,
    index: Index,
    confirm: Confirm,
    progress: Progress | None,
) -> None:
    contents = planned.contents
    is_new = contents.base == generation
    # First of all what the generation consists of, so that the next upload can clear it away.
    parts = [MANIFEST, *(contents.sizes if is_new else ())]
    for part in parts:
        dim = contents.manifest.dim if part == "rows" else len(UNUSED)
        server.create(f"{generation}_{part}", SCHEMAS[part], dim)
    server.insert(f"{generation}_{MANIFEST}", manifest_rows(contents))
    server.finish(f"{generation}_{MANIFEST}", SCHEMAS[MANIFEST])
    batches = chain(
        [term_rows(planned.terms), (names.PART, names.rows(planned.pairs))],
        article_rows(index, contents, planned.articles, planned.numbers),
    )
    total, done = planned.size, 0
    for part, rows in _requests(batches):
        confirm()
        server.insert(f"{contents.base}_{part}", rows)
        done += len(rows)
        if progress:
            progress(Stage.UPLOADING, done, total)
    for part in parts[1:]:
        server.finish(f"{generation}_{part}", SCHEMAS[part])


def _requests(batches: Iterable[Batch]) -> Iterator[Batch]:
    """Collect the rows of each collection until they fill a request."""
    waiting: dict[str, list[dict[str, object]]] = {}
    for part, rows in batches:
        held = waiting.setdefault(part, [])
        held += rows
        while len(held) >= _ROWS:
            yield part, held[:_ROWS]
            del held[:_ROWS]
    yield from ((part, rows) for part, rows in waiting.items() if rows)

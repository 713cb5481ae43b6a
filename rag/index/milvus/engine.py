"""Loads the Milvus client, and starts the embedded engine of a file."""

from __future__ import annotations

import logging
import os
from pathlib import Path
from typing import Any

from rag.errors import ServerUnavailable
from rag.index.milvus.location import Address


def package() -> Any:
    """Import pymilvus. Raises `ServerUnavailable`, naming the command, if it is not installed."""
    # No forked process uses Milvus; without this gRPC would print warnings about forks.
    os.environ.setdefault("GRPC_ENABLE_FORK_SUPPORT", "false")
    try:
        import pymilvus
    except ImportError as error:
        raise ServerUnavailable("milvus-not-installed", package="pymilvus") from error
    logging.getLogger("pymilvus").setLevel(logging.CRITICAL)  # it raises what it logs
    return pymilvus


def start(address: Address) -> str:
    """Start the engine of a file, unless it runs in this process, and return its URI."""
    try:
        from milvus_lite.server_manager import server_manager_instance
    except ImportError as error:
        raise ServerUnavailable("milvus-not-installed", package="milvus-lite") from error
    logging.getLogger("milvus_lite").setLevel(logging.CRITICAL)
    Path(address.path).parent.mkdir(parents=True, exist_ok=True)
    uri: str | None = server_manager_instance.start_and_get_uri(address.path)
    if not uri:
        raise ServerUnavailable("milvus-file-invalid", path=address.path)
    return uri

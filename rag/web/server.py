"""Serves an ASGI application over HTTP from its own thread."""

from __future__ import annotations

import logging
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn

from rag.errors import AddressUnavailable

_FIRST_PORT, _PORTS = 7860, 100
_GRACE_SECONDS = 2
"""Time that requests have to finish when the server ends."""


@contextmanager
def serving(application: Any, host: str, port: int | None = None) -> Iterator[str]:
    """Serve an ASGI application while the context is open; yields the address of the page.

    Without a port, takes the first free one from 7860 on. Raises `AddressUnavailable`.
    """
    with listen(host, port) as listening:
        config = uvicorn.Config(
            application,
            log_level="warning",
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=_GRACE_SECONDS,
        )
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, args=[[listening]], daemon=True)
        thread.start()
        while not server.started and thread.is_alive():
            thread.join(0.02)
        shown = f"[{host}]" if ":" in host else host
        try:
            yield f"http://{shown}:{listening.getsockname()[1]}/"
        finally:
            # Open pages hold a connection until it is cut, which uvicorn would log as an error.
            logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL)
            server.should_exit = True
            thread.join()


def listen(host: str, port: int | None) -> socket.socket:
    """Return a socket that listens on this address. Raises `AddressUnavailable`."""
    reason = ""
    for number in [port] if port is not None else range(_FIRST_PORT, _FIRST_PORT + _PORTS):
        try:
            family = socket.getaddrinfo(host, number, type=socket.SOCK_STREAM)[0][0]
            return socket.create_server((host, number), family=family, backlog=1024)
        except OSError as error:
            reason = error.strerror or str(error)
    raise AddressUnavailable("address-unavailable", host=host, port=port or _FIRST_PORT, reason=reason)

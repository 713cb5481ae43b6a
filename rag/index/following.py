"""Notices that a new generation of an index is live."""

from __future__ import annotations

import logging
import threading
import time
import weakref
from collections.abc import Hashable
from typing import Protocol

from rag.index.stores import Store

_log = logging.getLogger(__name__)


class Follower(Protocol):
    """What holds an open generation of a store, and can open the live one in its place."""

    @property
    def store(self) -> Store:
        """The place of the index."""

    def refresh(self) -> None:
        """Open the live generation, if it is not open yet."""


def start_following(follower: Follower) -> None:
    """Refresh an object in a thread whenever a generation becomes live, as long as it is referenced.

    A generation that cannot be opened is logged once.
    """
    threading.Thread(target=_follow, args=[weakref.ref(follower)], daemon=True).start()


def _follow(reference: weakref.ref[Follower]) -> None:
    failed: Hashable = None
    last_message = ""
    while follower := reference():
        stamp, seconds = failed, follower.store.follow_seconds
        try:
            stamp = follower.store.stamp()
            if stamp != failed:
                follower.refresh()
        except Exception as error:
            failed = stamp  # do not verify the same damaged generation every second
            if str(error) != last_message:
                _log.warning("The index that was open stays in use: %s", error)
            last_message = str(error)
        else:
            last_message = ""
        del follower
        time.sleep(seconds)

"""Many users at once: by what way they ask, and what the page keeps of them."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import fastapi
import httpx
from support.doubles import HashEncoder

import rag
from rag.types import Answer, Hit
from rag.web import application as application_module
from rag.web import page as page_module
from rag.web.application import Service, application
from rag.web.page import build as build_page
from rag.web.security.rate_limit import Rate
from rag.web.server import serving

SECONDS = 20.0
TOGETHER = 4


class Meeting:
    """A reader that answers when so many questions are being read at once."""

    def __init__(self) -> None:
        self._all = threading.Barrier(TOGETHER, timeout=SECONDS)

    def read(self, question: str, hits: Sequence[Hit]) -> Answer:
        self._all.wait()
        return Answer(question, "", None, 0, 0, 0.0, tuple(hits))


def queued(address: str, session: str) -> str:
    """Ask `/ask` as gradio_client does, and return how the stream of events ends."""
    with httpx.Client(base_url=f"{address}gradio_api/", timeout=2 * SECONDS) as client:
        said = httpx.get(f"{address}config").json()["dependencies"]
        (event,) = (each["id"] for each in said if each["api_name"] == "ask")
        body = {"data": ["集装箱"] + 4 * [None], "fn_index": event, "session_hash": session}
        client.post("queue/join", json=body).raise_for_status()
        return client.get("queue/data", params={"session_hash": session}).text


def test_programs_are_answered_together_by_the_queue(index: Path) -> None:
    assistant = rag.Assistant.load(index, HashEncoder(), Meeting())
    service = Service(questions=0)
    with (
        serving(application(assistant, service), "127.0.0.1", 0) as address,
        ThreadPoolExecutor(TOGETHER) as pool,
    ):
        for said in pool.map(queued, TOGETHER * [address], map(str, range(TOGETHER))):
            assert '"success":true' in said


def test_little_is_kept_of_pages_and_questions(index: Path) -> None:
    page: Any = build_page(rag.load(index, HashEncoder()), Rate(0, 60))
    application_module._mount(fastapi.FastAPI(), page, "/")
    for number in range(page_module._SESSIONS + 20):
        assert page.state_holder[f"session {number}"]
    assert len(page.state_holder.session_data) == page_module._SESSIONS
    assert page._queue.ANALYTICS_MAX_EVENTS == 1

"""Measure many concurrent users: `python -m benchmarks.load`.

A process serves the page from a copy of an archive of 15,000 articles (`benchmarks.scale 50000` makes
it). Each user has an IP address of their own and asks one question after the other, all different:

- page: as the page in a browser, which joins Gradio's queue and reads the stream of events;
- rebuilt: the same, and after a quarter of the time a build adds articles in a process of low priority,
  as the admin page starts it; users continue until an answer comes from a new article;
- client: `/ask` as gradio_client does, also by the queue;
- http: `/ask` by one POST, without the queue.

For each, after a warm-up, it prints: answers, errors (a refusal, an error in the page, no answer), the
time of an answer relative to that of a single user before and after, answers per second relative to a
single user, processor time per answer, and the memory of the server. The figures also go to
build/bench/load.json.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import math
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any, TypeAlias

import httpx
import numpy as np

import rag
from benchmarks import cost_model
from benchmarks.run import BUILD
from benchmarks.scale import read_questions, wait_for
from rag.index.faiss_index import Index
from rag.web.views.query import Query

_PORT = 7956
_KILO = 1024
_NICE = 10
_ALONE, _WARM = 15, 5
_SAMPLED_SECONDS = 10.0
_MARGIN_SECONDS = 7.5
"""Seconds before and after the page opens a new generation."""
_PATIENCE_SECONDS = 120
_ADDED = 20
_NEWS = "灯塔守护人奥托卡·温德林在卡尔德摩港说，他去年折了{count}只纸鹤，并把它们送给了过往的船员。"
_ABOUT_NEWS = "奥托卡·温德林折了多少只纸鹤？"
_SHOWN = 'class="columns"', 'class="box status"', 'class="home"'
_NEW_URL = "https://news.example/paper-cranes-0"

Ask: TypeAlias = Callable[[httpx.AsyncClient, str], Awaitable[str]]
"""Asks a question and returns the answer or the page; raises `Refused` or an error of httpx."""


class Refused(Exception):
    """A question was not answered."""


@dataclass
class Run:
    """The record of a run: (start, end) of each answer, errors, memory as (time, MiB, own MiB)."""

    until: float
    began: float = field(default_factory=time.perf_counter)
    answers: list[tuple[float, float]] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    memory: list[tuple[float, int, int]] = field(default_factory=list)
    sizes: list[int] = field(default_factory=list)

    @property
    def lasted(self) -> float:
        """Return the seconds until the last answer."""
        return max(ended for _, ended in self.answers) - self.began


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--index", type=Path, default=BUILD / "scale-50000")
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--users", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument(
        "--only", choices=["page", "rebuilt", "client", "http"], help="one way of asking"
    )
    parser.add_argument("--record", action="store_true", help="write the cost of an answer")
    parser.add_argument("--build", action="store_true", help="only add articles to the index")
    options = parser.parse_args()
    if options.build:
        build(options.index)
        return
    with served(options.index) as (server, folder):
        lines = asyncio.run(
            measure(
                server,
                folder,
                read_questions(options.data),
                options.users,
                options.seconds,
                options.only,
            )
        )
    (BUILD / "load.json").write_text(json.dumps(lines, indent=1))
    if options.record:
        milliseconds = round(1000 * lines["page"]["CPU s of an answer, alone"])
        cost_model.record({"answer_ms": milliseconds}, "python -m benchmarks.load --record")


@contextmanager
def served(index: Path) -> Iterator[tuple[subprocess.Popen[bytes], Path]]:
    """Serve a copy of an index."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "index"
        shutil.copytree(index, folder)
        command = [sys.executable, "-m", "rag", "serve", "--questions", "0"]
        command += ["--index", str(folder), "--port", str(_PORT)]
        with subprocess.Popen(command, stdout=subprocess.DEVNULL) as server:
            try:
                wait_for(_address())
                yield server, folder
            finally:
                server.terminate()


def _address() -> str:
    return f"http://127.0.0.1:{_PORT}"


async def measure(
    server: subprocess.Popen[bytes],
    folder: Path,
    questions: list[str],
    users: int,
    seconds: float,
    only: str | None,
) -> dict[str, dict[str, Any]]:
    """Measure each way of asking."""
    page, client = _ways()
    await _crowd(Run(time.perf_counter() + seconds / 2), page, questions, users)  # to warm up
    lines = {}
    for name, ask in {"page": page, "rebuilt": page, "client": client, "http": _by_http}.items():
        if only not in (None, name):
            continue
        worked = [_worked(server.pid)]
        alone = await _alone(ask, questions)
        worked.append(_worked(server.pid))
        run = Run(time.perf_counter() + seconds)
        users_ask = _crowd(run, ask, questions, users)
        sampled = asyncio.create_task(_sample(run, server.pid))
        changed = None
        if name == "rebuilt":
            _, changed = await asyncio.gather(users_ask, _rebuild(run, folder, ask, seconds / 4))
        else:
            await users_ask
        sampled.cancel()
        run.memory.append(_memory(run, server.pid))
        worked.append(_worked(server.pid))
        alone += await _alone(ask, questions)
        one, of_all = np.diff(worked)
        lines[name] = {
            **_figures(run, alone, changed),
            "CPU s of an answer, alone": round(one / (_ALONE + _WARM), 3),
            "CPU s of an answer": round(of_all / len(run.answers), 3),
            "processors that the server had": round(of_all / run.lasted, 2),
        }
        print(name, json.dumps(lines[name], indent=1), flush=True)
    return lines


def _ways() -> tuple[Ask, Ask]:
    """Return the ways of the page and of gradio_client, from the configuration of the page."""
    dependencies = httpx.get(f"{_address()}/config").json()["dependencies"]
    changes = (each for each in dependencies if [target[1] for target in each["targets"]] == ["change"])
    (shown,) = (each["id"] for each in changes if each["backend_fn"])
    (ask,) = (each["id"] for each in dependencies if each["api_name"] == "ask")
    stamps = count()

    async def page(client: httpx.AsyncClient, question: str) -> str:
        parts = await _queued(client, shown, [f"{Query(question).address()}#{next(stamps)}"])
        answer = json.dumps(parts, ensure_ascii=False).replace('\\"', '"')
        if 'role="alert"' in answer or not any(part in answer for part in _SHOWN):
            raise Refused(f"the page shows {answer[:200]}")
        return answer

    async def client(client: httpx.AsyncClient, question: str) -> str:
        *_, (answer,) = await _queued(client, ask, [question, None, None, None, None])
        return _answer_in(answer)

    return page, client


async def _queued(client: httpx.AsyncClient, event: int, data: list[object]) -> list[Any]:
    """Trigger an event by the queue, as Gradio's scripts do, and return its outputs in turn."""
    outputs = []
    session = client.headers["x-forwarded-for"]
    body = {"data": data, "fn_index": event, "session_hash": session}
    _checked(await client.post("queue/join", json=body))
    async with client.stream("GET", "queue/data", params={"session_hash": session}) as stream:
        _checked(stream)
        async for line in stream.aiter_lines():
            if line.startswith("data: "):
                message = json.loads(line.removeprefix("data: "))
                if message["msg"] == "process_generating" or message.get("success"):
                    outputs.append(message["output"]["data"])
                if message["msg"] == "process_completed" and message["success"]:
                    return outputs
                if message["msg"] in ("process_completed", "unexpected_error"):
                    raise Refused(str(message)[:200])
    raise Refused("the stream ended without an answer")


async def _by_http(client: httpx.AsyncClient, question: str) -> str:
    body = {"data": [question, None, None, None, None]}
    return _answer_in(_checked(await client.post("run/ask", json=body)).json()["data"][0])


def _checked(response: httpx.Response) -> httpx.Response:
    if response.status_code != 200:
        raise Refused(f"the status is {response.status_code}")
    return response


def _answer_in(answer: dict[str, Any]) -> str:
    if not answer["hits"]:
        raise Refused("no passages")
    return str(answer["text"])


def _client(user: int) -> httpx.AsyncClient:
    headers = {"x-forwarded-for": f"10.0.{user // 250}.{user % 250 + 1}"}
    return httpx.AsyncClient(base_url=f"{_address()}/gradio_api/", headers=headers, timeout=300)


async def _alone(ask: Ask, questions: list[str]) -> list[float]:
    """Return the seconds per question of a single user, after a warm-up."""
    some = questions[:: len(questions) // (_ALONE + _WARM)][: _ALONE + _WARM]
    times = []
    async with _client(0) as client:
        for question in some:
            started = time.perf_counter()
            async with asyncio.timeout(_PATIENCE_SECONDS):
                await ask(client, question)
            times.append(time.perf_counter() - started)
    return times[_WARM:]


async def _crowd(run: Run, ask: Ask, questions: list[str], users: int) -> None:
    """Let users ask one question after the other, all at the same time."""
    numbers = count()

    async def work(user: int) -> None:
        async with _client(user + 1) as client:
            while time.perf_counter() < run.until:
                question = questions[next(numbers) % len(questions)]
                started = time.perf_counter()
                try:
                    # A stream without an answer may stay open, which is an error too.
                    async with asyncio.timeout(_PATIENCE_SECONDS):
                        run.sizes.append(len((await ask(client, question)).encode()))
                except (Refused, httpx.HTTPError, ValueError, LookupError, TimeoutError) as error:
                    run.errors.append(f"{type(error).__name__}: {error}")
                else:
                    run.answers.append((started, time.perf_counter()))

    await asyncio.gather(*map(work, range(users)))


async def _sample(run: Run, process: int) -> None:
    while True:
        run.memory.append(_memory(run, process))
        await asyncio.sleep(_SAMPLED_SECONDS)


def _memory(run: Run, process: int) -> tuple[float, int, int]:
    status = Path(f"/proc/{process}/status").read_text(encoding="utf-8").splitlines()
    about = dict(line.split(":", 1) for line in status)
    resident, own = (int(about[name].split()[0]) // _KILO for name in ("VmRSS", "RssAnon"))
    return round(time.perf_counter() - run.began, 1), resident, own


def _worked(process: int) -> float:
    """Return the processor seconds that a process has used."""
    fields = Path(f"/proc/{process}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


async def _rebuild(run: Run, folder: Path, ask: Ask, after: float) -> dict[str, float]:
    """Build after some seconds; return when the build started and ended, and when the page used it.

    Users continue until they have asked the new generation for a while.
    """
    planned, run.until = run.until, math.inf
    await asyncio.sleep(after)
    began = time.perf_counter()
    command = [sys.executable, "-m", "benchmarks.load", "--build", "--index", str(folder)]
    build = await asyncio.create_subprocess_exec(*command)
    if await build.wait():
        raise subprocess.CalledProcessError(build.returncode or 0, command)
    ended = time.perf_counter()
    async with _client(0) as client:
        while _NEW_URL not in await ask(client, _ABOUT_NEWS):
            if time.perf_counter() > ended + _PATIENCE_SECONDS:
                raise TimeoutError("the page does not find the new articles")
        known = time.perf_counter()
        await ask(client, "")  # the home page, which then computes new examples
    run.until = max(planned, known + _MARGIN_SECONDS)
    return {"began": began, "ended": ended, "known": known}


def build(folder: Path) -> None:
    """Add articles to an index, as a build from the admin page does."""
    os.nice(_NICE)
    index = Index.open(folder)
    new = [
        rag.Article(
            id=f"paper-cranes-{number}",
            title="灯塔守护人的纸鹤",
            url=f"https://news.example/paper-cranes-{number}",
            text=f"第{number}版。" + _NEWS.format(count=73_000 + number),
            published=datetime(2026, 1, 1, tzinfo=UTC),
            source="news.example",
            language="zh-Hans",
        )
        for number in range(_ADDED)
    ]
    report = rag.build([*index.corpus.articles(), *new], folder, rag.SentenceEncoder())
    print(f"built: {report}", flush=True)


def _figures(run: Run, alone: list[float], changed: dict[str, float] | None) -> dict[str, Any]:
    one = statistics.median(alone)
    p50, p95, p99 = (_percentile(run.answers, share) for share in (50, 95, 99))
    a_second = len(run.answers) / run.lasted
    half = min(run.memory, key=lambda sample: abs(sample[0] - run.memory[-1][0] / 2))
    figures = {
        "answers": len(run.answers),
        "errors": len(run.errors),
        "alone, median s": one,
        "p50 s": p50,
        "p95 s": p95,
        "p99 s": p99,
        "p95 / alone": p95 / one,
        "answers a second": a_second,
        "against one after the other": a_second * statistics.fmean(alone),
        "bytes of an answer, median": statistics.median(run.sizes),
        "MiB of the server: s, all, its own": run.memory,
        "growth in the second half, %": 100 * (run.memory[-1][1] / half[1] - 1),
        "load of the machine": os.getloadavg()[0],
    }
    if changed:
        since, until = (changed["ended"] + sign * _MARGIN_SECONDS for sign in (-1, 1))
        around = [a for a in run.answers if since <= a[1] <= until]
        figures |= {
            "the build, from s": changed["began"] - run.began,
            "to s": changed["ended"] - run.began,
            "answered with it, in its turn, after another s": changed["known"] - changed["ended"],
            "p95 in the 15 s around it": _percentile(around, 95),
            "p95 in the rest": _percentile([a for a in run.answers if a not in around], 95),
        }
    rounded = {k: round(v, 3) if isinstance(v, float) else v for k, v in figures.items()}
    return {**rounded, "first errors": run.errors[:5]}


def _percentile(answers: list[tuple[float, float]], share: float) -> float:
    times = [ended - began for began, ended in answers]
    return float(np.percentile(times, share)) if times else float("nan")


if __name__ == "__main__":
    main()

"""`rag serve` and `app.py` as people start and end them."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from support.doubles import ROOT, SEEDS

from rag.cli import main
from rag.errors import AddressUnavailable, SetupError
from rag.web.application import Service
from rag.web.serve import check, service_of

SERVE = ["-m", "rag", "serve"]


def environment(**more: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("RAG_")}
    return kept | {"RAG_SEEDS": str(SEEDS), "PYTHONPATH": str(ROOT), **more}


@contextmanager
def started(*arguments: str, **more: str) -> Iterator[tuple[Any, str, list[str]]]:
    """Start a server as from a terminal; gives its process, its address and the lines that it printed."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = str(free.getsockname()[1])
    with subprocess.Popen(
        [sys.executable, *arguments, "--port", port],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env=environment(**more),
        # What is started in the background, as a test may be, ignores Ctrl-C.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    ) as process:
        assert process.stdout
        lines: list[str] = []
        try:
            while not (opened := re.search(r"The page is open at (\S+)", "".join(lines))):
                line = process.stdout.readline()
                assert line, lines
                lines.append(line)
            yield process, opened[1], lines
        finally:
            process.kill()


def ask(address: str) -> httpx.Response:
    data = ["平壤运送了多少集装箱的弹药？", None, None, None, None]
    url = f"{address}gradio_api/run/ask"
    return httpx.post(url, json={"data": data}, timeout=60)


# What is refused


@pytest.mark.parametrize(
    ("arguments", "more", "message"),
    [
        (["--admin"], {}, "--admin needs a password. Set RAG_ADMIN_PASSWORD"),
        (["--admin"], {"RAG_ADMIN_PASSWORD": ""}, "--admin needs a password. Set RAG_ADMIN_PASSWORD"),
        (
            ["--admin", "--host", "0.0.0.0"],
            {"RAG_ADMIN_PASSWORD": "x"},
            "--admin is for this machine alone, not for all who reach 0.0.0.0.",
        ),
        (
            ["--admin", "--host", "news.example"],
            {"RAG_ADMIN_PASSWORD": "x"},
            "say --admin-anywhere",
        ),
    ],
)
def test_what_would_be_unsafe_is_refused_in_a_sentence(
    arguments: list[str],
    more: dict[str, str],
    message: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:
    monkeypatch.delenv("RAG_ADMIN_PASSWORD", raising=False)
    for name, value in more.items():
        monkeypatch.setenv(name, value)
    assert main(["serve", "--index", str(tmp_path / "index"), *arguments]) == 1
    out, error = capsys.readouterr()
    assert (out, message in error, error.count("\n")) == ("", True, 1), error
    assert not (tmp_path / "index").exists()


@pytest.mark.parametrize("number", ["-1", "x", "1.5", ""])
def test_a_number_of_questions_is_a_whole_number(
    number: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["serve", "--questions", number])
    assert "must be a whole number of at least 0" in capsys.readouterr().err


def test_without_the_package_mcp_the_command_is_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    for name in [name for name in sys.modules if name.partition(".")[0] == "mcp"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "mcp", None)
    assert main(["serve", "--mcp", "--index", str(tmp_path / "index")]) == 1
    assert "Run `pip install 'news-archive-rag[mcp]'`." in capsys.readouterr().err
    assert not (tmp_path / "index").exists()


SERVICE: dict[str, Any] = {
    "seeds": "seeds",
    "mcp": False,
    "admin": False,
    "admin_anywhere": False,
    "questions": 60,
}


def test_what_is_asked_for_is_what_is_served(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAG_PASSWORD", "secret")
    monkeypatch.setenv("RAG_ADMIN_PASSWORD", "other")
    here = service_of("127.0.0.1", **SERVICE)
    assert (here.password, here.admin_password, here.hosts) == ("secret", "", ())
    assert service_of("::1", **SERVICE).hosts == ()
    assert service_of("0.0.0.0", **SERVICE).hosts is None
    assert service_of("127.0.0.1", **SERVICE, names=["a.example"]).hosts == ("a.example",)
    assert service_of("0.0.0.0", **SERVICE, names=["a.example"]).hosts == ("a.example",)
    desk = SERVICE | {"admin": True}
    assert service_of("localhost", **desk).admin_password == "other"
    with pytest.raises(SetupError):
        service_of("192.0.2.1", **desk)
    assert service_of("192.0.2.1", **desk | {"admin_anywhere": True}).admin_password == "other"


# From the start to the end


@pytest.mark.model
def test_a_server_says_where_it_is_answers_and_ends_with_ctrl_c(
    seeds_index: Path, tmp_path: Path
) -> None:
    arguments = ["--index", str(seeds_index), "--mcp", "--admin", "--name", "news.example"]
    with started(*SERVE, *arguments, RAG_ADMIN_PASSWORD="other", RAG_SEEDS=str(tmp_path)) as (
        process,
        address,
        lines,
    ):
        assert lines == [
            "Loading the model.\n",
            f"Articles are added at {address}admin/.\n",
            f"The MCP server is at {address}gradio_api/mcp/.\n",
            f"The page is open at {address} (Ctrl-C ends it).\n",
        ]
        assert ask(address).json()["data"][0]["text"] == "约6700"
        assert httpx.get(address, headers={"Host": "news.example"}).status_code == 200
        assert httpx.get(address, headers={"Host": "evil.example"}).status_code == 421
        heart = f"{address}gradio_api/heartbeat/s"
        with httpx.stream("GET", heart) as beating, httpx.Client() as browser:
            assert next(beating.iter_lines()), "it stays open as long as the page does"
            browser.get(address)
            began = time.monotonic()
            process.send_signal(signal.SIGINT)
            assert process.wait(10) == 0
            assert time.monotonic() - began < 6
        assert process.stdout.read() == ""


@pytest.mark.model
def test_ctrl_c_ends_it_also_while_it_loads(seeds_index: Path) -> None:
    with subprocess.Popen(
        [sys.executable, *SERVE, "--index", str(seeds_index)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment(),
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    ) as process:
        assert process.stdout and process.stderr
        assert process.stdout.readline() == "Loading the model.\n"
        process.send_signal(signal.SIGINT)
        assert process.wait(20) in (0, 130)
        assert "Traceback" not in process.stderr.read()


LONGEST_START_SECONDS, LONGEST_START_IMPORTS = 12, 5
"""On a machine that does something else it may take as much longer as importing Gradio does."""


@pytest.mark.model
@pytest.mark.parametrize("has_index", [True, False])
def test_the_first_answer_comes_soon(seeds_index: Path, tmp_path: Path, has_index: bool) -> None:
    """As by `make run` on a machine that is set up; `pytest -s` shows how soon."""
    began = time.monotonic()
    subprocess.run([sys.executable, "-c", "import gradio"], check=True, env=environment())
    imported = time.monotonic() - began
    index = seeds_index if has_index else tmp_path / "index"
    began = time.monotonic()
    with started(str(ROOT / "app.py"), "--index", str(index)) as (_, address, lines):
        opened = time.monotonic() - began
        assert ask(address).status_code == 200
        answered = time.monotonic() - began
    assert any("There is no index in" in line for line in lines) is not has_index
    print(
        f"index {'present' if has_index else 'absent'}: open {opened:.1f} s, answer {answered:.1f} s "
        f"(importing Gradio alone {imported:.1f} s)"
    )
    assert answered <= max(LONGEST_START_SECONDS, LONGEST_START_IMPORTS * imported)


@pytest.mark.parametrize(("host", "port"), [("127.0.0.1", "taken"), ("no.such.host.invalid", None)])
def test_check_names_an_address_that_cannot_be_used(host: str, port: str | None) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        number = other.getsockname()[1] if port else None
        with pytest.raises(AddressUnavailable, match=f"cannot listen on {host}"):
            check(host, number, Service(seeds=SEEDS))

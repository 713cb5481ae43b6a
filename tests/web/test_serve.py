"""`rag serve` and `app.py`, as a user starts and ends them."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from support.doubles import ROOT, SEEDS

import rag
from rag.cli import main
from rag.errors import AddressUnavailable, SetupError
from rag.i18n.translator import Translator
from rag.web.application import Service
from rag.web.serve import check, serve, service_of

SERVE = ["-m", "rag", "serve"]


def environment(**more: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("RAG_")}
    return kept | {"RAG_SEEDS": str(SEEDS), "PYTHONPATH": str(ROOT), **more}


@contextmanager
def started(
    *arguments: str, folder: Path | None = None, **more: str
) -> Iterator[tuple[Any, str, list[str]]]:
    """Start a server as from a terminal; yields its process, its address and the lines it has printed."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = str(free.getsockname()[1])
    with subprocess.Popen(
        [sys.executable, *arguments, "--port", port],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env=environment(**more),
        cwd=folder,
        # A process that a shell starts in the background, as a test run may be, ignores Ctrl-C.
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


# Refused options


@pytest.mark.parametrize(
    ("arguments", "more", "message"),
    [
        (["--admin"], {}, "--admin needs a password. Set RAG_ADMIN_PASSWORD"),
        (["--admin"], {"RAG_ADMIN_PASSWORD": ""}, "--admin needs a password. Set RAG_ADMIN_PASSWORD"),
        (
            ["--admin", "--host", "0.0.0.0"],
            {"RAG_ADMIN_PASSWORD": "x"},
            "--admin serves the admin page on this machine only, but --host is 0.0.0.0.",
        ),
        (
            ["--admin", "--host", "news.example"],
            {"RAG_ADMIN_PASSWORD": "x"},
            "add --admin-anywhere",
        ),
        ([], {"RAG_LLM_URL": "no address"}, "Set it to the base of the API"),
    ],
)
def test_unsafe_options_are_refused_before_anything_is_built(
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
def test_questions_that_are_no_whole_number_are_refused(
    number: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["serve", "--questions", number])
    assert "must be a whole number of at least 0" in capsys.readouterr().err


def test_without_the_package_mcp_the_message_has_the_command(
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


def test_service_of_options_and_environment(monkeypatch: pytest.MonkeyPatch) -> None:
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


@pytest.mark.parametrize(
    ("contact", "is_address"),
    [
        ("desk@news.example", True),
        ("https://news.example/about", True),
        ("", True),
        ("news.example", False),
        ("javascript:alert(1)", False),
        ("desk@news.example?cc=all@news.example", False),
        ("a@b c@d", False),
    ],
)
def test_contact_is_an_address_of_mail_or_of_the_web(
    contact: str, is_address: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RAG_CONTACT", contact)
    if is_address:
        assert service_of("127.0.0.1", **SERVICE).contact == contact
    else:
        with pytest.raises(SetupError, match=r"RAG_CONTACT is .* neither a mail address"):
            service_of("127.0.0.1", **SERVICE)


def test_title_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAG_TITLE", " Harbour\n News ")
    assert service_of("127.0.0.1", **SERVICE).title == "Harbour News"


# From the start to the end


@pytest.mark.model
def test_server_prints_its_addresses_answers_and_ends_with_ctrl_c(
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
            f"Add articles at {address}admin/.\n",
            f"The MCP server is at {address}gradio_api/mcp/.\n",
            f"The page is open at {address} (Ctrl-C ends it).\n",
        ]
        assert ask(address).json()["data"][0]["text"] == "约6700"
        assert httpx.get(address, headers={"Host": "news.example"}).status_code == 200
        assert httpx.get(address, headers={"Host": "evil.example"}).status_code == 421
        heart = f"{address}gradio_api/heartbeat/s"
        with httpx.stream("GET", heart) as beating, httpx.Client() as browser:
            assert next(beating.iter_lines()), "an open page holds a connection"
            browser.get(address)
            process.send_signal(signal.SIGINT)
            assert process.wait(30) == 0, "it does not wait for the connection to end"
        assert process.stdout.read() == ""


@pytest.mark.model
def test_foreign_app_in_the_working_directory_is_not_served(seeds_index: Path, tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text("raise SystemExit('a foreign app')")
    with started(*SERVE, "--index", str(seeds_index), folder=tmp_path) as (_, address, lines):
        assert "foreign" not in "".join(lines)
        assert httpx.get(address).status_code == 200


def test_addresses_are_printed_in_the_language_of_the_translator(
    small: rag.Assistant, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)

    stop = threading.Event()
    stop.set()
    serve(small, "127.0.0.1", 0, Service(mcp=True), Translator("zh-Hans"), stop)
    mcp, page = capsys.readouterr().out.splitlines()
    assert mcp.startswith("MCP 服务：http://127.0.0.1:")
    assert page.startswith("页面地址：http://127.0.0.1:")


@pytest.mark.model
def test_ctrl_c_during_start_ends_the_server(seeds_index: Path) -> None:
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
"""On a busy machine the start may take longer, in proportion to the import of Gradio."""


@pytest.mark.model
@pytest.mark.parametrize("has_index", [True, False])
def test_first_answer_comes_within_seconds(seeds_index: Path, tmp_path: Path, has_index: bool) -> None:
    """As by `make run` on a machine that is set up; `pytest -s` prints the times."""
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

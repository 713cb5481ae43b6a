"""docs/api.md: its examples run and print what it says."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from support.browser import served
from support.doubles import ROOT

import rag
from rag.i18n.translator import catalogue

DOCUMENT = (ROOT / "docs" / "api.md").read_text("utf-8")
BLOCK = re.compile(
    r"^```(python|console)\n(.*?)^```\n(?:\n```text\n(.*?)^```\n)?", re.DOTALL | re.MULTILINE
)


@pytest.fixture(scope="module")
def address(assistant: rag.Assistant) -> Iterator[str]:
    """The five seeds, without a password."""
    with served(assistant, mcp=True) as address:
        yield address


@pytest.fixture(scope="module")
def locked_address(assistant: rag.Assistant) -> Iterator[str]:
    """The five seeds, with the password "secret"."""
    with served(assistant, password="secret") as address:
        yield address


def examples() -> Iterator[Any]:
    parts = re.split(r"^## (.+)\n", DOCUMENT, flags=re.MULTILINE)
    for heading, text in zip(parts[1::2], parts[2::2], strict=True):
        for number, (language, code, output) in enumerate(BLOCK.findall(text)):
            yield pytest.param(heading, language, code, output, id=f"{heading}-{number}")


def matches(output: str, documented: str) -> bool:
    """Whether the output is the documented one, in which … stands for anything."""
    pattern = ".*".join(re.escape(part) for part in documented.strip().split("…"))
    return re.fullmatch(pattern, output.strip(), re.DOTALL) is not None


@pytest.mark.model
@pytest.mark.parametrize(("heading", "language", "code", "output"), [*examples()])
def test_example_prints_what_the_documentation_says(
    address: str, locked_address: str, heading: str, language: str, code: str, output: str
) -> None:
    server = locked_address if heading == "With a password" else address
    code = code.replace("http://127.0.0.1:7860/", server)
    if language == "python":
        assert output, "every example has its output"
        steps = [([sys.executable, "-c", code], output)]
    else:
        parts = re.split(r"^\$ (.+)\n", code, flags=re.MULTILINE)
        steps = [
            (["sh", "-c", command], documented)
            for command, documented in zip(parts[1::2], parts[2::2], strict=True)
        ]
    for command, documented in steps:
        done = subprocess.run(command, capture_output=True, text=True, timeout=120)
        assert done.returncode == 0, done.stderr
        assert matches(done.stdout, documented), f"{command}\n{done.stdout}"


def test_documentation_has_examples_of_all_kinds() -> None:
    found = [(param.values[0], param.values[1]) for param in examples()]
    assert len(found) == len(re.findall(r"^```(?:python|console)$", DOCUMENT, re.MULTILINE)) == 7
    config = json.loads(re.findall(r"^```json\n(.*?)^```", DOCUMENT, re.DOTALL | re.MULTILINE)[0])
    assert config["mcpServers"]["news-archive"]["url"].endswith("/gradio_api/mcp/")
    assert not matches("a", "b")


def test_documentation_lists_every_code_of_a_refusal() -> None:
    source = "".join(path.read_text("utf-8") for path in (ROOT / "rag/web/security").glob("*.py"))
    codes = set(re.findall(r'Refusal\(\s*\d+, "([a-z-]+)"', source)) | {"too-many-questions"}
    assert len(codes) > 12
    assert codes - {"too-many-questions"} <= {key.partition(".")[2] for key in catalogue("en")}
    assert all(f"`{code}`" in DOCUMENT for code in codes)

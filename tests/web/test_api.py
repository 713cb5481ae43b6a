"""What programs are told: docs/api.md as it is written, the endpoints, the MCP server, limits, passwords, the log."""

from __future__ import annotations

import asyncio
import base64
import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from support.browser import served
from support.doubles import ROOT, SEEDS, HashEncoder, PatternReader

import rag
from rag.web import error_log
from rag.web.security.gradio_routes import Calls, Event

SECRET = {"Authorization": "Bearer secret"}
OTHER = {"Authorization": "Bearer other"}
BASIC = {"Authorization": f"Basic {base64.b64encode(b'anyone:secret').decode()}"}
INSIDE = re.compile(r"site-packages|Traceback|/(?:work|tmp|root|home|usr|var)/|\.py\b")
ASKED = "集装箱的弹药 zq"
LATER = "The archive cannot answer just now. Try again later."
NAMES = ["search", "ask", "get_article"]


@pytest.fixture
def small(index: Path) -> rag.Assistant:
    return rag.load(index, HashEncoder(), PatternReader())


@pytest.fixture(scope="module")
def address(assistant: rag.Assistant) -> Iterator[str]:
    """Open to all, over the five seeds."""
    with served(assistant, mcp=True) as address:
        yield address


@pytest.fixture(scope="module")
def locked(assistant: rag.Assistant) -> Iterator[str]:
    """The same with a password."""
    with served(assistant, mcp=True, password="secret", admin_password="other") as address:
        yield address


def program(address: str, headers: dict[str, str] | None = None) -> Any:
    from gradio_client import Client

    return Client(address, headers=headers, verbose=False)


def talk(address: str, what: Callable[[Any], Any], headers: dict[str, str] | None = None) -> Any:
    """Open an MCP session, do something in it and return what that gives."""
    from mcp import ClientSession
    from mcp.client.streamable_http import streamable_http_client

    async def session() -> Any:
        url = f"{address}gradio_api/mcp/"
        async with (
            httpx.AsyncClient(headers=headers, timeout=30) as client,
            streamable_http_client(url, http_client=client) as (read, write, _),
            ClientSession(read, write) as talking,
        ):
            await talking.initialize()
            return await what(talking)

    return asyncio.run(asyncio.wait_for(session(), 60))


def use(address: str, name: str, headers: dict[str, str] | None = None, **arguments: Any) -> Any:
    return talk(address, lambda session: session.call_tool(name, arguments), headers)


def run(address: str, name: str, *data: Any, **options: Any) -> httpx.Response:
    url = f"{address}gradio_api/run/{name}"
    return httpx.post(url, json={"data": list(data)}, timeout=60, **options)


def event(address: str, name: str, data: list[Any], **options: Any) -> tuple[int, str]:
    """Start an event of the page as its script does, and wait for what comes of it."""
    fns = httpx.get(f"{address}config", **options).json()["dependencies"]
    number = next(fn["id"] for fn in fns if fn["api_name"] == name)
    body = {"data": data, "fn_index": number, "session_hash": "s"}
    joined = httpx.post(f"{address}gradio_api/queue/join", json=body, **options)
    if joined.status_code != 200:
        return joined.status_code, joined.text
    url = f"{address}gradio_api/queue/data?session_hash=s"
    with httpx.stream("GET", url, timeout=60, **options) as stream:
        for line in stream.iter_lines():
            if "process_completed" in line:
                return 200, json.loads(line.removeprefix("data:"))["output"]
    raise AssertionError


# The documentation

BLOCK = re.compile(
    r"^```(python|console)\n(.*?)^```\n(?:\n```text\n(.*?)^```\n)?", re.DOTALL | re.MULTILINE
)


def examples() -> Iterator[Any]:
    parts = re.split(r"^## (.+)\n", (ROOT / "docs" / "api.md").read_text("utf-8"), flags=re.MULTILINE)
    for heading, text in zip(parts[1::2], parts[2::2], strict=True):
        for number, (language, code, printed) in enumerate(BLOCK.findall(text)):
            yield pytest.param(heading, language, code, printed, id=f"{heading}-{number}")


def same(printed: str, said: str) -> bool:
    """Whether a program printed what the text says, in which … stands for anything."""
    pattern = ".*".join(re.escape(part) for part in said.strip().split("…"))
    return re.fullmatch(pattern, printed.strip(), re.DOTALL) is not None


@pytest.mark.model
@pytest.mark.parametrize(("heading", "language", "code", "printed"), examples())
def test_the_documentation_prints_what_it_says(
    address: str, locked: str, heading: str, language: str, code: str, printed: str
) -> None:
    at = locked if heading == "With a password" else address
    code = code.replace("http://127.0.0.1:7860/", at)
    if language == "python":
        assert printed, "every example says what it prints"
        steps = [([sys.executable, "-c", code], printed)]
    else:
        parts = re.split(r"^\$ (.+)\n", code, flags=re.MULTILINE)
        steps = [
            (["sh", "-c", command], said)
            for command, said in zip(parts[1::2], parts[2::2], strict=True)
        ]
    for command, said in steps:
        done = subprocess.run(command, capture_output=True, text=True, timeout=120)
        assert done.returncode == 0, done.stderr
        assert same(done.stdout, said), f"{command}\n{done.stdout}"


def test_the_documentation_has_examples_of_all_kinds() -> None:
    text = (ROOT / "docs" / "api.md").read_text("utf-8")
    found = [(param.values[0], param.values[1]) for param in examples()]
    assert len(found) == len(re.findall(r"^```(?:python|console)$", text, re.MULTILINE)) == 6
    config = json.loads(re.findall(r"^```json\n(.*?)^```", text, re.DOTALL | re.MULTILINE)[0])
    assert config["mcpServers"]["news-archive"]["url"].endswith("/gradio_api/mcp/")
    assert not same("a", "b")


# The endpoints


def test_three_endpoints_have_types(small: rag.Assistant) -> None:
    with served(small) as address:
        api = program(address).view_api(return_format="dict", print_info=False)
    named = api["named_endpoints"]
    assert (list(named), api["unnamed_endpoints"]) == ([f"/{name}" for name in NAMES], {})
    assert "Any" not in json.dumps(api)
    schemas = [named[f"/{name}"]["returns"][0]["type"] for name in NAMES]
    hit, answer, article = schemas[0]["items"], schemas[1], schemas[2]
    assert set(hit["required"]) == {"passage", "score", "highlight", "reprints"}
    assert hit["properties"]["passage"]["properties"]["published"] == {
        "oneOf": [{"type": "null"}, {"type": "string"}]
    }
    assert hit["properties"]["reprints"]["items"]["properties"]["title"] == {"type": "string"}
    assert answer["properties"]["hits"]["items"] == hit
    assert answer["properties"]["alternatives"]["items"]["properties"]["hit"] == hit
    assert set(article["required"]) == {"id", "title", "url", "text", "published", "source", "language"}


@pytest.mark.model
def test_what_comes_back_is_what_the_documentation_says(address: str) -> None:
    client = program(address)
    hits = client.predict("朝鲜的弹药", 50, api_name="/search")
    assert hits == client.predict("朝鲜的弹药", 50.0, api_name="/search")
    assert 5 < len(hits) <= 50
    answer = client.predict("how many containers did Pyongyang ship?", api_name="/ask")
    assert (
        answer["text"] == answer["hit"]["passage"]["text"][answer["start"] : answer["end"]] == "约6700"
    )
    assert len(answer["hits"]) == 5
    other = answer["alternatives"][0]
    assert other["text"] == other["hit"]["passage"]["text"][other["start"] : other["end"]]
    whole = {article.id: article for article in rag.read_seeds(SEEDS)}
    for name, article in whole.items():
        assert client.predict(name, api_name="/get_article") == rag.types.to_json(article)
    passage = hits[0]["passage"]
    assert whole[passage["article_id"]].text[passage["start"] : passage["end"]] == passage["text"]


@pytest.mark.model
def test_filters_keep_what_passes_them(address: str) -> None:
    def found(**filters: str) -> set[str]:
        data = ["朝鲜", 50, *(filters.get(name) for name in ("source", "since", "until", "language"))]
        (hits,) = run(address, "search", *data).json()["data"]
        return {f"{hit['passage']['source']} {hit['passage']['published'][:10]}" for hit in hits}

    everything = found()
    assert (
        found(source="www.rfi.fr") == {entry for entry in everything if "www.rfi.fr" in entry} != set()
    )
    assert found(since="2024-01-04", until="2024-01-04") == {"www.rfi.fr 2024-01-04"}
    assert found(since="", until="", source="", language="") == everything
    assert found(language="zh") == everything
    assert found(language="fr") == set()


WRONG = [
    (("", 5), "The question is empty"),
    (("  ", 5), "The question is empty"),
    (("问" * 10_001, 5), "10,001 characters"),
    ((None, 5), "The question is not text but NoneType"),
    ((7, 5), "The question is not text but int"),
    (({"path": "/etc/passwd"}, 5), "The question is not text but dict"),
    ((["x"], 5), "The question is not text but list"),
    ((ASKED, 0), "k must be at least 1, not 0"),
    ((ASKED, -1), "k must be at least 1, not -1"),
    ((ASKED, 51), "k must be at most 50, not 51"),
    ((ASKED, 1e300), "k must be at most 50, not 1000"),
    ((ASKED, 1.5), "k must be a whole number, not 1.5"),
    ((ASKED, "x"), "k must be a whole number, not 'x'"),
    ((ASKED, "x" * 9999), "k must be a whole number, not 'xxx"),
    ((ASKED, True), "k must be a whole number, not True"),
    ((ASKED, [1]), "k must be a whole number, not"),
    ((ASKED, 1, 7), "source must be text, not 7"),
    ((ASKED, 1, None, "yesterday"), "a day must be like 2024-03-06, not 'yesterday'"),
    ((ASKED, 1, None, "2024-13-01"), "a day must be like 2024-03-06, not '2024-13-01'"),
    ((ASKED, 1, None, None, 20240306), "a day must be like 2024-03-06, not 20240306"),
    ((ASKED, 1, None, None, None, ["zh"]), "language must be text, not ['zh']"),
]


def test_what_is_wrong_is_said_in_a_plain_sentence(
    small: rag.Assistant, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    with served(small) as address:
        for data, message in WRONG:
            answer = run(address, "search", *data, *[None] * (6 - len(data)))
            error = answer.json()["error"]
            assert (answer.status_code, message in error) == (500, True), error
            assert len(error) < 200
            assert not INSIDE.search(error)
        for identifier, message in (
            ("nothing", "There is no article 'nothing' in the archive."),
            ("../pyproject.toml", "There is no article '../pyproject.toml' in the archive."),
            ("x" * 9999, "There is no article 'xxx"),
            ({"path": "/etc/passwd"}, "article_id must be text, not {"),
            (None, "article_id must be text, not None"),
        ):
            assert message in run(address, "get_article", identifier).json()["error"]
        assert len(run(address, "search", ASKED, *[None] * 5).json()["data"][0]) == 3, "k is 5 then"
    assert capfd.readouterr() == ("", "")
    assert [record for record in caplog.records if record.name != "httpx"] == []


def test_gradio_client_raises_the_sentence(small: rag.Assistant) -> None:
    from gradio_client.exceptions import AppError

    with served(small) as address:
        client = program(address)
        with pytest.raises(AppError, match="k must be at least 1, not 0"):
            client.predict(ASKED, 0, api_name="/search")
        with pytest.raises(AppError, match="There is no article 'x'"):
            client.predict("x", api_name="/get_article")


MISSHAPEN = [
    ("run/search", {"data": [ASKED]}, 400),
    ("run/search", {"data": [ASKED] * 7}, 400),
    ("run/search", {"data": ASKED}, 400),
    ("run/search", {"question": ASKED}, 400),
    ("run/search", [ASKED], 404),
    ("run/nothing", {"data": [ASKED]}, 404),
    ("run/respond", {"data": [ASKED]}, 404),
    ("run/search", {"data": [ASKED], "fn_index": 0}, 404),
    ("run/predict", {"data": [ASKED], "fn_index": 99}, 404),
    ("call/search", {"data": [ASKED]}, 400),
    ("call/nothing", {"data": [ASKED]}, 404),
    ("call/v2/search", {"questions": ASKED}, 400),
    ("call/v2/search", {"k": 1}, 400),
    ("call/v2/nothing", {"question": ASKED}, 404),
    ("queue/join", {"data": [ASKED], "fn_index": 99, "session_hash": "s"}, 404),
    ("queue/join", {"data": [ASKED], "fn_index": "3", "session_hash": "s"}, 404),
    ("queue/join", {"data": [ASKED], "fn_index": True, "session_hash": "s"}, 404),
    ("queue/join", {"data": [ASKED], "fn_index": 3.0, "session_hash": "s"}, 404),
    ("queue/join", {"data": [ASKED], "session_hash": "s"}, 404),
    ("queue/join", {"data": [ASKED, ASKED], "fn_index": 3, "session_hash": "s"}, 400),
    ("queue/join", {"data": [ASKED], "fn_index": 4, "session_hash": "s"}, 400),
    ("mcp/", [{"method": "tools/call"}], 400),
    (
        "mcp/",
        {
            "jsonrpc": "2.0",
            "id": 1,
            "method": "tools/call",
            "params": {"name": "search", "arguments": ASKED},
        },
        400,
    ),
    ("mcp/", {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": ASKED}, 400),
]


def test_what_starts_nothing_is_said_and_not_logged(
    small: rag.Assistant, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    """Gradio would print what it received, and a page of its own calls."""
    with served(small, mcp=True) as address:
        for path, body, status in MISSHAPEN:
            answer = httpx.post(f"{address}gradio_api/{path}", json=body)
            assert (answer.status_code, list(answer.json())) == (status, ["detail"]), f"{path} {body}"
            assert ASKED not in answer.text
        use(address, ASKED, question=ASKED)
    assert "".join(capfd.readouterr()) == ""
    assert ASKED not in caplog.text


def test_calls_that_ask_are_told_from_those_that_do_not() -> None:
    calls = Calls([Event(4, ("question",), ("question",), "ask"), Event(3, ("view",))])

    def asks(path: str, **body: Any) -> bool:
        return calls.is_question(f"/gradio_api/{path}", body)

    assert asks("queue/join", fn_index=4)
    assert asks("run/predict", fn_index=4)
    assert asks("run/ask")
    assert asks("call/ask/")
    assert asks("call/v2/ask", question="x", fn_index=3)
    assert asks("mcp/http", method="tools/call")
    assert not asks("queue/join", fn_index=3), "the page counts its own"
    assert not asks("mcp", method="tools/list")
    assert not asks("reset", session_hash="x")


# What fails


class Broken:
    """An assistant in which everything fails, in words that hold what was asked and where it runs."""

    def __init__(self, real: rag.Assistant) -> None:
        self._real = real

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)

    def search(self, question: str, *_: object, **__: object) -> Any:
        raise RuntimeError(f"{question} in {__file__}") from KeyError(question)

    ask = article = read = search


def test_what_fails_is_told_to_all_alike_and_the_log_does_not_say_what_was_asked(
    small: rag.Assistant, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    broken: Any = Broken(small)
    with served(broken, mcp=True) as address:
        told = [
            run(address, "search", ASKED, *[None] * 5).text,
            run(address, "get_article", ASKED).text,
        ]
        told.append(json.dumps(event(address, "ask", [ASKED, *[None] * 4])[1]))
        failed = use(address, "ask", question=ASKED)
        assert (failed.isError, failed.content[0].text) == (True, LATER)
        assert all(LATER in text for text in told)
        shown = event(address, "respond", [f"?q={ASKED}"])[1]["data"][0]
        assert "error" in shown
        assert not INSIDE.search("".join([*told, shown]))
    logged = caplog.text + "".join(capfd.readouterr())
    assert logged.count("an endpoint failed: RuntimeError") == 4
    assert "a page could not be shown: RuntimeError" in logged
    assert Path(__file__).name in logged, "where it was is said"
    assert ASKED not in logged
    assert "集装箱" not in logged


def test_what_is_asked_is_not_logged(
    small: rag.Assistant, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    with served(small, mcp=True, questions=4) as address:
        for _ in range(2):
            run(address, "ask", ASKED, *[None] * 4)
            event(address, "respond", [f"?q={ASKED}"])
            use(address, "search", question=ASKED)
            httpx.get(f"{address}?q={ASKED}")
    assert "".join(capfd.readouterr()) == ""
    assert [
        record for record in caplog.records if record.name.split(".")[0] not in ("httpx", "mcp")
    ] == []


def test_where_an_error_was_is_said_without_its_words() -> None:
    try:
        try:
            raise KeyError("asked")
        except KeyError as error:
            raise RuntimeError("asked") from error
    except RuntimeError as error:
        told = error_log.where(error)
    assert re.sub(r'  File ".*\n    .*\n(?:    [ ~^]+\n)?', "", told).splitlines()[0] == "RuntimeError"
    assert "because of KeyError" in told
    assert Path(__file__).name in told
    assert error_log.where(None) == ""


# How often


def test_the_fourth_question_is_refused(small: rag.Assistant) -> None:
    with served(small, mcp=True, questions=3) as address:
        client = program(address, {"X-Forwarded-For": "203.0.113.1"})
        for _ in range(3):
            assert client.predict(ASKED, 1, api_name="/search")
        with pytest.raises(httpx.HTTPStatusError) as refused:
            client.predict(ASKED, 1, api_name="/search")
        check_refused(refused.value.response)

        answers = [run(address, "ask", ASKED, *[None] * 4) for _ in range(4)]
        assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
        check_refused(answers[3])
        command = f'curl -si {address}gradio_api/call/v2/ask --json \'{{"question": "x"}}\''
        printed = subprocess.run(["sh", "-c", command], capture_output=True, text=True).stdout
        assert printed.startswith("HTTP/1.1 429")
        assert "retry-after: 20" in printed

        async def ask_often(session: Any) -> list[Any]:
            await session.list_tools()
            return [await session.call_tool("ask", {"question": ASKED}) for _ in range(5)]

        results = talk(address, ask_often, {"X-Forwarded-For": "203.0.113.2"})
        assert [result.isError for result in results] == [False] * 3 + [True] * 2
        assert (
            results[3].content[0].text.startswith("You have asked more than 3 questions in a minute.")
        )


def check_refused(answer: httpx.Response) -> None:
    assert answer.status_code == 429
    assert answer.headers["retry-after"] == "20"
    assert answer.json()["detail"] == (
        "You have asked more than 3 questions in a minute. Wait 20 seconds and ask again."
    )


def test_all_ways_of_asking_count_together_and_the_page_says_so_in_its_language(
    small: rag.Assistant,
) -> None:
    with served(small, mcp=True, questions=3) as address:
        assert event(address, "search", [ASKED, *[None] * 5])[0] == 200, "as gradio_client asks"
        assert not use(address, "ask", question=ASKED).isError
        chinese = {"Cookie": "lang=zh-Hans"}
        assert "hit" in event(address, "respond", [f"?q={ASKED}"], headers=chinese)[1]["data"][0]
        assert "秒" in event(address, "respond", [f"?q={ASKED}"], headers=chinese)[1]["data"][0]
        english = event(address, "respond", [f"?q={ASKED}"], headers={"Cookie": "lang=en"})
        assert "second" in english[1]["data"][0]
        for name, count in (("search", 6), ("ask", 5), ("get_article", 1)):
            assert event(address, name, [ASKED] * count)[0] == 429
        assert "home" in event(address, "respond", [""])[1]["data"][0], "to look is not to ask"


def test_a_proxy_on_this_machine_tells_addresses_apart_and_no_other_does(
    small: rag.Assistant,
) -> None:
    import uvicorn

    from rag.web.application import Service, application

    application = application(small, Service(questions=1))
    wrapped = uvicorn.Config(application)
    wrapped.load()

    async def ask_from(address: str, told: str) -> int:
        transport = httpx.ASGITransport(wrapped.loaded_app, client=(address, 5000))
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
            body = {"data": ["nothing"]}
            path = "/gradio_api/run/get_article"
            return (await client.post(path, json=body, headers={"X-Forwarded-For": told})).status_code

    def statuses(address: str) -> list[int]:
        return [asyncio.run(ask_from(address, f"203.0.113.{n}")) for n in (1, 2, 1)]

    assert statuses("127.0.0.1") == [500, 500, 429]
    assert statuses("198.51.100.7") == [500, 429, 429], "whoever says it of himself is not believed"


# MCP


def test_there_is_no_mcp_unless_it_is_asked_for(small: rag.Assistant) -> None:
    with served(small) as address:
        for method in ("GET", "POST", "DELETE"):
            for path in ("mcp", "mcp/", "mcp/http/", "mcp/schema"):
                answer = httpx.request(
                    method, f"{address}gradio_api/{path}", json={"method": "initialize"}
                )
                assert answer.status_code == 404, f"{method} {path}"


@pytest.mark.model
def test_an_agent_finds_and_uses_the_tools(address: str) -> None:
    tools = talk(address, lambda session: session.list_tools()).tools
    assert [tool.name for tool in tools] == NAMES
    for tool in tools:
        assert tool.description[0].isupper()
        assert tool.description.endswith(".")
        assert all("description" in of for of in tool.inputSchema["properties"].values())
    assert tools[0].inputSchema["required"] == ["question"]
    assert list(tools[0].inputSchema["properties"]) == [
        "question", "k", "source", "since", "until", "language",
    ]  # fmt: skip
    assert tools[0].inputSchema["properties"]["k"]["default"] == 5
    assert tools[2].inputSchema["required"] == ["article_id"]

    def read(name: str, **arguments: Any) -> Any:
        result = use(address, name, **arguments)
        assert not result.isError
        return json.loads(result.content[0].text)

    (hit,) = read("search", question="朝鲜的弹药", k=1)
    assert set(hit) == {"passage", "score", "highlight", "reprints"}
    answer = read("ask", question="平壤运送了多少集装箱的弹药？", since="2024-01-01")
    assert answer["text"] == "约6700"
    article = read("get_article", article_id=hit["passage"]["article_id"])
    assert article == run(address, "get_article", hit["passage"]["article_id"]).json()["data"][0]
    for name, arguments, message in (
        ("search", {"question": "x", "k": 0}, "k must be at least 1, not 0"),
        ("search", {"question": "x", "since": "x"}, "a day must be like 2024-03-06, not 'x'"),
        ("ask", {"question": " "}, "The question is empty"),
        ("ask", {}, "'question' is a required property"),
        ("get_article", {"article_id": "x"}, "There is no article 'x' in the archive."),
    ):
        failed = use(address, name, **arguments)
        assert failed.isError
        assert message in failed.content[0].text
        assert failed.content[0].text[0] not in "'\""


@pytest.mark.model
def test_eight_agents_are_answered_at_once(address: str) -> None:
    async def ask_all(session: Any) -> list[Any]:
        calls = [session.call_tool("search", {"question": f"朝鲜 {n}", "k": n}) for n in range(1, 9)]
        return await asyncio.gather(*calls)

    results = talk(address, ask_all)
    assert [len(json.loads(result.content[0].text)) for result in results] == list(range(1, 9))


# Passwords

OPEN = [
    "", "archive", "config", "page.js", "theme.css", "manifest.json", "favicon.ico", "robots.txt",
    "gradio_api/info", "gradio_api/openapi.json", "gradio_api/app_id", "gradio_api/heartbeat/s",
    "gradio_api/queue/data?session_hash=s", "gradio_api/mcp/", "gradio_api/mcp/schema", "nothing",
]  # fmt: skip
POSTED = ["run/ask", "call/ask", "call/v2/ask", "queue/join", "cancel", "reset", "mcp/"]


def status(address: str, method: str, path: str, headers: dict[str, str]) -> int:
    json_body = {"data": []} if method == "POST" else None
    with httpx.stream(method, address + path, headers=headers, json=json_body, timeout=20) as answer:
        return answer.status_code


@pytest.mark.model
def test_with_a_password_nothing_answers_without_it_and_all_with_it(locked: str) -> None:
    page = httpx.get(locked, headers=SECRET).text
    assets = re.findall(r'(?:src|href)="\./(assets/[^"]+)"', page)
    assert assets
    requests = [("GET", path) for path in [*OPEN, *assets]]
    requests += [("POST", f"gradio_api/{path}") for path in POSTED]
    for method, path in requests:
        for wrong in ({}, {"Cookie": "password=secret"}):
            assert status(locked, method, path, wrong) == 401, path
        for right in (SECRET, BASIC):
            assert status(locked, method, path, right) != 401, path
    for wrong in (OTHER, {"Authorization": "Bearer Secret"}):
        assert status(locked, "GET", "config", wrong) == 401, "of which too many are not listened to"
    assert json.loads(use(locked, "search", SECRET, question="朝鲜", k=1).content[0].text)
    assert json.loads(use(locked, "search", BASIC, question="朝鲜", k=1).content[0].text)
    with pytest.raises(BaseException):  # noqa: B017 - a group of what the client raised
        talk(locked, lambda session: session.list_tools())


def test_each_password_opens_its_own_part(small: rag.Assistant, tmp_path: Path) -> None:
    desk = ["", "page.js", "config", "theme.css", "favicon.ico", "gradio_api/info"]
    service = {"password": "secret", "admin_password": "other", "seeds": tmp_path}
    with served(small, **service) as address:
        page = httpx.get(f"{address}admin/", headers=OTHER).text
        desk += re.findall(r'(?:src|href)="\./(assets/[^"]+)"', page)
        for number, path in enumerate(desk):
            visitor = {"X-Forwarded-For": f"203.0.113.{number}"}  # who is wrong too often is not heard
            assert status(address, "GET", f"admin/{path}", OTHER | visitor) == 200, path
            assert status(address, "GET", f"admin/{path}", SECRET | visitor) == 401, path
            assert status(address, "GET", path, OTHER | visitor) == 401, path


def test_the_desk_alone_has_a_password(small: rag.Assistant, tmp_path: Path) -> None:
    with served(small, admin_password="other", seeds=tmp_path) as address:
        assert [status(address, "GET", path, {}) for path in ("", "admin/")] == [200, 401]
        assert status(address, "POST", "admin/gradio_api/upload", {}) == 401


# What no answer holds


@contextmanager
def crawled(small: rag.Assistant, **service: Any) -> Iterator[list[httpx.Response]]:
    with served(small, **service) as address:
        yield [
            httpx.get(f"{address}{path}", headers=OTHER if "admin" in path else {})
            for path in crawl(bool(service.get("admin_password")))
        ]


def crawl(has_desk: bool) -> list[str]:
    paths = [path for path in OPEN if "heartbeat" not in path and "queue/data" not in path]
    paths += ["?view=api", "?__theme=dark", "?deep_link=x", "gradio_api/info?all_endpoints=true"]
    paths += ["config?deep_link=x", "gradio_api/heartbeat/", "gradio_api/file=/etc/passwd"]
    return paths + [f"admin/{path}" for path in paths] * has_desk


@pytest.mark.parametrize("password", ["", "other"])
def test_no_answer_names_a_file_of_this_machine(
    small: rag.Assistant, tmp_path: Path, password: str
) -> None:
    service = {"admin_password": password, "seeds": tmp_path, "mcp": True}
    with crawled(small, **service) as answers:
        assert sum(answer.status_code == 200 for answer in answers) > 10
        for answer in answers:
            text = re.sub(r"https?://[^\s\"'<]*", "", answer.text).replace("README.md", "")
            found = INSIDE.search(text)
            assert not found, f"{answer.url}: {text[max(0, found.start() - 80) : found.end() + 80]}"
            assert str(tmp_path) not in answer.text


def test_the_script_of_the_page_is_in_the_page_alone(small: rag.Assistant, tmp_path: Path) -> None:
    with served(small, mcp=True, admin_password="other", seeds=tmp_path) as address:
        for path, expected in (("", 1), ("archive", 1), ("admin/", 1), ("gradio_api/mcp/", 0)):
            page = httpx.get(address + path, headers=OTHER if path == "admin/" else {})
            assert page.text.count('<script src="page.js">') == expected, path


def test_the_names_of_this_server(small: rag.Assistant) -> None:
    with served(small, hosts=("news.example",)) as address:
        for host, expected in (("news.example", 200), ("localhost", 200), ("evil.example", 421)):
            assert httpx.get(address, headers={"Host": host}).status_code == expected
        behind = {
            "Host": "news.example",
            "X-Forwarded-Proto": "https",
            "Origin": "https://news.example",
        }
        assert '"root":"https://news.example"' in httpx.get(f"{address}config", headers=behind).text
        assert run(address, "get_article", "x", headers=behind).status_code == 500
        assert (
            run(
                address, "get_article", "x", headers=behind | {"Origin": "https://x.example"}
            ).status_code
            == 403
        )

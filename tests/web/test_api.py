"""The endpoints over HTTP: types, results, filters, errors, the rate limit."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from functools import partial
from typing import Any

import httpx
import pytest
from support.browser import served
from support.clients import MACHINE, call, call_tool, gradio_client, mcp_session, queue, run
from support.doubles import SEEDS

import rag
from rag.serialization import to_json
from rag.web import application as web_application
from rag.web.security.rate_limit import RateLimiter

QUESTION = "集装箱的弹药 zq"


@pytest.fixture(scope="module")
def address(assistant: rag.Assistant) -> Iterator[str]:
    """The five seeds, without a password."""
    with served(assistant) as address:
        yield address


def test_endpoints_have_typed_arguments_and_results(site: str) -> None:
    api = gradio_client(site).view_api(return_format="dict", print_info=False)
    named = api["named_endpoints"]
    assert (list(named), api["unnamed_endpoints"]) == (["/search", "/ask", "/get_article"], {})
    assert "Any" not in json.dumps(api)
    hits, answer, article = (endpoint["returns"][0]["type"] for endpoint in named.values())
    hit = hits["items"]
    assert set(hit["required"]) == {"passage", "score", "highlight", "reprints"}
    assert hit["properties"]["passage"]["properties"]["published"] == {
        "oneOf": [{"type": "null"}, {"type": "string"}]
    }
    assert hit["properties"]["reprints"]["items"]["properties"]["title"] == {"type": "string"}
    assert answer["properties"]["hits"]["items"] == hit
    assert answer["properties"]["alternatives"]["items"]["properties"]["hit"] == hit
    assert set(article["required"]) == {"id", "title", "url", "text", "published", "source", "language"}


@pytest.mark.model
def test_results_have_the_documented_fields(address: str) -> None:
    client = gradio_client(address)
    hits = client.predict("朝鲜的弹药", 50, api_name="/search")
    assert hits == client.predict("朝鲜的弹药", 50.0, api_name="/search")
    assert 5 < len(hits) <= 50
    answer = client.predict("朝鮮運送了幾多個貨櫃？", api_name="/ask")
    assert (
        answer["text"] == answer["hit"]["passage"]["text"][answer["start"] : answer["end"]] == "约6700"
    )
    assert len(answer["hits"]) == 5
    other = answer["alternatives"][0]
    assert other["text"] == other["hit"]["passage"]["text"][other["start"] : other["end"]]
    articles = {article.id: article for article in rag.read_seeds(SEEDS)}
    for name, article in articles.items():
        assert client.predict(name, api_name="/get_article") == to_json(article)
    passage = hits[0]["passage"]
    assert articles[passage["article_id"]].text[passage["start"] : passage["end"]] == passage["text"]


@pytest.mark.model
def test_filters_keep_matching_articles_only(address: str) -> None:
    def search(**filters: str | list[str]) -> set[str]:
        names = ("source", "since", "until", "language", "phrases", "without")
        data = ["朝鲜", 50, *(filters.get(name) for name in names)]
        (hits,) = call(address, "search", *data).json()["data"]
        return {f"{hit['passage']['source']} {hit['passage']['published'][:10]}" for hit in hits}

    everything = search()
    rfi = {entry for entry in everything if "www.rfi.fr" in entry}
    assert search(source="www.rfi.fr") == rfi != set()
    assert search(since="2024-01-04", until="2024-01-04") == {"www.rfi.fr 2024-01-04"}
    assert search(since="", until="", source="", language="") == everything
    assert search(language="zh") == everything
    assert search(language="fr") == set()
    assert search(phrases=["集装箱"], without=[]) | search(without=["集裝箱"]) == everything
    assert search(phrases=["集装箱"], without=["集裝箱"]) == set()


WRONG = [
    (("", 5), "Type a question"),
    (("  ", 5), "Type a question"),
    (("问" * 10_001, 5), "10,001 characters"),
    ((None, 5), "The question is not text but NoneType"),
    ((7, 5), "The question is not text but int"),
    (({"path": "/etc/passwd"}, 5), "The question is not text but dict"),
    ((["x"], 5), "The question is not text but list"),
    ((QUESTION, 0), "k must be at least 1, not 0"),
    ((QUESTION, -1), "k must be at least 1, not -1"),
    ((QUESTION, 51), "k must be at most 50, not 51"),
    ((QUESTION, 1e300), "k must be at most 50, not 1000"),
    ((QUESTION, 1.5), "k must be a whole number, not 1.5"),
    ((QUESTION, "x"), "k must be a whole number, not 'x'"),
    ((QUESTION, "x" * 9999), "k must be a whole number, not 'xxx"),
    ((QUESTION, True), "k must be a whole number, not True"),
    ((QUESTION, [1]), "k must be a whole number, not"),
    ((QUESTION, 1, 7), "source must be text, not 7"),
    ((QUESTION, 1, None, "yesterday"), "since must be a day such as 2024-03-06, not 'yesterday'"),
    ((QUESTION, 1, None, "2024-13-01"), "since must be a day such as 2024-03-06, not '2024-13-01'"),
    ((QUESTION, 1, None, None, 20240306), "until must be a day such as 2024-03-06, not 20240306"),
    ((QUESTION, 1, None, None, None, ["zh"]), "language must be text, not ['zh']"),
    ((QUESTION, 1, *[None] * 4, "word"), "phrases must be a list of at most 20 texts"),
    ((QUESTION, 1, *[None] * 4, ["x"] * 21), "phrases must be a list of at most 20 texts"),
    ((QUESTION, 1, *[None] * 4, ["x" * 201]), "phrases must be a list of at most 20 texts"),
    ((QUESTION, 1, *[None] * 5, {"x": 1}), "without must be a list of at most 20 texts"),
    ((QUESTION, 1, *[None] * 5, [7]), "without must be text, not 7"),
]


def test_wrong_arguments_are_explained_and_not_logged(
    site: str, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    for data, message in WRONG:
        response = call(site, "search", *data, *[None] * (8 - len(data)))
        error = response.json()["error"]
        assert (response.status_code, message in error) == (500, True), error
        assert len(error) < 200
        assert not MACHINE.search(error)
    for identifier, message in (
        ("nothing", "There is no article 'nothing' in the archive."),
        ("../pyproject.toml", "There is no article '../pyproject.toml' in the archive."),
        ("x" * 9999, "There is no article 'xxx"),
        ({"path": "/etc/passwd"}, "article_id must be text, not {"),
        (None, "article_id must be text, not None"),
    ):
        assert message in call(site, "get_article", identifier).json()["error"]
    surrogate = httpx.post(
        f"{site}gradio_api/run/get_article",
        content='{"data": ["\\ud800"]}',
        headers={"Content-Type": "application/json"},
    )
    assert "article_id must be text, not" in surrogate.json()["error"]
    assert len(call(site, "search", QUESTION, *[None] * 7).json()["data"][0]) == 3, "k is 5 then"
    assert capfd.readouterr() == ("", "")
    assert [record for record in caplog.records if record.name != "httpx"] == []


def test_gradio_client_raises_the_message(site: str) -> None:
    from gradio_client.exceptions import AppError

    client = gradio_client(site)
    with pytest.raises(AppError, match="k must be at least 1, not 0"):
        client.predict(QUESTION, 0, api_name="/search")
    with pytest.raises(AppError, match="There is no article 'x'"):
        client.predict("x", api_name="/get_article")


# The rate limit


@pytest.fixture
def frozen_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    """Restore no question while the test runs, however long it takes."""
    monkeypatch.setattr(web_application, "RateLimiter", partial(RateLimiter, clock=lambda: 0.0))


@pytest.mark.usefixtures("frozen_limit")
def test_question_beyond_the_limit_is_refused_in_every_protocol(small: rag.Assistant) -> None:
    with served(small, mcp=True, questions=3) as address:
        client = gradio_client(address, {"X-Forwarded-For": "203.0.113.1"})
        for _ in range(3):
            assert client.predict(QUESTION, 1, api_name="/search")
        with pytest.raises(httpx.HTTPStatusError) as refused:
            client.predict(QUESTION, 1, api_name="/search")
        check_refused(refused.value.response)

        responses = [call(address, "ask", QUESTION, *[None] * 6) for _ in range(4)]
        assert [response.status_code for response in responses] == [200, 200, 200, 429]
        check_refused(responses[3])
        command = f'curl -si {address}gradio_api/call/v2/ask --json \'{{"question": "x"}}\''
        printed = subprocess.run(["sh", "-c", command], capture_output=True, text=True).stdout
        assert printed.startswith("HTTP/1.1 429")
        assert "retry-after: 20" in printed

        async def ask_five_times(session: Any) -> list[Any]:
            await session.list_tools()
            return [await session.call_tool("ask", {"question": QUESTION}) for _ in range(5)]

        results = mcp_session(address, ask_five_times, {"X-Forwarded-For": "203.0.113.2"})
        assert [result.isError for result in results] == [False] * 3 + [True] * 2
        assert (
            results[3].content[0].text.startswith("Too many questions: the limit is 3 in 60 seconds.")
        )


def check_refused(response: httpx.Response) -> None:
    assert response.status_code == 429
    assert response.headers["retry-after"] == "20"
    assert response.json() == {
        "detail": "Too many questions: the limit is 3 in 60 seconds. Ask again in 20 seconds.",
        "code": "too-many-questions",
    }


@pytest.mark.usefixtures("frozen_limit")
def test_rate_limit_counts_all_ways_of_asking_together(small: rag.Assistant) -> None:
    with served(small, mcp=True, questions=3) as address:
        assert queue(address, "search", [QUESTION, *[None] * 7])[0] == 200, "as gradio_client asks"
        assert not call_tool(address, "ask", question=QUESTION).isError
        chinese = {"Cookie": "lang=zh-Hans"}
        view = [f"?q={QUESTION}"]
        assert "hit" in queue(address, "respond", view, headers=chinese)[1]["data"][0]
        assert "秒" in queue(address, "respond", view, headers=chinese)[1]["data"][0]
        english = queue(address, "respond", view, headers={"Cookie": "lang=en"})
        assert "second" in english[1]["data"][0]
        for name, count in (("search", 8), ("ask", 7), ("get_article", 1)):
            assert queue(address, name, [QUESTION] * count)[0] == 429
        assert "home" in queue(address, "respond", [""])[1]["data"][0], "a visit is no question"


def test_only_a_proxy_on_this_machine_names_the_address_of_the_visitor(small: rag.Assistant) -> None:
    import uvicorn

    from rag.web.application import Service, application

    config = uvicorn.Config(application(small, Service(questions=1)))
    config.load()

    async def ask_from(address: str, forwarded_for: str) -> int:
        transport = httpx.ASGITransport(config.loaded_app, client=(address, 5000))
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
            body, headers = {"data": ["nothing"]}, {"X-Forwarded-For": forwarded_for}
            path = "/gradio_api/run/get_article"
            return (await client.post(path, json=body, headers=headers)).status_code

    def statuses(address: str) -> list[int]:
        return [run(ask_from(address, f"203.0.113.{n}")) for n in (1, 2, 1)]

    assert statuses("127.0.0.1") == [500, 500, 429]
    assert statuses("198.51.100.7") == [500, 429, 429], "a visitor cannot choose the address"

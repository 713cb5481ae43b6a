"""The reading aid as its script gets it: the popup, and the words of an article."""

from __future__ import annotations

import json
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from support.doubles import HashEncoder, PatternReader, make_article

import rag
from rag.errors import DictionaryMissing
from rag.rendering.readings.dictionary import Dictionary
from rag.web.routes import dictionary as routes
from rag.web.security.paths import is_open
from rag.web.site import Site

STRANGE = "a/b #1?x=&日 \"'<i>.txt"
TEXT = "平壤向俄罗斯运送了约6700个集装箱<b>。"


@pytest.fixture(scope="module")
def assistant(tmp_path_factory: pytest.TempPathFactory) -> rag.Assistant:
    folder = tmp_path_factory.mktemp("dictionary") / "index"
    articles = [
        make_article(STRANGE, TEXT),
        make_article("hant", "頭髮和皇后在後面。", language="zh-Hant"),
        make_article("ja", "平壌から送った。", language="ja"),
    ]
    rag.build(articles, folder, HashEncoder())
    return rag.load(folder, HashEncoder(), PatternReader())


@pytest.fixture
def client(assistant: rag.Assistant) -> TestClient:
    app = FastAPI()
    routes.register(app, Site(assistant))
    return TestClient(app)


def words(client: TestClient, article: str, **headers: str) -> dict[str, Any]:
    response = client.get("/dictionary", params={"article": article}, headers=headers)
    assert response.status_code == 200
    return {word["text"]: word for word in response.json()["words"]}


def test_words_of_an_article_have_readings_and_senses(client: TestClient) -> None:
    found = words(client, STRANGE)
    assert list(found) == "平壤 向 俄罗斯 运送 了 约 个 集装箱".split()
    assert found["集装箱"]["readings"] == [
        {
            "simplified": "集装箱",
            "traditional": "集裝箱",
            "pinyin": "jí zhuāng xiāng",
            "senses": ["container (for shipping)"],
            "counters": [],
        }
    ]


def test_words_are_placed_in_the_runs_of_the_text(client: TestClient) -> None:
    content = client.get("/dictionary", params={"article": STRANGE}).json()
    assert list(content["runs"]) == ["平壤向俄罗斯运送了约", "个集装箱"]
    for run, places in content["runs"].items():
        assert "".join(content["words"][number]["text"] for _, number in places) == run
        assert all(run.startswith(content["words"][n]["text"], at) for at, n in places)


def test_words_of_a_traditional_article_are_read_in_its_script(client: TestClient) -> None:
    found = words(client, "hant")
    assert found["皇后"]["readings"][0]["senses"][0].startswith("empress")
    assert "頭髮" in found


@pytest.mark.parametrize(
    ("accepted", "name"),
    [
        ("", "Russia"),
        ("zh-TW,zh;q=0.9", "Russia"),
        ("zh-TW, FR-ca;q=0.9, en;q=0.8", "Russie"),
        ("*", "Russia"),
    ],
)
def test_words_have_names_in_the_first_language_of_the_browser_but_chinese(
    client: TestClient, accepted: str, name: str
) -> None:
    found = words(client, STRANGE, **{"accept-language": accepted})
    assert found["俄罗斯"]["names"] == [name]


def test_words_of_an_article_in_another_language_are_none(client: TestClient) -> None:
    assert words(client, "ja") == {}


def test_words_are_packed_for_browsers_that_unpack_them(client: TestClient) -> None:
    sizes = {}
    for encoding in ("gzip", "identity"):
        headers = {"accept-encoding": encoding}
        response = client.get("/dictionary", params={"article": STRANGE}, headers=headers)
        sizes[encoding] = int(response.headers["content-length"])
        assert json.loads(response.content)["words"]
    assert sizes["gzip"] < sizes["identity"] / 2


def test_words_are_sent_again_only_after_a_build_or_for_another_reader(client: TestClient) -> None:
    params = {"article": STRANGE}
    tag = client.get("/dictionary", params=params).headers["etag"]
    known = {"if-none-match": tag}
    assert client.get("/dictionary", params=params, headers=known).status_code == 304
    other = {**known, "accept-language": "zh-CN,fr;q=0.9"}
    assert client.get("/dictionary", params=params, headers=other).status_code == 200


def test_words_of_an_unknown_article_are_refused_in_the_language_of_the_page(
    client: TestClient,
) -> None:
    headers = {"accept-language": "zh-TW"}
    response = client.get("/dictionary", params={"article": "<b>"}, headers=headers)
    assert response.status_code == 404
    assert "文章" in response.json()["detail"]


def test_words_of_many_articles_at_once_are_refused(client: TestClient) -> None:
    statuses = [client.get("/dictionary?article=ja").status_code for _ in range(61)]
    assert statuses[:60] == [200] * 60
    response = client.get("/dictionary?article=ja")
    assert response.status_code == 429
    assert response.json()["detail"].startswith("Too many articles")


def test_popup_credits_the_dictionary_and_explains_the_keys(client: TestClient) -> None:
    html = client.get("/dictionary.html").text
    assert 'href="https://cc-cedict.org/"' in html
    assert "CC BY-SA 4.0" in html
    assert "arrow keys" in html


def test_aid_without_its_dictionary_names_the_extra(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def load() -> Dictionary:
        raise DictionaryMissing("dictionary-missing")

    monkeypatch.setattr(Dictionary, "load", load)
    for address in ("/dictionary.html", "/dictionary?article=hant"):
        response = client.get(address)
        assert response.status_code == 503
        assert "pip install 'news-archive-rag[dictionary]'" in response.json()["detail"]


@pytest.mark.parametrize("path", ["/dictionary", *(f"/dictionary.{e}" for e in ("html", "js", "css"))])
def test_aid_has_open_paths(client: TestClient, path: str) -> None:
    assert is_open("GET", path)
    assert not is_open("POST", path)
    assert client.get(path, params={"article": "ja"}).status_code == 200

"""Written answers of a real engine: llama.cpp's server with a model too small to answer well."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from support.doubles import HashEncoder, PatternReader, make_article
from support.llama import Llama, llama_server, missing

import rag
from rag.errors import WritingUnavailable
from rag.types import Article
from rag.writing.client import ChatClient
from rag.writing.prompts import Message

pytestmark = [pytest.mark.llm, pytest.mark.skipif(bool(missing()), reason=missing())]
TOKENS = 32
QUESTION = "how many containers did Pyongyang ship to Russia?"
TEXTS = [
    "Pyongyang shipped about 6,700 containers to Russia, the minister said in Seoul.",
    "Moscow has paid for the containers with food and oil, the minister said.",
]


def english() -> list[Article]:
    return [
        make_article(str(number), text, title="Containers", language="en")
        for number, text in enumerate(TEXTS)
    ]


@pytest.fixture(scope="module")
def llama() -> Iterator[Llama]:
    with llama_server() as llama:
        yield llama


@pytest.fixture(scope="module")
def location(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("english") / "index"
    rag.build(english(), folder, HashEncoder())
    return folder


def test_real_engine_streams_an_answer_whose_sentences_are_checked(
    llama: Llama, location: Path
) -> None:
    settings = llama.settings(max_tokens=TOKENS, first_seconds=400, total_seconds=500)
    assistant = rag.load(location, HashEncoder(), PatternReader("6,700"), settings)
    first, *_, last = assistant.stream(QUESTION)
    assert (first.sentences, first.is_complete) == ((), False)
    assert last.is_complete
    assert last.error is None or last.error.code == "llm-cut-off"
    assert last.sentences or last.is_unanswered or last.error
    for sentence in last.sentences:
        cites = set(sentence.citations)
        assert not sentence.is_sound or (cites and cites <= {1, 2})


def test_real_engine_refuses_what_its_context_cannot_hold(llama: Llama) -> None:
    asked = [Message("user", "container " * 5000)]
    with pytest.raises(WritingUnavailable) as caught:
        ChatClient(llama.settings()).complete(asked, 5)
    assert caught.value.code == "llm-too-long"


def test_end_of_a_real_engine_in_mid_sentence_is_survived(location: Path) -> None:
    with llama_server() as llama:
        pieces = ChatClient(llama.settings()).stream([Message("user", "Count to one hundred.")], 300)
        assert next(pieces)
        llama.kill()
        with pytest.raises(WritingUnavailable, match="broke off"):
            list(pieces)
        assistant = rag.load(location, HashEncoder(), PatternReader("6,700"), llama.settings())
    written = assistant.write(QUESTION)
    assert written.error is not None
    assert written.error.code == "llm-unreachable"
    assert assistant.ask(QUESTION).text == "6,700"

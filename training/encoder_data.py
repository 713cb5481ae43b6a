"""The texts that the default model is tuned on; see `train_encoder.py`.

Everything is read from the folder of the data, except the questions that were written for this
project, in `benchmarks/data`. Held back are XQuAD articles at odd positions and every tenth document of
NTREX, for the report, and a tenth of newsqa-train and of the written questions, for development.
"""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import rag.types
from benchmarks import sets
from rag.text import passages
from rag.types import Article

WRITTEN = Path(sets.__file__).parent / "data/encyclopedia.jsonl"
"""Questions in fifteen languages, written for this project on passages of CMRC 2018 train."""

XQUAD = "ar de el en es hi ro ru th tr vi zh".split()
DEVELOPMENT = 5
"""The remainder of the checksum of an article that is held back for development, divided by ten."""


class Paragraph(NamedTuple):
    """A paragraph with its questions, each with the start and end of its answer."""

    text: str
    questions: list[tuple[str, int, int]]


class Passage(NamedTuple):
    """A Chinese passage cut into windows, each a range of the text."""

    text: str
    windows: tuple[str, ...]


class Question(NamedTuple):
    """The same question in several languages, Chinese among them.

    `passage` is the text that answers it, None if there is none; `window` is the part of it with the
    answer.
    """

    texts: dict[str, str]
    passage: Passage | None = None
    window: str = ""
    answer: str = ""


def passage(text: str) -> Passage:
    return Passage(text, tuple(text[slice(*span)] for span in passages.windows(text)))


def news_questions(data: Path) -> tuple[list[Question], list[Question]]:
    """Return the questions of newsqa-train, and those of the articles held back for development."""
    train: list[Question] = []
    development: list[Question] = []
    for record in lines(data / "newsqa-train/questions.jsonl"):
        held_back = is_held_back(record["file"])
        (development if held_back else train).append(
            _answered(record["q"], record["text"], record["start"], record["answer"])
        )
        if not held_back and record["twin"]:
            train.append(Question(record["twin"]["q"]))
    return train, development


def written_questions(data: Path) -> tuple[list[Question], list[Question]]:
    """Return the questions in `WRITTEN`, and those held back for development."""
    train: list[Question] = []
    development: list[Question] = []
    for record, found in written(data):
        start = found.text.index(record["answer"])
        question = _answered(record["q"], found.text, start, record["answer"])
        (development if is_held_back(record["id"]) else train).append(question)
    return train, development


def news_articles(data: Path) -> dict[str, Article]:
    """Return the articles that questions on news were written for, by id: the news and CRUD news."""
    articles = {article.id: article for article in sets.news(data, small=False).articles()}
    for each in json.loads(read(data / "qa/crud-news/crud_news_qa_aligned.json.gz"))["data"]:
        for paragraph in each["paragraphs"]:
            name = f"crud-news/{paragraph['id']}"
            articles[name] = Article(name, "", "", paragraph["context"], None, "", "zh-Hans")
    return articles


def written(data: Path) -> Iterator[tuple[Any, rag.types.Passage]]:
    """Yield the records of `WRITTEN` with their passages."""
    contexts = cmrc(data)
    for record in lines(WRITTEN):
        cut = passages.split(contexts[record["id"]][0])
        yield record, next(each for each in cut if each.start == record["passage_start"])


def cmrc(data: Path) -> dict[str, tuple[Article, list[tuple[str, int, int]]]]:
    """Return the contexts of CMRC 2018 train and their questions, by the id of the first question."""
    content = json.loads(read(data / "cmrc2018/cmrc2018_train.json.gz"))
    found = {}
    for (paragraph,) in (each["paragraphs"] for each in content["data"]):
        name = paragraph["qas"][0]["id"]
        article = Article(name, "", "", paragraph["context"], None, "", "zh")
        found[name] = article, list(placed(paragraph))
    return found


def chinese_questions(data: Path, number: int = 500) -> list[Question]:
    """Return Chinese questions on some contexts of CMRC 2018 train that have no written question."""
    written = {record["id"] for record in lines(WRITTEN)}
    contexts = {name: found for name, found in cmrc(data).items() if name not in written}
    questions = []
    for name in sorted(contexts, key=lambda name: zlib.crc32(name.encode()))[:number]:
        article, asked = contexts[name]
        for passage in passages.split(article):
            for question, start, end in asked:
                if passage.start <= start and end <= passage.end:
                    answer = article.text[start:end]
                    questions.append(
                        _answered({"zh": question}, passage.text, start - passage.start, answer)
                    )
    return questions


def wikipedia_questions(data: Path) -> list[Question]:
    """Return the questions of squad2-zh-even and QALD-10."""
    questions = [
        Question(record["questions"])
        if record["unanswerable"]
        else _answered(record["questions"], record["context_zh"], record["start"], record["answer"])
        for record in lines(data / "qa/squad2-zh-even.jsonl.gz")
    ]
    for record in json.loads(read(data / "qa/qald/qald_10.json.gz"))["questions"]:
        texts = {each["language"]: each["string"] for each in record["question"]}
        if "zh" in texts:
            questions.append(Question(texts))
    return questions


def xquad_questions(data: Path) -> list[Question]:
    """Return the questions of XQuAD at even positions."""
    parallel = {name: xquad(data, name) for name in XQUAD}
    questions = []
    for at, paragraph in enumerate(parallel["zh"]):
        for number, (_, start, end) in enumerate(paragraph.questions):
            texts = {name: parallel[name][at].questions[number][0] for name in XQUAD}
            questions.append(_answered(texts, paragraph.text, start, paragraph.text[start:end]))
    return questions


def is_held_back(name: str) -> bool:
    return zlib.crc32(name.encode()) % 10 == DEVELOPMENT


def _answered(texts: dict[str, str], text: str, start: int, answer: str) -> Question:
    if not text.startswith(answer, start):
        return Question(texts)
    end = start + len(answer)
    spans = passages.windows(text)
    best = max(spans, key=lambda span: min(end, span[1]) - max(start, span[0]))
    return Question(texts, passage(text), text[slice(*best)], answer)


def xquad(data: Path, language: str) -> list[Paragraph]:
    """Return the paragraphs of the articles at even positions."""
    articles = squad(data / f"xquad/xquad.{language}.json")
    return [paragraph for article in articles[::2] for paragraph in article]


def read(path: Path) -> str:
    """Return the text of a file, which may be compressed."""
    content = path.read_bytes()
    return (gzip.decompress(content) if path.suffix == ".gz" else content).decode()


def lines(path: Path) -> Iterator[Any]:
    return map(json.loads, read(path).splitlines())


def squad(path: Path) -> list[list[Paragraph]]:
    """Return the articles of a SQuAD file as paragraphs with their questions."""
    articles: list[Any] = json.loads(read(path))["data"]
    return [
        [
            Paragraph(paragraph["context"], questions)
            for paragraph in article["paragraphs"]
            if (questions := list(placed(paragraph)))
        ]
        for article in articles
    ]


def placed(paragraph: Any) -> Iterator[tuple[str, int, int]]:
    """Yield questions with the start and end of their answer; 205 offsets of CMRC 2018 are wrong."""
    for qa in paragraph["qas"]:
        answer = qa["answers"][0]["text"]
        start = qa["answers"][0]["answer_start"]
        if not paragraph["context"].startswith(answer, start):
            start = paragraph["context"].find(answer)
        if start >= 0:
            yield qa["question"], start, start + len(answer)

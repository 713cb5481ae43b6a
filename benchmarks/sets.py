"""The benchmark sets: articles to index, and questions with the articles they should find.

Each is read from a folder of the data (`--data`); `benchmarks/README.md` lists the sources. The small
version of a set has few articles and questions, for a run of minutes.
"""

from __future__ import annotations

import csv
import gzip
import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

import rag
from rag.answering.sentences import LONGEST as LONGEST_OPEN
from rag.answering.span_boundaries import LONGEST
from rag.errors import SeedUnreadable
from rag.ingest import formats
from rag.ingest.records import Record
from rag.ingest.seeds import read_seeds

OPEN_KINDS = {"why", "how", "yes/no", "list", "comparison", "negation", "either/or"}
"""Kinds of questions that are answered with a sentence."""
LANGUAGES = "ar de el en es hi ro ru th tr vi zh".split()
POOL = (
    "xquad/xquad.zh.json",
    "cmrc2018/cmrc2018_dev.json",
    "drcd/DRCD_dev.json",
    "drcd/DRCD_test.json",
)


class Query(NamedTuple):
    """A question, its group in the report, the ids of right articles, and answer strings."""

    text: str
    group: str
    right: frozenset[str]
    answers: tuple[str, ...] = ()


class Question(NamedTuple):
    """A question on the news, and the strings accepted as its answer; none if it is unanswerable.

    `articles` are the ids of those that answer it. `is_fitted` is whether the confidence is fitted on
    it, `longest` how many characters an answer may have: more, if only a sentence can answer.
    """

    text: str
    language: str
    answers: tuple[str, ...]
    articles: frozenset[str] = frozenset()
    is_fitted: bool = False
    longest: int = LONGEST


class Gold(NamedTuple):
    """A question, the paragraph with its answer, and the answer."""

    language: str
    question: str
    paragraph: str
    answer: str


class Set(NamedTuple):
    """Articles to index, and the queries to run on them, by the name of their set.

    `absent` are queries to ask without the articles that answer half of them.
    """

    name: str
    articles: Callable[[], Iterable[rag.Article]]
    queries: dict[str, list[Query]]
    files: dict[str, Path]
    questions: Mapping[str, Sequence[Question]] = MappingProxyType({})
    gold: Sequence[Gold] = ()
    absent: Mapping[str, Sequence[Query]] = MappingProxyType({})

    def digest(self) -> str:
        """Return the SHA-256 of the names and contents of its files."""
        digest = hashlib.sha256()
        for name, path in sorted(self.files.items()):
            digest.update(name.encode() + hashlib.sha256(path.read_bytes()).digest())
        return digest.hexdigest()


def wikipedia(data: Path, small: bool) -> Set:
    """XQuAD in twelve languages and DRCD, over 3,088 paragraphs; small: half of XQuAD only."""
    pool = POOL[:1] if small else POOL
    queries = []
    chinese = list(_paragraphs(data / POOL[0]))
    for language in LANGUAGES:
        for number, (odd, qas, _) in enumerate(_paragraphs(data / f"xquad/xquad.{language}.json")):
            if small and not odd:
                continue
            group = f"{language}, odd" if odd else f"{language}, even"
            right = frozenset([f"{POOL[0]}#{number}"])
            pairs = list(zip(qas, chinese[number][1], strict=True))
            queries += [
                Query(qa["question"], group, right, (parallel["answers"][0]["text"],))
                for qa, parallel in (pairs[::6] if small else pairs)
            ]
    sets = {"XQuAD": queries}
    if not small:
        sets["DRCD"] = [
            Query(
                qa["question"],
                "zh-Hant",
                frozenset([f"{POOL[3]}#{number}"]),
                tuple(answer["text"] for answer in qa["answers"]),
            )
            for number, (_, qas, _) in enumerate(_paragraphs(data / POOL[3]))
            for qa in qas
        ]

    def articles() -> Iterator[rag.Article]:
        for name in pool:
            for number, (odd, _, text) in enumerate(_paragraphs(data / name)):
                if odd or not small:
                    yield rag.Article(f"{name}#{number}", "", "", text, None, "", "zh")

    names = {*pool, *(f"xquad/xquad.{language}.json" for language in LANGUAGES)}
    files = {name: data / name for name in names}
    languages = ("en", "zh") if small else LANGUAGES
    gold = [each for language in languages for each in _gold(data, language, 6 if small else 1)]
    name = "wikipedia-small" if small else "wikipedia"
    return Set(name, articles, sets, files, gold=gold, absent=_absent(sets, small))


def _absent(queries: Mapping[str, Sequence[Query]], small: bool) -> dict[str, Sequence[Query]]:
    """Return queries to ask of an archive without the articles that answer half of them."""
    if small:
        return {"XQuAD": [query for query in queries["XQuAD"] if query.group == "zh, odd"]}
    return {"DRCD": queries["DRCD"][1::10]}  # the confidence is fitted on even positions


def _gold(data: Path, language: str, step: int) -> list[Gold]:
    """Questions in one language on Chinese paragraphs of the articles at odd positions."""
    paragraphs = _paragraphs(data / f"xquad/xquad.{language}.json")
    chinese = _paragraphs(data / "xquad/xquad.zh.json")
    return [
        Gold(language, qa["question"], text, right["answers"][0]["text"])
        for (odd, qas, _), (_, rights, text) in zip(paragraphs, chinese, strict=True)
        if odd
        for qa, right in list(zip(qas, rights, strict=True))[::step]
    ]


def _paragraphs(path: Path) -> Iterator[tuple[bool, list[Any], str]]:
    for position, article in enumerate(json.loads(path.read_text(encoding="utf-8"))["data"]):
        for paragraph in article["paragraphs"]:
            yield position % 2 == 1, paragraph["qas"], paragraph["context"]


class Ntrex(NamedTuple):
    """The sentences of NTREX by language, such as "jpn"; line by line the same, with their documents.

    Every tenth document is held back for the report: nothing is trained on it.
    """

    files: dict[str, Path]
    sentences: dict[str, list[str]]
    held_back: list[bool]

    @classmethod
    def read(cls, data: Path) -> Ntrex:
        folder = data / "parallel/ntrex"
        files = {path.name: path for path in sorted(folder.glob("newstest2019-*"))}
        sentences = {}
        for name, path in files.items():
            content = path.read_bytes()
            text = gzip.decompress(content) if path.suffix == ".gz" else content
            sentences[name.split(".")[1]] = text.decode().splitlines()
        documents = (folder / "DOCUMENT_IDS.tsv").read_text(encoding="utf-8").split()
        number = {name: at for at, name in enumerate(dict.fromkeys(documents))}
        return cls(files, sentences, [number[name] % 10 == 0 for name in documents])


def sentences(data: Path, small: bool) -> Set:
    """Sentences of NTREX in other languages, each to find the same one in Chinese among all of them.

    They are those that are held back; small: every tenth of them.
    """
    ntrex = Ntrex.read(data)
    chosen = [at for at, held in enumerate(ntrex.held_back) if held][:: 10 if small else 1]
    queries = [
        Query(lines[at], language, frozenset([f"ntrex#{at}"]))
        for language, lines in ntrex.sentences.items()
        if not language.startswith("zho")
        for at in chosen
    ]

    def articles() -> Iterator[rag.Article]:
        for at, text in enumerate(ntrex.sentences["zho-CN"]):
            yield rag.Article(f"ntrex#{at}", "", "", text, None, "", "zh")

    return Set("sentences-small" if small else "sentences", articles, {"NTREX": queries}, ntrex.files)


def news(data: Path, small: bool) -> Set:
    """Questions and headline slugs of real news articles; small: of the five seeds only."""
    names = ["newsqa-dev"] if small else ["newsqa-dev", "newsqa-more"]
    paths = {name: data / name / "questions.jsonl" for name in names}
    asked = {name: _news_questions(path, small) for name, path in paths.items()}
    sets = {name: queries for name, (queries, _) in asked.items()}
    folders = [(data.parent / "seeds", "seeds/")]
    if not small:
        folders.insert(0, (data / "news-dev", ""))
        with (data / "slug-dev/pairs.tsv").open(encoding="utf-8", newline="") as lines:
            pairs = list(csv.reader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))[1:]
        sets["slug-dev"] = [Query(text, "en", frozenset([file])) for text, file in pairs]
    found = [
        (file, prefix + file.relative_to(folder).as_posix())
        for folder, prefix in folders
        for file in read_seeds(folder).paths()
    ]

    def articles() -> Iterator[rag.Article]:
        for file, name in found:
            try:
                yield formats.read(Record(name, file.read_bytes())).article
            except SeedUnreadable:
                continue

    files = {"questions.jsonl": paths.pop("newsqa-dev"), **{name: file for file, name in found}}
    files |= {f"{name}/questions.jsonl": path for name, path in paths.items()}
    questions = {name: questions for name, (_, questions) in asked.items()}
    return Set("news-small" if small else "news", articles, sets, files, questions)


def _news_questions(path: Path, small: bool) -> tuple[list[Query], list[Question]]:
    """Read the queries with a right article, and all questions; small: of the five seeds only."""
    queries, questions = [], []
    for line in path.read_text(encoding="utf-8").splitlines():
        question = json.loads(line)
        if small and question["answerable"] and not question["file"].startswith("seeds/"):
            continue
        text, language, answers = (question[name] for name in ("question", "lang", "answers"))
        is_fitted = int(question["id"][-1]) % 2 == 0
        is_open = {question["type"], question.get("form")} & OPEN_KINDS
        longest = LONGEST_OPEN if is_open else LONGEST
        right = frozenset([question["file"], *question.get("also", [])] if answers else [])
        questions.append(Question(text, language, tuple(answers), right, is_fitted, longest))
        if question["answerable"]:
            queries.append(Query(text, language, right, tuple(answers)))
    return queries, questions

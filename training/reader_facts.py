"""The questions, passages and answers that the reader is trained on, as facts.

Held back are XQuAD articles at odd positions and DRCD test, for the report, and a tenth of the news
articles, for development.
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks import sets
from rag.text import passages
from rag.types import Article, Passage
from training import encoder_data, generated_news
from training.fact import Fact

NEWS_WRITTEN = Path(sets.__file__).parent / "data/news.jsonl"
OTHER_LANGUAGES = {
    "ja": ("qa/jaquad/jaquad_train_000*", "qa/jsquad/valid*"),
    "ko": ("qa/tydiqa-lang/korean_tydiqa_train*",),
    "ru": ("qa/tydiqa-lang/russian_tydiqa_train*",),
    "ar": ("qa/tydiqa-lang/arabic_tydiqa_train*", "qa/arcd/arcd*"),
    "en": ("qa/tydiqa-lang/english_tydiqa_train*",),
    "id": ("qa/tydiqa-lang/indonesian_tydiqa_train*",),
    "fr": ("qa/piaf/piaf*",),
    "th": ("qa/iapp-thai/iapp_train*",),
}
FACTS_OF_A_LANGUAGE = 4000
HEXADECIMAL = re.compile("[0-9a-f]{16,}")
"""What stands in place of a title in one of the sets."""


def read_facts(data: Path) -> tuple[dict[str, list[Fact]], list[Fact]]:
    """Return the facts to train on by kind, and those of the news articles held back."""
    news, written = list(_news(data)), list(_news_written(data))
    parallel = [*_written(data), *_xquad(data), *_squad2(data)]
    chinese = [
        fact
        for name in ("cmrc2018/cmrc2018_dev.json", "cmrc2018/cmrc2018_trial.json", "drcd/DRCD_dev.json")
        for fact in _squad(data / name, "zh")
    ]
    chinese += _squad(data / "cmrc2018/cmrc2018_train.json.gz", "zh")
    chinese += _squad(data / "qa/crud-news/crud_news_qa_aligned.json.gz", "zh")
    rng = random.Random(0)
    others: list[Fact] = []
    for language, patterns in OTHER_LANGUAGES.items():
        paths = [path for pattern in patterns for path in sorted(data.glob(pattern))]
        found = [fact for path in paths for fact in _squad(path, language)]
        others += rng.sample(found, min(len(found), FACTS_OF_A_LANGUAGE))
    held_back = [fact for fact in [*news, *written] if is_held_back(fact)]
    facts = {
        "news": [fact for fact in news if not is_held_back(fact)],
        "written": [fact for fact in written if not is_held_back(fact)],
        "parallel": parallel,
        "chinese": chinese,
        "other languages": others,
        "generated": generated_news.facts(),
    }
    return facts, held_back


def held_back_facts(data: Path) -> list[Fact]:
    """Return the facts of the news articles that are held back."""
    return [fact for fact in [*_news(data), *_news_written(data)] if is_held_back(fact)]


def news_facts(data: Path) -> list[Fact]:
    """Return the facts of the news articles of `newsqa-train` that are trained on."""
    return [fact for fact in _news(data) if not is_held_back(fact)]


def is_held_back(fact: Fact) -> bool:
    return encoder_data.is_held_back(fact.passage.article_id)


def _news(data: Path) -> Iterator[Fact]:
    for record in encoder_data.lines(data / "newsqa-train/questions.jsonl"):
        published = None
        if record["date"]:
            published = datetime.fromisoformat(record["date"]).replace(tzinfo=UTC)
        article = Article(record["file"], record["title"], "", record["text"], published, "", "zh-Hans")
        passage = Passage.of(article, article.id, (0, len(article.text)))
        start = record["start"]
        if passage.text.startswith(record["answer"], start):
            twins = record["twin"]["q"] if record["twin"] else {}
            yield Fact(
                record["q"], passage, start, start + len(record["answer"]), twins, record["kind"]
            )


def _news_written(data: Path) -> Iterator[Fact]:
    articles = encoder_data.news_articles(data)
    cut: dict[str, dict[int, Passage]] = {}
    for record in encoder_data.lines(NEWS_WRITTEN):
        name = record["file"]
        if name not in cut:
            cut[name] = {passage.start: passage for passage in passages.split(articles[name])}
        passage = cut[name][record["passage_start"]]
        start, end = record["start"], record["start"] + len(record["answer"])
        twins = record["twin"]["q"] if "twin" in record else {}
        yield Fact(record["q"], passage, start, end, twins, record["kind"])


def _written(data: Path) -> Iterator[Fact]:
    for record, passage in encoder_data.written(data):
        start = passage.text.index(record["answer"])
        yield Fact(record["q"], passage, start, start + len(record["answer"]))


def _xquad(data: Path) -> Iterator[Fact]:
    parallel = {name: encoder_data.xquad(data, name) for name in encoder_data.XQUAD}
    for language in ("zh", "zh", "zh", "en", "ru", "de"):
        for at, paragraph in enumerate(parallel[language]):
            for number, (_, start, end) in enumerate(paragraph.questions):
                questions = {name: parallel[name][at].questions[number][0] for name in parallel}
                yield from _placed(
                    questions, Article("", "", "", paragraph.text, None, "", language), start, end
                )


def _squad2(data: Path) -> Iterator[Fact]:
    for record in encoder_data.lines(data / "qa/squad2-zh-even.jsonl.gz"):
        article = Article(record["article"], "", "", record["context_zh"], None, "", "zh-Hans")
        if record["unanswerable"]:
            rng = random.Random(record["id"])
            yield Fact(record["questions"], rng.choice(passages.split(article)))
        else:
            start = record["start"]
            yield from _placed(record["questions"], article, start, start + len(record["answer"]))


def _squad(path: Path, language: str) -> Iterator[Fact]:
    for article in json.loads(encoder_data.read(path))["data"]:
        for paragraph in article["paragraphs"]:
            text = Article(
                "",
                "" if HEXADECIMAL.fullmatch(title := article.get("title", "")) else title,
                "",
                paragraph["context"],
                None,
                "",
                language,
            )
            for question, start, end in encoder_data.placed(paragraph):
                yield from _placed({language: question}, text, start, end)


def _placed(questions: Mapping[str, str], article: Article, start: int, end: int) -> Iterator[Fact]:
    """Yield the fact on the passage of an article that holds the answer, if one does."""
    for passage in passages.split(article):
        if passage.start <= start and end <= passage.end:
            yield Fact(questions, passage, start - passage.start, end - passage.start)
            return


def nearest(
    facts: Mapping[str, Sequence[Fact]], encoder: Any, kinds: Sequence[str]
) -> dict[str, list[Passage]]:
    """Return for each passage of these kinds the most similar other ones, by text."""
    found: dict[str, list[Passage]] = {}
    for kind in kinds:
        known = {fact.passage.text: fact.passage for fact in facts[kind]}
        vectors = encoder.encode_passages(list(known))
        everything = list(known.values())
        for text, row in zip(known, vectors, strict=True):
            order = (-(vectors @ row)).argsort()[1:9]
            found[text] = [everything[number] for number in order]
    return found

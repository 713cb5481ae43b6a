"""The assistant in each of the stores."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from support.archives import wait_until
from support.doubles import STORES, HashEncoder, PatternReader, make_article

import rag
from rag.errors import ArticleMissing, IndexMissing, ModelMismatch, QuestionError, RagError
from rag.index.faiss_index import Index
from rag.index.stores import open_store
from rag.text import passages
from rag.types import Answer, Article, Hit, Passage, Vectors

DAY = datetime(2024, 3, 6, 22, 20, tzinfo=UTC)


def paragraph(subject: str) -> str:
    return "".join(f"第{number}天，{subject}在第{number * 7}号码头装船。" for number in range(12))


def archive_with_reprints() -> list[Article]:
    """Groups of three, two, one and one near-duplicates; two articles have no time."""
    container, cherry = paragraph("集装箱的弹药"), paragraph("东京的樱花")
    return [
        make_article("a", container, published=DAY, source="one.example", title="集装箱"),
        make_article("b", cherry, published=DAY + timedelta(days=1), title="樱花"),
        make_article("c", container, published=DAY + timedelta(days=2), title="集装箱"),
        make_article("d", paragraph("巴黎的运动员"), published=None, language="en", title="奥运"),
        make_article("e", cherry, published=None, title="樱花"),
        make_article("f", container, published=DAY - timedelta(days=2), title="集装箱"),
        make_article(
            "g",
            *map(paragraph, ("海冰", "冰山", "企鹅", "海豹", "冰川")),
            published=DAY - timedelta(days=90),
            title="冰",
        ),
    ]


@pytest.fixture(scope="module", params=STORES)
def browsed(request: pytest.FixtureRequest, new_location: Callable[[str], str]) -> rag.Assistant:
    place = new_location(request.param)
    rag.build(archive_with_reprints(), place, HashEncoder())
    return rag.load(place, HashEncoder(), PatternReader("第[0-9]+天"))


# Searching and answering


def test_ask_reads_the_hits_of_a_search(archive: str) -> None:
    assistant = rag.load(archive, HashEncoder(), PatternReader())
    answer = assistant.ask("运送了约6700个集装箱")
    assert list(answer.hits) == assistant.search("运送了约6700个集装箱", 5)
    assert answer.hit == answer.hits[0]
    assert answer.text == answer.hit.passage.text[answer.start : answer.end] == "6700"


def test_search_returns_k_hits_best_first(archive: str) -> None:
    hits = rag.load(archive, HashEncoder()).search("樱花", 2)
    assert hits[0].passage.article_id == "b"
    assert hits[0].score > hits[1].score
    assert len(hits) == 2


def test_search_with_k_beyond_the_corpus_returns_all_passages(archive: str) -> None:
    assistant = rag.load(archive, HashEncoder())
    assert len(assistant.search("樱花", 10**6)) == assistant.manifest.passages == 3


@pytest.mark.parametrize("k", [0, -1])
def test_search_with_k_below_one_is_a_mistake(archive: str, k: int) -> None:
    with pytest.raises(ValueError, match=f"k must be at least 1, not {k}"):
        rag.load(archive, HashEncoder()).search("樱花", k)


@pytest.mark.parametrize("question", [None, 5, ["樱花"], {"image": "/etc/passwd"}, b"x", "半\ud83d"])
def test_ask_what_is_not_text_is_refused(archive: str, question: Any) -> None:
    with pytest.raises(QuestionError, match="The question is not"):
        rag.load(archive, HashEncoder()).ask(question)


@pytest.mark.parametrize("question", ["", "  \n", "\u200b", "？！…"])
def test_ask_a_blank_question_is_refused(archive: str, question: str) -> None:
    with pytest.raises(QuestionError, match="The question is empty"):
        rag.load(archive, HashEncoder()).ask(question)


def test_search_for_a_long_question_is_refused_with_both_numbers(archive: str) -> None:
    assistant = rag.load(archive, HashEncoder())
    with pytest.raises(QuestionError, match=r"100,000 characters, the limit is 2,000"):
        assistant.search("问" * 100_000)
    assert assistant.search("问" * 2000)


def test_search_batch_equals_single_searches(archive: str) -> None:
    assistant = rag.load(archive, HashEncoder())
    questions = ["集装箱的弹药", "樱花", "奥运会的开幕式", "樱花"]
    batch = assistant.search_batch(questions, 3)
    for question, hits in zip(questions, batch, strict=True):
        alone = assistant.search(question, 3)
        assert [hit.passage.id for hit in hits] == [hit.passage.id for hit in alone]
        assert np.allclose([hit.score for hit in hits], [hit.score for hit in alone], atol=1e-6)
    assert assistant.search_batch([], 3) == []
    with pytest.raises(QuestionError):
        assistant.search_batch(["樱花", ""], 3)


def test_load_with_another_model_names_both(archive: str) -> None:
    with pytest.raises(ModelMismatch, match=r"built with the model hash, but other is in use"):
        rag.load(archive, HashEncoder(name="other"))


def test_search_with_other_weights_of_the_model_is_refused(archive: str) -> None:
    assistant = rag.load(archive, HashEncoder(fingerprint="hash-2"))
    with pytest.raises(ModelMismatch, match=r"hash-1.*hash-2.*`rag build`"):
        assistant.search("樱花")


def test_search_in_many_threads_equals_that_in_one(archive: str) -> None:
    assistant = rag.load(archive, HashEncoder())
    questions = ["集装箱的弹药", "樱花", "奥运会的开幕式"]
    expected = {question: assistant.search(question) for question in questions}
    wrong: list[str] = []

    def work(at: int) -> None:
        for turn in range(30):
            question = questions[(at + turn) % 3]
            if assistant.search(question) != expected[question]:
                wrong.append(question)

    threads = [threading.Thread(target=work, args=(at,)) for at in range(8)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert wrong == []


def test_ask_with_filters_reads_only_articles_that_pass(browsed: rag.Assistant) -> None:
    question = "集装箱的弹药在几号码头装船？"
    assert browsed.ask(question, since=date(2024, 3, 7)).hits[0].passage.article_id == "c"
    assert browsed.ask(question, until=date(2024, 3, 5)).hits[0].passage.article_id == "f"
    assert browsed.ask(question, source="one.example").hits[0].passage.article_id == "a"
    assert browsed.ask(question, language="en").hits[0].passage.article_id == "d"
    assert browsed.ask(question, language="fr").text == ""


def test_read_of_hits_equals_ask(browsed: rag.Assistant) -> None:
    question = "樱花在几号码头装船？"
    hits = browsed.search(question, 5)
    assert browsed.read(question, hits) == browsed.ask(question)
    assert browsed.read(question, hits[1:]).hits == tuple(hits[1:])
    assert browsed.read(question, []).text == ""


# Browsing


@pytest.mark.parametrize("article", archive_with_reprints(), ids=lambda article: article.id)
def test_article_equals_what_was_indexed(browsed: rag.Assistant, article: Article) -> None:
    found = browsed.article(article.id)
    assert found == article
    for passage in passages.split(article):
        assert found.text[passage.start : passage.end] == passage.text


@pytest.mark.parametrize("name", ["", "x", 'a" or id != "', "a' OR 1=1 --", "\\", "文" * 9999])
def test_article_with_an_unknown_id_is_refused(browsed: rag.Assistant, name: str) -> None:
    with pytest.raises(ArticleMissing, match=r"There is no article .* Use the article_id") as raised:
        browsed.article(name)
    assert raised.value.code == "article-missing"
    assert len(str(raised.value)) < 400


def test_neighbours_are_the_passages_before_and_after_in_the_article(browsed: rag.Assistant) -> None:
    for article in archive_with_reprints():
        own = passages.split(article)
        expected = list(zip([None, *own], [*own[1:], None], strict=False))
        assert browsed.neighbours(own) == expected
    assert len(own) > 2
    assert browsed.neighbours([own[1], own[0], own[1]]) == [expected[n] for n in (1, 0, 1)]
    assert browsed.neighbours([]) == []


def test_neighbours_of_a_changed_passage_are_none(browsed: rag.Assistant) -> None:
    passage = passages.split(archive_with_reprints()[-1])[1]
    gone: list[Passage] = [
        replace(passage, id="g#99"),
        replace(passage, id="x#1", article_id="x"),
        replace(passage, start=passage.start + 1),
    ]
    assert browsed.neighbours(gone) == [(None, None)] * 3


def test_counts_are_by_source_language_and_month(browsed: rag.Assistant) -> None:
    counts = browsed.counts()
    assert counts["sources"] == {"news.example": 6, "one.example": 1}
    assert counts["languages"] == {"zh-Hans": 6, "en": 1}
    assert counts["months"] == {"": 2, "2023-12": 1, "2024-03": 4}
    assert browsed.counts() is counts


def test_newest_returns_one_article_of_each_group_newest_first(browsed: rag.Assistant) -> None:
    assert [passage.article_id for passage in browsed.newest(10)] == ["c", "b", "g", "d"]
    assert [passage.article_id for passage in browsed.newest(2)] == ["c", "b"]
    articles = {article.id: article for article in archive_with_reprints()}
    for passage in browsed.newest(10):
        assert passage == passages.split(articles[passage.article_id])[0]


def test_duplicates_lists_the_largest_groups_first(browsed: rag.Assistant) -> None:
    groups = [[item.article_id for item in group] for group in browsed.duplicates(10)]
    assert groups == [["a", "c", "f"], ["b", "e"]]
    (largest,) = browsed.duplicates(1)
    assert largest == browsed.duplicates(10)[0]
    assert (largest[0].source, largest[0].published) == ("one.example", DAY)


def test_empty_archive_has_no_articles_to_browse(location: str) -> None:
    rag.build([], location, HashEncoder(), allow_empty=True)
    assistant = rag.load(location, HashEncoder(), PatternReader())
    assert assistant.newest(5) == []
    assert assistant.duplicates(5) == []
    assert not any(assistant.counts().values())


# Following new generations


def test_assistant_of_a_dropped_generation_uses_the_live_one(location: str) -> None:
    articles = archive_with_reprints()
    rag.build(articles, location, HashEncoder())
    assistant = rag.Assistant.load(location, HashEncoder(), PatternReader())
    own = passages.split(articles[-1])
    for count in (1, 2, 3):  # Milvus has then dropped the open generation
        rag.build([*articles[-2:], *articles[:count]], location, HashEncoder())
    assert assistant.article("g") == articles[-1]
    assert assistant.neighbours(own)[0] == (None, own[1])
    assert assistant.newest(1)[0].article_id == "c"
    assert assistant.duplicates(1)
    assistant.refresh()
    assert sum(assistant.counts()["sources"].values()) == 5


def test_assistant_answers_after_later_builds(location: str, articles: list[Article]) -> None:
    rag.build(articles, location, HashEncoder())
    assistant = rag.load(location, HashEncoder())
    for count in (2, 1, 2, 3):
        rag.build(articles[:count], location, HashEncoder())
    assert {hit.passage.article_id for hit in assistant.search("集装箱", 9)} == {"a", "b", "c"}


def test_assistant_follows_a_new_generation_and_closes_the_old_one(
    index: Path, articles: list[Article], tmp_path: Path
) -> None:
    rag.build(articles[:2], tmp_path / "fresh", HashEncoder())
    expected = rag.load(tmp_path / "fresh", HashEncoder()).search("樱花", 9)
    following = rag.load(index, HashEncoder())
    store = open_store(index)
    opened = Index.open(index)
    close = opened.corpus.close
    assistant = rag.Assistant(store, opened, HashEncoder(), PatternReader())
    del opened
    assert close.alive
    rag.build(articles[:2], index, HashEncoder())
    assistant.refresh()
    assert not close.alive
    assert assistant.search("樱花", 9) == expected
    wait_until(lambda: following.search("樱花", 9) == expected)


def test_refresh_of_a_damaged_or_foreign_index_keeps_the_open_generation(index: Path) -> None:
    assistant = rag.load(index, HashEncoder())
    before = assistant.search("樱花", 9)
    (index / "CURRENT").write_text("000007\n")
    with pytest.raises(RagError, match="000007"):
        assistant.refresh()
    rag.build([make_article("a", "别的模型。")], index, HashEncoder("other", "other-1"))
    with pytest.raises(RagError, match="the model other"):
        assistant.refresh()
    assert assistant.search("樱花", 9) == before


def test_warm_up_loads_encoder_and_reader(index: Path) -> None:
    used = []

    class Encoder(HashEncoder):
        def encode_queries(self, texts: Sequence[str]) -> Vectors:
            used.append("encoder")
            return super().encode_queries(texts)

    class Reader(PatternReader):
        def read(self, question: str, hits: Sequence[Hit]) -> Answer:
            used.append("reader")
            return super().read(question, hits)

    rag.load(index, Encoder(), Reader()).warm_up()
    assert used == ["encoder", "reader"]


# The function `search`


def test_search_function_without_an_index_is_refused(tmp_path: Path) -> None:
    with pytest.raises(IndexMissing):
        rag.search("集装箱", index=tmp_path / "none")


@pytest.mark.model
def test_search_function_follows_a_new_build(seeds_index: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(seeds_index, tmp_path / "index")
    assert (
        rag.search("how many containers did Pyongyang ship?", index=folder)[0].passage.source
        == "gnews.org"
    )
    kept = [a for a in rag.read_seeds(Path(__file__).parents[1] / "seeds") if a.source != "gnews.org"]
    assert rag.build(kept, folder).encoded == 0
    assert (
        rag.search("how many containers did Pyongyang ship?", index=folder)[0].passage.source
        == "www.rfi.fr"
    )

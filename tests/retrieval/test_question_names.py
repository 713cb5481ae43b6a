"""Foreign names of a question, and the Chinese names that they find."""

from __future__ import annotations

import pytest
from support.doubles import HashEncoder, make_article
from support.names import FewNames, FewPairs

import rag
from rag.index import stores
from rag.names.known import CountedPair, KnownNames
from rag.retrieval import keywords
from rag.retrieval.question_names import find_mentions
from rag.retrieval.ranking import Query, rank

TABLE = FewNames(
    {
        ("绍伊古", "en"): ("Sergei Shoigu", "Shoigu", "Shoygu"),
        ("绍伊古", "ru"): ("Шойгу",),
        ("绍伊古", "ja"): ("ショイグ", "セルゲイ・ショイグ"),
        ("绍伊古", "ko"): ("쇼이구",),
        ("绍伊古", "ar"): ("شويغو",),
        ("普京", "ru"): ("Путин",),
        ("俄语", "en"): ("Russian",),
        ("世界卫生组织", "en"): ("WHO", "World Health Organization"),
    }
)
PAIRS = [CountedPair("贝克托尔", "Bechtol", 5), CountedPair("布鲁斯·贝克托尔", "Bruce Bechtol", 5)]
NAMES = KnownNames(TABLE, FewPairs(PAIRS))


@pytest.mark.parametrize(
    ("question", "chinese"),
    [
        ("What did Bechtol say?", ["贝克托尔"]),
        ("What did Bruce Bechtol say?", ["贝克托尔"]),
        ("What is Bechtol's job?", ["贝克托尔"]),
        ("When did Shoygu visit?", ["绍伊古"]),
        ("Bechtol Shoigu", ["贝克托尔", "绍伊古"]),
        ("Что сказал Шойгу?", ["绍伊古"]),
        ("Кто встречал Путина?", ["普京"]),
        ("Что сказал Бечтол?", ["贝克托尔"]),
        ("Что сказал Шойгу и Сергей Шоигу?", ["绍伊古", "绍伊古"]),
        ("ショイグは何と言いましたか", ["绍伊古"]),
        ("セルゲイ・ショイグの役職は", ["绍伊古"]),
        ("쇼이구는 언제 방문했나요?", ["绍伊古"]),
        ("متى زار شويغو طهران؟", ["绍伊古"]),
        ("Bechtol说了什么", ["贝克托尔"]),
        ("What did the WHO say?", ["世界卫生组织"]),
        ("what did bechtol say?", []),
        ("Did nobody hear him? Bechtol said what?", []),
        ("Which Russian ships?", []),
        ("贝克托尔说了什么", []),
        ("", []),
    ],
)
def test_find_mentions_returns_the_chinese_names(question: str, chinese: list[str]) -> None:
    found = find_mentions(question, NAMES)
    assert [name for mention in found for name in mention.chinese] == chinese


ARTICLES = [
    make_article("right", "贝克托尔说，集装箱里有六百万枚炮弹，足够用上一年。" * 2, title="炮弹"),
    make_article("part", "托尔斯泰克制地说，巴贝克没有贝克那么远。" * 2, title="托尔"),
    make_article("latin", "研究员 Bechtol 在首尔的会上没有回答记者的问题。" * 2, title="首尔"),
    make_article("pair", "专家贝克托尔（Bechtol）今年去过东京，看了樱花。" * 2, title="樱花"),
    *(make_article(f"{n}", f"第{n}场台风登陆，学校停课，航班取消，渔船回港。" * 3) for n in range(9)),
]


def test_search_finds_a_foreign_name_by_its_chinese_form(location: str) -> None:
    rag.build(ARTICLES, location, HashEncoder())
    index = stores.open_store(location).open()
    known = KnownNames(FewNames({}), index.corpus.names)
    names = {passage.article_id: n for n, passage in enumerate(index.corpus.passages(range(13)))}
    plain = keywords.search(index, "What did Bechtol say?")
    found = keywords.search(index, "What did Bechtol say?", known=known)
    assert set(plain.scores) == {names["latin"], names["pair"]}
    assert set(found.scores) == {names["latin"], names["pair"], names["right"]}
    assert max(found.scores.values()) <= found.ceiling
    assert found.scores[names["latin"]] == plain.scores[names["latin"]]


def test_name_and_its_chinese_form_are_one_term(location: str) -> None:
    """A question with a name that the archive knows has no lower scores than one with it in Chinese."""
    rag.build(ARTICLES, location, HashEncoder())
    index = stores.open_store(location).open()
    known = KnownNames(FewNames({}), index.corpus.names)
    plain = keywords.search(index, "Bechtol")
    found = keywords.search(index, "Bechtol", known=known)
    assert found.ceiling == pytest.approx(plain.ceiling)


def test_assistant_searches_with_the_names_of_its_archive(location: str) -> None:
    rag.build(ARTICLES, location, HashEncoder())
    assistant = rag.load(location, HashEncoder())
    index = stores.open_store(location).open()
    (vector,) = HashEncoder().encode_queries(["Who is Bechtol?"])
    plain = rank(index, Query(vector, keywords.search(index, "Who is Bechtol?")), 13)
    before = {index.corpus.passages([match.passage])[0].article_id: match.score for match in plain}
    scores = {hit.passage.article_id: hit.score for hit in assistant.search("Who is Bechtol?", 13)}
    raised = {name for name, score in scores.items() if score > before[name] + 0.001}
    assert raised == {"right", "pair"}
    assert assistant.names.chinese("BECHTOL") == ["贝克托尔"]
    assert assistant.names.foreign("贝克托尔", "en")[0].text == "Bechtol"

from __future__ import annotations

import math
from collections import Counter

import pytest
from support.doubles import HashEncoder, make_article

import rag
from rag.index import stores
from rag.retrieval.retriever import Retriever
from rag.text import terms as lexical


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("集装箱", ["集", "装", "箱", "集装", "装箱"]),
        ("集裝箱", ["集", "装", "箱", "集装", "装箱"]),
        ("约6,700个", ["约", "6700", "个"]),
        ("Ａｕｒｕｓ AURUS", ["aurus", "aurus"]),
        ("BM-21", ["bm", "21", "bm21"]),
        ("苏-35、Su-35", ["苏", "35", "su", "35", "su35"]),
        ("naïve café", ["naive", "cafe"]),
        ("평양은", ["평", "양", "은", "평양", "양은"]),
        ("コンテナ", ["コ", "ン", "テ", "ナ", "コン", "ンテ", "テナ"]),
        ("й", ["и"]),
        ("集\u200b装❤\ufe0f", ["集", "装", "集装"]),
        ("。！ …", []),
    ],
)
def test_terms_of_each_script_are_folded(text: str, terms: list[str]) -> None:
    assert lexical.terms(text) == terms


def test_query_terms_are_bigrams_and_words_without_repetition() -> None:
    assert lexical.query_terms("朝鲜朝鲜 苏 BM-21 bm-21") == ["朝鲜", "鲜朝", "苏", "bm", "21", "bm21"]
    assert lexical.query_terms("。？") == []


def test_query_terms_are_terms_of_the_same_text() -> None:
    for text in (
        "朝鲜运送了6,700个集装箱",
        "Kim Jong-un's 152 mm U.S. shells",
        "평양은 컨테이너를",
        "苏-35",
    ):
        assert set(lexical.query_terms(text)) <= set(lexical.terms(text))


@pytest.mark.parametrize(
    ("question", "names"),
    [
        ("how many BM-21s did Kim Jong-un see in 2023?", "bm 21s bm21s kim jong un jongun 2023"),
        ("What did Aurus say? Nothing. Where was NATO?", "aurus nato"),
        ("NATO and the USA", "nato usa"),
        ("¿Cuántos contenedores envió Corea del Norte?", "corea norte"),
        ("北朝鮮は何個？", "北朝 朝鲜 鲜は は何 何个"),
        ("朝鲜 6700", "朝鲜 6700"),
        ("where was it?", ""),
        ("Aurus", "aurus"),
        ("the 6,700 boxes", "6700"),
        ("ｶﾞｽの値段", "ガス スの の値 値段"),
    ],
)
def test_names_are_what_languages_share(question: str, names: str) -> None:
    assert lexical.names(question) == names.split()
    assert set(lexical.names(question)) <= set(lexical.query_terms(question))


@pytest.mark.parametrize("alone", [True, False])
def test_words_count_only_where_all_articles_are_in_their_language(location: str, alone: bool) -> None:
    """In an archive of several languages they would favour those that happen to share them."""
    texts = ["Somebody wrote about many boxes on the ship. ", "Aurus makes cars for presidents only. "]
    texts += [f"Storm number {n} closed the schools of the coast. " for n in range(9)]
    articles = [make_article(f"{n}", text * 3, language="en") for n, text in enumerate(texts)]
    if not alone:
        articles.append(make_article("zh", "代表团看了又看，谁也没有说话。" * 3))
    rag.build(articles, location, HashEncoder())
    retriever = Retriever(stores.at(location).open(), HashEncoder())
    bonus = retriever._bonus("how many boxes has the ship carried to Aurus?", None)
    assert set(bonus) == ({0, 1} if alone else {1})
    assert 0 < bonus[1] < 0.15


def test_the_plan_keeps_the_rarest_terms_within_its_budget() -> None:
    frequencies = {"rare": 3, "common": lexical.POSTINGS - 3, "commoner": 40_000, "absent": 0}
    chosen, ceiling = lexical.plan(frequencies, 100_000)
    assert chosen == ["rare", "common"]
    idf = [math.log((100_000 - n + 0.5) / (n + 0.5)) for n in frequencies.values()]
    assert ceiling == pytest.approx(2.2 * sum(idf))


def test_bm25_is_that_of_the_formula(location: str) -> None:
    texts = ["平壤运送了6700个集装箱。" * 3, "平壤的樱花开了，集装箱没有来。" * 4, "巴黎奥运会" * 20]
    rag.build([make_article(str(n), text) for n, text in enumerate(texts)], location, HashEncoder())
    corpus = stores.at(location).open().corpus
    documents = [Counter(lexical.terms(f"标题 {n}\n{text}")) for n, text in enumerate(texts)]
    mean = sum(map(Counter.total, documents)) / len(documents)
    terms = ["6700", "樱花", "奥运"]
    assert corpus.frequencies([*terms, "没有的"]) == {"6700": 1, "樱花": 1, "奥运": 1, "没有的": 0}
    expected = {}
    for number, document in enumerate(documents):
        for term in terms:
            if count := document[term]:
                idf = math.log((3 - 1 + 0.5) / (1 + 0.5))
                length = 0.25 + 0.75 * document.total() / mean
                expected[number] = idf * count * 2.2 / (count + 1.2 * length)
    assert corpus.bm25(terms) == pytest.approx(expected)
    assert max(expected.values()) < lexical.plan(corpus.frequencies(["樱花"]), 3)[1]


def test_terms_cannot_break_out_of_the_query(archive: str) -> None:
    assistant = rag.load(archive, HashEncoder())
    for question in (
        '樱花" OR "集装箱',
        "樱花 NEAR(东京)",
        "title:樱花*",
        "樱花'; DROP TABLE articles",
    ):
        assert assistant.search(question, 1)[0].passage.article_id == "b"


def test_words_in_the_other_script_are_found_by_their_folded_terms(location: str) -> None:
    """The hash encoder sees little in common between the scripts; the terms do."""
    articles = [
        make_article("other", "第五场台风登陆，学校停课，航班取消，機、車、導、彈。" * 3),
        make_article("right", "训练场上停着导弹运输车，代表团看了又看，谁也没有说话。" * 3),
        *(
            make_article(f"{n}", f"第{n}场台风登陆，学校停课，航班取消，渔船回港。" * 3)
            for n in range(6)
        ),
    ]
    rag.build(articles, location, HashEncoder())
    question = "訓練場上停著導彈運輸車"
    (similar,) = stores.at(location).open().search(HashEncoder().encode_queries([question]), 1)
    assert similar[0].article != 1
    assert rag.load(location, HashEncoder()).search(question, 1)[0].passage.article_id == "right"


def test_a_term_of_most_passages_decides_nothing(location: str) -> None:
    texts = ["船上有6700个箱子。" * 9, "库里有6700个箱子。" * 9, "车上有 6 个箱子。" * 9]
    rag.build([make_article(str(n), text) for n, text in enumerate(texts)], location, HashEncoder())
    retriever = Retriever(stores.at(location).open(), HashEncoder())
    assert retriever._bonus("6,700", None) == {}
    assert len(retriever.search(["6,700"], 3)[0]) == 3

from __future__ import annotations

import math

import pytest
from support.doubles import HashEncoder, make_article

import rag
from rag.index import stores
from rag.retrieval import keywords
from rag.retrieval.ranking import Query, rank
from rag.text.terms import query_terms


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
def test_names_are_the_terms_that_languages_share(question: str, names: str) -> None:
    assert keywords.names(question) == names.split()
    assert set(keywords.names(question)) <= set(query_terms(question))


def test_plan_keeps_the_rarest_terms_within_the_postings_limit() -> None:
    frequencies = {
        "rare": 3,
        "common": keywords.MAX_POSTINGS - 3,
        "commoner": 40_000,
        "absent": 0,
    }
    chosen, ceiling = keywords.plan(frequencies, 100_000)
    assert chosen == ["rare", "common"]
    idf = [math.log((100_000 - n + 0.5) / (n + 0.5)) for n in frequencies.values()]
    assert ceiling == pytest.approx(2.2 * sum(idf))


@pytest.mark.parametrize("is_alone", [True, False])
def test_search_uses_common_words_only_if_all_articles_are_in_their_language(
    location: str, is_alone: bool
) -> None:
    """In an archive of several languages they would favour articles that share them by chance."""
    texts = ["Somebody wrote about many boxes on the ship. ", "Aurus makes cars for presidents only. "]
    texts += [f"Storm number {n} closed the schools of the coast. " for n in range(9)]
    articles = [make_article(f"{n}", text * 3, language="en") for n, text in enumerate(texts)]
    if not is_alone:
        articles.append(make_article("zh", "代表团看了又看，谁也没有说话。" * 3))
    rag.build(articles, location, HashEncoder())
    index = stores.open_store(location).open()
    found = keywords.search(index, "how many boxes has the ship carried to Aurus?")
    assert set(found.scores) == ({0, 1} if is_alone else {1})
    assert 0 < found.scores[1] < found.ceiling


def test_search_in_the_other_script_matches_folded_terms(location: str) -> None:
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
    index, (vector,) = stores.open_store(location).open(), HashEncoder().encode_queries([question])
    (similar,) = rank(index, Query(vector), 1)
    assert similar.article != 1
    assert rag.load(location, HashEncoder()).search(question, 1)[0].passage.article_id == "right"


def test_search_ignores_a_term_of_most_passages(location: str) -> None:
    texts = ["船上有6700个箱子。" * 9, "库里有6700个箱子。" * 9, "车上有 6 个箱子。" * 9]
    rag.build([make_article(str(n), text) for n, text in enumerate(texts)], location, HashEncoder())
    assert keywords.search(stores.open_store(location).open(), "6,700").scores == {}
    assert len(rag.load(location, HashEncoder()).search("6,700", 3)) == 3

"""The default model is tuned on nothing that a figure is reported on."""

from __future__ import annotations

import json

from support.doubles import DATA, needs_data

from benchmarks import sets
from rag.text import passages
from training import encoder_data, parallel_texts

pytestmark = needs_data
WRITTEN_IN = "ar de el en es fr hi ja ko ro ru th tr vi zh".split()


def test_no_sentence_of_the_report_is_trained_on() -> None:
    chosen = sets.sentences(DATA, small=False)
    chinese = {article.id: article.text for article in chosen.articles()}
    reported = {chinese[name] for query in chosen.queries["NTREX"] for name in query.right}
    trained = {each.chinese for each in parallel_texts.sentences(DATA)}
    assert len(reported) > 150
    assert len(trained) > 4000
    assert not reported & trained


def test_no_question_or_paragraph_of_the_report_is_trained_on() -> None:
    chosen = sets.wikipedia(DATA, small=False)
    reported = {query.text for query in chosen.queries["XQuAD"] if query.group.endswith("odd")}
    written, development = encoder_data.written_questions(DATA)
    trained = [
        *encoder_data.wikipedia_questions(DATA),
        *encoder_data.xquad_questions(DATA),
        *encoder_data.chinese_questions(DATA),
        *written,
        *development,
    ]
    assert len(reported) > 12 * 560  # some are asked twice
    assert not reported & {text for question in trained for text in question.texts.values()}
    paragraphs = {article.id: article.text for article in chosen.articles()}
    right = {name for q in chosen.queries["XQuAD"] if q.group.endswith("odd") for name in q.right}
    assert not {paragraphs[name] for name in right} & {q.passage.text for q in trained if q.passage}


def test_no_article_with_a_question_of_the_report_is_trained_on() -> None:
    files = [
        {
            json.loads(line)["file"]
            for line in (DATA / name / "questions.jsonl").read_text(encoding="utf-8").splitlines()
            if json.loads(line).get("answerable", True)
        }
        for name in ("newsqa-train", "newsqa-dev", "newsqa-more")
    ]
    assert not files[0] & (files[1] | files[2])


def test_written_questions_are_complete_and_held_back_by_passage() -> None:
    train, development = encoder_data.written_questions(DATA)
    assert len(train) > 1300
    assert len(development) > 100
    assert {tuple(sorted(q.texts)) for q in [*train, *development]} == {tuple(sorted(WRITTEN_IN))}
    assert not {q.passage for q in train} & {q.passage for q in development}
    chinese = {q.passage for q in encoder_data.chinese_questions(DATA)}
    assert not chinese & {q.passage for q in [*train, *development]}


def test_the_window_of_a_question_holds_its_answer() -> None:
    kinds = [encoder_data.news_questions(DATA), encoder_data.written_questions(DATA)]
    answered = [q for questions in kinds for part in questions for q in part if q.passage]
    assert len(answered) > 2000
    held = [q.answer in q.window for q in answered]
    assert sum(held) > 0.95 * len(held)  # an answer may lie across two windows
    assert all(q.passage and q.window in q.passage.windows for q in answered)


def test_the_answers_of_the_written_news_questions_are_at_their_places() -> None:
    path = encoder_data.WRITTEN.with_name("news.jsonl")
    records = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    articles = encoder_data.news_articles(DATA)
    asked = {
        json.loads(line)["file"]
        for name in ("newsqa-train", "newsqa-dev", "newsqa-more")
        for line in (DATA / name / "questions.jsonl").read_text(encoding="utf-8").splitlines()
        if json.loads(line).get("answerable", True)
    }
    assert len(records) > 2900
    assert sum("twin" in record for record in records) > 2900
    for record in records:
        assert record["file"] not in asked
        cut = {passage.start: passage.text for passage in passages.split(articles[record["file"]])}
        text, (start, end) = cut[record["passage_start"]], record["sentence"]
        assert text.startswith(record["answer"], record["start"])
        assert start <= record["start"] < record["start"] + len(record["answer"]) <= end
        assert {"zh", "en"} < set(record["q"])
        assert "twin" not in record or {"zh", "en"} <= set(record["twin"]["q"])

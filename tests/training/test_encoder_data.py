"""The default model is tuned on nothing that a figure is reported on."""

from __future__ import annotations

import json

from support.doubles import DATA, needs_data

from benchmarks import sets
from training import encoder_data

pytestmark = needs_data


def test_no_sentence_of_the_report_is_trained_on() -> None:
    chosen = sets.sentences(DATA, small=False)
    chinese = {article.id: article.text for article in chosen.articles()}
    reported = {chinese[name] for query in chosen.queries["NTREX"] for name in query.right}
    trained = {each.chinese for each in encoder_data.sentences(DATA)}
    assert len(reported) > 150
    assert len(trained) > 4000
    assert not reported & trained


def test_no_question_or_paragraph_of_the_report_is_trained_on() -> None:
    chosen = sets.wikipedia(DATA, small=False)
    reported = {query.text for query in chosen.queries["XQuAD"] if query.group.endswith("odd")}
    trained = encoder_data.wikipedia_questions(DATA)
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


def test_the_window_of_a_question_holds_its_answer() -> None:
    train, development = encoder_data.news_questions(DATA)
    answered = [q for q in [*train, *development] if q.passage]
    assert len(answered) > 2000
    held = [q.answer in q.window for q in answered]
    assert sum(held) > 0.95 * len(held)  # an answer may lie across two windows
    assert all(q.passage and q.window in q.passage.windows for q in answered)

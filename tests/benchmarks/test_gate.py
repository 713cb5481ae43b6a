"""The gate fails below a floor, and the judge scores articles and passages."""

from __future__ import annotations

import copy
import json
import sys
from pathlib import Path
from typing import Any

import pytest

from benchmarks import gate, run
from benchmarks.sets import Query
from benchmarks.systems import Found

RESULT: dict[str, Any] = {
    "settings": {"model": "e5", "depth": 60, "small": True, "queries": None},
    "corpora": {
        "news": {
            "data": "ab12",
            "sets": {
                "newsqa": {
                    "product": {"figures": {"all": {"n": 200, "MRR@10": 0.9, "Answer@5": 0.8}}},
                    "BM25 alone": {"figures": {"all": {"n": 200, "MRR@10": 0.1}}},
                }
            },
        }
    },
}


@pytest.fixture
def call(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Run the gate on a changed result; the baseline persists between calls."""
    baseline = tmp_path / "baseline.json"
    baseline.write_text("{}")

    def call(
        *options: str, figures: dict[str, float] | None = None, data: str = "ab12", **settings: Any
    ) -> int:
        result = copy.deepcopy(RESULT)
        result["corpora"]["news"]["data"] = data
        result["settings"].update(settings)
        result["corpora"]["news"]["sets"]["newsqa"]["product"]["figures"]["all"].update(figures or {})
        path = tmp_path / "result.json"
        path.write_text(json.dumps(result))
        monkeypatch.setattr(sys, "argv", ["gate", str(path), "--baseline", str(baseline), *options])
        return gate.main()

    call.floors = lambda: json.loads(baseline.read_text())["small"]["floors"]
    return call


def test_gate_without_floors_fails_until_update_sets_them(
    call: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call() == 1
    assert "no floors for the small sets" in capsys.readouterr().out
    assert call("--update") == 0
    assert call.floors() == {"newsqa · all · MRR@10": 0.89, "newsqa · all · Answer@5": 0.79}
    assert call() == 0


def test_gate_below_a_floor_fails_and_names_the_figure(
    call: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    call("--update")
    assert call(figures={"MRR@10": 0.891}) == 0
    assert call(figures={"MRR@10": 0.889}) == 1
    assert "newsqa · all · MRR@10 is 0.889, below its floor of 0.890" in capsys.readouterr().out


def test_a_floor_of_few_questions_allows_one_less(call: Any) -> None:
    call("--update", figures={"n": 20})
    assert call.floors() == {"newsqa · all · MRR@10": 0.85, "newsqa · all · Answer@5": 0.75}


def test_update_raises_floors_and_never_lowers_them(call: Any) -> None:
    call("--update")
    assert call("--update", figures={"MRR@10": 0.895, "Answer@5": 0.9}) == 0
    assert call.floors() == {"newsqa · all · MRR@10": 0.89, "newsqa · all · Answer@5": 0.89}
    assert call("--update", figures={"MRR@10": 0.2}) == 1
    assert call.floors()["newsqa · all · MRR@10"] == 0.89


def test_gate_refuses_other_data_or_settings(call: Any, capsys: pytest.CaptureFixture[str]) -> None:
    call("--update")
    assert call(data="cd34") == 1
    assert call("--update", depth=10) == 1
    out = capsys.readouterr().out
    assert "the data 'news' is 'cd34', the floors were set with 'ab12'" in out
    assert "the settings 'depth' is 10" in out


def test_check_of_a_missing_figure_fails(tmp_path: Path) -> None:
    profile = gate.raised(None, gate.profile_of(RESULT))
    less = copy.deepcopy(RESULT)
    del less["corpora"]["news"]["sets"]["newsqa"]["product"]["figures"]["all"]["Answer@5"]
    (fault,) = gate.check(profile, gate.profile_of(less))
    assert fault.startswith("newsqa · all · Answer@5 was not measured")


def test_judge_ranks_articles_and_searches_passages_for_answers() -> None:
    query = Query("?", "en", frozenset({"right", "also"}), ("6700",))
    found = [
        Found(frozenset({"a"}), "…"),
        Found(frozenset({"a"}), "…"),
        Found(frozenset({"b"}), "6700"),
        Found(frozenset({"twin", "also"}), "…"),
    ]
    scores = run.judge(query, found)
    assert scores["MRR@10"] == pytest.approx(1 / 3)
    assert scores["nDCG@10"] == pytest.approx(0.5)
    assert [scores[f"Recall@{k}"] for k in (1, 5, 10)] == [0, 1, 1]
    assert scores["Answer@5"] == 1
    assert run.judge(query, found[:2])["MRR@10"] == 0
    late = [Found(frozenset({str(n)}), "…") for n in range(10)] + [Found(frozenset({"right"}), "6700")]
    assert run.judge(query, late) == dict.fromkeys(scores, 0.0)


def test_judge_looks_for_the_answer_in_the_highlight_of_the_first_right_passage_that_holds_it() -> None:
    query = Query("?", "en", frozenset({"right"}), ("6700",))
    found = [
        Found(frozenset({"wrong"}), "一。6700", "6700"),
        Found(frozenset({"right"}), "二。", "二。"),
        Found(frozenset({"right"}), "三。6700", "三。"),
        Found(frozenset({"right"}), "四。6700", "6700"),
    ]
    assert run.judge(query, found)["Highlight"] == 0
    assert run.judge(query, found[3:])["Highlight"] == 1
    assert "Highlight" not in run.judge(query, found[:2])
    answers = iter([found, found[3:], found[:2]])
    figures, _ = run.measure([query, query], lambda _: [next(answers)])
    assert figures["all"]["Highlight"] == 1


def test_measure_averages_over_all_questions() -> None:
    queries = [
        Query(text, group, frozenset({"a"})) for text, group in (("1", "x"), ("2", "x"), ("3", "y"))
    ]
    answers = {"1": [Found(frozenset({"a"}), "")], "2": [], "3": []}
    figures, _ = run.measure(queries, lambda texts: [answers[text] for text in texts])
    assert figures["all"]["MRR@10"] == pytest.approx(1 / 3)
    assert (figures["x"]["MRR@10"], figures["x"]["n"]) == (0.5, 2)
    assert figures["y"]["MRR@10"] == 0
